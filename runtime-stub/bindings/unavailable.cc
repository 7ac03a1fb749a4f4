// The Error of what was left out, and the two bindings that need no more than that. They
// are in every runtime: the stub, which has all components, uses them too when it takes the
// snapshot of an executable without.
#include "runtime-stub/bindings/unavailable.h"

namespace kiln::runtime {
namespace {

struct Description {
  const char* code;
  const char* what;     // the executable has not
  const char* library;  // was left out
  const char* example;  // is seen in the app's text
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
};
static_assert(std::size(kDescriptions) == kOptionalComponentCount);

constexpr char kHttp2[] = "http2", kTlsWrap[] = "tls_wrap";

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
  return {
      .name = binding, .init = Init<component, binding>, .references = References<component, binding>};
}

}  // namespace

Error Unavailable(OptionalComponent component, std::string_view part) {
  const Description& d = kDescriptions[size_t(component)];
  return Error::Plain(d.code, "This executable has no " + std::string(d.what) + ", of which " +
                                  std::string(part) + " is a part: kiln left " + d.library +
                                  " out, because nothing in the app seemed to use it. Naming it, "
                                  "as in " +
                                  d.example + ", or kiln build --with=" +
                                  std::string(NameOf(component)) + " brings it in.");
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

void ThrowUnavailableProperty(OptionalComponent component, std::string_view binding, v8::Local<v8::Name> name,
                          v8::Isolate* isolate) {
  v8::String::Utf8Value text(isolate, name);
  Unavailable(component, std::string(binding) + "." + std::string(*text, size_t(text.length())))
      .Throw(Env::From(isolate));
}

extern const Binding kHttp2Unavailable, kTlsWrapUnavailable;
const Binding kHttp2Unavailable = MakeBinding<OptionalComponent::kHttp2, kHttp2>();
const Binding kTlsWrapUnavailable = MakeBinding<OptionalComponent::kCrypto, kTlsWrap>();

}  // namespace kiln::runtime
