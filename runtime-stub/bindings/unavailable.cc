// The Error for native code that was not linked, and the substitutes of bindings that consist of
// nothing else. They are part of every runtime: the stub, which has all components, also uses them
// when it takes the snapshot of an executable without a component.
#include "runtime-stub/bindings/unavailable.h"

namespace kiln::runtime {
namespace {

struct Description {
  const char* code;
  const char* what;     // the functionality that is missing
  const char* library;  // what was not linked
  const char* example;  // an expression by which the bundler recognizes its use
};

// In the order of OptionalComponent.
constexpr Description kDescriptions[] = {
    {"ERR_NO_CRYPTO", "cryptography", "OpenSSL", "require('node:crypto')"},
    {"ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "HTTP/2", "nghttp2", "require('node:http2')"},
    {"ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "compression with Brotli", "its encoder",
     "zlib.createBrotliCompress"},
    {"ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "decompression with Brotli", "its decoder",
     "zlib.createBrotliDecompress"},
    {"ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "compression with Zstandard", "its encoder",
     "zlib.createZstdCompress"},
    {"ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "SQLite", "it", "require('node:sqlite')"},
    {"ERR_INSPECTOR_NOT_AVAILABLE", "inspector", "V8's", "require('node:inspector')"},
};
static_assert(std::size(kDescriptions) == kOptionalComponentCount);

constexpr char kHttp2[] = "http2", kTlsWrap[] = "tls_wrap", kSqlite[] = "sqlite",
               kWebstorage[] = "webstorage", kInspector[] = "inspector", kProfiler[] = "profiler";

template <OptionalComponent component, const char* binding>
void Init(Env& env, v8::Local<v8::Object> exports) {
  ThrowForAll(env, exports, UnavailableProperty<component, binding>);
}

template <OptionalComponent component, const char* binding>
void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(UnavailableProperty<component, binding>));
}

template <OptionalComponent component, const char* binding>
constexpr Binding MakeBinding() {
  return {.name = binding,
          .init = Init<component, binding>,
          .references = References<component, binding>};
}

}  // namespace

Error Unavailable(OptionalComponent component, std::string_view part) {
  const Description& d = kDescriptions[size_t(component)];
  return Error::Plain(
      d.code,
      std::string(part) + " is not available: this executable has no " + d.what +
          ". kiln did not link " + d.library +
          ", because it found no use of it in the app. To include it, use " + d.example +
          " in the app, or build with `kiln build --with=" + std::string(NameOf(component)) + "`.");
}

void ThrowForAll(Env& env, v8::Local<v8::Object> exports, v8::NamedPropertyGetterCallback get) {
  v8::Local<v8::ObjectTemplate> rest = v8::ObjectTemplate::New(env.isolate);
  rest->SetHandler(
      v8::NamedPropertyHandlerConfiguration(get, nullptr, nullptr, nullptr, nullptr, {},
                                            v8::PropertyHandlerFlags::kOnlyInterceptStrings));
  v8::Local<v8::Object> prototype;
  if (rest->NewInstance(env.context()).ToLocal(&prototype))
    exports->SetPrototypeV2(env.context(), prototype).Check();
}

void ThrowUnavailableProperty(OptionalComponent component, std::string_view binding,
                              v8::Local<v8::Name> name, v8::Isolate* isolate) {
  v8::String::Utf8Value text(isolate, name);
  Unavailable(component, std::string(binding) + "." + std::string(*text, size_t(text.length())))
      .Throw(Env::From(isolate));
}

extern const Binding kHttp2Unavailable, kTlsWrapUnavailable, kSqliteUnavailable,
    kWebstorageUnavailable, kInspectorUnavailable, kProfilerUnavailable;
const Binding kHttp2Unavailable = MakeBinding<OptionalComponent::kHttp2, kHttp2>();
const Binding kTlsWrapUnavailable = MakeBinding<OptionalComponent::kCrypto, kTlsWrap>();
const Binding kSqliteUnavailable = MakeBinding<OptionalComponent::kSqlite, kSqlite>();
const Binding kWebstorageUnavailable = MakeBinding<OptionalComponent::kSqlite, kWebstorage>();
const Binding kInspectorUnavailable = MakeBinding<OptionalComponent::kInspector, kInspector>();
const Binding kProfilerUnavailable = MakeBinding<OptionalComponent::kInspector, kProfiler>();

}  // namespace kiln::runtime
