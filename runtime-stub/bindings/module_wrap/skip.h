// ES modules that V8 passes over while it evaluates others, for modules that are evaluated when the
// executable is built (docs/baking.md).
#pragma once

#include <v8.h>

namespace kiln::runtime {

// With `skip`, V8 takes the module for one that is being evaluated, so that it evaluates what imports the module
// without it: access to its variables throws, as in a cycle. Without `skip` it is linked, as it was
// before. V8's interface has no such function, so this changes V8's object in memory, after it has checked the
// layout. Returns false, and does nothing, if that is not the known one. REQUIRES: an ES module that
// is instantiated and not evaluated, or that has thrown.
bool SkipModule(v8::Local<v8::Context> context, v8::Local<v8::Module> module, bool skip);

}  // namespace kiln::runtime
