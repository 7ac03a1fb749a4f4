// A cache of JavaScript strings for the short texts of HTTP messages. Names of headers, most of
// their values and many URLs repeat; a text that occurs for the second time is kept as an
// internalized string, and later costs a comparison instead of an allocation. JavaScript compares
// internalized strings by address.
//
// The table is direct-mapped and never grows: a text replaces the one with the same index. Of a
// text that occurs once, such as a token, only the hash is stored.
#pragma once

#include <v8.h>

#include <array>
#include <cstring>
#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// One for each Env (Env::State); used on its thread only. Its handles are strong: the strings live
// as long as their places are not reused.
class TextCache {
 public:
  explicit TextCache(Env&) {}

  // The property name "maxHeaderPairs", which is read for every message.
  v8::Local<v8::String> MaxHeaderPairs(Env& env) {
    if (max_header_pairs_.IsEmpty())
      max_header_pairs_.Reset(env.isolate, env.Name("maxHeaderPairs"));
    return max_header_pairs_.Get(env.isolate);
  }

  // The string for `text`, which is Latin-1, at most v8::String::kMaxLength bytes, and need not
  // outlive the call. Texts of more than kLongest bytes are not cached.
  v8::Local<v8::String> ToJs(Env& env, std::string_view text) {
    if (text.empty()) return v8::String::Empty(env.isolate);
    if (text.size() > kLongest) return New(env, text, v8::NewStringType::kNormal);
    uint64_t hash = Hash(text);
    Place& place = places_[hash % kPlaces];
    if (place.size == text.size() && std::memcmp(place.text, text.data(), text.size()) == 0)
      return place.string.Get(env.isolate);
    if (place.candidate != hash) {
      place.candidate = hash;
      return New(env, text, v8::NewStringType::kNormal);
    }
    v8::Local<v8::String> string = New(env, text, v8::NewStringType::kInternalized);
    place.string.Reset(env.isolate, string);
    place.size = uint8_t(text.size());
    std::memcpy(place.text, text.data(), text.size());
    return string;
  }

 private:
  // With texts of up to 47 bytes a place has 64 bytes.
  static constexpr size_t kPlaces = 256;
  static constexpr size_t kLongest = 47;

  // A text of at most kLongest bytes is stored with its string; longer ones never are.
  struct Place {
    uint64_t candidate = 0;  // the hash of a text that has occurred once
    // The string for text[0, size); empty while size is 0.
    v8::Global<v8::String> string;
    uint8_t size = 0;
    char text[kLongest];
  };

  // Eight bytes at a time. The hash need not resist attacks: collisions only disable the cache.
  static uint64_t Hash(std::string_view text) {
    constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;
    uint64_t hash = text.size() * kMultiplier;
    size_t at = 0;
    for (uint64_t part; at + 8 <= text.size(); at += 8) {
      std::memcpy(&part, text.data() + at, 8);
      hash = (hash ^ part) * kMultiplier;
      hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    std::memcpy(&rest, text.data() + at, text.size() - at);
    hash = (hash ^ rest) * kMultiplier;
    return hash ^ (hash >> 32);
  }

  // A new string, or with kInternalized the one that all equal internalized strings share.
  static v8::Local<v8::String> New(Env& env, std::string_view text, v8::NewStringType type) {
    return v8::String::NewFromOneByte(env.isolate, reinterpret_cast<const uint8_t*>(text.data()),
                                      type, int(text.size()))
        .ToLocalChecked();
  }

  std::array<Place, kPlaces> places_;
  v8::Global<v8::String> max_header_pairs_;
};

}  // namespace kiln::runtime
