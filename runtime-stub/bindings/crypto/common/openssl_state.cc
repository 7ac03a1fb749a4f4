// OpenSSL's state per process: the options of the command line, the secure heap, FIPS mode and
// engines.
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

// ---------------------------------------------------------------- options
namespace {

// Sets up the memory that contains private numbers.
void StartSecureHeap(const RunOptions& options) {
  int64_t size = options.GetNumber("--secure-heap");
  if (size <= 0) return;
  switch (CRYPTO_secure_malloc_init(size_t(size), size_t(options.GetNumber("--secure-heap-min")))) {
    case 0:
      std::fprintf(stderr, "Unable to initialize openssl secure heap.\n");
      break;
    case 2:  // it exists, but could not be locked in memory
      std::fprintf(stderr, "Unable to memory map openssl secure heap.\n");
      break;
  }
}

// A configuration that cannot be read ends the process, as in Node, but when OpenSSL is first used
// and not at the start. So does one that leaves OpenSSL without random numbers (providers without
// "default"), with which it divides by zero.
void ReadConfiguration(Env& env) {
  const RunOptions& options = *env.options;
  std::string path = options.GetString("--openssl-config");
  if (path.empty()) path = ReadTrusted("OPENSSL_CONF").value_or("");
  if (path.empty()) return;
  const char* section = options.GetBool("--openssl-shared-config") ? "openssl_conf" : "nodejs_conf";
  const std::string program = options.argv.empty() ? "node" : options.argv[0];
  if (CONF_modules_load_file(path.c_str(), section, CONF_MFLAGS_IGNORE_MISSING_FILE) > 0) {
    if (RAND_status() == 1) return;
    std::fprintf(stderr, "%s: %s leaves OpenSSL without a random number generator\n",
                 program.c_str(), path.c_str());
    return env.Exit(1);
  }
  std::fprintf(stderr, "%s: OpenSSL configuration error:\n", program.c_str());
  int reason = ERR_GET_REASON(ERR_peek_error());
  ERR_print_errors_fp(stderr);
  std::fputs("\n\n", stderr);  // as in Node
  env.Exit(reason);
}

}  // namespace

void ApplyOpenSslOptions() {
  v8::Isolate* isolate = v8::Isolate::TryGetCurrent();
  Env* env = isolate ? Env::MaybeFrom(isolate) : nullptr;
  if (!env || !env->options) return;
  // OpenSSL's older algorithms are a shared library, which a static executable cannot load.
  if (env->options->GetBool("--openssl-legacy-provider"))
    std::fprintf(stderr, "Unable to load legacy provider.\n");
  ReadConfiguration(*env);
  StartSecureHeap(*env->options);
}

// ---------------------------------------------------------------- secure heap

// secureBuffer(size): in ordinary memory if there is no secure heap.
void SecureBuffer(Env& env, const Args& args) {
  StartOpenSsl();
  size_t size = AsUint32(args[0]);
  v8::Local<v8::ArrayBuffer> buffer;
  if (CRYPTO_secure_malloc_initialized()) {
    void* memory = OPENSSL_secure_zalloc(size);
    if (!memory) return Error::Plain("ERR_OPERATION_FAILED", "Allocation failed").Throw(env);
    buffer = v8::ArrayBuffer::New(env.isolate, v8::ArrayBuffer::NewBackingStore(
                                                   memory, size,
                                                   [](void* data, size_t length, void*) {
                                                     OPENSSL_secure_clear_free(data, length);
                                                   },
                                                   nullptr));
  } else {
    buffer = v8::ArrayBuffer::New(env.isolate, size);
  }
  args.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

void SecureHeapUsed(Env& env, const Args& args) {
  StartOpenSsl();
  // CRYPTO_secure_used() crashes if the heap was never set up.
  size_t used = CRYPTO_secure_malloc_initialized() ? CRYPTO_secure_used() : 0;
  args.GetReturnValue().Set(v8::BigInt::NewFromUnsigned(env.isolate, used));
}

// ---------------------------------------------------------------- FIPS mode

// In FIPS mode only implementations with the property fips=yes are used. The linked OpenSSL has
// none, so everything fails in that mode, as it does in a Node without the provider.
double GetFipsCrypto(Env&) {
  StartOpenSsl();
  return EVP_default_properties_is_fips_enabled(nullptr);
}
double TestFipsCrypto(Env&) {
  StartOpenSsl();
  return OSSL_PROVIDER_available(nullptr, "fips");
}
void SetFipsCrypto(Env& env, const Args& args) {
  StartOpenSsl();
  if (!EVP_default_properties_enable_fips(nullptr, args[0]->BooleanValue(env.isolate)))
    ThrowOpenSsl(env, "Cannot set FIPS mode");
  ForgetAlgorithms();
}

// ---------------------------------------------------------------- engines

// Engines are shared libraries, which a static executable cannot load.
void SetEngine(Env& env, const Args&) {
  Error::Plain("ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED",
               env.permissions && !env.permissions->audit()
                   ? "Programmatic selection of OpenSSL engines is unsupported while the "
                     "experimental permission model is enabled"
                   : "Custom engines not supported by this OpenSSL")
      .Throw(env);
}

}  // namespace kiln::runtime
