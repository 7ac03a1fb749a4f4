// Reads the arguments of jobs, and compares authentication codes: see deriving_job.h.
#include "runtime-stub/bindings/crypto/common/deriving_job.h"

#include <openssl/crypto.h>

namespace kiln::runtime {
namespace {

template <class Bytes>
bool CopyBounded(Env& env, v8::Local<v8::Value> value, const char* what, Bytes* out) {
  ReadBytes bytes(value);
  if (!bytes.ok()) {
    Error::Type("ERR_INVALID_ARG_TYPE",
                std::string("The \"") + what +
                    "\" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or "
                    "DataView.")
        .Throw(env);
    return false;
  }
  if (bytes.size() > INT_MAX) {
    Error::Range("ERR_OUT_OF_RANGE", std::string(what) + " is too big").Throw(env);
    return false;
  }
  out->assign(bytes.view());
  return true;
}

}  // namespace

bool ToBoundedBytes(Env& env, v8::Local<v8::Value> value, const char* what, std::string* out) {
  return CopyBounded(env, value, what, out);
}
bool ToBoundedBytes(Env& env, v8::Local<v8::Value> value, const char* what, SecretBytes* out) {
  return CopyBounded(env, value, what, out);
}

bool DerivingJob::ToResultSize(const Args& args, int index) {
  double size = AsDouble(args[index]);
  if (!(size >= 0 && size <= INT_MAX)) {
    ThrowBadArgument(env(), index);
    return false;
  }
  result_.resize(size_t(size));
  return true;
}

bool MacJob::ConfigureMode(v8::Local<v8::Value> mode, v8::Local<v8::Value> signature) {
  verify_ = mode->IsInt32() && mode.As<v8::Int32>()->Value() == 1;
  return !verify_ || ToBoundedBytes(env(), signature, "signature", &signature_);
}

v8::Local<v8::Value> MacJob::Value() {
  if (!verify_) return DerivingJob::Value();
  return v8::Boolean::New(
      env().isolate, !result_.empty() && signature_.size() == result_.size() &&
                         CRYPTO_memcmp(signature_.data(), result_.data(), result_.size()) == 0);
}

}  // namespace kiln::runtime
