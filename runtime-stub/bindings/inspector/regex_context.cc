// The context that V8's inspector makes for its own regular expressions, of breakpoints by URL for example.
// V8 restores it from the snapshot, as contexts of vm.createContext(), so what is in the snapshot must not
// be added again (platform/context_features.h). V8 asks for it through the functions below (the linker's
// --wrap, kiln_wrapped_functions in link.cmake) and keeps it.
#include "runtime-stub/platform/context_features.h"

// v8_inspector::V8InspectorImpl::regexContext()
extern "C" {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wreturn-type-c-linkage"
v8::Local<v8::Context> __real__ZN12v8_inspector15V8InspectorImpl12regexContextEv(void* inspector);
v8::Local<v8::Context> __wrap__ZN12v8_inspector15V8InspectorImpl12regexContextEv(void* inspector);
#pragma clang diagnostic pop
}

v8::Local<v8::Context> __wrap__ZN12v8_inspector15V8InspectorImpl12regexContextEv(void* inspector) {
  kiln::runtime::ContextCreation creation(v8::Isolate::GetCurrent());
  return __real__ZN12v8_inspector15V8InspectorImpl12regexContextEv(inspector);
}
