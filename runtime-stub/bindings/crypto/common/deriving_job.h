// The common part of jobs whose result is bytes, and how they read their arguments.
#pragma once

#include <climits>

#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

// A copy of the bytes.
inline v8::Local<v8::ArrayBuffer> ToArrayBuffer(Env& env, std::string_view bytes) {
  auto buffer = v8::ArrayBuffer::New(env.isolate, bytes.size());
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(buffer->Data()));
  return buffer;
}

// A number argument; 0 for any other value.
inline double AsDouble(v8::Local<v8::Value> value) {
  return value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
}
// The same; also 0 for numbers that are not an unsigned integer of 32 bits.
inline uint32_t AsUint32(v8::Local<v8::Value> value) {
  return value->IsUint32() ? value.As<v8::Uint32>()->Value() : 0;
}

// Copies the bytes of a buffer or view. OpenSSL's lengths are ints, so more than INT_MAX bytes are
// ERR_OUT_OF_RANGE, "<what> is too big". False with an exception pending.
bool ToBoundedBytes(Env& env, v8::Local<v8::Value> value, const char* what, std::string* out);
bool ToBoundedBytes(Env& env, v8::Local<v8::Value> value, const char* what, SecretBytes* out);
// The same, but undefined gives no bytes.
inline bool ToOptionalBytes(Env& env, v8::Local<v8::Value> value, const char* what,
                            std::string* out) {
  return value->IsUndefined() || ToBoundedBytes(env, value, what, out);
}

// `bytes` has (bits + 7) / 8 bytes; clears the bits of the last byte that are not among the first
// `bits`.
inline void ClearUnusedBits(SecretBytes* bytes, size_t bits) {
  if (bits % 8) bytes->back() = char(bytes->back() & (0xff << (8 - bits % 8)));
}

// Work() fills result_, on any thread; JavaScript gets an ArrayBuffer with a copy. Configure()
// must copy everything that Work() needs, because buffers of JavaScript may change meanwhile.
class DerivingJob : public CryptoJob {
 public:
  using CryptoJob::CryptoJob;
  v8::Local<v8::Value> Value() override { return ToArrayBuffer(env(), result_); }
  const char* FailureText() const override { return "Deriving bits failed"; }

 protected:
  // Resizes the result to the size in an argument, which must fit in an int. False with an
  // exception pending.
  bool ToResultSize(const Args& args, int index);

  SecretBytes result_;
};

// Computes a message authentication code into result_, or compares it with a given signature, in
// constant time: Value() is then a boolean, false also if the sizes differ.
class MacJob : public DerivingJob {
 public:
  using DerivingJob::DerivingJob;
  v8::Local<v8::Value> Value() override;

 protected:
  // From the arguments kSignJobModeSign or kSignJobModeVerify, and the signature.
  // False with an exception pending.
  bool ConfigureMode(v8::Local<v8::Value> mode, v8::Local<v8::Value> signature);

 private:
  bool verify_ = false;
  std::string signature_;
};

// Defines the class of a job. Class needs the constructor and Configure() that
// ConstructConfigured() calls (crypto.h).
#define KILN_JOB(variable, Class, js_name)                              \
  const ClassEntry variable = {.name = js_name,                         \
                               .construct = ConstructConfigured<Class>, \
                               .parent = &kAsyncWrapClass,              \
                               .methods = kJobMethods};

}  // namespace kiln::runtime
