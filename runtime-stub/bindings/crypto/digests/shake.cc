// Functions related to SHAKE in Web Crypto: cSHAKE and KMAC (SP 800-185), TurboSHAKE and
// KangarooTwelve (keccak.h).
//
// cSHAKE is the sponge that OpenSSL calls KECCAK-KMAC, after a block with a function name and a
// customization. KMAC is cSHAKE with the name "KMAC" of the padded key, the message and the
// output's length. OpenSSL's EVP_MAC is not used because keys and lengths may have any number of
// bits here, and keys may be shorter than 4 bytes.
#include <openssl/core_names.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/digests/keccak.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// Limits of OpenSSL's own KMAC, which apply in Node.
constexpr size_t kMaxKeyBytes = 512;
constexpr size_t kMaxCustomizationBytes = 512;
constexpr size_t kMaxMacBytes = 0xffffff / 8;

size_t BytesOfBits(size_t bits) { return (bits + 7) / 8; }

// The number's bytes, most significant first, at least one.
std::string NumberBytes(uint64_t number) {
  std::string bytes;
  do bytes.insert(bytes.begin(), char(number));
  while (number >>= 8);
  return bytes;
}
std::string LeftEncode(uint64_t number) {
  std::string bytes = NumberBytes(number);
  return char(bytes.size()) + bytes;
}
std::string RightEncode(uint64_t number) {
  std::string bytes = NumberBytes(number);
  return bytes + char(bytes.size());
}
// SP 800-185's encode_string of a string of `bits` bits. The unused bits of the last byte must be
// 0.
std::string BitString(std::string_view bytes, size_t bits) {
  return LeftEncode(bits).append(bytes);
}
size_t RoundUp(size_t size, size_t block) { return (size + block - 1) / block * block; }
// SP 800-185's bytepad: filled up to whole blocks.
std::string BytePad(std::string_view bytes, KeccakRate rate) {
  std::string padded = LeftEncode(size_t(rate)).append(bytes);
  padded.resize(RoundUp(padded.size(), size_t(rate)));
  return padded;
}

// cSHAKE of the message given in parts. `bits` of the result are kept.
bool CShake(KeccakRate rate, std::string_view name, std::string_view customization,
            std::initializer_list<std::string_view> message, size_t bits, SecretBytes* out) {
  if (customization.size() > kMaxCustomizationBytes) return false;
  out->resize(BytesOfBits(bits));
  if (bits == 0) return true;
  Digest sponge(EVP_MD_fetch(
      nullptr,
      rate == KeccakRate::k128 ? OSSL_DIGEST_NAME_KECCAK_KMAC128 : OSSL_DIGEST_NAME_KECCAK_KMAC256,
      nullptr));
  DigestContext context(EVP_MD_CTX_new());
  if (!sponge || !EVP_DigestInit_ex(context.get(), sponge.get(), nullptr)) return false;
  std::string start = BytePad(
      BitString(name, name.size() * 8) + BitString(customization, customization.size() * 8), rate);
  if (!EVP_DigestUpdate(context.get(), start.data(), start.size())) return false;
  for (std::string_view part : message)
    if (!EVP_DigestUpdate(context.get(), part.data(), part.size())) return false;
  if (!EVP_DigestFinalXOF(context.get(), Octets(*out), out->size())) return false;
  ClearUnusedBits(out, bits);
  return true;
}

// The security level in an algorithm's name: "cSHAKE128", "KMAC256", "KT128". False with an
// exception pending if it has neither number.
bool ToRate(Env& env, const Args& args, int index, KeccakRate* rate) {
  std::string name = ToUtf8(env.isolate, args[index]);
  *rate = name.ends_with("128") ? KeccakRate::k128 : KeccakRate::k256;
  if (name.ends_with("128") || name.ends_with("256")) return true;
  ThrowBadArgument(env, index);
  return false;
}

// new CShakeJob(mode, name, data, function name, customization, bits)
class CShakeJob final : public DerivingJob {
 public:
  CShakeJob(Env& env, const Args& args) : DerivingJob(env, Provider::kHASHREQUEST, args) {}

  bool Configure(const Args& args) {
    bits_ = AsUint32(args[5]);
    return ToRate(env(), args, 1, &rate_) && ToBoundedBytes(env(), args[2], "data", &data_) &&
           ToOptionalBytes(env(), args[3], "functionName", &name_) &&
           ToOptionalBytes(env(), args[4], "customization", &customization_);
  }
  bool Work() override { return CShake(rate_, name_, customization_, {data_}, bits_, &result_); }

