// The legacy certificate object that tls.TLSSocket.getPeerCertificate() returns (x509.h), and the
// chain of these objects for a connection's peer. The properties and their order are Node's; fields
// that a certificate does not have are undefined.
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "runtime-stub/bindings/crypto/certificates/x509.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

v8::Local<v8::Value> OrUndefined(Env& env, const std::optional<std::string>& text) {
  if (!text) return env.Undefined();
  return env.Str(*text);
}

// {C: 'DE', OU: ['first', 'second']}: an attribute that occurs again becomes an array.
v8::Local<v8::Value> NameObject(Env& env, const X509_NAME* name) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Object> result = NewNullProtoObject(env);
  for (int i = 0; i < X509_NAME_entry_count(name); i++) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    char id[80];
    int nid = OBJ_obj2nid(object);
    if (nid == NID_undef) OBJ_obj2txt(id, sizeof id, object, 0);
    v8::Local<v8::String> key = env.Str(nid == NID_undef ? id : OBJ_nid2sn(nid));
    unsigned char* utf8 = nullptr;
    int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) continue;
    v8::Local<v8::Value> value = env.Str({reinterpret_cast<const char*>(utf8), size_t(size)});
    OPENSSL_free(utf8);
    v8::Local<v8::Value> present;
    if (!result->Get(context, key).ToLocal(&present)) break;
    if (present->IsArray()) {
      v8::Local<v8::Array> all = present.As<v8::Array>();
      (void)all->Set(context, all->Length(), value);
      continue;
    }
    if (!present->IsUndefined()) {
      v8::Local<v8::Value> both[] = {present, value};
      value = v8::Array::New(env.isolate, both, 2);
    }
    (void)result->Set(context, key, value);
  }
  return result;
}

std::string Hex(const BIGNUM* number) {
  char* hex = BN_bn2hex(number);
  if (!hex) return {};
  std::string out(hex);
  OPENSSL_free(hex);
  // BN_print, which Node uses, writes no leading zero digit; BN_bn2hex writes whole bytes.
  if (out.size() > 1 && out[0] == '0') out.erase(0, 1);
  return out;
}

// SubjectPublicKeyInfo. For RSA-PSS keys Node writes the object identifier of plain RSA, with the
// parameters of PSS.
std::string PublicKeyDer(EVP_PKEY* key) {
  X509_PUBKEY* made = nullptr;
  X509_PUBKEY_set(&made, key);
  std::unique_ptr<X509_PUBKEY, FreeWith<X509_PUBKEY_free>> info(made);
  X509_ALGOR* algorithm = nullptr;
  if (!info || X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &algorithm, made) != 1) return {};
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS) {
    int type = V_ASN1_UNDEF;
    const void* parameters = nullptr;
    X509_ALGOR_get0(nullptr, &type, &parameters, algorithm);
    void* copy = type == V_ASN1_SEQUENCE
                     ? ASN1_STRING_dup(static_cast<const ASN1_STRING*>(parameters))
                     : nullptr;
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsaEncryption), copy ? type : V_ASN1_UNDEF, copy);
  }
  unsigned char* der = nullptr;
  int size = i2d_X509_PUBKEY(info.get(), &der);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(der), size_t(size));
  OPENSSL_free(der);
  return out;
}

struct KeyProperties {
  v8::Local<v8::Value> modulus, exponent, pubkey, bits, asn1_curve, nist_curve;
};

void DescribeRsa(Env& env, const PKey& key, KeyProperties* out) {
  BigNum n = KeyNumber(key, OSSL_PKEY_PARAM_RSA_N), e = KeyNumber(key, OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e) return;
  out->modulus = env.Str(Hex(n.get()));
  out->exponent = env.Str("0x" + Hex(e.get()));
  out->pubkey = NewBuffer(env, PublicKeyDer(key.get()));
  out->bits = v8::Integer::New(env.isolate, BN_num_bits(n.get()));
}

void DescribeEc(Env& env, const PKey& key, KeyProperties* out) {
  size_t size = 0;
  std::string point;
  if (EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size) == 1) {
    point.resize(size);
    EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                    reinterpret_cast<unsigned char*>(point.data()), size, &size);
    out->pubkey = NewBuffer(env, point);
  }
  char group[80];
  int nid = NID_undef;
  if (EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) == 1)
    nid = OBJ_sn2nid(group);
  if (BigNum order = KeyNumber(key, OSSL_PKEY_PARAM_EC_ORDER))
    out->bits = v8::Integer::New(env.isolate, BN_num_bits(order.get()));
  if (nid == NID_undef) return;  // curves without a name are not described
  out->asn1_curve = env.Str(OBJ_nid2sn(nid));
  if (const char* nist = EC_curve_nid2nist(nid)) out->nist_curve = env.Str(nist);
}

// The certificates that the peer sent, its own first. (OpenSSL's chain contains that one on a
// client only.)
std::vector<Certificate> PeerChain(SSL* ssl) {
  std::vector<Certificate> chain;
  if (SSL_is_server(ssl)) {
    if (X509* own = SSL_get1_peer_certificate(ssl)) chain.push_back(AdoptCertificate(own));
  }
  STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(sent); i++)
    chain.push_back(ShareCertificate(sk_X509_value(sent, i)));
  return chain;
}

}  // namespace

