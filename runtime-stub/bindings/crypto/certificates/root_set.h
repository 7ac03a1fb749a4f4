// Trusted certificates that are parsed only when they are needed. OpenSSL needs a twelfth of a
// millisecond to parse one, so about 12 ms for a store of Mozilla's 148, and a connection needs one
// of them. A RootSet therefore only finds the position of each certificate's subject. A store gets
// the certificates through a lookup method: when it looks for a subject, only the certificates with
// that name are parsed. Names are compared by OpenSSL's hash, which ignores case and the encoding
// of the text, and then by OpenSSL itself.
#pragma once

#include <openssl/x509.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/bindings/crypto/certificates/x509.h"

namespace kiln::runtime {

// Filled once, then attached to any number of stores. Not copyable: stores keep its address.
class RootSet {
 public:
  // Add, AddAll and AddPem are not thread-safe, and must not be called once a store has the set.
  // False if the bytes do not have the outer structure of one DER certificate.
  bool Add(std::string_view der);
  // Concatenated DER certificates. False at the first one that Add() refuses; those before it stay.
  bool AddAll(std::string_view ders);
  // Every certificate of a PEM text. 0, or OpenSSL's code of the error that ended it early.
  unsigned long AddPem(BIO* bio);

  // "-----BEGIN CERTIFICATE-----..." without a line break at the end, in order. `width`: characters
  // of a line; OpenSSL writes 64.
  std::vector<std::string> Pems(size_t width = 64) const;

  // Lets `store` find the certificates of these sets, which must outlive it. The store may then be
  // used from any thread.
  static void Attach(X509_STORE* store, std::vector<RootSet*> sets);

 private:
  struct Root {
    size_t offset, size;                  // in bytes_
    size_t subject_offset, subject_size;  // in bytes_ too
    unsigned long hash = 0;
    Certificate parsed;
  };
  std::string_view View(size_t offset, size_t size) const {
    return std::string_view(bytes_).substr(offset, size);
  }
  static int Find(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name,
                  X509_OBJECT* out);
  // Adds the certificates with this subject to the store. Returns one of them, or null.
  X509* AddTo(X509_STORE* store, const X509_NAME* subject);
  void Hash();

  std::string bytes_;
  std::vector<Root> roots_;
  std::mutex mutex_;  // guards the hashes and the parsed certificates
  bool hashed_ = false;
};

}  // namespace kiln::runtime
