// The isolate's WebAssembly streaming callback (boot.cc installs it).
#pragma once

#include <v8.h>

namespace kiln {

void OnWasmStreaming(const v8::FunctionCallbackInfo<v8::Value>& args);

}  // namespace kiln
