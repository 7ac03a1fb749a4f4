// The isolate's WebAssembly streaming callback, for Isolate::SetWasmStreamingCallback(). The main
// thread sets it before it creates a context (thread/main_thread.cc).
#pragma once

#include <v8.h>

namespace kiln::runtime {

// `args` are those of WebAssembly.compileStreaming(), with V8's v8::WasmStreaming as data. Calls
// the function that the library has set with setImplementation() as (WasmStreamingObject, source);
// nothing happens if there is none. Exceptions are left pending.
void OnWasmStreaming(const v8::FunctionCallbackInfo<v8::Value>& args);

}  // namespace kiln::runtime
