// internalBinding("crypto") of an executable without OpenSSL (unavailable.h). Modules of the
// library can be loaded, because some only check whether a value is a key; the key classes exist,
// but no instance can be created.
#include "runtime-stub/bindings/unavailable.h"

namespace kiln::runtime {
namespace {

constexpr char kCrypto[] = "crypto";

void ConstructKey(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  Unavailable(OptionalComponent::kCrypto, "crypto.KeyObject").Throw(env);
}

const ClassEntry kKeyClass = {.name = "NativeKeyObject", .construct = ConstructKey};

// createNativeKeyObjectClass(makeClasses): the library derives its classes from the native one.
void CreateKeyClass(Env& env, const Args& args) {
  if (!args[0]->IsFunction()) return ThrowBadArgument(env, 0);
  v8::Local<v8::Value> base = env.Constructor(kKeyClass), classes;
  if (args[0].As<v8::Function>()->Call(env.context(), env.Undefined(), 1, &base).ToLocal(&classes))
    args.GetReturnValue().Set(classes);
}

// Called with any object, to check whether it is a key.
void GetKeySlots(Env& env, const Args&) {
  Error::Type("ERR_INVALID_THIS", "Value of \"this\" must be of type KeyObject").Throw(env);
}

constexpr Entry kFunctions[] = {
    Method<CreateKeyClass>("createNativeKeyObjectClass"),
    Method<CreateKeyClass>("createCryptoKeyClass"),
    Method<GetKeySlots>("getKeyObjectSlots"),
    Method<GetKeySlots>("getCryptoKeySlots"),
};
const ClassEntry* const kHiddenClasses[] = {&kKeyClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
#define KILN_VALUE(NAME, value) env.Set(exports, #NAME, value);
#include "runtime-stub/bindings/crypto_values.inc"
#undef KILN_VALUE
  ThrowForAll(env, exports, UnavailableProperty<OptionalComponent::kCrypto, kCrypto>);
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(UnavailableProperty<OptionalComponent::kCrypto, kCrypto>));
}

}  // namespace

extern const Binding kCryptoUnavailable;
const Binding kCryptoUnavailable = {.name = kCrypto,
                                    .functions = kFunctions,
                                    .hidden_classes = kHiddenClasses,
                                    .init = Init,
                                    .references = References};

}  // namespace kiln::runtime
