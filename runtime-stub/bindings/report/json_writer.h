// Writes JSON text piece by piece, indented or on one line. It allocates memory for its output
// only, and does not use V8, so that reports can be written after fatal errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace kiln::runtime::report {

// Writes one document: a value, usually an object, whose members are written in the order of the
// calls. Keys are not checked for repetition. Memory for the output grows by std::string, so a
// process without memory ends in its allocator. Any thread, one at a time.
class JsonWriter {
 public:
  // `compact`: one line, without spaces. Otherwise two spaces of indentation for each level.
  explicit JsonWriter(bool compact) : compact_(compact) {}

  // Pass a key for members of objects, and none for elements of arrays. Begin and End calls must
  // match.
  void BeginObject(std::string_view key = {}) { Begin(key, '{'); }
  void EndObject() { End('}'); }
  void BeginArray(std::string_view key = {}) { Begin(key, '['); }
  void EndArray() { End(']'); }

  // `value` should be UTF-8: bytes are copied; only quotes, backslashes and control characters are
  // escaped (RFC 8259, 7).
  void Text(std::string_view key, std::string_view value) { BeginValue(key), Quote(value); }
  void Bool(std::string_view key, bool value) { BeginValue(key), out_ += value ? "true" : "false"; }
  void Null(std::string_view key) { BeginValue(key), out_ += "null"; }
  // Whole numbers below 1e21 without a fraction; others with nine digits; null for infinity and
  // NaN, which JSON cannot represent. Not JavaScript's conversion: it would need V8.
  void Number(std::string_view key, double value) {
    BeginValue(key);
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    char text[32];
    bool whole = value == std::floor(value) && std::fabs(value) < 1e21;
    std::snprintf(text, sizeof text, whole ? "%.0f" : "%.9g", value);
    out_ += text;
  }
  // A string: "0x" and 16 hexadecimal digits.
  void Pointer(std::string_view key, const void* value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%016llx",
                  static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(value)));
    Text(key, text);
  }
  // An element of an array: the text of another writer of the same form.
  void Document(std::string_view text) {
    BeginValue({});
    while (text.ends_with('\n')) text.remove_suffix(1);
    for (char c : text) {
      out_ += c;
      if (c == '\n') out_.append(size_t(depth_) * 2, ' ');
    }
  }
  // Returns the text with a final newline; call it last, after all End calls.
  std::string Finish() { return std::move(out_) + "\n"; }

 private:
  // A line break and the indentation for `depth_`; nothing in compact output.
  void NewLine() {
    if (!compact_) out_ += "\n" + std::string(size_t(depth_) * 2, ' ');
  }
  // Writes what comes before a value: a comma, the indentation, and the key unless its data() is
  // null, which is the default argument. An empty key that is not null is written.
  void BeginValue(std::string_view key) {
    if (need_comma_) out_ += ',';
    if (depth_ > 0) NewLine();
    need_comma_ = true;
    if (key.data() == nullptr) return;
    Quote(key);
    out_ += compact_ ? ":" : ": ";
  }
  // Open and close an object or array. An empty one is written without a line break inside.
  void Begin(std::string_view key, char bracket) {
    BeginValue(key);
    out_ += bracket;
    depth_++;
    need_comma_ = false;
  }
  void End(char bracket) {
    depth_--;
    if (need_comma_) NewLine();
    out_ += bracket;
    need_comma_ = true;
  }
  // Appends `text` as a JSON string, with its quotes.
  void Quote(std::string_view text) {
    out_ += '"';
    for (char c : text) {
      switch (c) {
        case '"':
          out_ += "\\\"";
          break;
        case '\\':
          out_ += "\\\\";
          break;
        case '\n':
          out_ += "\\n";
          break;
        case '\r':
          out_ += "\\r";
          break;
        case '\t':
          out_ += "\\t";
          break;
        default:
          if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", c);
            out_ += escape;
          } else {
            out_ += c;
          }
      }
    }
    out_ += '"';
  }

  // What was written so far; not valid JSON before Finish().
  std::string out_;
  bool compact_;
  // Whether a value precedes in the same object or array.
  bool need_comma_ = false;
  // Number of objects and arrays that are open.
  int depth_ = 0;
};

}  // namespace kiln::runtime::report
