// The .env parser. It reads the text once, a key and its value at a time. A line without `=` is
// skipped; a quote that is never closed is an ordinary character.
#include "runtime-stub/command_line/dotenv.h"

#include <uv.h>

#include <algorithm>

namespace kiln::runtime {

namespace {

constexpr std::string_view kBlank = " \t\n";
constexpr size_t kNone = std::string_view::npos;

std::string_view Trim(std::string_view s) {
  size_t first = s.find_first_not_of(kBlank);
  if (first == kNone) return {};
  return s.substr(first, s.find_last_not_of(kBlank) - first + 1);
}

// The text after the line that contains `from`; empty at the end of the text.
std::string_view AfterLine(std::string_view text, size_t from = 0) {
  size_t end = text.find('\n', from);
  return end == kNone ? std::string_view() : text.substr(end + 1);
}

std::string ExpandNewlines(std::string_view quoted) {
  std::string out(quoted);
  for (size_t at = 0; (at = out.find("\\n", at)) != kNone; at++) out.replace(at, 2, "\n");
  return out;
}

}  // namespace

void ParseDotenv(std::string_view input, DotenvValues* values) {
  std::string unix_text(input);
  std::erase(unix_text, '\r');
  std::string_view text = Trim(unix_text);

  while (!text.empty()) {
    if (text.front() == '\n' || text.front() == '#') {
      text = AfterLine(text);
      continue;
    }
    size_t equal = text.find('=');
    size_t line_end = text.find('\n');
    if (equal == kNone || (line_end != kNone && equal > line_end)) {
      if (line_end == kNone) break;
      text = Trim(text.substr(line_end + 1));
      continue;
    }
    std::string_view key = Trim(text.substr(0, equal));
    text.remove_prefix(equal + 1);
    bool no_value = text.empty() || text.front() == '\n';
    if (key.empty() && !no_value) {  // `=A=b` is `A=b`
      text = Trim(text);
      continue;
    }
    if (!no_value && key.starts_with("export ")) key = Trim(key.substr(7));
    std::string& value = (*values)[std::string(key)];
    if (no_value) {
      value.clear();
      if (!text.empty()) text.remove_prefix(1);
      continue;
    }
    // Trimming may cross line ends: `KEY= ` takes its value from the next line.
    text = Trim(text);
    if (text.empty()) {
      value.clear();
      break;
    }
    char quote = text.front();
    size_t closing = kNone;
    if (quote == '"' || quote == '\'' || quote == '`') closing = text.find(quote, 1);
    if (closing != kNone) {
      std::string_view quoted = text.substr(1, closing - 1);
      value = quote == '"' ? ExpandNewlines(quoted) : std::string(quoted);
      text = AfterLine(text, closing + 1);
      continue;
    }
    std::string_view plain = text.substr(0, text.find('\n'));
    if (quote != '"' && quote != '\'' && quote != '`') {
      plain = Trim(plain.substr(0, plain.find('#')));
    }
    value = plain;
    text = AfterLine(text);
  }
}

int ReadDotenv(const std::string& path, DotenvValues* values) {
  uv_fs_t request;
  int file = uv_fs_open(nullptr, &request, path.c_str(), 0, 0, nullptr);
  uv_fs_req_cleanup(&request);
  if (file < 0) return file;
  std::string text;
  char chunk[8192];
  uv_buf_t buffer = uv_buf_init(chunk, sizeof chunk);
  int read;
  do {
    read = uv_fs_read(nullptr, &request, file, &buffer, 1, -1, nullptr);
    uv_fs_req_cleanup(&request);
    if (read > 0) text.append(chunk, size_t(read));
  } while (read > 0);
  uv_fs_close(nullptr, &request, file, nullptr);
  uv_fs_req_cleanup(&request);
  if (read < 0) return read;
  ParseDotenv(text, values);
  return 0;
}

void ApplyDotenv(const DotenvValues& values) {
  for (const auto& [key, value] : values) {
    char probe[1];
    size_t size = sizeof probe;
    if (uv_os_getenv(key.c_str(), probe, &size) == UV_ENOENT)
      uv_os_setenv(key.c_str(), value.c_str());
  }
}

}  // namespace kiln::runtime
