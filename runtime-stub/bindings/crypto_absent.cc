// internalBinding("crypto") of an executable without OpenSSL (targets/README.md tells which
// have none). The library's modules load, because some look whether a value is a key; the
// key classes are there, but nothing can make one. Everything else throws an Error that
// tells what is missing and why. The symbol is weak: crypto/ replaces it.
#include "runtime-stub/bindings/not_yet/not_yet.h"

namespace kiln {
namespace {

void Throw(Env& env, std::string_view name) {
  Error::Plain("ERR_NO_CRYPTO",
               "This executable has no cryptography, of which crypto." + std::string(name) +
                   " is a part: kiln left OpenSSL out, because nothing in the app seemed to "
                   "use it. Naming it, as in require('node:crypto'), brings it in.")
      .Throw(env);
}

// What is not a property of the binding itself ends here.
v8::Intercepted GetOther(v8::Local<v8::Name> name,
                         const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::String::Utf8Value text(info.GetIsolate(), name);
  Throw(Env::From(info.GetIsolate()), {*text, size_t(text.length())});
  return v8::Intercepted::kYes;
}

void ConstructKey(const Args& args) { Throw(Env::From(args.GetIsolate()), "KeyObject"); }

const ClassEntry kKeyClass = {.name = "NativeKeyObject", .construct = ConstructKey};

// createNativeKeyObjectClass(makeClasses): the library derives its classes from ours.
void CreateKeyClass(Env& env, const Args& args) {
  if (!args[0]->IsFunction()) return ThrowBadArgument(env, 0);
  v8::Local<v8::Value> base = env.Constructor(kKeyClass), classes;
  if (args[0].As<v8::Function>()->Call(env.context(), env.Undefined(), 1, &base).ToLocal(&classes))
    args.GetReturnValue().Set(classes);
}

// Asked of any object, to find out whether it is a key.
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
  v8::Local<v8::ObjectTemplate> rest = v8::ObjectTemplate::New(env.isolate);
  rest->SetHandler(
      v8::NamedPropertyHandlerConfiguration(GetOther, nullptr, nullptr, nullptr, nullptr, {},
                                            v8::PropertyHandlerFlags::kOnlyInterceptStrings));
  v8::Local<v8::Object> prototype;
  if (rest->NewInstance(env.context()).ToLocal(&prototype))
    exports->SetPrototypeV2(env.context(), prototype).Check();
}

void References(std::vector<intptr_t>& out) { out.push_back(Reference(GetOther)); }

}  // namespace

extern const Binding kCryptoBinding;
__attribute__((weak)) const Binding kCryptoBinding = {.name = "crypto",
                                                      .functions = kFunctions,
                                                      .hidden_classes = kHiddenClasses,
                                                      .init = Init,
                                                      .references = References};

}  // namespace kiln
