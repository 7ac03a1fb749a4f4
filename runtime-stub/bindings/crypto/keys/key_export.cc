// Exports keys to JavaScript: PEM, DER, JWK and raw bytes, for a key's export() and for key
// generation. Private keys may be encrypted.
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// ------------------------------------------------------------------------- arguments

// Reads format and type. `is_private`: which formats are allowed.
bool ReadFormat(Env& env, const Args& args, int index, bool is_private, KeyOutput* out) {
  v8::Local<v8::Value> format = args[index], type = args[index + 1];
  if (format->IsUndefined()) {
    out->handle = true;
    return true;
  }
  int wanted = format->IsInt32() ? format.As<v8::Int32>()->Value() : -1;
  bool has_type = type->IsInt32();
  int given = has_type ? type.As<v8::Int32>()->Value() : -1;
  out->format = KeyFormat(wanted);
  switch (out->format) {
    case KeyFormat::kDer:
    case KeyFormat::kPem: {
      out->encoding = KeyEncoding(given);
      bool fits = is_private
                      ? out->encoding == KeyEncoding::kPkcs1 ||
                            out->encoding == KeyEncoding::kPkcs8 ||
                            out->encoding == KeyEncoding::kSec1
                      : out->encoding == KeyEncoding::kPkcs1 || out->encoding == KeyEncoding::kSpki;
      if (!fits) ThrowBadArgument(env, index + 1);
      return fits;
    }
    case KeyFormat::kJwk:
      return true;
    case KeyFormat::kRawPublic:
      if (is_private) break;
      if (!has_type) return true;
      if (given != POINT_CONVERSION_COMPRESSED && given != POINT_CONVERSION_UNCOMPRESSED &&
          given != POINT_CONVERSION_HYBRID) {
        ThrowBadArgument(env, index + 1);
        return false;
      }
      out->point_form = given;
      return true;
    case KeyFormat::kRawPrivate:
    case KeyFormat::kRawSeed:
      if (is_private) return true;
      break;
    case KeyFormat::kStore:
      break;
  }
  ThrowBadArgument(env, index);
  return false;
}

// --------------------------------------------------------------------------- writing

Bio MemoryBio() { return Bio(BIO_new(BIO_s_mem())); }

v8::MaybeLocal<v8::Value> FromBio(Env& env, const Bio& bio, KeyFormat format) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  std::string_view bytes(data, size_t(size));
  if (format == KeyFormat::kDer) return NewBuffer(env, bytes);
  return EncodeString(env, bytes, Encoding::kLatin1);
}

// PKCS #1 and SEC 1, the encodings for one kind of key each.
struct DerBytes {
  unsigned char* data = nullptr;
  int size = 0;
  ~DerBytes() { OPENSSL_clear_free(data, size > 0 ? size_t(size) : 0); }
};

bool WriteDer(BIO* bio, const DerBytes& der) {
  return der.size > 0 && BIO_write(bio, der.data, der.size) == der.size;
}

bool WritePublic(BIO* bio, EVP_PKEY* key, const KeyOutput& output) {
  bool pem = output.format == KeyFormat::kPem;
  if (output.encoding == KeyEncoding::kSpki)
    return (pem ? PEM_write_bio_PUBKEY(bio, key) : i2d_PUBKEY_bio(bio, key)) == 1;
  DerBytes der;
  der.size = i2d_PublicKey(key, &der.data);
  if (!pem) return WriteDer(bio, der);
  return der.size > 0 && PEM_write_bio(bio, PEM_STRING_RSA_PUBLIC, "", der.data, der.size) > 0;
}

bool WritePrivate(BIO* bio, EVP_PKEY* key, const KeyOutput& output) {
  bool pem = output.format == KeyFormat::kPem;
  // Never null: OpenSSL would ask at the terminal. An empty passphrase is valid.
  const char* passphrase = output.passphrase.data();
  int length = int(output.passphrase.size());
  if (output.encoding == KeyEncoding::kPkcs8)
    return (pem ? PEM_write_bio_PKCS8PrivateKey(bio, key, output.cipher.get(), passphrase, length,
                                                nullptr, nullptr)
                : i2d_PKCS8PrivateKey_bio(bio, key, output.cipher.get(), passphrase, length,
                                          nullptr, nullptr)) == 1;
  if (pem)
    return PEM_write_bio_PrivateKey_traditional(bio, key, output.cipher.get(),
                                                reinterpret_cast<const unsigned char*>(passphrase),
                                                length, nullptr, nullptr) == 1;
  DerBytes der;
  der.size = i2d_PrivateKey(key, &der.data);
  return WriteDer(bio, der);
}

// PKCS #1 is for RSA and SEC 1 for curves. In PKCS #1 an RSA-PSS key would lose its restrictions.
bool FitsEncoding(const PKey& key, const KeyOutput& output) {
  switch (output.encoding) {
    case KeyEncoding::kPkcs1:
      return IsKind(key, KeyKind::kRsa);
    case KeyEncoding::kSec1:
      return IsKind(key, KeyKind::kEc);
    default:
      return true;
  }
}

