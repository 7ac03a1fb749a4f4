// V8 writes strings of a snapshot as they are in memory: those with characters up to 255 as one byte
// each, others as UTF-16. Before the characters is their number, whose highest byte is zero; behind
// them are zeros up to a multiple of eight bytes, or any byte if there are none.
#include "secrets/secret_search.h"

#include <algorithm>
#include <cstring>

#include "support/base64.h"
#include "support/json.h"
#include "support/text.h"

namespace kiln {
namespace {

constexpr size_t kKeptPlaces = 4;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c & 0x80);
}

bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

// The code points of valid UTF-8 up to U+FFFF, to which all but emoji belong; nothing for others.
bool CodeUnits(std::string_view utf8, std::u16string& out) {
  for (size_t i = 0; i < utf8.size();) {
    auto byte = [&](size_t at) {
      return at < utf8.size() ? uint32_t(static_cast<unsigned char>(utf8[at])) : 0u;
    };
    uint32_t first = byte(i);
    if (first < 0x80) {
      out += char16_t(first), i += 1;
    } else if (first < 0xE0) {
      out += char16_t((first & 31) << 6 | (byte(i + 1) & 63)), i += 2;
    } else if (first < 0xF0) {
      out += char16_t((first & 15) << 12 | (byte(i + 1) & 63) << 6 | (byte(i + 2) & 63)), i += 3;
    } else {
      return false;
    }
  }
  return true;
}

std::string Utf16(const std::u16string& units) {
  std::string out;
  for (char16_t unit : units) out += char(unit & 0xFF), out += char(unit >> 8);
  return out;
}

std::string Latin1(const std::u16string& units) {
  std::string out;
  for (char16_t unit : units) {
    if (unit > 0xFF) return "";
    out += char(unit);
  }
  return out;
}

// As encodeURIComponent() does it.
std::string PercentEncoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool kept = (IsWordCharacter(c) && !(c & 0x80)) ||
                std::string_view("-.!~*'()").find(c) != std::string_view::npos;
    if (kept) {
      out += c;
      continue;
    }
    constexpr char kDigits[] = "0123456789ABCDEF";
    out += '%', out += kDigits[static_cast<unsigned char>(c) >> 4], out += kDigits[c & 15];
  }
  return out;
}

// What is the same in the base64 of all texts that have `value` after a multiple of three bytes and
// `before` more.
std::string Base64Core(std::string_view value, size_t before) {
  std::string all = Base64(std::string(before, ' ') + std::string(value));
  size_t begin = before == 0 ? 0 : before + 1, end = (before + value.size()) * 8 / 6;
  return all.substr(begin, end - begin);
}

// The characters of UTF-16LE around the offset `at`, as far as they are in ASCII: from *begin on,
// which may be in front of it.
std::string Narrowed(std::string_view text, size_t at, size_t* begin) {
  auto is_ascii = [&](size_t i) { return i + 1 < text.size() && text[i + 1] == 0 && text[i] > 0; };
  *begin = at;
  while (*begin >= 2 && at - *begin < 2 * kKeyReachBefore && is_ascii(*begin - 2)) *begin -= 2;
  std::string out;
  for (size_t i = *begin; i < at + 2 * kKeyReachBehind && is_ascii(i); i += 2) out += text[i];
  return out;
}

// The first three characters of UTF-8.
std::string_view FirstCharacters(std::string_view text) {
  size_t end = 0;
  for (int count = 0; count < 3 && end < text.size(); ++count) do
      end++;
    while (end < text.size() && (text[end] & 0xC0) == 0x80);
  return text.substr(0, end);
}

SecretPlace PlaceIn(const SearchedText& text, size_t offset) {
  SecretPlace place = {.path = std::string(text.path), .is_translated = text.is_translated};
  if (text.text.substr(0, 8000).find('\0') != std::string_view::npos) return place;
  std::string_view before = text.text.substr(0, offset);
  place.line = 1 + int(std::ranges::count(before, '\n'));
  size_t line = before.rfind('\n');
  place.column = int(line == std::string_view::npos ? offset + 1 : offset - line);
  return place;
}

}  // namespace

bool FoundSecret::IsNamedBy(const std::string& name) const {
  return name == kind || std::ranges::find(names, name) != names.end();
}

SecretSearch::SecretSearch(std::vector<SecretValue> values) : values_(std::move(values)) {
  for (size_t i = 0; i < values_.size(); ++i) AddValue(i);
  for (const KeyForm& form : KeyForms()) {
    std::string marker(form.marker);
    AddNeedle({.form = &form}, marker, form.anchor);
    std::u16string units;
    CodeUnits(marker, units);
    // Two characters: the last ones of "s://".
    AddNeedle({.form = &form, .wide = true}, Utf16(units),
              2 * std::min(form.anchor + 2, marker.size() - 2));
  }
}

