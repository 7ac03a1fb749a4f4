// Imports keys from JavaScript: the five arguments of every function that takes a key, PEM and DER
// in all their encodings, and raw bytes. JWK is in key_jwk.cc, keys by URL in key_store.cc.
//
// The bytes are untrusted. OpenSSL's decoders check them; the code here only reads as much as is
// needed to choose the decoder.
#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"
#include "runtime-stub/bindings/crypto/keys/key_store.h"

namespace kiln::runtime {
namespace {

struct KeyArguments {
  v8::Local<v8::Value> data, format, type, passphrase, curve;
};

KeyArguments TakeArguments(const Args& args, int* index) {
  int i = *index;
  *index += 5;
  return {args[i], args[i + 1], args[i + 2], args[i + 3], args[i + 4]};
}

// A key in PEM or DER, with what is needed to decode it.
struct Encoded {
  KeyFormat format = KeyFormat::kPem;
  KeyEncoding encoding = KeyEncoding::kPkcs1;
  SecretBytes bytes;
  std::optional<SecretBytes> passphrase;
  const SecretBytes* secret() const { return passphrase ? &*passphrase : nullptr; }
};

bool TooBig(Env& env, size_t size, const char* what) {
  if (size <= INT_MAX) return false;
  Error::Range("ERR_OUT_OF_RANGE", std::string(what) + " is too big").Throw(env);
  return true;
}

// ------------------------------------------------------------------------------- DER

// The tag and the content of the first element in the outermost SEQUENCE.
bool FirstElement(std::string_view der, int* tag, std::string_view* content) {
  const unsigned char* at = Octets(der);
  long length = 0;
  int kind = 0;
  bool fine = !(ASN1_get_object(&at, &length, tag, &kind, long(der.size())) & 0x80) &&
              *tag == V_ASN1_SEQUENCE &&
              !(ASN1_get_object(&at, &length, tag, &kind, length) & 0x80);
  ERR_clear_error();
  if (fine) *content = {reinterpret_cast<const char*>(at), size_t(length)};
  return fine;
}

// RSAPrivateKey starts with its version, 0 or 1; RSAPublicKey with the modulus.
bool IsRsaPrivateKey(std::string_view der) {
  int tag;
  std::string_view content;
  return FirstElement(der, &tag, &content) && tag == V_ASN1_INTEGER && content.size() == 1 &&
         uint8_t(content[0]) <= 1;
}

// PrivateKeyInfo starts with a version, EncryptedPrivateKeyInfo with an algorithm.
bool IsEncryptedPrivateKeyInfo(std::string_view der) {
  int tag;
  std::string_view content;
  return FirstElement(der, &tag, &content) && tag != V_ASN1_INTEGER;
}

EVP_PKEY* ReadPkcs8(const Encoded& in, BIO* bio) {
  if (IsEncryptedPrivateKeyInfo(in.bytes))
    return d2i_PKCS8PrivateKey_bio(bio, nullptr, PassphraseCallback,
                                   const_cast<SecretBytes*>(in.secret()));
  std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>> info(
      d2i_PKCS8_PRIV_KEY_INFO_bio(bio, nullptr));
  return info ? EVP_PKCS82PKEY(info.get()) : nullptr;
}

EVP_PKEY* ReadPrivateDer(const Encoded& in) {
  Bio bio(BIO_new_mem_buf(in.bytes.data(), int(in.bytes.size())));
  if (!bio || in.encoding == KeyEncoding::kSpki) return nullptr;
  if (in.encoding == KeyEncoding::kPkcs8) return ReadPkcs8(in, bio.get());
  return d2i_PrivateKey_bio(bio.get(), nullptr);
}

EVP_PKEY* ReadPublicDer(std::string_view der, KeyEncoding encoding) {
  const unsigned char* at = Octets(der);
  return encoding == KeyEncoding::kPkcs1
             ? d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, long(der.size()))
             : d2i_PUBKEY(nullptr, &at, long(der.size()));
}

EVP_PKEY* ReadCertificateKey(std::string_view der) {
  const unsigned char* at = Octets(der);
  std::unique_ptr<X509, FreeWith<X509_free>> certificate(d2i_X509(nullptr, &at, long(der.size())));
  return certificate ? X509_get_pubkey(certificate.get()) : nullptr;
}

// ------------------------------------------------------------------------------- PEM

EVP_PKEY* ReadPrivatePem(std::string_view pem, const SecretBytes* passphrase) {
  Bio bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
  return bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, PassphraseCallback,
                                       const_cast<SecretBytes*>(passphrase))
             : nullptr;
}

