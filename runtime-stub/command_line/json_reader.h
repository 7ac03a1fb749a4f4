// Reads JSON text front to back without building a tree: the caller asks for what it
// expects next. Every function answers false for text that is not JSON at that place.
// For the few small files that are read before V8 can run.
#pragma once

#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

namespace kiln::runtime {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  // The next character that is no blank; 0 at the end.
  char Peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) at_++;
    return at_ < text_.size() ? text_[at_] : 0;
  }

  bool String(std::string* out) {
    if (!Take('"')) return false;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '"') return true;
      if (c == '\\' ? !Escape(out) : (*out += c, false)) return false;
    }
    return false;
  }
  bool Boolean(bool* out) {
    std::string word = Word();
    *out = word == "true";
    return *out || word == "false";
  }
  // `member` is called with each key and reads the value.
  template <class F>
  bool Object(F member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string key;
      if (Peek() != '"' || !String(&key) || !Take(':') || !member(key)) return false;
    } while (Take(','));
    return Take('}');
  }
  // `element` reads one.
  template <class F>
  bool Array(F element) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!element()) return false;
    } while (Take(','));
    return Take(']');
  }
  // The text of a number, true, false or null.
  std::string Word() {
    Peek();
    size_t end = text_.find_first_of(",]}:\" \t\r\n", at_);
    if (end == std::string_view::npos) end = text_.size();
    std::string word(text_.substr(at_, end - at_));
    at_ = end;
    return word;
  }
  // Any value, unread.
  bool Skip() {
    if (++depth_ > kDeepest) return false;
    bool ok = SkipValue();
    depth_--;
    return ok;
  }

 private:
  static constexpr int kDeepest = 500;

  bool Take(char c) {
    if (Peek() != c) return false;
    at_++;
    return true;
  }
  bool Escape(std::string* out) {
    if (at_ == text_.size()) return false;
    char c = text_[at_++];
    switch (c) {
      case 'n':
        *out += '\n';
        return true;
      case 't':
        *out += '\t';
        return true;
      case 'r':
        *out += '\r';
        return true;
      case 'b':
        *out += '\b';
        return true;
      case 'f':
        *out += '\f';
        return true;
      case '"':
      case '\\':
      case '/':
        *out += c;
        return true;
      case 'u':
        break;
      default:
        return false;
    }
    unsigned code;
    if (!Hex(&code)) return false;
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      unsigned low;
      at_ += 2;
      if (!Hex(&low)) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(code, out);
    return true;
  }
  bool Hex(unsigned* code) {
    std::string digits(text_.substr(at_, 4));
    char* end;
    *code = unsigned(std::strtoul(digits.c_str(), &end, 16));
    at_ += digits.size();
    return digits.size() == 4 && !*end;
  }
  static void AppendUtf8(unsigned code, std::string* out) {
    if (code < 0x80) {
      *out += char(code);
    } else if (code < 0x800) {
      *out += {char(0xc0 | code >> 6), char(0x80 | (code & 63))};
    } else if (code < 0x10000) {
      *out += {char(0xe0 | code >> 12), char(0x80 | (code >> 6 & 63)), char(0x80 | (code & 63))};
    } else {
      *out += {char(0xf0 | (code >> 18 & 7)), char(0x80 | (code >> 12 & 63)),
               char(0x80 | (code >> 6 & 63)), char(0x80 | (code & 63))};
    }
  }
  bool SkipValue() {
    std::string ignored;
    switch (Peek()) {
      case '"':
        return String(&ignored);
      case '{':
        return Object([&](const std::string&) { return Skip(); });
      case '[':
        return Array([&] { return Skip(); });
      default: {
        std::string word = Word();
        if (word == "true" || word == "false" || word == "null") return true;
        char* end;
        std::strtod(word.c_str(), &end);
        return !word.empty() && !*end;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace kiln::runtime
