// --disable-proto: takes Object.prototype.__proto__ away, or makes its use throw.
#pragma once

#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// For each new context; does nothing without the option.
void ApplyDisableProto(Env& env, v8::Local<v8::Context> context);
void DisableProtoReferences(std::vector<intptr_t>& out);

}  // namespace kiln::runtime
