// Substitutes for the native code of optional components that the executable was linked without
// (snapshot/format/optional_components.h). Modules of Node's library can still be loaded, but each
// use of the missing code throws an Error that names the function, the component, and the option
// that includes it.
#pragma once

#include "runtime-stub/binding/binding.h"
#include "snapshot/format/optional_components.h"

namespace kiln::runtime {

// The error for the use of `part`, such as "crypto.createHash". Its code is ERR_NO_CRYPTO, or
// ERR_FEATURE_UNAVAILABLE_ON_PLATFORM for other components.
Error Unavailable(OptionalComponent component, std::string_view part);

// Sets a prototype on `exports` that throws Unavailable() when any property is read. `get` is an
// instance of UnavailableProperty, which must be in the `references` of the binding.
void ThrowForAll(Env& env, v8::Local<v8::Object> exports, v8::NamedPropertyGetterCallback get);

// Throws Unavailable(component, "BINDING.NAME").
void ThrowUnavailableProperty(OptionalComponent component, std::string_view binding,
                              v8::Local<v8::Name> name, v8::Isolate* isolate);

// The getter for ThrowForAll().
template <OptionalComponent component, const char* binding>
v8::Intercepted UnavailableProperty(v8::Local<v8::Name> name,
                                    const v8::PropertyCallbackInfo<v8::Value>& info) {
  ThrowUnavailableProperty(component, binding, name, info.GetIsolate());
  return v8::Intercepted::kYes;
}

}  // namespace kiln::runtime
