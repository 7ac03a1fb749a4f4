// The native object of crypto.X509Certificate: a certificate and, if it came from a connection, the
// handle of its issuer. Each property of the JavaScript class is a method here.
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/bindings/crypto/certificates/x509.h"

namespace kiln::runtime {
namespace {

void ThrowFirst(Env& env, std::vector<unsigned long> errors, const char* otherwise) {
  if (errors.size() > 1) errors.resize(1);
  env.isolate->ThrowException(OpenSslException(env, errors, otherwise));
}

class InTransit final : public TransferData {
 public:
  explicit InTransit(Certificate certificate) : certificate_(std::move(certificate)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    if (!RequireMainContext(env, context)) return {};
    return NewX509Handle(env, certificate_);
  }

 private:
  Certificate certificate_;
};

class X509Handle final : public Wrapped, public Transferable {
 public:
  static constexpr int kIssuerField = 1;  // a handle, or undefined
  static constexpr int kFields = 2;

  X509Handle(Env& env, Certificate certificate)
      : Wrapped(env), certificate_(std::move(certificate)) {}
  const char* type_name() const override { return "X509Certificate"; }
  X509* get() const { return certificate_.get(); }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override {
    return std::make_unique<InTransit>(certificate_);
  }

  std::optional<std::string> Subject() { return NameText(X509_get_subject_name(get())); }
  std::optional<std::string> Issuer() { return NameText(X509_get_issuer_name(get())); }
  std::optional<std::string> SubjectAltName() { return AltNamesText(get()); }
  std::optional<std::string> InfoAccess() { return InfoAccessText(get()); }
  std::string ValidFrom() { return TimeText(X509_get0_notBefore(get())); }
  std::string ValidTo() { return TimeText(X509_get0_notAfter(get())); }
  void ValidFromDate(const Args& args) { ReturnDate(args, X509_get0_notBefore(get())); }
  void ValidToDate(const Args& args) { ReturnDate(args, X509_get0_notAfter(get())); }
  std::optional<std::string> Fingerprint() { return FingerprintText(get(), EVP_sha1()); }
  std::optional<std::string> Fingerprint256() { return FingerprintText(get(), EVP_sha256()); }
  std::optional<std::string> Fingerprint512() { return FingerprintText(get(), EVP_sha512()); }
  std::optional<std::string> SerialNumber() { return SerialText(get()); }
  std::optional<std::string> SignatureAlgorithm();
  std::optional<std::string> SignatureAlgorithmOid();
  std::string Pem() { return PemOf(get()); }
  void Raw(const Args& args) { args.GetReturnValue().Set(NewBuffer(env(), DerOf(get()))); }
  void KeyUsage(const Args& args);
  void PublicKey(const Args& args);

  bool CheckCa() { return IsCertificateAuthority(get()); }
  void CheckIssued(const Args& args);
  void CheckPrivateKey(const Args& args);
  void Verify(const Args& args);
  void CheckHost(const Args& args);
  void CheckEmail(const Args& args);
  void CheckIp(const Args& args);

  void ToLegacy(const Args& args) { args.GetReturnValue().Set(CertificateToObject(env(), get())); }
  void GetIssuerCert(const Args& args) {
    args.GetReturnValue().Set(object()->GetInternalField(kIssuerField).As<v8::Value>());
  }

