// Writes JSON text piece by piece, indented or on one line. It allocates memory for its output
// only, and does not use V8, so that reports can be written after fatal errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace kiln::runtime::report {

class JsonWriter {
 public:
  explicit JsonWriter(bool compact) : compact_(compact) {}

  // Pass a key for members of objects, and none for elements of arrays. Begin and End calls must
  // match.
  void BeginObject(std::string_view key = {}) { Begin(key, '{'); }
  void EndObject() { End('}'); }
  void BeginArray(std::string_view key = {}) { Begin(key, '['); }
  void EndArray() { End(']'); }

  void Text(std::string_view key, std::string_view value) { BeginValue(key), Quote(value); }
  void Bool(std::string_view key, bool value) { BeginValue(key), out_ += value ? "true" : "false"; }
  void Null(std::string_view key) { BeginValue(key), out_ += "null"; }
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
  void Pointer(std::string_view key, const void* value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%016llx",
                  static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(value)));
    Text(key, text);
  }
  // Returns the text with a final newline; call it last.
  std::string Finish() { return std::move(out_) + "\n"; }

 private:
  void NewLine() {
    if (!compact_) out_ += "\n" + std::string(size_t(depth_) * 2, ' ');
  }
  void BeginValue(std::string_view key) {
    if (need_comma_) out_ += ',';
    if (depth_ > 0) NewLine();
    need_comma_ = true;
    if (key.data() == nullptr) return;
    Quote(key);
    out_ += compact_ ? ":" : ": ";
  }
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

  std::string out_;
  bool compact_;
  bool need_comma_ = false;
  int depth_ = 0;
};

}  // namespace kiln::runtime::report
