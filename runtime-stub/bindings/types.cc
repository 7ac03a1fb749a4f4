// internalBinding("types"): the tests of util.types for kinds of objects. Each is one test of V8,
// which optimized code calls directly.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

bool IsAnyArrayBuffer(v8::Local<v8::Value> v) {
  return v->IsArrayBuffer() || v->IsSharedArrayBuffer();
}
bool IsBoxedPrimitive(v8::Local<v8::Value> v) {
  return v->IsNumberObject() || v->IsStringObject() || v->IsBooleanObject() ||
         v->IsBigIntObject() || v->IsSymbolObject();
}

template <auto kTest>
bool Test(v8::Local<v8::Value> value) {
  if constexpr (std::is_member_function_pointer_v<decltype(kTest)>)
    return ((*value)->*kTest)();
  else
    return kTest(value);
}
template <auto kTest>
void Call(const Args& args) {
  args.GetReturnValue().Set(Test<kTest>(args[0]));
}
template <auto kTest>
bool FastCall(v8::Local<v8::Value>, v8::Local<v8::Value> value) {
  return Test<kTest>(value);
}

template <auto kTest>
constexpr Entry Is(const char* name) {
  return {name, Call<kTest>,
          +[]() -> const v8::CFunction& {
            static const v8::CFunction function = v8::CFunction::Make(FastCall<kTest>);
            return function;
          },
          true};
}

constexpr Entry kFunctions[] = {
    Is<&v8::Value::IsArgumentsObject>("isArgumentsObject"),
    Is<&v8::Value::IsArrayBuffer>("isArrayBuffer"),
    Is<&v8::Value::IsAsyncFunction>("isAsyncFunction"),
    Is<&v8::Value::IsBigIntObject>("isBigIntObject"),
    Is<&v8::Value::IsBooleanObject>("isBooleanObject"),
    Is<&v8::Value::IsDate>("isDate"),
    Is<&v8::Value::IsExternal>("isExternal"),
    Is<&v8::Value::IsGeneratorFunction>("isGeneratorFunction"),
    Is<&v8::Value::IsGeneratorObject>("isGeneratorObject"),
    Is<&v8::Value::IsMap>("isMap"),
    Is<&v8::Value::IsMapIterator>("isMapIterator"),
    Is<&v8::Value::IsModuleNamespaceObject>("isModuleNamespaceObject"),
    Is<&v8::Value::IsNativeError>("isNativeError"),
    Is<&v8::Value::IsNumberObject>("isNumberObject"),
    Is<&v8::Value::IsPromise>("isPromise"),
    Is<&v8::Value::IsProxy>("isProxy"),
    Is<&v8::Value::IsRegExp>("isRegExp"),
    Is<&v8::Value::IsSet>("isSet"),
    Is<&v8::Value::IsSetIterator>("isSetIterator"),
    Is<&v8::Value::IsSharedArrayBuffer>("isSharedArrayBuffer"),
    Is<&v8::Value::IsStringObject>("isStringObject"),
    Is<&v8::Value::IsSymbolObject>("isSymbolObject"),
    Is<&v8::Value::IsWeakMap>("isWeakMap"),
    Is<&v8::Value::IsWeakSet>("isWeakSet"),
    Is<IsAnyArrayBuffer>("isAnyArrayBuffer"),
    Is<IsBoxedPrimitive>("isBoxedPrimitive"),
};

}  // namespace

extern const Binding kTypesBinding;
const Binding kTypesBinding = {.name = "types", .functions = kFunctions};

}  // namespace kiln::runtime