// A public key or certificate anywhere in the text. `*found` becomes true if there is one, also if
// it cannot be decoded.
EVP_PKEY* ReadPublicPem(std::string_view pem, bool* found) {
  for (const char* label : {PEM_STRING_PUBLIC, PEM_STRING_RSA_PUBLIC, PEM_STRING_X509}) {
    Bio bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
    unsigned char* der = nullptr;
    long size = 0;
    if (!bio || PEM_bytes_read_bio(&der, &size, nullptr, label, bio.get(), PassphraseCallback,
                                   nullptr) != 1) {
      ERR_clear_error();
      continue;
    }
    *found = true;
    std::string_view view(reinterpret_cast<const char*>(der), size_t(size));
    std::string_view name(label);
    EVP_PKEY* key = name == PEM_STRING_X509         ? ReadCertificateKey(view)
                    : name == PEM_STRING_RSA_PUBLIC ? ReadPublicDer(view, KeyEncoding::kPkcs1)
                                                    : ReadPublicDer(view, KeyEncoding::kSpki);
    OPENSSL_clear_free(der, size_t(size));
    return key;
  }
  *found = false;
  return nullptr;
}

// -------------------------------------------------------------------- PEM and DER keys

// Takes a decoder's result, or throws the errors that it queued. A decoder may return a key and
// queue errors too; such a key is refused.
PKey Accept(Env& env, EVP_PKEY* decoded, const SecretBytes* passphrase) {
  PKey key = AdoptPKey(decoded);
  unsigned long error = ERR_peek_error();
  if (key && error == 0) return key;
  if (!passphrase && ERR_GET_LIB(error) == ERR_LIB_PEM &&
      ERR_GET_REASON(error) == PEM_R_BAD_PASSWORD_READ) {
    ERR_clear_error();
    Error::Type("ERR_MISSING_PASSPHRASE", "Passphrase required for encrypted key").Throw(env);
  } else {
    // In Node the exception's opensslErrorStack contains the first error as well.
    std::vector<unsigned long> errors = TakeOpenSslErrors();
    if (!errors.empty()) errors.insert(errors.begin(), errors[0]);
    env.isolate->ThrowException(OpenSslException(env, errors, "Failed to read private key"));
  }
  return nullptr;
}

KeyPointer ReadPrivate(Env& env, const Encoded& in) {
  ERR_clear_error();
  EVP_PKEY* decoded =
      in.format == KeyFormat::kPem ? ReadPrivatePem(in.bytes, in.secret()) : ReadPrivateDer(in);
  PKey key = Accept(env, decoded, in.secret());
  return key ? MakeAsymmetricKey(KeyType::kPrivate, std::move(key)) : nullptr;
}

KeyPointer ReadPublicOrPrivate(Env& env, const Encoded& in) {
  ERR_clear_error();
  EVP_PKEY* decoded;
  if (in.format == KeyFormat::kPem) {
    bool found;
    decoded = ReadPublicPem(in.bytes, &found);
    if (!found) return ReadPrivate(env, in);
  } else {
    bool is_public = in.encoding == KeyEncoding::kSpki ||
                     (in.encoding == KeyEncoding::kPkcs1 && !IsRsaPrivateKey(in.bytes));
    if (!is_public) return ReadPrivate(env, in);
    decoded = ReadPublicDer(in.bytes, in.encoding);
  }
  std::vector<unsigned long> errors = TakeOpenSslErrors();
  if (PKey key = AdoptPKey(decoded)) return MakeAsymmetricKey(KeyType::kPublic, std::move(key));
  // For PEM the first error is reported, for DER it is not.
  if (!errors.empty()) errors.insert(errors.begin(), in.format == KeyFormat::kPem ? errors[0] : 0);
  env.isolate->ThrowException(OpenSslException(env, errors, "Failed to read asymmetric key"));
  return nullptr;
}

// Reads the arguments of PEM and DER.
bool TakeEncoded(Env& env, const KeyArguments& in, int index, Encoded* out) {
  bool pem = out->format == KeyFormat::kPem;
  if (in.type->IsInt32()) {
    int type = in.type.As<v8::Int32>()->Value();
    if (type < int(KeyEncoding::kPkcs1) || type > int(KeyEncoding::kSec1)) {
      ThrowBadArgument(env, index + 2);
      return false;
    }
    out->encoding = KeyEncoding(type);
  } else if (!pem || !in.type->IsNullOrUndefined()) {
    ThrowBadArgument(env, index + 2);
    return false;
  }
  if (!ToBytes(env, in.data, &out->bytes)) return false;
  if (TooBig(env, out->bytes.size(), "keyData")) return false;
  if (in.passphrase->IsNullOrUndefined()) return true;
  if (!ToBytes(env, in.passphrase, &out->passphrase.emplace())) return false;
  return !TooBig(env, out->passphrase->size(), "passphrase");
}

// -------------------------------------------------------------------------- raw keys

