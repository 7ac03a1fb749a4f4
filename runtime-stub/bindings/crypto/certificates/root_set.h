// Many trusted certificates of which few are used. Parsing one takes OpenSSL a twelfth of
// a millisecond, a store of Mozilla's 148 some 12 ms, and a connection needs one of them.
// A RootSet therefore only finds out where each certificate's subject is; a store gets the
// certificates through a lookup method: asked for a subject, it parses those with that
// name and no others. Names are compared by OpenSSL's hash, which ignores case and how the
// text is encoded, and then by OpenSSL itself.
#pragma once

#include <openssl/x509.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/bindings/crypto/certificates/x509.h"

namespace kiln::runtime {

class RootSet {
 public:
  // Filling it is for one thread; it does not change any more once a store has it.
  // False when the bytes do not have the outline of one DER certificate.
  bool Add(std::string_view der);
  // Certificates in DER, one behind the other.
  bool AddAll(std::string_view ders);
  // Every certificate of a PEM text. 0, or OpenSSL's error for what ended it early.
  unsigned long AddPem(BIO* bio);

  // "-----BEGIN CERTIFICATE-----..." without a line break at the end, in order.
  std::vector<std::string> Pems() const;

  // Lets `store` find the certificates of these sets, which must live as long as it.
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
  // Adds the certificates with this subject to the store; one of them, or null.
  X509* AddTo(X509_STORE* store, const X509_NAME* subject);
  void Hash();

  std::string bytes_;
  std::vector<Root> roots_;
  std::mutex mutex_;  // over hashes and what is parsed
  bool hashed_ = false;
};

}  // namespace kiln::runtime
