// OpenSSL's start-up and errors, and the common part of jobs (crypto.h).
#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <utility>

#include "runtime-stub/bindings/crypto/common/crypto.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/common/record_memory.h"

namespace kiln::runtime {

void StartOpenSsl() {
  static std::once_flag once;
  // The machine's openssl.cnf is for another OpenSSL than the one linked in.
  std::call_once(once, [] {
    UseRecordMemory();
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    ApplyOpenSslOptions();
  });
}

std::vector<unsigned long> TakeOpenSslErrors() {
  std::vector<unsigned long> errors;
  while (unsigned long error = ERR_get_error()) errors.push_back(error);
  return errors;
}

namespace {

std::string ErrorText(unsigned long error) {
  char text[256];
  ERR_error_string_n(error, text, sizeof(text));
  return text;
}

// For codes such as "ERR_OSSL_EVP_UNSUPPORTED": the library's short name, then the reason.
struct LibraryName {
  int library;
  const char* name;
};
constexpr LibraryName kLibraryNames[] = {
    {ERR_LIB_SYS, "SYS_"},       {ERR_LIB_BN, "BN_"},         {ERR_LIB_RSA, "RSA_"},
    {ERR_LIB_DH, "DH_"},         {ERR_LIB_EVP, "EVP_"},       {ERR_LIB_BUF, "BUF_"},
    {ERR_LIB_OBJ, "OBJ_"},       {ERR_LIB_PEM, "PEM_"},       {ERR_LIB_DSA, "DSA_"},
    {ERR_LIB_X509, "X509_"},     {ERR_LIB_ASN1, "ASN1_"},     {ERR_LIB_CONF, "CONF_"},
    {ERR_LIB_CRYPTO, "CRYPTO_"}, {ERR_LIB_EC, "EC_"},         {ERR_LIB_BIO, "BIO_"},
    {ERR_LIB_PKCS7, "PKCS7_"},   {ERR_LIB_X509V3, "X509V3_"}, {ERR_LIB_PKCS12, "PKCS12_"},
    {ERR_LIB_RAND, "RAND_"},     {ERR_LIB_DSO, "DSO_"},       {ERR_LIB_ENGINE, "ENGINE_"},
    {ERR_LIB_OCSP, "OCSP_"},     {ERR_LIB_UI, "UI_"},         {ERR_LIB_COMP, "COMP_"},
    {ERR_LIB_ECDSA, "ECDSA_"},   {ERR_LIB_ECDH, "ECDH_"},     {ERR_LIB_CMS, "CMS_"},
    {ERR_LIB_TS, "TS_"},         {ERR_LIB_HMAC, "HMAC_"},     {ERR_LIB_CT, "CT_"},
    {ERR_LIB_ASYNC, "ASYNC_"},   {ERR_LIB_KDF, "KDF_"},       {ERR_LIB_OSSL_STORE, "OSSL_STORE_"},
    {ERR_LIB_SM2, "SM2_"},
};

// False if a setter on Error.prototype threw.
bool SetText(Env& env, v8::Local<v8::Object> object, const char* name, const std::string& text) {
  return object->Set(env.context(), env.Name(name), env.Str(text)).IsJust();
}

bool Decorate(Env& env, v8::Local<v8::Object> object, unsigned long error) {
  const char* library = ERR_lib_error_string(error);
  const char* reason = ERR_reason_error_string(error);
  if (library && !SetText(env, object, "library", library)) return false;
  if (!reason) return true;
  if (!SetText(env, object, "reason", reason)) return false;
  std::string code = ERR_GET_LIB(error) == ERR_LIB_SSL ? "ERR_SSL_" : "ERR_OSSL_";
  for (const LibraryName& known : kLibraryNames)
    if (known.library == ERR_GET_LIB(error)) code += known.name;
  for (const char* c = reason; *c; c++) code += *c == ' ' ? '_' : char(std::toupper(uint8_t(*c)));
  return SetText(env, object, "code", code);
}

}  // namespace

v8::Local<v8::Value> OpenSslException(Env& env, const std::vector<unsigned long>& errors,
                                      const char* otherwise, ErrorDetail detail) {
  if (errors.empty()) return v8::Exception::Error(env.Str(otherwise));
  v8::TryCatch caught(env.isolate);  // what a setter throws replaces the exception
  v8::Local<v8::Object> exception =
      v8::Exception::Error(env.Str(errors[0] ? ErrorText(errors[0]) : otherwise)).As<v8::Object>();
  const size_t end = detail == ErrorDetail::kAll ? 0 : 1;
  if (errors.size() > end) {
    v8::LocalVector<v8::Value> stack(env.isolate);
    for (size_t i = errors.size(); i > end; i--) stack.push_back(env.Str(ErrorText(errors[i - 1])));
    v8::Local<v8::Array> list = v8::Array::New(env.isolate, stack.data(), stack.size());
    if (exception->Set(env.context(), env.Name("opensslErrorStack"), list).IsNothing())
      return caught.Exception();
  }
  if (detail != ErrorDetail::kTextOnly && !Decorate(env, exception, errors[0]))
    return caught.Exception();
  return exception;
}

void ThrowOpenSsl(Env& env, const char* otherwise, ErrorDetail detail) {
  env.isolate->ThrowException(OpenSslException(env, TakeOpenSslErrors(), otherwise, detail));
}

bool ToBytes(Env& env, v8::Local<v8::Value> value, v8::Local<v8::Value> encoding,
             std::string* out) {
  if (DecodeValue(env, value, ParseEncoding(env, encoding, Encoding::kUtf8), out)) return true;
  Error::Type("ERR_INVALID_ARG_TYPE",
              "The \"data\" argument must be of type string or an instance of Buffer, "
              "TypedArray, or DataView.")
      .Throw(env);
  return false;
}

SecretBytes DecodeSecret(Env& env, v8::Local<v8::String> string, Encoding encoding) {
  SecretBytes out(DecodedSize(env, string, encoding));
  out.resize(WriteString(env, out.data(), out.size(), string, encoding));
  return out;
}

bool ToBytes(Env& env, v8::Local<v8::Value> value, SecretBytes* out) {
  if (value->IsString()) {
    *out = DecodeSecret(env, value.As<v8::String>(), Encoding::kUtf8);
    return true;
  }
  ReadBytes bytes(value);
  if (bytes.ok()) {
    out->assign(bytes.view());
    return true;
  }
  std::string none;
  return ToBytes(env, value, env.Undefined(), &none);  // which throws
}

InputBytes::InputBytes(Env& env, v8::Local<v8::Value> value, v8::Local<v8::Value> encoding) {
  if (!value->IsString()) {
    if (in_place_.emplace(value).ok())
      view_ = in_place_->view();
    else
      ok_ = ToBytes(env, value, encoding, &decoded_);  // throws
  } else if (ParseEncoding(env, encoding, Encoding::kUtf8) == Encoding::kUtf8) {
    view_ = text_.emplace(env, value.As<v8::String>()).view();
  } else if ((ok_ = ToBytes(env, value, encoding, &decoded_))) {
    view_ = decoded_;
  }
}

v8::MaybeLocal<v8::Value> ToOutput(Env& env, std::string_view bytes,
                                   v8::Local<v8::Value> encoding) {
  return EncodeString(env, bytes, ParseEncoding(env, encoding, Encoding::kBuffer));
}

// ---------------------------------------------------------------------------- jobs

CryptoJob::CryptoJob(Env& env, Provider provider, const Args& args)
    : Request(env, provider),
      mode_(args[0]->IsInt32() ? JobMode(args[0].As<v8::Int32>()->Value()) : JobMode::kSync) {}

void CryptoJob::DoWork() {
  ERR_clear_error();
  ok_ = Work();
  errors_ = TakeOpenSslErrors();
  if (ok_) errors_.clear();
}

v8::Local<v8::Value> CryptoJob::Failure() {
  if (errors_.empty() && FailureCode())
    return Error::Plain(FailureCode(), FailureText()).ToJs(env());
  return OpenSslException(env(), errors_, FailureText(), FailureDetail());
}

// Sets one of the two; the other becomes undefined. False if the thread is being terminated.
bool CryptoJob::TakeResult(v8::Local<v8::Value>* error, v8::Local<v8::Value>* result) {
  *error = *result = env().Undefined();
  if (!ok_) {
    *error = Failure();
    return true;
  }
  v8::TryCatch caught(env().isolate);
  v8::Local<v8::Value> value = Value();
  if (!caught.HasCaught()) {
    *result = value;
    return true;
  }
  if (!caught.CanContinue()) {
    caught.ReThrow();
    return false;
  }
  *error = caught.Exception();
  return true;
}

// Resolving a promise reads `then` of its value. An own property of the object, present during the
// call, keeps the lookup away from prototypes that the program has changed.
static void ResolveUnasked(Env& env, v8::Local<v8::Promise::Resolver> promise,
                           v8::Local<v8::Value> value) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::String> then = env.Name("then");
  bool shadow =
      value->IsObject() &&
      value.As<v8::Object>()->CreateDataProperty(context, then, env.Undefined()).FromMaybe(false);
  (void)promise->Resolve(context, value);
  if (shadow) (void)value.As<v8::Object>()->Delete(context, then);
}