v8::Local<v8::Object> CertificateToObject(Env& env, X509* certificate) {
  ScopedOpenSslErrors drop;
  v8::Isolate* isolate = env.isolate;
  v8::EscapableHandleScope scope(isolate);
  KeyProperties key;
  PKey public_key = AdoptPKey(X509_get_pubkey(certificate));
  int kind = public_key ? EVP_PKEY_get_base_id(public_key.get()) : NID_undef;
  if (kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) DescribeRsa(env, public_key, &key);
  if (kind == EVP_PKEY_EC) DescribeEc(env, public_key, &key);

  v8::Local<v8::Value> usage;
  if (std::optional<std::vector<std::string>> ids = KeyUsages(certificate)) {
    v8::LocalVector<v8::Value> list(isolate);
    for (const std::string& id : *ids) list.push_back(env.Str(id));
    usage = v8::Array::New(isolate, list.data(), list.size());
  }
  auto fingerprint = [&](const EVP_MD* digest) {
    return OrUndefined(env, FingerprintText(certificate, digest));
  };
  const std::pair<const char*, v8::Local<v8::Value>> properties[] = {
      {"subject", NameObject(env, X509_get_subject_name(certificate))},
      {"issuer", NameObject(env, X509_get_issuer_name(certificate))},
      {"subjectaltname", OrUndefined(env, AltNamesText(certificate))},
      {"infoAccess", OrUndefined(env, InfoAccessText(certificate))},
      {"ca", v8::Boolean::New(isolate, IsCertificateAuthority(certificate))},
      {"modulus", key.modulus},
      {"exponent", key.exponent},
      {"pubkey", key.pubkey},
      {"bits", key.bits},
      {"valid_from", env.Str(TimeText(X509_get0_notBefore(certificate)))},
      {"valid_to", env.Str(TimeText(X509_get0_notAfter(certificate)))},
      {"fingerprint", fingerprint(EVP_sha1())},
      {"fingerprint256", fingerprint(EVP_sha256())},
      {"fingerprint512", fingerprint(EVP_sha512())},
      {"ext_key_usage", usage},
      {"serialNumber", OrUndefined(env, SerialText(certificate))},
      {"raw", NewBuffer(env, DerOf(certificate))},
      {"asn1Curve", key.asn1_curve},
      {"nistCurve", key.nist_curve},
  };
  v8::Local<v8::Object> object = v8::Object::New(isolate);
  for (const auto& [name, value] : properties)
    env.Set(object, name, value.IsEmpty() ? env.Undefined() : value);
  return scope.Escape(object);
}

Certificate FindIssuer(SSL_CTX* context, X509* certificate) {
  ScopedOpenSslErrors drop;
  std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>> search(X509_STORE_CTX_new());
  X509* issuer = nullptr;
  if (X509_STORE_CTX_init(search.get(), SSL_CTX_get_cert_store(context), nullptr, nullptr) != 1 ||
      X509_STORE_CTX_get1_issuer(&issuer, search.get(), certificate) != 1)
    return {};
  return AdoptCertificate(issuer);
}

v8::Local<v8::Value> PeerCertificateToObject(Env& env, SSL* ssl, bool abbreviated) {
  ScopedOpenSslErrors drop;
  std::vector<Certificate> chain = PeerChain(ssl);
  if (chain.empty()) return env.Undefined();
  Certificate last = chain.front();
  v8::Local<v8::Object> result = CertificateToObject(env, last.get());
  if (abbreviated) return result;

  // Follow the issuers through the certificates that the peer sent, in any order, then through the
  // store.
  chain.erase(chain.begin());
  v8::Local<v8::Object> object = result;
  auto append = [&](Certificate issuer) {
    v8::Local<v8::Object> next = CertificateToObject(env, issuer.get());
    env.Set(object, "issuerCertificate", next);
    object = next;
    last = std::move(issuer);
  };
  for (bool found = true; found;) {
    found = false;
    for (auto it = chain.begin(); it != chain.end(); ++it) {
      if (!IsIssuedBy(last.get(), it->get())) continue;
      Certificate issuer = *it;
      chain.erase(it);
      append(std::move(issuer));
      found = true;
      break;
    }
  }
  // Cross-signed certificates in the store may form a cycle.
  constexpr int kMaxDepth = 100;
  for (int depth = 0; depth < kMaxDepth && !IsIssuedBy(last.get(), last.get()); depth++) {
    Certificate issuer = FindIssuer(SSL_get_SSL_CTX(ssl), last.get());
    // For X509_check_issued a self-signed certificate that may not sign others is not its own
    // issuer, but the store returns it as one.
    if (!issuer) break;
    bool again = X509_cmp(issuer.get(), last.get()) == 0;
    append(std::move(issuer));
    if (again) break;
  }
  if (IsIssuedBy(last.get(), last.get())) env.Set(object, "issuerCertificate", object);
  return result;
}

v8::Local<v8::Value> PeerX509Handle(Env& env, SSL* ssl) {
  ScopedOpenSslErrors drop;
  std::vector<Certificate> chain = PeerChain(ssl);
  v8::Local<v8::Value> handle = env.Undefined();
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) handle = NewX509Handle(env, *it, handle);
  return handle;
}

}  // namespace kiln::runtime
