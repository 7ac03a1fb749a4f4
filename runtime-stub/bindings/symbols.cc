// internalBinding("symbols"): the symbols that native code and the library share. They are
// registered with the isolate by name, so a restored snapshot finds the same symbols.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/env/symbol_names.h"

namespace kiln::runtime {
namespace {

void Init(Env& env, v8::Local<v8::Object> exports) {
  for (const SymbolName& symbol : kPerIsolateSymbols)
    env.Set(exports, symbol.name, env.Symbol(symbol.name));
}

}  // namespace

extern const Binding kSymbolsBinding;
const Binding kSymbolsBinding = {.name = "symbols", .init = Init};

}  // namespace kiln::runtime
