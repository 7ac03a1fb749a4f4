// What stands in for native code of a component that the executable was linked without
// (snapshot/format/optional_components.h). The library's modules load; what they then ask for throws one
// Error, which names the part, the component, and what brings it in.
#pragma once

#include "runtime-stub/binding/binding.h"
#include "snapshot/format/optional_components.h"

namespace kiln::runtime {

// `part` is what was asked for, as in "crypto.createHash".
Error Unavailable(OptionalComponent component, std::string_view part);

// Gives the exports of the binding `name` a prototype on which every name throws
// Unavailable(component, "name.…"). `get` is UnavailableProperty of the two, and belongs in the
// `references` of the binding.
void ThrowForAll(Env& env, v8::Local<v8::Object> exports, v8::NamedPropertyGetterCallback get);

void ThrowUnavailableProperty(OptionalComponent component, std::string_view binding, v8::Local<v8::Name> name,
                          v8::Isolate* isolate);

template <OptionalComponent component, const char* binding>
v8::Intercepted UnavailableProperty(v8::Local<v8::Name> name,
                                const v8::PropertyCallbackInfo<v8::Value>& info) {
  ThrowUnavailableProperty(component, binding, name, info.GetIsolate());
  return v8::Intercepted::kYes;
}

}  // namespace kiln::runtime
