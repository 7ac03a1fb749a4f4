// Looks for secrets in what goes into an executable: for the values of secret_values.h, also in
// UTF-16, in base64, percent-encoded, as hexadecimal digits and as in a string literal; and for what
// looks like a key (key_forms.h).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/byte_search.h"
#include "secrets/key_forms.h"
#include "secrets/secret_values.h"

namespace kiln {

// A text of the app. All views are borrowed for the call.
struct SearchedText {
  std::string_view text;  // any bytes
  std::string_view path;
  bool is_package = false;  // of an installed package: keys in it are public already
  bool is_code = false;     // a word in it may be a name of the program
  // Whether the user's file of that path has this text, or it was made from that file.
  bool is_translated = false;
};

struct SecretPlace {
  enum class In {
    kText,    // line and column (in bytes) of a file, from 1; 0 if it is not a text
    kState,   // what evaluated modules have left in the heap
    kGuards,  // the values that are compared at start
  };
  In in = In::kText;
  std::string path;  // of kText
  int line = 0;
  int column = 0;
  bool is_translated = false;  // line and column are in the text that was made from the file
  std::string_view encoding;   // "base64", "hexadecimal", "percent"; usually empty
};

struct FoundSecret {
  std::string_view kind;           // of secret_values.h or KeyKinds()
  std::vector<std::string> names;  // of variables or definitions; empty for the other kinds
  std::string shown;               // the first three characters
  std::vector<SecretPlace> places;
  size_t place_count = 0;  // `places` has only the first ones

  // Whether --allow-secret says that it is meant, by a name or the kind.
  bool IsNamedBy(const std::string& name) const;
};

// Not thread-safe.
class SecretSearch {
 public:
  explicit SecretSearch(std::vector<SecretValue> values);

  void SearchText(const SearchedText& text);
  // The lines that AssemblePayload gets.
  void SearchGuards(std::string_view guards);
  // `state` is a snapshot with evaluated modules, `without` one in which none is, or empty. What is
  // in both, or in a text, does not come from the evaluation. REQUIRES: all texts were searched.
  void SearchState(std::string_view state, std::string_view without);

  // In the order in which they were found.
  const std::vector<FoundSecret>& found() const { return found_; }

 private:
  // What a number of the ByteSearch means.
  struct Needle {
    const KeyForm* form = nullptr;  // or a value
    size_t value = 0;
    bool wide = false;  // UTF-16LE
    std::string_view encoding = {};
    std::string bytes = {};  // of a value
  };
  struct KeyMatch {
    size_t begin, end;  // in the text
    const KeyForm* form;
    std::string key;
  };
  // A value at an offset of a text.
  struct ValueMatch {
    const Needle* needle;
    size_t begin;
    size_t end() const { return begin + needle->bytes.size(); }
  };
  struct Matches {
    std::vector<ValueMatch> values;  // that count, without those that are part of a longer one
    std::vector<KeyMatch> keys;      // without those that overlap
  };

  void AddNeedle(Needle needle, std::string bytes, size_t anchor = 0);
  void AddValue(size_t number);
  // Both lists are in the order of the text.
  Matches Match(const SearchedText& text, bool is_state) const;
  bool Counts(const ValueMatch& match, const SearchedText& text, bool is_state) const;
  bool IsKnownKey(std::string_view key) const;
  void Report(std::string_view kind, std::string_view id, const SecretValue* value,
              std::string_view shown, SecretPlace place);

  std::vector<SecretValue> values_;
  ByteSearch search_;
  std::vector<Needle> needles_;
  std::set<std::string> keys_in_texts_;
  std::vector<std::string> ids_;  // of found_: kind and value
  std::vector<FoundSecret> found_;
};

}  // namespace kiln
