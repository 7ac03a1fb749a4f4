// Reads JSON with simdjson's on-demand parser into a tree of our own, and writes it.
// simdjson, because Node reads package.json with it; its own tree keeps no places of errors.
#include "support/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "simdjson.h"

#include "support/result.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 512;
const Json kNull;

namespace simd = simdjson::ondemand;

constexpr bool kReplaceLoneSurrogates = true;
// simdjson has no code of its own for a value that begins with an impossible character.
constexpr simdjson::error_code kUnexpectedCharacter = simdjson::UNEXPECTED_ERROR;

// REQUIRES: `token` starts with a number that simdjson refused. The reason may be that no
// double holds the magnitude; the value is then infinite, as in JavaScript.
simdjson::error_code ConvertHugeNumber(std::string_view token, Json& to) {
  token = token.substr(0, token.find_first_of(" \t\r\n,]}"));
  const char *begin = token.data(), *end = begin + token.size();
  double ignored;
  auto [stop, error] = std::from_chars(begin, end, ignored);
  if (stop != end || error != std::errc::result_out_of_range) return simdjson::NUMBER_ERROR;
  // from_chars takes these, JSON does not.
  std::string_view digits = token.substr(token[0] == '-');
  bool zeros = digits.size() > 1 && digits[0] == '0' && digits[1] != '.';
  size_t point = token.find('.');
  bool bare_point = point != token.npos &&
                    (point + 1 == token.size() || token.find_first_of("eE", point) == point + 1);
  if (zeros || bare_point || digits[0] == '.') return simdjson::NUMBER_ERROR;
  to = Json(token[0] == '-' ? -HUGE_VAL : HUGE_VAL);
  return simdjson::SUCCESS;
}

// `from` is a document or a value; a root that is no array or object is only a document.
template <class T>
simdjson::error_code Convert(T& from, Json& to, int depth) {
  if (depth > kMaxDepth) return simdjson::DEPTH_ERROR;
  simd::json_type type;
  SIMDJSON_TRY(from.type().get(type));
  switch (type) {
    case simd::json_type::object: {
      to = Json::Object();
      simd::object object;
      SIMDJSON_TRY(from.get_object().get(object));
      for (auto field : object) {
        std::string_view key;
        simd::value value;
        SIMDJSON_TRY(field.unescaped_key(kReplaceLoneSurrogates).get(key));
        Json& member = to.members().emplace_back(key, Json()).second;
        SIMDJSON_TRY(field.value().get(value));
        SIMDJSON_TRY(Convert(value, member, depth + 1));
      }
      return simdjson::SUCCESS;
    }
    case simd::json_type::array: {
      to = Json::Array();
      simd::array array;
      SIMDJSON_TRY(from.get_array().get(array));
      for (auto element : array) {
        simd::value value;
        SIMDJSON_TRY(element.get(value));
        SIMDJSON_TRY(Convert(value, to.items().emplace_back(), depth + 1));
      }
      return simdjson::SUCCESS;
    }
    case simd::json_type::string: {
      std::string_view text;
      SIMDJSON_TRY(from.get_string(kReplaceLoneSurrogates).get(text));
      to = Json(text);
      return simdjson::SUCCESS;
    }
    case simd::json_type::number: {
      double number;
      simdjson::error_code error = from.get_double().get(number);
      to = Json(number);
      // A failed read leaves a root unread, so that it cannot end well.
      if (error != simdjson::NUMBER_ERROR || depth == 0) return error;
      std::string_view token;
      SIMDJSON_TRY(simdjson::simdjson_result<std::string_view>(from.raw_json_token()).get(token));
      return ConvertHugeNumber(token, to);
    }
    case simd::json_type::boolean: {
      bool value;
      SIMDJSON_TRY(from.get_bool().get(value));
      to = Json(value);
      return simdjson::SUCCESS;
    }
    case simd::json_type::null: {
      bool is_null;
      SIMDJSON_TRY(from.is_null().get(is_null));
      return is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    default:
      return kUnexpectedCharacter;
  }
}

// A byte that is part of no character becomes U+FFFD.
std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned char lead = text[0];
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    size = std::min(size, text.size());
    if (simdjson::validate_utf8(text.data(), size)) {
      out.append(text.substr(0, size));
    } else {
      out += "\xEF\xBF\xBD";
      size = 1;
    }
    text.remove_prefix(size);
  }
  return out;
}

// `where` points into `text`, or is null for an error of which simdjson keeps no place.
Error ErrorAt(std::string_view text, const char* where, const std::string& why) {
  std::string place;
  if (where) {
    std::string_view before = text.substr(0, std::min(size_t(where - text.data()), text.size()));
    size_t line = size_t(std::count(before.begin(), before.end(), '\n')) + 1;
    size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    place = " at line " + std::to_string(line) + ", column " + std::to_string(column);
  }
  return Error{"Invalid JSON" + place + ": " + why};
}

std::string Describe(simdjson::error_code error) {
  if (error == kUnexpectedCharacter) return "unexpected character";
  // simdjson's text is "NAME: sentence".
  std::string_view text = simdjson::error_message(error);
  return std::string(text.substr(text.find(": ") + 2));
}

}  // namespace

Result<Json> Json::Parse(std::string_view given) {
  // The parser reads behind the text's end.
  std::string text;
  text.reserve(given.size() + simdjson::SIMDJSON_PADDING);
  text = given;
  simd::parser parser;
  simd::document document;
  simdjson::error_code error = parser.iterate(text).get(document);
  if (error == simdjson::UTF8_ERROR) return Parse(ReplaceInvalidUtf8(given));
  if (error) return ErrorAt(text, nullptr, Describe(error));
  Json value;
  error = Convert(document, value, 0);
  if (!error && document.at_end()) return value;
  const char* where;
  if (document.current_location().get(where)) where = text.data() + text.size();
  return ErrorAt(text, where, error ? Describe(error) : "unexpected text after the value");
}

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

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

}  // namespace kiln
