// RootSet (root_set.h): finds subjects in DER, and implements the lookup method of a store.
#include "runtime-stub/bindings/crypto/certificates/root_set.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <optional>

namespace kiln::runtime {
namespace {

// Removes one DER value from the start of `rest`. Returns its content, or nothing if there are too
// few bytes.
std::optional<std::string_view> TakeDer(std::string_view* rest) {
  std::string_view der = *rest;
  if (der.size() < 2) return {};
  size_t header = 2, size = uint8_t(der[1]);
  if (size >= 0x80) {
    size_t digits = size & 0x7f;
    if (digits == 0 || digits > 4 || der.size() < 2 + digits) return {};
    size = 0;
    for (size_t i = 0; i < digits; i++) size = size << 8 | uint8_t(der[2 + i]);
    header += digits;
  }
  if (der.size() - header < size) return {};
  rest->remove_prefix(header + size);
  return der.substr(header, size);
}

// The subject with its tag: the sixth value of the certificate's first element, or the fifth if
// there is no version (RFC 5280, 4.1).
std::optional<std::string_view> SubjectOf(std::string_view der) {
  std::optional<std::string_view> body = TakeDer(&der);
  if (body) body = TakeDer(&*body);
  if (!body || body->empty()) return {};
  std::string_view rest = *body;
  for (int skip = uint8_t(rest[0]) == 0xa0 ? 5 : 4; skip > 0; skip--)
    if (!TakeDer(&rest)) return {};
  std::string_view subject = rest;
  if (!TakeDer(&rest)) return {};
  return subject.substr(0, subject.size() - rest.size());
}

X509* ParseDer(std::string_view der) {
  auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return d2i_X509(nullptr, &at, long(der.size()));
}

std::string PemOfDer(std::string_view der, size_t width) {
  std::string base64((der.size() + 2) / 3 * 4 + 1, '\0');
  base64.resize(
      size_t(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                             reinterpret_cast<const unsigned char*>(der.data()), int(der.size()))));
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 0; at < base64.size(); at += width) pem.append(base64, at, width).append("\n");
  return pem + "-----END CERTIFICATE-----";
}

}  // namespace

bool RootSet::Add(std::string_view der) {
  std::string_view rest = der;
  std::optional<std::string_view> subject;
  if (!TakeDer(&rest) || !rest.empty() || !(subject = SubjectOf(der))) return false;
  size_t offset = bytes_.size();
  roots_.push_back({.offset = offset,
                    .size = der.size(),
                    .subject_offset = offset + size_t(subject->data() - der.data()),
                    .subject_size = subject->size()});
  bytes_.append(der);
  return true;
}

bool RootSet::AddAll(std::string_view ders) {
  bytes_.reserve(bytes_.size() + ders.size());
  while (!ders.empty()) {
    std::string_view rest = ders;
    if (!TakeDer(&rest) || !Add(ders.substr(0, ders.size() - rest.size()))) return false;
    ders = rest;
  }
  return true;
}

unsigned long RootSet::AddPem(BIO* bio) {
  ScopedOpenSslErrors drop;
  for (;;) {
    unsigned char* der = nullptr;
    long size = 0;
    if (PEM_bytes_read_bio(&der, &size, nullptr, PEM_STRING_X509, bio, NoPassphrase, nullptr) !=
        1) {
      unsigned long error = ERR_peek_last_error();
      bool at_end =
          ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
      return at_end ? 0 : error;
    }
    std::string_view bytes(reinterpret_cast<char*>(der), size_t(size));
    bool added = Add(bytes);
    X509* parsed = added ? nullptr : ParseDer(bytes);  // to get OpenSSL's error
    bool readable = parsed != nullptr;
    X509_free(parsed);
    OPENSSL_free(der);
    if (!added && !readable) return ERR_peek_last_error();
  }
}

std::vector<std::string> RootSet::Pems(size_t width) const {
  std::vector<std::string> all;
  for (const Root& root : roots_) all.push_back(PemOfDer(View(root.offset, root.size), width));
  return all;
}

void RootSet::Hash() {
  for (Root& root : roots_) {
    std::string_view subject = View(root.subject_offset, root.subject_size);
    auto* at = reinterpret_cast<const unsigned char*>(subject.data());
    std::unique_ptr<X509_NAME, FreeWith<X509_NAME_free>> name(
        d2i_X509_NAME(nullptr, &at, long(subject.size())));
    if (name) root.hash = X509_NAME_hash_ex(name.get(), nullptr, nullptr, nullptr);
  }
  hashed_ = true;
}

X509* RootSet::AddTo(X509_STORE* store, const X509_NAME* subject) {
  std::lock_guard lock(mutex_);
  if (!hashed_) Hash();
  unsigned long hash = X509_NAME_hash_ex(subject, nullptr, nullptr, nullptr);
  X509* found = nullptr;
  for (Root& root : roots_) {
    if (root.hash != hash) continue;
    if (!root.parsed) root.parsed = AdoptCertificate(ParseDer(View(root.offset, root.size)));
    X509* certificate = root.parsed.get();
    if (!certificate || X509_NAME_cmp(X509_get_subject_name(certificate), subject) != 0) continue;
    X509_STORE_add_cert(store, certificate);
    if (!found) found = certificate;
  }
  return found;
}

int RootSet::Find(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name,
                  X509_OBJECT* out) {
  auto* sets = static_cast<std::vector<RootSet*>*>(X509_LOOKUP_get_method_data(lookup));
  if (type != X509_LU_X509 || !name || !sets) return 0;
  ScopedOpenSslErrors drop;
  X509* found = nullptr;
  for (RootSet* set : *sets)
    if (X509* one = set->AddTo(X509_LOOKUP_get_store(lookup), name); one && !found) found = one;
  return found && X509_OBJECT_set1_X509(out, found) == 1;
}

void RootSet::Attach(X509_STORE* store, std::vector<RootSet*> sets) {
  static X509_LOOKUP_METHOD* const method = [] {
    X509_LOOKUP_METHOD* made = X509_LOOKUP_meth_new("certificates by subject");
    X509_LOOKUP_meth_set_get_by_subject(made, Find);
    X509_LOOKUP_meth_set_free(made, [](X509_LOOKUP* lookup) {
      delete static_cast<std::vector<RootSet*>*>(X509_LOOKUP_get_method_data(lookup));
    });
    return made;
  }();
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, method);
  if (lookup) X509_LOOKUP_set_method_data(lookup, new std::vector<RootSet*>(std::move(sets)));
}

}  // namespace kiln::runtime
