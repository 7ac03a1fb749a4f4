// --disable-proto: removes Object.prototype.__proto__, or makes its use throw.
#pragma once

#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Call it for each new context. Does nothing without the option.
void ApplyDisableProto(Env& env, v8::Local<v8::Context> context);
void DisableProtoReferences(std::vector<intptr_t>& out);

}  // namespace kiln::runtime
