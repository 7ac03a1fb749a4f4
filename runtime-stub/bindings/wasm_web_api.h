// The isolate's WebAssembly streaming callback (start.cc sets it).
#pragma once

#include <v8.h>

namespace kiln::runtime {

void OnWasmStreaming(const v8::FunctionCallbackInfo<v8::Value>& args);

}  // namespace kiln::runtime