 private:
  void ReturnDate(const Args& args, const ASN1_TIME* time);
  // `result` is that of OpenSSL's X509_check_* functions: 1 match, 0 no match, -2 invalid name,
  // other values an internal error.
  void ReturnMatch(const Args& args, int result, std::string_view matched);
  Certificate certificate_;
};

void X509Handle::ReturnDate(const Args& args, const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return;
  v8::Local<v8::Value> date;
  if (v8::Date::New(env().context(), double(timegm(&parts)) * 1000).ToLocal(&date))
    args.GetReturnValue().Set(date);
}

std::optional<std::string> X509Handle::SignatureAlgorithm() {
  int nid = X509_get_signature_nid(get());
  const char* name = nid == NID_undef ? nullptr : OBJ_nid2ln(nid);
  if (!name) return {};
  return name;
}

std::optional<std::string> X509Handle::SignatureAlgorithmOid() {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, get());
  const ASN1_OBJECT* object = nullptr;
  if (algorithm) X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  char id[128];
  int size = object ? OBJ_obj2txt(id, sizeof id, object, 1) : -1;
  if (size < 0 || size >= int(sizeof id)) return {};
  return id;
}

void X509Handle::KeyUsage(const Args& args) {
  std::optional<std::vector<std::string>> ids = KeyUsages(get());
  if (!ids) return;
  v8::LocalVector<v8::Value> list(env().isolate);
  for (const std::string& id : *ids) list.push_back(env().Str(id));
  args.GetReturnValue().Set(v8::Array::New(env().isolate, list.data(), list.size()));
}

void X509Handle::PublicKey(const Args& args) {
  ERR_clear_error();
  PKey key = AdoptPKey(X509_get_pubkey(get()));
  if (!key)
    return ThrowFirst(env(), TakeOpenSslErrors(), "The certificate has no valid public key");
  auto data = std::make_shared<KeyData>();
  data->type = KeyType::kPublic;
  data->pkey = std::move(key);
  args.GetReturnValue().Set(NewKeyHandle(env(), std::move(data)));
}

void X509Handle::CheckIssued(const Args& args) {
  auto* issuer = UnwrapArgument<X509Handle>(env(), kX509CertificateClass, args[0]);
  if (!issuer) return ThrowBadArgument(env(), 0);
  args.GetReturnValue().Set(IsIssuedBy(get(), issuer->get()));
}

void X509Handle::CheckPrivateKey(const Args& args) {
  KeyPointer key = KeyOfHandle(env(), args[0]);
  if (!key || !key->pkey) return ThrowBadArgument(env(), 0);
  ScopedOpenSslErrors drop;
  args.GetReturnValue().Set(X509_check_private_key(get(), key->pkey.get()) == 1);
}

void X509Handle::Verify(const Args& args) {
  KeyPointer key = KeyOfHandle(env(), args[0]);
  if (!key || !key->pkey) return ThrowBadArgument(env(), 0);
  ScopedOpenSslErrors drop;
  args.GetReturnValue().Set(X509_verify(get(), key->pkey.get()) == 1);
}

uint32_t Flags(const Args& args) {
  return args[1]->IsUint32() ? args[1].As<v8::Uint32>()->Value() : 0;
}

void X509Handle::ReturnMatch(const Args& args, int result, std::string_view matched) {
  if (result == 1) {
    if (matched.empty()) return args.GetReturnValue().Set(args[0]);
    v8::Local<v8::String> text;
    if (Latin1String(env(), matched).ToLocal(&text)) args.GetReturnValue().Set(text);
  } else if (result == -2) {
    Error::Type("ERR_INVALID_ARG_VALUE", "Invalid name").Throw(env());
  } else if (result != 0) {
    Error::Plain("ERR_CRYPTO_OPERATION_FAILED", "Operation failed").Throw(env());
  }
}

void X509Handle::CheckHost(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  ScopedOpenSslErrors drop;
  std::string name = ToUtf8(env().isolate, args[0]);
  char* matched = nullptr;
  int result = X509_check_host(get(), name.data(), name.size(), Flags(args), &matched);
  ReturnMatch(args, result, matched ? matched : "");
  OPENSSL_free(matched);
}

void X509Handle::CheckEmail(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  ScopedOpenSslErrors drop;
  std::string name = ToUtf8(env().isolate, args[0]);
  ReturnMatch(args, X509_check_email(get(), name.data(), name.size(), Flags(args)), {});
}

void X509Handle::CheckIp(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  ScopedOpenSslErrors drop;
  std::string name = ToUtf8(env().isolate, args[0]);
  ReturnMatch(args, X509_check_ip_asc(get(), name.c_str(), Flags(args)), {});
}

constexpr Entry kMethods[] = {
    MethodNoSideEffect<&X509Handle::Subject>("subject"),
    MethodNoSideEffect<&X509Handle::SubjectAltName>("subjectAltName"),
    MethodNoSideEffect<&X509Handle::InfoAccess>("infoAccess"),
    MethodNoSideEffect<&X509Handle::Issuer>("issuer"),
    MethodNoSideEffect<&X509Handle::ValidTo>("validTo"),
    MethodNoSideEffect<&X509Handle::ValidFrom>("validFrom"),
    MethodNoSideEffect<&X509Handle::ValidToDate>("validToDate"),
    MethodNoSideEffect<&X509Handle::ValidFromDate>("validFromDate"),
    MethodNoSideEffect<&X509Handle::SignatureAlgorithm>("signatureAlgorithm"),
    MethodNoSideEffect<&X509Handle::SignatureAlgorithmOid>("signatureAlgorithmOid"),
    MethodNoSideEffect<&X509Handle::Fingerprint>("fingerprint"),
    MethodNoSideEffect<&X509Handle::Fingerprint256>("fingerprint256"),
    MethodNoSideEffect<&X509Handle::Fingerprint512>("fingerprint512"),
    MethodNoSideEffect<&X509Handle::KeyUsage>("keyUsage"),
    MethodNoSideEffect<&X509Handle::SerialNumber>("serialNumber"),
    MethodNoSideEffect<&X509Handle::Pem>("pem"),
    MethodNoSideEffect<&X509Handle::Raw>("raw"),
    MethodNoSideEffect<&X509Handle::PublicKey>("publicKey"),
    MethodNoSideEffect<&X509Handle::CheckCa>("checkCA"),
    MethodNoSideEffect<&X509Handle::CheckHost>("checkHost"),
    MethodNoSideEffect<&X509Handle::CheckEmail>("checkEmail"),
    MethodNoSideEffect<&X509Handle::CheckIp>("checkIP"),
    MethodNoSideEffect<&X509Handle::CheckIssued>("checkIssued"),
    MethodNoSideEffect<&X509Handle::CheckPrivateKey>("checkPrivateKey"),
    MethodNoSideEffect<&X509Handle::Verify>("verify"),
    MethodNoSideEffect<&X509Handle::ToLegacy>("toLegacy"),
    MethodNoSideEffect<&X509Handle::GetIssuerCert>("getIssuerCert"),
};

}  // namespace

