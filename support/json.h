// A JSON value as a tree, with a reader and a writer.
//
// For esbuild's metafile and source maps, package.json, tsconfig.json and `--json` output:
// objects keep the order of their members and equal keys, numbers are doubles, and looking up
// what is absent gives null, so that reading code needs no checks at each level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kiln {

template <class T>
class Result;

// One value with everything in it: copying copies the tree, and the accessors return references
// into it. A default value is null. Only the part that belongs to the kind is meaningful.
class Json {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(bool value) : kind_(Kind::kBool), bool_(value) {}
  template <class N>
    requires(std::is_arithmetic_v<N> && !std::is_same_v<N, bool>)
  Json(N value) : kind_(Kind::kNumber), number_(double(value)) {}
  Json(std::string value) : kind_(Kind::kString), string_(std::move(value)) {}
  Json(std::string_view value) : Json(std::string(value)) {}
  Json(const char* value) : Json(std::string(value)) {}

  static Json Array() { return Json(Kind::kArray); }
  static Json Object() { return Json(Kind::kObject); }
  // Reads exactly JSON, at most 512 levels deep; a byte order mark before it is skipped. What
  // UTF-8 cannot say becomes U+FFFD: invalid bytes, and escapes of lone surrogates. An error
  // names line and column (in bytes, from 1), except for an unclosed string, a control
  // character in a string and an empty text, of which the parser keeps no place.
  static Result<Json> Parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // A value of another kind reads as the fallback.
  bool AsBool(bool fallback = false) const { return is_bool() ? bool_ : fallback; }
  double AsNumber(double fallback = 0) const { return is_number() ? number_ : fallback; }
  // The text in UTF-8, borrowed from this value.
  const std::string& AsString() const { return string_; }  // "" if not a string

  // Elements of an array and members of an object; empty for other kinds.
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  std::vector<Json>& items() { return items_; }
  std::vector<Member>& members() { return members_; }

  // The value null if absent, out of range or of another kind; the reference lives as long as this
  // value and is invalid after a change of it. Find describes equal keys.
  const Json& operator[](std::string_view key) const;
  const Json& operator[](size_t index) const;
  // A member whose value is null counts as present. Find returns null if there is no member of that
  // name, or for another kind; of equal keys the last wins, as in JavaScript. The pointer is
  // borrowed until this value changes.
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  const Json* Find(std::string_view key) const;

  // Replaces the first member of that name or appends one; returns this value, so that calls can be
  // chained. REQUIRES: an object (the process aborts otherwise).
  Json& Set(std::string_view key, Json value);
  // Appends an element and returns this value. REQUIRES: an array (aborts otherwise).
  Json& Push(Json value);

  // JSON text in UTF-8 without a newline at the end. With indent 0 it is one line without spaces;
  // else each value is on a line, indented by `indent` spaces per level. Infinite numbers and NaN
  // become null, as with JSON.stringify.
  std::string Write(int indent = 0) const;

 private:
  explicit Json(Kind kind) : kind_(kind) {}
  void WriteTo(std::string& out, int indent, int depth) const;

  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  double number_ = 0;
  std::string string_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

// `text` as a JSON string literal with its quotes, escaping quotes, backslashes and bytes below
// 0x20. Other bytes are copied, so the result is valid JSON if `text` is valid UTF-8.
std::string QuoteJson(std::string_view text);

// Whether all bytes are valid UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace kiln
