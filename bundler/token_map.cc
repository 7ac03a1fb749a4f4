#include "bundler/token_map.h"

#include <algorithm>

#include "bundler/source_map.h"

namespace kiln {
namespace {

// The size in bytes of the character that begins with `lead`.
size_t CharacterSize(uint8_t lead) {
  return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Appends a number of "mappings": base64 digits of five bits, the lowest first, with the sign in
// the lowest bit of the number and a bit for "more follows" in each digit.
void AppendNumber(std::string& out, int number) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t rest = number < 0 ? uint32_t(-number) << 1 | 1 : uint32_t(number) << 1;
  do {
    uint32_t digit = rest & 31;
    rest >>= 5;
    out += kDigits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
}

}  // namespace

void MappingsWriter::Add(int column, int original_line, int original_column) {
  if (!text_.empty() && text_.back() != ';') text_ += ',';
  AppendNumber(text_, column - column_);
  AppendNumber(text_, 0);
  AppendNumber(text_, original_line - original_line_);
  AppendNumber(text_, original_column - original_column_);
  column_ = column;
  original_line_ = original_line;
  original_column_ = original_column;
}

size_t LineBreakAt(std::string_view text, size_t at) {
  char c = text[at];
  if (c == '\n') return 1;
  if (c == '\r') return at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  bool separator = c == '\xE2' && at + 2 < text.size() && text[at + 1] == '\x80' &&
                   (text[at + 2] == '\xA8' || text[at + 2] == '\xA9');
  return separator ? 3 : 0;
}

size_t Utf16Length(std::string_view text) {
  size_t units = 0;
  for (char c : text) {
    uint8_t byte = uint8_t(c);
    units += (byte & 0xC0) != 0x80;
    units += byte >= 0xF0;
  }
  return units;
}

LineIndex::LineIndex(std::string_view text) : text_(text) {
  size_t start = 0;
  bool ascii = true;
  for (size_t at = 0; at < text.size();) {
    uint8_t c = uint8_t(text[at]);
    if (size_t size = c == '\n' || c == '\r' || c == 0xE2 ? LineBreakAt(text, at) : 0; size > 0) {
      lines_.push_back({uint32_t(start), uint32_t(at), ascii});
      start = at += size;
      ascii = true;
      continue;
    }
    ascii &= c < 0x80;
    ++at;
  }
  lines_.push_back({uint32_t(start), uint32_t(text.size()), ascii});
}

size_t LineIndex::Offset(size_t line_number, size_t column) const {
  if (line_number >= lines_.size()) return text_.size();
  const Line& line = lines_[line_number];
  if (line.ascii) return std::min<size_t>(line.start + column, line.end);
  size_t at = line.start;
  for (size_t units = 0; units < column && at < line.end;) {
    uint8_t lead = uint8_t(text_[at]);
    at += CharacterSize(lead);
    units += lead < 0xF0 ? 1 : 2;
  }
  return std::min<size_t>(at, line.end);
}

std::vector<TokenOrigin> OriginsOf(const TokenList& generated, std::string_view mappings_text) {
  std::vector<TokenOrigin> origins(generated.tokens.size());
  LineIndex lines(generated.text);
  Mappings mappings(mappings_text);
  std::vector<Mappings::Entry> entries;
  size_t token = 0;
  for (size_t line = 0; line < lines.line_count(); ++line) {
    mappings.NextLine(entries);
    for (const Mappings::Entry& entry : entries) {
      if (entry.source < 0 || entry.original_line < 0 || entry.column < 0) continue;
      size_t offset = lines.Offset(line, size_t(entry.column));
      while (token < generated.tokens.size() && generated.tokens[token].end <= offset) ++token;
      if (token >= generated.tokens.size()) break;
      const Token& found = generated.tokens[token];
      if (found.start < offset) continue;  // inside of a token
      // White space only; a comment between them has its own segment.
      std::string_view between = generated.text.substr(offset, found.start - offset);
      if (between.find_first_not_of(" \t\r\n") != std::string_view::npos) continue;
      origins[token] = {entry.original_line, entry.original_column, entry.name};
    }
  }
  return origins;
}

}  // namespace kiln