// Whether keys of that kind have the raw format.
bool HasRawForm(KeyKind kind, KeyFormat format) {
  switch (kind) {
    case KeyKind::kEc:
    case KeyKind::kOkp:
    case KeyKind::kSlhDsa:
      return format != KeyFormat::kRawSeed;
    case KeyKind::kMlDsa:
    case KeyKind::kMlKem:
      return format != KeyFormat::kRawPrivate;
    default:
      return false;
  }
}

KeyPointer ReadRaw(Env& env, const KeyArguments& in, KeyFormat format) {
  std::string name = ToUtf8(env.isolate, in.type);
  const KeyAlgorithm* algorithm = AlgorithmNamed(name);
  if (!algorithm) {
    Error::Type("ERR_INVALID_ARG_VALUE", "Invalid asymmetricKeyType: " + name).Throw(env);
    return nullptr;
  }
  if (!HasRawForm(algorithm->kind, format)) {
    ThrowIncompatibleEncoding(env);
    return nullptr;
  }
  SecretBytes bytes;
  if (!ToBytes(env, in.data, &bytes)) return nullptr;
  PKey key;
  if (algorithm->kind == KeyKind::kEc) {
    int curve = CurveId(ToUtf8(env.isolate, in.curve));
    if (curve == NID_undef) {
      Error::Type("ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name").Throw(env);
      return nullptr;
    }
    key = format == KeyFormat::kRawPublic ? EcPublicKeyFromPoint(curve, bytes)
                                          : EcPrivateKeyFromScalar(curve, bytes);
  } else if (format == KeyFormat::kRawPublic) {
    key = RawPublicKey(*algorithm, bytes);
  } else if (format == KeyFormat::kRawPrivate) {
    key = RawPrivateKey(*algorithm, bytes);
  } else {
    key = SeedPrivateKey(*algorithm, bytes);
  }
  if (!key) {
    Error::Type("ERR_INVALID_ARG_VALUE", "Invalid key data").Throw(env);
    return nullptr;
  }
  return MakeAsymmetricKey(format == KeyFormat::kRawPublic ? KeyType::kPublic : KeyType::kPrivate,
                           std::move(key));
}

// ------------------------------------------------------------------------- arguments

// The asymmetric key of a handle; null with an exception pending for another.
KeyPointer OfHandle(Env& env, v8::Local<v8::Value> value, bool need_private) {
  KeyPointer key = KeyOfHandle(env, value);
  if (key && key->pkey && (!need_private || key->type == KeyType::kPrivate)) return key;
  ThrowInvalidKeyType(env);
  return nullptr;
}

KeyPointer Take(Env& env, const Args& args, int* index, bool need_private) {
  StartOpenSsl();
  int first = *index;
  KeyArguments in = TakeArguments(args, index);
  if (in.format->IsNullOrUndefined()) return OfHandle(env, in.data, need_private);
  int format = in.format->IsInt32() ? in.format.As<v8::Int32>()->Value() : -1;
  Encoded encoded;
  switch (KeyFormat(format)) {
    case KeyFormat::kDer:
    case KeyFormat::kPem: {
      encoded.format = KeyFormat(format);
      if (!TakeEncoded(env, in, first, &encoded)) return nullptr;
      return need_private ? ReadPrivate(env, encoded) : ReadPublicOrPrivate(env, encoded);
    }
    case KeyFormat::kJwk: {
      if (!in.data->IsObject()) break;
      KeyPointer key = KeyFromJwk(env, in.data.As<v8::Object>());
      if (!key || !need_private || key->type == KeyType::kPrivate) return key;
      Error::Type("ERR_CRYPTO_INVALID_JWK", "JWK does not contain private key material").Throw(env);
      return nullptr;
    }
    case KeyFormat::kRawPublic:
    case KeyFormat::kRawPrivate:
    case KeyFormat::kRawSeed: {
      KeyPointer key = ReadRaw(env, in, KeyFormat(format));
      return !key || !need_private || key->type == KeyType::kPrivate
                 ? key
                 : (ThrowInvalidKeyType(env), nullptr);
    }
    case KeyFormat::kStore: {
      PKey key = ReadStore(env, in.data, in.passphrase);
      return key ? MakeAsymmetricKey(KeyType::kPrivate, std::move(key)) : nullptr;
    }
  }
  ThrowBadArgument(env, first + 1);
  return nullptr;
}

}  // namespace

int PassphraseCallback(char* buffer, int size, int, void* data) {
  auto* passphrase = static_cast<const SecretBytes*>(data);
  if (!passphrase || passphrase->size() > size_t(size)) return -1;
  std::copy_n(passphrase->data(), passphrase->size(), buffer);
  return int(passphrase->size());
}

KeyPointer PrivateKeyFromArguments(Env& env, const Args& args, int* index) {
  return Take(env, args, index, true);
}
KeyPointer PublicOrPrivateKeyFromArguments(Env& env, const Args& args, int* index) {
  return Take(env, args, index, false);
}

}  // namespace kiln::runtime