const ClassEntry kX509CertificateClass = {
    .name = "X509Certificate", .methods = kMethods, .fields = X509Handle::kFields};

int NoPassphrase(char*, int, int, void*) { return 0; }

v8::Local<v8::Object> NewX509Handle(Env& env, Certificate certificate,
                                    v8::Local<v8::Value> issuer) {
  auto* handle = NewWrapped<X509Handle>(env, kX509CertificateClass, std::move(certificate));
  v8::Local<v8::Object> object = handle->object();
  object->SetInternalField(X509Handle::kIssuerField, issuer.IsEmpty() ? env.Undefined() : issuer);
  return object;
}

// parseX509(bytes): bytes that are not PEM are read as DER.
void ParseX509(Env& env, const Args& args) {
  ReadBytes bytes(args[0]);
  if (!bytes.ok()) return ThrowBadArgument(env, 0);
  StartOpenSsl();
  ERR_clear_error();
  Bio bio = ReadOnlyBio(bytes.view());
  X509* parsed = bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassphrase, nullptr) : nullptr;
  if (!parsed && bio) {
    BIO_reset(bio.get());
    parsed = d2i_X509_bio(bio.get(), nullptr);
  }
  // Node reports the first error of both attempts.
  std::vector<unsigned long> errors = TakeOpenSslErrors();
  if (!parsed) return ThrowFirst(env, std::move(errors), "Cannot parse the certificate");
  args.GetReturnValue().Set(NewX509Handle(env, AdoptCertificate(parsed)));
}

}  // namespace kiln::runtime
