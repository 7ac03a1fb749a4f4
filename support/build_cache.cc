// The file: a Header, its rows sorted by key, the values.
#include "support/build_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "support/file.h"

namespace kiln {
namespace {

constexpr char kMagic[8] = {'K', 'I', 'L', 'N', 'S', 'T', 'P', '1'};

struct Header {
  char magic[8];
  uint64_t count;
  Digest program;
  Digest table;  // of the header with zeros here, and of the rows
};

struct StoredRow {
  Digest key;
  Digest digest;  // of the value
  uint64_t offset, size;
};

std::string_view BytesOf(const auto& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

Digest TableDigest(Header header, std::string_view rows) {
  header.table = {};
  return Blake3().Add(BytesOf(header)).Add(rows).Finish();
}

bool ReadAt(int fd, uint64_t offset, char* out, size_t size) {
  while (size > 0) {
    ssize_t n = pread(fd, out, size, off_t(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out += n;
    offset += uint64_t(n);
    size -= size_t(n);
  }
  return true;
}

}  // namespace

BuildCache::BuildCache(std::string path, const Digest& program)
    : path_(std::move(path)), program_(program) {
  if (path_.empty()) return;
  fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return;
  ReadTable();
  futimens(fd_, nullptr);  // used now; fails harmlessly in a cache of another user
}

BuildCache::~BuildCache() {
  if (fd_ >= 0) close(fd_);
}

void BuildCache::ReadTable() {
  struct stat info = {};
  Header header;
  if (fstat(fd_, &info) != 0 || !ReadAt(fd_, 0, reinterpret_cast<char*>(&header), sizeof header) ||
      std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.program != program_)
    return;
  uint64_t size = uint64_t(info.st_size);
  if (header.count > (size - sizeof header) / sizeof(StoredRow)) return;
  std::string rows(header.count * sizeof(StoredRow), '\0');
  if (!ReadAt(fd_, sizeof header, rows.data(), rows.size()) ||
      TableDigest(header, rows) != header.table)
    return;
  for (uint64_t i = 0; i < header.count; ++i) {
    StoredRow row;
    std::memcpy(&row, rows.data() + i * sizeof row, sizeof row);
    if (row.offset > size || row.size > size - row.offset) continue;  // the file was cut short
    rows_.emplace_hint(rows_.end(), row.key, Row{row.digest, row.offset, row.size});
  }
}

std::optional<std::string> BuildCache::Find(const Digest& key) {
  if (auto found = new_values_.find(key); found != new_values_.end()) return found->second;
  auto found = rows_.find(key);
  if (found == rows_.end()) return {};
  Row& row = found->second;
  std::string value(row.size, '\0');
  if (!ReadAt(fd_, row.offset, value.data(), value.size()) ||
      Blake3().Add(value).Finish() != row.digest) {
    rows_.erase(found);
    return {};
  }
  if (!row.used) bytes_ += row.size;
  row.used = true;
  return value;
}

void BuildCache::Put(const Digest& key, std::string value) {
  if (bytes_ + value.size() > kMaxBytes) return;
  bytes_ += value.size();
  new_values_.insert_or_assign(key, std::move(value));
}

Result<bool> BuildCache::Save() {
  auto new_values = std::exchange(new_values_, {});
  if (path_.empty() || new_values.empty()) return false;
  std::map<Digest, StoredRow> rows;  // `offset` is that in the old file, of new values 0
  for (const auto& [key, row] : rows_)
    if (row.used) rows.emplace(key, StoredRow{key, row.digest, row.offset, row.size});
  for (const auto& [key, value] : new_values)
    rows.insert_or_assign(key, StoredRow{key, Blake3().Add(value).Finish(), 0, value.size()});

  std::string table;
  uint64_t at = sizeof(Header) + rows.size() * sizeof(StoredRow);
  for (const auto& [key, row] : rows) {
    StoredRow stored = row;
    stored.offset = at;
    at += row.size;
    table += BytesOf(stored);
  }
  Header header = {.magic = {}, .count = rows.size(), .program = program_, .table = {}};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.table = TableDigest(header, table);

  TRY_OK(MakeDirectories(DirectoryOf(path_)));
  TRY(PendingFile file, PendingFile::Open(path_));
  TRY_OK(file.Write(BytesOf(header)));
  TRY_OK(file.Write(table));
  std::string old;
  for (const auto& [key, row] : rows) {
    if (auto value = new_values.find(key); value != new_values.end()) {
      TRY_OK(file.Write(value->second));
      continue;
    }
    old.resize(row.size);
    if (!ReadAt(fd_, row.offset, old.data(), old.size())) return Error{path_ + " was cut short"};
    TRY_OK(file.Write(old));
  }
  TRY_OK(file.Commit(0600));
  return true;
}

void ByteWriter::Number(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += char(value | 0x80);
  bytes_ += char(value);
}

void ByteWriter::Text(std::string_view text) {
  Number(text.size());
  bytes_ += text;
}

uint64_t ByteReader::Number() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    uint8_t byte = uint8_t(rest_[0]);
    rest_.remove_prefix(1);
    value |= uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

std::string_view ByteReader::Text() {
  uint64_t size = Number();
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

}  // namespace kiln