void SecretSearch::AddNeedle(Needle needle, std::string bytes, size_t anchor) {
  if (bytes.size() < ByteSearch::kAnchorSize) return;
  if (!needle.form) needle.bytes = bytes;
  search_.Add(std::move(bytes), anchor);
  needles_.push_back(std::move(needle));
}

void SecretSearch::AddValue(size_t number) {
  const std::string& value = values_[number].value;
  AddNeedle({.value = number}, value);
  if (std::u16string units; CodeUnits(value, units)) {
    AddNeedle({.value = number, .wide = true}, Utf16(units));
    if (units.size() != value.size()) AddNeedle({.value = number}, Latin1(units));
  }
  std::string literal = QuoteJson(value);
  if (literal = literal.substr(1, literal.size() - 2); literal != value)
    AddNeedle({.value = number}, std::move(literal));
  std::string_view kind = values_[number].kind;
  if (kind == kHomeKind || kind == kUserKind || kind == kHostKind) return;
  if (std::string encoded = PercentEncoded(value); encoded != value)
    AddNeedle({.value = number, .encoding = "percent"}, std::move(encoded));
  std::string digits;
  AppendHex(digits, value);
  AddNeedle({.value = number, .encoding = "hexadecimal"}, std::move(digits));
  for (size_t before = 0; before < 3; ++before) {
    std::string core = Base64Core(value, before), url_safe = core;
    std::ranges::replace(url_safe, '+', '-');
    std::ranges::replace(url_safe, '/', '_');
    if (url_safe != core) AddNeedle({.value = number, .encoding = "base64"}, std::move(url_safe));
    AddNeedle({.value = number, .encoding = "base64"}, std::move(core));
  }
}

SecretSearch::Matches SecretSearch::Match(const SearchedText& searched, bool is_state) const {
  std::string_view text = searched.text;
  Matches out;
  search_.Find(text, [&](size_t number, size_t at) {
    const Needle& needle = needles_[number];
    if (!needle.form) {
      ValueMatch match = {&needle, at};
      if (Counts(match, searched, is_state)) out.values.push_back(match);
    } else if (!needle.wide) {
      // A window, so that no key is longer than it may be.
      size_t begin = at - std::min(at, kKeyReachBefore);
      std::string_view window = text.substr(begin, at - begin + kKeyReachBehind);
      if (auto key = needle.form->match(window, at - begin))
        out.keys.push_back({begin + key->begin, begin + key->end, needle.form,
                            std::string(window.substr(key->begin, key->end - key->begin))});
    } else {
      size_t begin;
      std::string narrow = Narrowed(text, at, &begin);
      if (auto key = needle.form->match(narrow, (at - begin) / 2))
        out.keys.push_back({begin + 2 * key->begin, begin + 2 * key->end, needle.form,
                            narrow.substr(key->begin, key->end - key->begin)});
    }
  });
  // The user's name in the home folder, or a password in a URL.
  std::ranges::stable_sort(out.values, [](const ValueMatch& a, const ValueMatch& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end() > b.end();
  });
  size_t end = 0;
  std::erase_if(out.values, [&](const ValueMatch& match) {
    bool is_part = match.end() <= end;
    end = std::max(end, match.end());
    return is_part;
  });
  std::ranges::stable_sort(out.keys, {}, &KeyMatch::begin);
  end = 0;
  std::erase_if(out.keys, [&](const KeyMatch& key) {
    if (key.begin < end) return true;
    end = key.end;
    return false;
  });
  return out;
}

// Whether the text around a value means it.
bool SecretSearch::Counts(const ValueMatch& match, const SearchedText& text, bool is_state) const {
  const SecretValue& value = values_[match.needle->value];
  if (value.is_common && text.is_package) return false;
  if (!value.is_word || !match.needle->encoding.empty()) return true;
  const size_t unit = match.needle->wide ? 2 : 1, size = match.needle->bytes.size();
  auto neighbour = [&](size_t at) {
    if (at + unit > text.text.size()) return '\0';
    return unit == 2 && text.text[at + 1] != 0 ? '\xFF' : text.text[at];
  };
  char before = match.begin >= unit ? neighbour(match.begin - unit) : '\0';
  char after = neighbour(match.begin + size);
  bool ends_in_state = is_state && size % 8 == 0;
  if (IsWordCharacter(before) || (IsWordCharacter(after) && !ends_in_state)) return false;
  if (value.kind == kHomeKind) {
    // Not "/mnt/home/alice", but "file:///home/alice".
    if (before == '.' || before == '-' || after == '-') return false;
    if (before == '/' && (match.begin < 2 * unit || neighbour(match.begin - 2 * unit) != '/'))
      return false;
    char below = neighbour(match.begin + size + unit);
    return !value.is_common || (after == '/' && (IsWordCharacter(below) || below == '.'));
  }
  if (value.kind != kUserKind && value.kind != kHostKind) return true;
  // Short names are words of other meanings, too.
  if (value.value.size() < (text.is_package ? 6 : is_state ? 5 : 0)) return false;
  auto quotes = [](char c) { return IsQuote(c) || c == '/' || c == '\\' || c == '@'; };
  return !text.is_code || quotes(before) || quotes(after);
}

