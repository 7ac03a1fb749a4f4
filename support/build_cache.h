// Results of a build's steps, kept for the next build of the same app.
//
// A result is stored under a key that is a digest of everything that it was made from, so that it
// never has to be invalidated: another text has another key. All results of one app are in one
// file, which has a digest of its table and of each value: a file that is damaged, cut short or
// written by another kiln counts as empty, value by value where that is possible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/hash.h"
#include "support/result.h"

namespace kiln {

// Created for one build. Not thread-safe. Several builds may use one file at once: each reads the
// file that it opened, and Save replaces it by a rename.
class BuildCache {
 public:
  // Without a file: finds what the same build has stored, and Save does nothing.
  BuildCache() = default;
  // The results in the file `path`, which may be missing. `program` identifies this kiln: results
  // of another one are not read.
  BuildCache(std::string path, const Digest& program);
  BuildCache(const BuildCache&) = delete;
  BuildCache& operator=(const BuildCache&) = delete;
  ~BuildCache();

  // Whether there is a file. A step that comes once in a build need not ask a cache without one.
  bool has_file() const { return !path_.empty(); }
  // What was stored under `key`, in this build or by the last one. Nothing if the value in the file
  // is damaged.
  std::optional<std::string> Find(const Digest& key);
  // Stores a value. A value that makes the file larger than kMaxBytes is dropped.
  void Put(const Digest& key, std::string value);
  // Writes what this build has found and stored, if it stored anything: what it did not use is
  // removed. Returns whether it wrote a file. Called once, after the last Find and Put, whose memory it releases. An Error if the
  // folder cannot be written; the older file then stays.
  Result<bool> Save();

  static constexpr uint64_t kMaxBytes = 256 << 20;

 private:
  struct Row {
    Digest digest;  // of the value
    uint64_t offset = 0, size = 0;
    bool used = false;
  };

  void ReadTable();

  std::string path_;
  Digest program_ = {};
  int fd_ = -1;
  std::map<Digest, Row> rows_;                // of the file
  std::map<Digest, std::string> new_values_;  // of this build
  uint64_t bytes_ = 0;                        // of used and new values
};

// A key: a digest of `kind`, which names the step, and of all `parts`.
template <class... Parts>
Digest CacheKeyOf(std::string_view kind, const Parts&... parts) {
  Blake3 hash;
  hash.AddField(kind);
  (hash.AddField(parts), ...);
  return hash.Finish();
}

// Values as bytes. A Reader returns zeros and empty texts after the first number or text that is
// not complete; ok() is then false.
class ByteWriter {
 public:
  void Number(uint64_t value);
  void Text(std::string_view text);
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  uint64_t Number();
  std::string_view Text();  // borrowed from the bytes
  // Whether everything was complete and nothing is left.
  bool AtEnd() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace kiln