v8::MaybeLocal<v8::Value> Write(Env& env, const PKey& key, const KeyOutput& output,
                                bool (*write)(BIO*, EVP_PKEY*, const KeyOutput&),
                                const char* failure) {
  if (!FitsEncoding(key, output)) {
    ThrowIncompatibleEncoding(env);
    return {};
  }
  ERR_clear_error();
  Bio bio = MemoryBio();
  if (!bio || !write(bio.get(), key.get(), output)) {
    std::vector<unsigned long> errors = TakeOpenSslErrors();
    if (!errors.empty()) errors.resize(1);  // the others only name OpenSSL's layers
    env.isolate->ThrowException(OpenSslException(env, errors, failure));
    return {};
  }
  return FromBio(env, bio, output.format);
}

v8::MaybeLocal<v8::Value> Jwk(Env& env, KeyType type, const PKey& key) {
  v8::Local<v8::Object> target = v8::Object::New(env.isolate);
  if (!ExportJwk(env, *MakeAsymmetricKey(type, key), target, false)) return {};
  return target;
}

v8::MaybeLocal<v8::Value> Raw(Env& env, std::string_view bytes, const char* failure) {
  if (!bytes.empty()) return NewBuffer(env, bytes);
  ThrowOperationFailed(env, failure);
  return {};
}

}  // namespace

bool ReadPublicOutput(Env& env, const Args& args, int* index, KeyOutput* out) {
  int at = *index;
  *index += 2;
  return ReadFormat(env, args, at, false, out);
}

bool ReadPrivateOutput(Env& env, const Args& args, int* index, KeyOutput* out) {
  int at = *index;
  *index += 4;
  if (!ReadFormat(env, args, at, true, out)) return false;
  if (out->handle) return true;
  v8::Local<v8::Value> cipher = args[at + 2], passphrase = args[at + 3];
  if (cipher->IsNullOrUndefined()) return true;
  bool fits = out->format == KeyFormat::kPem || out->format == KeyFormat::kJwk ||
              (out->format == KeyFormat::kDer && out->encoding == KeyEncoding::kPkcs8);
  if (!cipher->IsString() || !fits) {
    ThrowBadArgument(env, at + 2);
    return false;
  }
  out->cipher = FetchCipher(ToUtf8(env.isolate, cipher));
  if (!out->cipher) {
    Error::Plain("ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher").Throw(env);
    return false;
  }
  if (!ToBytes(env, passphrase, &out->passphrase)) return false;
  if (out->passphrase.size() <= INT_MAX) return true;
  Error::Range("ERR_OUT_OF_RANGE", "passphrase is too big").Throw(env);
  return false;
}

v8::MaybeLocal<v8::Value> EncodePublicKey(Env& env, const PKey& key, const KeyOutput& output) {
  if (output.handle) return NewKeyHandle(env, MakeAsymmetricKey(KeyType::kPublic, key));
  if (output.format == KeyFormat::kJwk) return Jwk(env, KeyType::kPublic, key);
  if (output.format != KeyFormat::kRawPublic)
    return Write(env, key, output, WritePublic, "Failed to encode public key");
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  switch (algorithm ? algorithm->kind : KeyKind::kRsa) {
    case KeyKind::kEc:
      return Raw(env, EcPublicPoint(key, output.point_form), "Failed to get raw public key");
    case KeyKind::kOkp:
    case KeyKind::kMlDsa:
    case KeyKind::kMlKem:
    case KeyKind::kSlhDsa:
      return Raw(env, RawPublic(key), "Failed to get raw public key");
    default:
      ThrowIncompatibleEncoding(env);
      return {};
  }
}

v8::MaybeLocal<v8::Value> EncodePrivateKey(Env& env, const PKey& key, const KeyOutput& output) {
  if (output.handle) return NewKeyHandle(env, MakeAsymmetricKey(KeyType::kPrivate, key));
  if (output.format == KeyFormat::kJwk) return Jwk(env, KeyType::kPrivate, key);
  bool seed = output.format == KeyFormat::kRawSeed;
  if (!seed && output.format != KeyFormat::kRawPrivate)
    return Write(env, key, output, WritePrivate, "Failed to encode private key");
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  switch (algorithm ? algorithm->kind : KeyKind::kRsa) {
    case KeyKind::kEc: {
      if (seed) break;
      EcGroup group = GroupOf(key);
      BigNum scalar = KeyNumber(key, OSSL_PKEY_PARAM_PRIV_KEY);
      return Raw(
          env,
          group && scalar ? ToSecretOctets(scalar.get(), OrderSize(group.get())) : SecretBytes(),
          "Failed to export EC private key");
    }
    case KeyKind::kOkp:
    case KeyKind::kSlhDsa:
      if (seed) break;
      return Raw(env, RawPrivate(key), "Failed to get raw private key");
    case KeyKind::kMlDsa:
    case KeyKind::kMlKem:
      if (!seed) break;
      return Raw(env, RawSeed(key), "Failed to get raw seed");
    default:
      break;
  }
  ThrowIncompatibleEncoding(env);
  return {};
}

}  // namespace kiln::runtime
