// internalBinding("cjs_lexer"): parse(source) answers [Set of export names, array of
// specifiers that are exported again] of a CommonJS module.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/cjs_lexer/lexer.h"

namespace kiln::runtime {
namespace {

v8::Local<v8::Value> Parse(Env& env, std::string source) {
  CjsExports found;
  LexCommonJs(source, &found);  // what cannot be parsed has no exports
  v8::Local<v8::Set> names = v8::Set::New(env.isolate);
  for (const std::string& name : found.names)
    if (names->Add(env.context(), env.Str(name)).IsEmpty()) return env.Undefined();
  std::vector<v8::Local<v8::Value>> reexports;
  for (const std::string& specifier : found.reexports) reexports.push_back(env.Str(specifier));
  v8::Local<v8::Value> result[] = {names,
                                   v8::Array::New(env.isolate, reexports.data(), reexports.size())};
  return v8::Array::New(env.isolate, result, 2);
}

constexpr Entry kFunctions[] = {Method<Parse>("parse")};

}  // namespace

extern const Binding kCjsLexerBinding;
const Binding kCjsLexerBinding = {.name = "cjs_lexer", .functions = kFunctions};

}  // namespace kiln::runtime
