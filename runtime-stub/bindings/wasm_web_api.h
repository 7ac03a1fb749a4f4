// The isolate's WebAssembly streaming callback, for Isolate::SetWasmStreamingCallback(). The main
// thread sets it before it creates a context (thread/main_thread.cc).
#pragma once

#include <v8.h>

namespace kiln::runtime {

void OnWasmStreaming(const v8::FunctionCallbackInfo<v8::Value>& args);

}  // namespace kiln::runtime
