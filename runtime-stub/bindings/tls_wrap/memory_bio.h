// The encrypted side of a TLS connection: a BIO of OpenSSL's on memory. What the network
// brought is lent or kept here until OpenSSL reads it; what the network shall have collects
// in `out`.
#pragma once

#include <openssl/bio.h>

#include <string>
#include <string_view>

namespace kiln::runtime {

class TlsBuffers {
 public:
  // A new BIO on this object, which must outlive it.
  BIO* NewBio();

  // Bytes that lie in the caller's memory; whoever lends them calls Keep() before that
  // memory goes.
  void Lend(std::string_view bytes);
  // Copies what is left of lent bytes.
  void Keep();
  // Whether nothing waits to be read.
  bool empty() const { return waiting() == 0; }
  // Everything that waits to be read, in one piece.
  std::string_view Unread();

  std::string out;

 private:
  static int Read(BIO* bio, char* data, int size);
  static int Write(BIO* bio, const char* data, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* Method();

  size_t waiting() const { return kept_.size() - kept_start_ + lent_.size(); }

  // kept_ comes before lent_.
  std::string kept_;
  size_t kept_start_ = 0;
  std::string_view lent_;
};

}  // namespace kiln::runtime
