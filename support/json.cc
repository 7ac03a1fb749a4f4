// JSON reader (recursive descent over the text, no copies but the values) and writer.
#include "support/json.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "support/result.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 512;
const Json kNull;

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xC0 | c >> 6);
    out += char(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += char(0xE0 | c >> 12);
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  } else {
    out += char(0xF0 | c >> 18);
    out += char(0x80 | (c >> 12 & 0x3F));
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Json> Read() {
    Json value;
    if (ReadValue(value, 0)) {
      SkipSpace();
      if (at_ == text_.size()) return value;
      Fail("unexpected text after the value");
    }
    int line = 1, column = 1;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i) {
      column = text_[i] == '\n' ? 1 : column + 1;
      line += text_[i] == '\n';
    }
    return Error{"Invalid JSON at line " + std::to_string(line) + ", column " +
                 std::to_string(column) + ": " + error_};
  }

 private:
  bool Fail(const char* why) {
    if (error_.empty()) error_ = why;
    return false;
  }
  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return Fail("unexpected character");
    at_ += word.size();
    return true;
  }

  bool ReadValue(Json& out, int depth) {
    if (depth > kMaxDepth) return Fail("nested too deeply");
    SkipSpace();
    if (at_ >= text_.size()) return Fail("unexpected end");
    switch (text_[at_]) {
      case '{':
        return ReadObject(out, depth);
      case '[':
        return ReadArray(out, depth);
      case '"': {
        std::string text;
        if (!ReadString(text)) return false;
        out = Json(std::move(text));
        return true;
      }
      case 't':
        out = Json(true);
        return TakeWord("true");
      case 'f':
        out = Json(false);
        return TakeWord("false");
      case 'n':
        out = Json();
        return TakeWord("null");
      default:
        return ReadNumber(out);
    }
  }

  bool ReadNumber(Json& out) {
    size_t begin = at_, p = at_;
    auto digit = [&] { return p < text_.size() && text_[p] >= '0' && text_[p] <= '9'; };
    if (p < text_.size() && text_[p] == '-') ++p;
    if (!digit()) return Fail("unexpected character");
    if (text_[p] == '0')
      ++p;
    else
      while (digit()) ++p;
    if (p < text_.size() && text_[p] == '.') {
      ++p;
      if (!digit()) return Fail("a digit must follow the decimal point");
      while (digit()) ++p;
    }
    if (p < text_.size() && (text_[p] == 'e' || text_[p] == 'E')) {
      ++p;
      if (p < text_.size() && (text_[p] == '+' || text_[p] == '-')) ++p;
      if (!digit()) return Fail("a digit must follow the exponent");
      while (digit()) ++p;
    }
    double value = 0;
    std::from_chars(text_.data() + begin, text_.data() + p, value);
    at_ = p;
    out = Json(value);
    return true;
  }

  bool ReadHex4(uint32_t& out) {
    if (text_.size() - at_ < 4) return Fail("incomplete \\u escape");
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, out, 16);
    if (error != std::errc() || end != text_.data() + at_ + 4) return Fail("bad \\u escape");
    at_ += 4;
    return true;
  }

  bool ReadString(std::string& out) {
    ++at_;  // the quote
    while (at_ < text_.size()) {
      size_t run = at_;
      while (run < text_.size() && text_[run] != '"' && text_[run] != '\\' &&
             static_cast<unsigned char>(text_[run]) >= 0x20)
        ++run;
      out.append(text_.substr(at_, run - at_));
      at_ = run;
      if (at_ >= text_.size()) break;
      char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        --at_;
        return Fail("control character in a string");
      }
      if (at_ >= text_.size()) break;
      switch (char e = text_[at_++]) {
        case '"':
        case '\\':
        case '/':
          out += e;
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'u': {
          uint32_t unit = 0;
          if (!ReadHex4(unit)) return false;
          if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_, 2) == "\\u") {
            size_t mark = at_;
            uint32_t low = 0;
            at_ += 2;
            if (!ReadHex4(low)) return false;
            if (low >= 0xDC00 && low < 0xE000)
              unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            else
              at_ = mark;
          }
          // A lone surrogate has no UTF-8 form.
          AppendUtf8(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
          break;
        }
        default:
          return Fail("unknown escape in a string");
      }
    }
    return Fail("unterminated string");
  }

  bool ReadArray(Json& out, int depth) {
    out = Json::Array();
    ++at_;
    if (Take(']')) return true;
    do {
      out.items().emplace_back();
      if (!ReadValue(out.items().back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']') || Fail("expected , or ]");
  }

  bool ReadObject(Json& out, int depth) {
    out = Json::Object();
    ++at_;
    if (Take('}')) return true;
    do {
      SkipSpace();
      if (at_ >= text_.size() || text_[at_] != '"') return Fail("expected a string key");
      auto& member = out.members().emplace_back();
      if (!ReadString(member.first)) return false;
      if (!Take(':')) return Fail("expected :");
      if (!ReadValue(member.second, depth + 1)) return false;
    } while (Take(','));
    return Take('}') || Fail("expected , or }");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace

Result<Json> Json::Parse(std::string_view text) { return Reader(text).Read(); }

const Json* Json::Find(std::string_view key) const {
  // The last of equal keys wins, as in JavaScript.
  for (size_t i = members_.size(); i-- > 0;)
    if (members_[i].first == key) return &members_[i].second;
  return nullptr;
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = Find(key);
  return found ? *found : kNull;
}

const Json& Json::operator[](size_t index) const {
  return index < items_.size() ? items_[index] : kNull;
}

Json& Json::Set(std::string_view key, Json value) {
  KILN_CHECK(is_object());
  for (Member& member : members_)
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  members_.emplace_back(std::string(key), std::move(value));
  return *this;
}

Json& Json::Push(Json value) {
  KILN_CHECK(is_array());
  items_.push_back(std::move(value));
  return *this;
}

std::string QuoteJson(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", c);
          out += escape;
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

void Json::WriteTo(std::string& out, int indent, int depth) const {
  auto new_line = [&](int level) {
    if (indent > 0) out.append("\n").append(size_t(indent * level), ' ');
  };
  switch (kind_) {
    case Kind::kNull:
      out += "null";
      break;
    case Kind::kBool:
      out += bool_ ? "true" : "false";
      break;
    case Kind::kNumber: {
      if (!std::isfinite(number_)) {
        out += "null";
        break;
      }
      char digits[64];
      std::to_chars_result end{};
      if (number_ == std::trunc(number_) && std::fabs(number_) < 1e15)
        end = std::to_chars(digits, digits + sizeof digits, int64_t(number_));
      else
        end = std::to_chars(digits, digits + sizeof digits, number_);
      out.append(digits, end.ptr);
      break;
    }
    case Kind::kString:
      out += QuoteJson(string_);
      break;
    case Kind::kArray:
      out += '[';
      for (size_t i = 0; i < items_.size(); ++i) {
        if (i) out += ',';
        new_line(depth + 1);
        items_[i].WriteTo(out, indent, depth + 1);
      }
      if (!items_.empty()) new_line(depth);
      out += ']';
      break;
    case Kind::kObject:
      out += '{';
      for (size_t i = 0; i < members_.size(); ++i) {
        if (i) out += ',';
        new_line(depth + 1);
        out += QuoteJson(members_[i].first) + (indent > 0 ? ": " : ":");
        members_[i].second.WriteTo(out, indent, depth + 1);
      }
      if (!members_.empty()) new_line(depth);
      out += '}';
      break;
  }
}

std::string Json::Write(int indent) const {
  std::string out;
  WriteTo(out, indent, 0);
  return out;
}

}  // namespace kiln
