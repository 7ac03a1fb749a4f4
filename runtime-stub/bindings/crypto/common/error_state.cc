#include "runtime-stub/bindings/crypto/common/error_state.h"

extern "C" {
// From crypto/err/err.c of OpenSSL. Null only if there is no memory, or if the thread is ending.
ERR_STATE* __real_ossl_err_get_state_int();
ERR_STATE* __wrap_ossl_err_get_state_int();
}

namespace kiln::runtime {
namespace {

constinit thread_local ERR_STATE* state = nullptr;
constinit thread_local bool ended = false;

// OpenSSL frees the queue in a destructor of pthread_key_create(). Destructors of thread-local
// objects run earlier; from then on the address is not remembered.
struct Forget {
  ~Forget() {
    state = nullptr;
    ended = true;
  }
};

ERR_STATE* Find() {
  ERR_STATE* found = __real_ossl_err_get_state_int();
  if (!found || ended) return found;
  [[maybe_unused]] static thread_local Forget forget;
  return state = found;
}

}  // namespace

bool HasOpenSslErrors() {
  const ERR_STATE* errors = state ? state : Find();
  return errors && errors->top != errors->bottom;
}

}  // namespace kiln::runtime

ERR_STATE* __wrap_ossl_err_get_state_int() {
  using namespace kiln::runtime;
  return state ? state : Find();
}
