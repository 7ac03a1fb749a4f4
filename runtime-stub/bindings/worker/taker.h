// A question to a running worker thread, such as its heap statistics: an object of the parent whose
// `ondone` is called with the answer.
#pragma once

#include <functional>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

extern const ClassEntry kTakerClass;

// Makes the arguments of ondone() on the parent's thread.
using Answer = std::function<std::vector<v8::Local<v8::Value>>(Env& parent)>;

}  // namespace kiln::runtime
