// DHBitsJob: the shared secret of a private and a public key (DH, ECDH, X25519, X448), for
// crypto.diffieHellman() and the deriveBits() of Web Crypto.
#include <algorithm>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// new DHBitsJob(mode, public key, private key), each as five arguments
class DhBitsJob final : public DerivingJob {
 public:
  DhBitsJob(Env& env, const Args& args) : DerivingJob(env, Provider::kDERIVEBITSREQUEST, args) {}

  bool Configure(const Args& args) {
    int index = 1;
    peer_ = PublicOrPrivateKeyFromArguments(env(), args, &index);
    if (!peer_) return false;
    own_ = PrivateKeyFromArguments(env(), args, &index);
    return own_ != nullptr;
  }
  bool Work() override { return DeriveSecret(own_->pkey, peer_->pkey, &result_); }
  ErrorDetail FailureDetail() const override {
    return mode() == JobMode::kSync ? ErrorDetail::kOthers : ErrorDetail::kTextOnly;
  }

 private:
  KeyPointer peer_;
  KeyPointer own_;
};

}  // namespace

bool DeriveSecret(const PKey& own, const PKey& peer, SecretBytes* secret) {
  PKeyContext context = NewContext(own);
  size_t max_size = 0;
  if (!context || EVP_PKEY_derive_init(context.get()) <= 0 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) <= 0 ||
      EVP_PKEY_derive(context.get(), nullptr, &max_size) <= 0 || max_size == 0)
    return false;
  *secret = SecretBytes(max_size);
  size_t size = max_size;
  if (EVP_PKEY_derive(context.get(), Octets(*secret), &size) <= 0 || size > max_size) return false;
  // OpenSSL omits leading zero bytes of a DH secret.
  std::rotate(secret->begin(), secret->begin() + ptrdiff_t(size), secret->end());
  return true;
}

KILN_JOB(kDhBitsJobClass, DhBitsJob, "DHBitsJob")

}  // namespace kiln::runtime
