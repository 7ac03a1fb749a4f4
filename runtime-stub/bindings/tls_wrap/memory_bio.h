// The encrypted side of a TLS connection: an OpenSSL BIO in memory. Bytes from the network are lent
// or copied here until OpenSSL reads them; bytes for the network are collected in `out`. Not
// thread-safe.
#pragma once

#include <openssl/bio.h>

#include <string>
#include <string_view>

namespace kiln::runtime {

class TlsBuffers {
 public:
  // A new BIO that uses this object, which must outlive it. The caller owns it; SSL_set_bio() takes
  // it over. A read without bytes fails with BIO_should_retry(), and never reports the end.
  BIO* NewBio();

  // Adds bytes without copying them, after copying those of the previous call; the caller must call
  // Keep() before their memory is freed.
  void Lend(std::string_view bytes);
  // Copies the lent bytes that have not been read.
  void Keep();
  // Whether there is nothing to read.
  bool empty() const { return waiting() == 0; }
  // All bytes that have not been read, contiguous. Valid until the next call.
  std::string_view Unread();

  // The bytes that OpenSSL has written. The owner takes them out; a BIO never fails to write.
  std::string out;

 private:
  static int Read(BIO* bio, char* data, int size);
  static int Write(BIO* bio, const char* data, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* Method();

  size_t waiting() const { return kept_.size() - kept_start_ + lent_.size(); }

  // Unread bytes: first those of kept_ from kept_start_ on, then lent_.
  std::string kept_;
  size_t kept_start_ = 0;
  std::string_view lent_;
};

}  // namespace kiln::runtime
