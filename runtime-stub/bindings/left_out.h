// What stands in for native code of a family that the executable was linked without
// (snapshot/families.h). The library's modules load; what they then ask for throws one
// Error, which names the part, the family, and what brings it in.
#pragma once

#include "runtime-stub/binding/binding.h"
#include "snapshot/families.h"

namespace kiln {

// `part` is what was asked for, as in "crypto.createHash".
Error LeftOut(Family family, std::string_view part);

// Gives the exports of the binding `name` a prototype on which every name throws
// LeftOut(family, "name.…"). `get` is LeftOutProperty of the two, and belongs in the
// `references` of the binding.
void ThrowForAll(Env& env, v8::Local<v8::Object> exports, v8::NamedPropertyGetterCallback get);

void ThrowLeftOutProperty(Family family, std::string_view binding, v8::Local<v8::Name> name,
                          v8::Isolate* isolate);

template <Family family, const char* binding>
v8::Intercepted LeftOutProperty(v8::Local<v8::Name> name,
                                const v8::PropertyCallbackInfo<v8::Value>& info) {
  ThrowLeftOutProperty(family, binding, name, info.GetIsolate());
  return v8::Intercepted::kYes;
}

}  // namespace kiln
