// RandomPrimeJob and CheckPrimeJob. Both can take minutes; OpenSSL calls back between rounds to ask
// whether to continue, so a job ends soon after it was cancelled.
#define OPENSSL_SUPPRESS_DEPRECATED  // BN_is_prime_ex takes a number of rounds, BN_check_prime not
#include <openssl/bn.h>

#include <atomic>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

using BigNumContext = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;

class PrimeJob : public CryptoJob {
 public:
  using CryptoJob::CryptoJob;
  int Cancel() override {
    cancelled_ = true;
    return CryptoJob::Cancel();
  }

 protected:
  // The callback that OpenSSL calls between rounds.
  class Progress {
   public:
    explicit Progress(PrimeJob* job) : callback_(BN_GENCB_new()) {
      BN_GENCB_set(
          callback_.get(),
          [](int, int, BN_GENCB* callback) {
            return int(!static_cast<PrimeJob*>(BN_GENCB_get_arg(callback))->cancelled_);
          },
          job);
    }
    BN_GENCB* get() const { return callback_.get(); }

   private:
    std::unique_ptr<BN_GENCB, FreeWith<BN_GENCB_free>> callback_;
  };

  // Null with an exception pending.
  BigNum Number(v8::Local<v8::Value> value, const char* what) {
    std::string bytes;
    if (!ToBoundedBytes(env(), value, what, &bytes)) return nullptr;
    BigNum number = ToNumber(bytes);
    if (!number) ThrowOpenSsl(env(), "BignumPointer");
    return number;
  }

 private:
  std::atomic<bool> cancelled_ = false;
};

// new RandomPrimeJob(mode, bits, safe, add or undefined, rem or undefined): a prime p with
// p % add == rem. Without rem the remainder is 1, of a safe prime 3.
class RandomPrimeJob final : public PrimeJob {
 public:
  RandomPrimeJob(Env& env, const Args& args) : PrimeJob(env, Provider::kRANDOMPRIMEREQUEST, args) {}

  bool Configure(const Args& args) {
    bits_ = args[1]->IsInt32() ? args[1].As<v8::Int32>()->Value() : -1;
    safe_ = args[2]->IsTrue();
    if (bits_ < 0) return Refuse("invalid size");
    if (!args[3]->IsUndefined() && !(add_ = Number(args[3], "options.add"))) return false;
    if (!args[4]->IsUndefined() && !(rem_ = Number(args[4], "options.rem"))) return false;
    // OpenSSL would search without end for a prime that cannot exist: numbers of that form are too
    // small, or divisible by a common factor of add and rem.
    if (add_ && BN_num_bits(add_.get()) > bits_) return Refuse("invalid options.add");
    if (add_ && rem_ && (BN_cmp(add_.get(), rem_.get()) <= 0 || !Coprime()))
      return Refuse("invalid options.rem");
    return true;
  }
  bool Work() override {
    Progress progress(this);
    BigNumContext context(BN_CTX_secure_new());
    prime_.reset(BN_secure_new());
    return BN_generate_prime_ex2(prime_.get(), bits_, safe_, add_.get(), rem_.get(), progress.get(),
                                 context.get()) == 1;
  }
  v8::Local<v8::Value> Value() override { return ToArrayBuffer(env(), ToOctets(prime_.get())); }
  const char* FailureText() const override { return "Prime generation failed"; }

 private:
  bool Coprime() const {
    BigNumContext context(BN_CTX_new());
    BigNum divisor(BN_new());
    return BN_gcd(divisor.get(), add_.get(), rem_.get(), context.get()) && BN_is_one(divisor.get());
  }
  bool Refuse(const char* text) {
    Error::Range("ERR_OUT_OF_RANGE", text).Throw(env());
    return false;
  }

  int bits_ = 0;
  bool safe_ = false;
  BigNum add_;  // may be null
  BigNum rem_;  // may be null
  BigNum prime_;
};

// new CheckPrimeJob(mode, candidate, rounds)
class CheckPrimeJob final : public PrimeJob {
 public:
  CheckPrimeJob(Env& env, const Args& args) : PrimeJob(env, Provider::kCHECKPRIMEREQUEST, args) {}

  bool Configure(const Args& args) {
    candidate_ = Number(args[1], "candidate");
    if (!candidate_) return false;
    rounds_ = args[2]->IsInt32() ? args[2].As<v8::Int32>()->Value() : -1;
    if (rounds_ >= 0) return true;
    Error::Range("ERR_OUT_OF_RANGE", "invalid options.checks").Throw(env());
    return false;
  }
  bool Work() override {
    Progress progress(this);
    BigNumContext context(BN_CTX_new());
    answer_ = BN_is_prime_ex(candidate_.get(), rounds_, context.get(), progress.get());
    return answer_ >= 0;
  }
  v8::Local<v8::Value> Value() override { return v8::Boolean::New(env().isolate, answer_ == 1); }
  const char* FailureText() const override { return "Prime check failed"; }

 private:
  BigNum candidate_;
  int rounds_ = 0;
  int answer_ = 0;
};

}  // namespace

KILN_JOB(kRandomPrimeJobClass, RandomPrimeJob, "RandomPrimeJob")
KILN_JOB(kCheckPrimeJobClass, CheckPrimeJob, "CheckPrimeJob")

}  // namespace kiln::runtime