void CryptoJob::Settle() {
  v8::Local<v8::Context> context = env().context();
  v8::Local<v8::Promise::Resolver> promise = promise_.Get(env().isolate);
  promise_.Reset();
  v8::Local<v8::Value> error, result;
  if (!TakeResult(&error, &result)) return;
  if (error->IsUndefined()) return ResolveUnasked(env(), promise, result);
  v8::Local<v8::Object> options = NewNullProtoObject(env());
  env().Set(options, "name", env().Name("OperationError"));
  env().Set(options, "cause", error);
  v8::Local<v8::Value> args[] = {
      env().Name("The operation failed for an operation-specific reason"), options};
  v8::Local<v8::Object> exception;
  if (env().GetFunction(Slot::kDomException)->NewInstance(context, 2, args).ToLocal(&exception))
    (void)promise->Reject(context, exception);
}

// run(): sync returns [error, result]; async calls ondone(error, result); Web Crypto returns a
// promise. A job runs once: its request cannot be queued again, and its result has been moved out.
void CryptoJob::Run(const Args& args) {
  v8::Isolate* isolate = env().isolate;
  if (std::exchange(started_, true))
    return Error::Plain("ERR_INVALID_STATE", "Invalid state: the job has been run").Throw(env());
  if (mode_ == JobMode::kSync) {
    DoWork();
    v8::Local<v8::Value> pair[2];
    if (!TakeResult(&pair[0], &pair[1])) return;
    return args.GetReturnValue().Set(v8::Array::New(isolate, pair, 2));
  }
  if (mode_ == JobMode::kWebCrypto) {
    v8::Local<v8::Promise::Resolver> promise;
    if (!v8::Promise::Resolver::New(env().context()).ToLocal(&promise)) return;
    promise_.Reset(isolate, promise);
    args.GetReturnValue().Set(promise->GetPromise());
  }
  int rc = DispatchOnLoop(
      uv_queue_work,
      +[](uv_work_t* raw) {
        static_cast<CryptoJob*>(static_cast<Request<uv_work_t>*>(raw->data))->DoWork();
      },
      +[](uv_work_t* raw, int status) {
        auto* self = static_cast<CryptoJob*>(Done(raw));
        Env& env = self->env();
        v8::HandleScope scope(env.isolate);
        [[maybe_unused]] v8::Local<v8::Object> keep = self->object();
        if (status == UV_ECANCELED) return;
        v8::Context::Scope entered(env.context());
        if (self->mode_ == JobMode::kWebCrypto) {
          CallbackScope callback(*self);
          self->Settle();
        } else if (v8::Local<v8::Value> error, result; self->TakeResult(&error, &result)) {
          (void)self->MakeCallback("ondone", {error, result});
        }
        // The wrapper may stay alive, but the resource of async_hooks ends here.
        self->EmitDestroy();
      });
  CHECK(rc == 0);
}

}  // namespace kiln::runtime
