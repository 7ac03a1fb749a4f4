// Reading package.json (package_json.h). What is accepted equals what Node accepts: values
// that nobody asks for are only skipped, by counting brackets, so that a mistake in them
// is not noticed; the fields themselves, and the frame around them, must be right.
#include "runtime-stub/bindings/package_json.h"

#include <fcntl.h>
#include <unistd.h>

#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  char Peek() {
    while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\n' ||
                                   text_[pos_] == '\r' || text_[pos_] == '\t'))
      pos_++;
    return pos_ < text_.size() ? text_[pos_] : 0;
  }
  bool Eat(char c) {
    if (Peek() != c) return false;
    pos_++;
    return true;
  }
  bool AtEnd() { return Peek() == 0 && pos_ == text_.size(); }

  // A string as it is written, without its quotes.
  bool RawString(std::string_view* out) {
    if (!Eat('"')) return false;
    size_t start = pos_;
    for (; pos_ < text_.size(); pos_++) {
      unsigned char c = text_[pos_];
      if (c == '"') {
        *out = text_.substr(start, pos_++ - start);
        return true;
      }
      if (c < 0x20) return false;
      if (c == '\\') pos_++;
    }
    return false;
  }

  // Skips any value; `out` is its text.
  bool Value(std::string_view* out) {
    char first = Peek();
    size_t start = pos_;
    std::string_view ignored;
    if (first == '"') {
      if (!RawString(&ignored)) return false;
    } else if (first == '{' || first == '[') {
      int depth = 0;
      do {
        char c = Peek();
        if (c == '"') {
          if (!RawString(&ignored)) return false;
          continue;
        }
        if (pos_++ >= text_.size()) return false;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
        if (c == ':' && std::string_view("}],:").find(Peek()) != std::string_view::npos)
          return false;
      } while (depth > 0);
    } else {
      while (pos_ < text_.size() &&
             std::string_view(",}] \n\r\t\":{[").find(text_[pos_]) == std::string_view::npos)
        pos_++;
      if (pos_ == start) return false;
    }
    *out = text_.substr(start, pos_ - start);
    return true;
  }

 private:
  std::string_view text_;
  size_t pos_ = 0;
};

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    *out += char(c);
    return;
  }
  if (c < 0x800) {
    *out += char(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      *out += char(0xE0 | c >> 12);
    } else {
      *out += char(0xF0 | c >> 18);
      *out += char(0x80 | (c >> 12 & 63));
    }
    *out += char(0x80 | (c >> 6 & 63));
  }
  *out += char(0x80 | (c & 63));
}

// The value of a JSON string literal with its quotes; false when an escape is wrong.
bool Unescape(std::string_view literal, std::string* out) {
  std::string_view s = literal.substr(1, literal.size() - 2);
  out->clear();
  auto unit = [&](size_t at, uint32_t* code) {
    if (at + 6 > s.size() || s[at] != '\\' || s[at + 1] != 'u') return false;
    *code = 0;
    for (char c : s.substr(at + 2, 4)) {
      char lower = c | 32;
      if (c >= '0' && c <= '9')
        *code = *code * 16 + uint32_t(c - '0');
      else if (lower >= 'a' && lower <= 'f')
        *code = *code * 16 + uint32_t(lower - 'a' + 10);
      else
        return false;
    }
    return true;
  };
  for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '\\') {
      *out += s[i];
      continue;
    }
    uint32_t code, low;
    if (unit(i, &code)) {
      i += 5;
      if (code >= 0xDC00 && code < 0xE000) return false;
      if (code >= 0xD800 && code < 0xDC00) {
        if (!unit(i + 1, &low) || low < 0xDC00 || low > 0xDFFF) return false;
        i += 6;
        code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
      }
      AppendUtf8(code, out);
      continue;
    }
    static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    size_t at = ++i < s.size() ? kFrom.find(s[i]) : std::string_view::npos;
    if (at == std::string_view::npos) return false;
    *out += kTo[at];
  }
  return true;
}

bool SetField(std::string_view key, std::string_view value, PackageConfig* out) {
  char first = value[0];
  std::string text;
  bool is_string = first == '"' && Unescape(value, &text);
  if (key == "name") {
    if (!is_string) return false;
    out->name = text;
  } else if (key == "main") {
    if (is_string) out->main = text;
  } else if (key == "type") {
    if (!is_string) return false;
    if (text == "commonjs" || text == "module") out->type = text;
  } else if (key == "exports" || key == "imports") {
    std::optional<std::string>& field = key == "exports" ? out->exports : out->imports;
    if (first == '"') {
      if (!is_string) return false;
      field = text;
    } else if (first == '{' || first == '[') {
      field = value;
    } else {
      return std::string_view("tfn-0123456789").find(first) != std::string_view::npos;
    }
  }
  return true;
}

bool ReadWholeFile(const std::string& path, std::string* out) {
  if (embedded::Owns(path)) return embedded::ReadFile(path, out);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char buffer[16384];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) out->append(buffer, size_t(n));
  close(fd);
  return n == 0;
}

}  // namespace

bool ParsePackageJson(std::string_view text, PackageConfig* out) {
  Scanner scanner(text);
  if (!scanner.Eat('{')) return false;
  if (!scanner.Eat('}')) {
    do {
      std::string_view key, value;
      if (!scanner.RawString(&key) || !scanner.Eat(':') || !scanner.Value(&value)) return false;
      if (!SetField(key, value, out)) return false;
    } while (scanner.Eat(','));
    if (!scanner.Eat('}')) return false;
  }
  return scanner.AtEnd();
}

PackageJsonCache::Lookup PackageJsonCache::Read(const std::string& path,
                                                 const PackageConfig** out) {
  if (auto it = configs_.find(path); it != configs_.end()) {
    *out = &it->second;
    return Lookup::kFound;
  }
  std::string text;
  if (!ReadWholeFile(path, &text)) return Lookup::kMissing;
  PackageConfig config;
  config.path = path;
  if (!ParsePackageJson(text, &config)) return Lookup::kInvalid;
  *out = &configs_.emplace(path, std::move(config)).first->second;
  return Lookup::kFound;
}

PackageJsonCache::Lookup PackageJsonCache::FindAbove(std::string_view path,
                                                      const PackageConfig** out,
                                                      std::string* invalid) {
  // The root folder itself is not searched.
  for (size_t slash; (slash = path.rfind('/')) != std::string_view::npos && slash > 0;) {
    path = path.substr(0, slash);
    if (path.ends_with("/node_modules")) break;
    std::string file = std::string(path) + "/package.json";
    Lookup outcome = Read(file, out);
    if (outcome == Lookup::kInvalid) *invalid = file;
    if (outcome != Lookup::kMissing) return outcome;
  }
  return Lookup::kMissing;
}

}  // namespace kiln::runtime