void SecretSearch::Report(std::string_view kind, std::string_view id, const SecretValue* value,
                          std::string_view shown, SecretPlace place) {
  std::string key = std::string(kind) + " " + std::string(id);
  auto known = std::ranges::find(ids_, key);
  size_t index = size_t(known - ids_.begin());
  if (known == ids_.end()) {
    ids_.push_back(std::move(key));
    FoundSecret secret = {.kind = kind, .shown = std::string(FirstCharacters(shown))};
    if (value && !value->name.empty()) secret.names.push_back(value->name);
    if (value)
      secret.names.insert(secret.names.end(), value->other_names.begin(), value->other_names.end());
    found_.push_back(std::move(secret));
  }
  FoundSecret& secret = found_[index];
  for (const SecretPlace& old : secret.places)
    if (old.in == place.in && old.path == place.path && old.line == place.line) return;
  secret.place_count++;
  if (secret.places.size() < kKeptPlaces) secret.places.push_back(std::move(place));
}

void SecretSearch::SearchText(const SearchedText& text) {
  Matches matches = Match(text, false);
  std::vector<size_t> counts(values_.size());
  for (const ValueMatch& match : matches.values) {
    if (++counts[match.needle->value] > kKeptPlaces) continue;
    const SecretValue& value = values_[match.needle->value];
    SecretPlace place = PlaceIn(text, match.begin);
    place.encoding = match.needle->encoding;
    Report(value.kind, value.value, &value, value.value, std::move(place));
  }
  for (const KeyMatch& match : matches.keys) {
    keys_in_texts_.insert(match.key);
    bool is_value = std::ranges::any_of(matches.values, [&](const ValueMatch& value) {
      return value.begin < match.end && match.begin < value.end();
    });
    if (!text.is_package && !is_value)
      Report(match.form->kind, match.key, nullptr, match.key, PlaceIn(text, match.begin));
  }
}

void SecretSearch::SearchGuards(std::string_view guards) {
  for (const ValueMatch& match : Match({.text = guards}, false).values) {
    const SecretValue& value = values_[match.needle->value];
    Report(value.kind, value.value, &value, value.value, {.in = SecretPlace::In::kGuards});
  }
}

// The end of a key in a snapshot may have a byte that does not belong to it.
bool SecretSearch::IsKnownKey(std::string_view key) const {
  return std::ranges::any_of(keys_in_texts_, [&](const std::string& known) {
    return key.starts_with(known) || known.starts_with(key);
  });
}

void SecretSearch::SearchState(std::string_view state, std::string_view without) {
  auto is_without = [&](std::string_view bytes) {
    return !without.empty() && memmem(without.data(), without.size(), bytes.data(), bytes.size());
  };
  auto is_in_text = [&](std::string_view kind, std::string_view id) {
    auto known = std::ranges::find(ids_, std::string(kind) + " " + std::string(id));
    if (known == ids_.end()) return false;
    return std::ranges::any_of(
        found_[size_t(known - ids_.begin())].places,
        [](const SecretPlace& place) { return place.in == SecretPlace::In::kText; });
  };
  Matches matches = Match({.text = state}, true);
  for (const ValueMatch& match : matches.values) {
    const SecretValue& value = values_[match.needle->value];
    if (is_in_text(value.kind, value.value) || is_without(match.needle->bytes)) continue;
    Report(value.kind, value.value, &value, value.value,
           {.in = SecretPlace::In::kState, .encoding = match.needle->encoding});
  }
  for (const KeyMatch& match : matches.keys) {
    bool is_value = std::ranges::any_of(values_, [&](const SecretValue& value) {
      return match.key.find(value.value) != std::string::npos;
    });
    // Without the last characters, which may not belong to it.
    std::string_view bytes = state.substr(match.begin, match.end - match.begin);
    bytes.remove_suffix(bytes.size() / 8);
    if (is_value || IsKnownKey(match.key) || is_without(bytes)) continue;
    Report(match.form->kind, match.key, nullptr, match.key, {.in = SecretPlace::In::kState});
  }
}

}  // namespace kiln
