// Bytes that shall not stay in memory: keys, passphrases and what is derived from them.
//
// Every block of memory that a SecretBytes had is overwritten before it is freed: when the object
// is destroyed, and also when it grows, is assigned to or is moved from. A std::string frees its
// old block as it is, and keeps short texts inside of the object.
#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// Memory of operator new, overwritten before it is freed.
template <class T>
struct CleansingAllocator {
  using value_type = T;
  CleansingAllocator() = default;
  template <class U>
  CleansingAllocator(const CleansingAllocator<U>&) {}
  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* block, size_t count) {
    OPENSSL_cleanse(block, count * sizeof(T));
    std::allocator<T>().deallocate(block, count);
  }
  bool operator==(const CleansingAllocator&) const { return true; }
};

// Owns its bytes. Copies are secrets too; there is no conversion to std::string. A view of it is
// valid until its size changes. Not synchronized.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size) : bytes_(size) {}  // zeroes
  explicit SecretBytes(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}

  // Never null: OpenSSL takes a null key or passphrase for none at all, and an empty one is one.
  char* data() { return bytes_.empty() ? &nothing_ : bytes_.data(); }
  const char* data() const { return bytes_.empty() ? &nothing_ : bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  char* begin() { return data(); }
  char* end() { return data() + size(); }
  // REQUIRES: not empty.
  char& back() { return bytes_.back(); }
  operator std::string_view() const { return {data(), size()}; }

  // New bytes are zeroes. Those cut off are overwritten with the whole block, later.
  void resize(size_t size) { bytes_.resize(size); }
  // `bytes` must not be part of this object.
  void assign(std::string_view bytes) { bytes_.assign(bytes.begin(), bytes.end()); }
  void append(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

 private:
  std::vector<char, CleansingAllocator<char>> bytes_;
  char nothing_ = 0;
};

// For OpenSSL's parameters. Never null.
inline unsigned char* Octets(SecretBytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace kiln::runtime