 private:
  KeccakRate rate_ = KeccakRate::k128;
  std::string data_;
  std::string name_;
  std::string customization_;
  size_t bits_ = 0;
};

// new KmacJob(mode, sign or verify, key handle, name, customization, key's bits, bits, data,
// signature)
class KmacJob final : public MacJob {
 public:
  KmacJob(Env& env, const Args& args) : MacJob(env, Provider::kSIGNREQUEST, args) {}

  bool Configure(const Args& args) {
    key_ = KeyOfHandle(env(), args[2]);
    double key_bits = AsDouble(args[5]);
    if (!key_ || !(key_bits >= 0 && key_bits <= double(UINT32_MAX))) {
      ThrowBadArgument(env(), key_ ? 5 : 2);
      return false;
    }
    key_bits_ = size_t(key_bits);
    bits_ = AsUint32(args[6]);
    return ToRate(env(), args, 3, &rate_) &&
           ToOptionalBytes(env(), args[4], "customization", &customization_) &&
           ToBoundedBytes(env(), args[7], "data", &data_) && ConfigureMode(args[1], args[8]);
  }
  bool Work() override {
    size_t key_size = BytesOfBits(key_bits_);
    if (key_size > key_->secret.size() || key_->secret.size() > kMaxKeyBytes ||
        BytesOfBits(bits_) > kMaxMacBytes)
      return false;
    // The key as a string of bits, filled up to whole blocks.
    const std::string start = LeftEncode(size_t(rate_)) + LeftEncode(key_bits_);
    SecretBytes key(RoundUp(start.size() + key_size, size_t(rate_)));
    std::copy(start.begin(), start.end(), key.begin());
    std::copy_n(key_->secret.data(), key_size, key.begin() + start.size());
    return CShake(rate_, "KMAC", customization_, {key, data_, RightEncode(bits_)}, bits_, &result_);
  }

 private:
  KeyPointer key_;
  size_t key_bits_ = 0;
  KeccakRate rate_ = KeccakRate::k128;
  std::string customization_;
  size_t bits_ = 0;
  std::string data_;
};

// new TurboShakeJob(mode, name, domain, bytes, data)
class TurboShakeJob final : public DerivingJob {
 public:
  TurboShakeJob(Env& env, const Args& args) : DerivingJob(env, Provider::kHASHREQUEST, args) {}

  bool Configure(const Args& args) {
    uint32_t domain = AsUint32(args[2]);
    if (domain < 0x01 || domain > 0x7f) {
      ThrowBadArgument(env(), 2);
      return false;
    }
    domain_ = uint8_t(domain);
    size_ = AsUint32(args[3]);
    return ToRate(env(), args, 1, &rate_) && ToBoundedBytes(env(), args[4], "data", &data_);
  }
  bool Work() override {
    result_.resize(size_);
    TurboShake sponge(rate_);
    sponge.Absorb(data_);
    sponge.Squeeze(domain_, result_.data(), result_.size());
    return true;
  }

 private:
  KeccakRate rate_ = KeccakRate::k128;
  uint8_t domain_ = 0;
  size_t size_ = 0;
  std::string data_;
};

// new KangarooTwelveJob(mode, name, customization, bytes, data)
class KangarooTwelveJob final : public DerivingJob {
 public:
  KangarooTwelveJob(Env& env, const Args& args) : DerivingJob(env, Provider::kHASHREQUEST, args) {}

  bool Configure(const Args& args) {
    size_ = AsUint32(args[3]);
    return ToRate(env(), args, 1, &rate_) &&
           ToOptionalBytes(env(), args[2], "customization", &customization_) &&
           ToBoundedBytes(env(), args[4], "data", &data_);
  }
  bool Work() override {
    result_.resize(size_);
    KangarooTwelve(rate_, data_, customization_, {result_.data(), result_.size()});
    return true;
  }

 private:
  KeccakRate rate_ = KeccakRate::k128;
  std::string customization_;
  size_t size_ = 0;
  std::string data_;
};

}  // namespace

KILN_JOB(kCShakeJobClass, CShakeJob, "CShakeJob")
KILN_JOB(kKmacJobClass, KmacJob, "KmacJob")
KILN_JOB(kTurboShakeJobClass, TurboShakeJob, "TurboShakeJob")
KILN_JOB(kKangarooTwelveJobClass, KangarooTwelveJob, "KangarooTwelveJob")

}  // namespace kiln::runtime
