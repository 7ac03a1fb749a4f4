// internalBinding("cjs_lexer"): the names that a CommonJS module exports, found without running
// it, so that an ES module can import them by name. The lexer is merve, which Node uses too.
#include <merve.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

// parse(source) returns [Set of names, array of the specifiers whose exports are exported too].
// Both are empty for a source that cannot be tokenised or is an ES module.
v8::Local<v8::Value> Parse(Env& env, std::string source) {
  // Names are views of `source` unless they have escapes.
  lexer::lexer_analysis found = lexer::parse_commonjs(source).value_or(lexer::lexer_analysis());
  v8::Local<v8::Set> names = v8::Set::New(env.isolate);
  for (const lexer::export_entry& name : found.exports)
    if (names->Add(env.context(), env.Str(lexer::get_string_view(name))).IsEmpty())
      return env.Undefined();
  v8::LocalVector<v8::Value> reexports(env.isolate);
  for (const lexer::export_entry& specifier : found.re_exports)
    reexports.push_back(env.Str(lexer::get_string_view(specifier)));
  v8::Local<v8::Value> result[] = {names,
                                   v8::Array::New(env.isolate, reexports.data(), reexports.size())};
  return v8::Array::New(env.isolate, result, 2);
}

constexpr Entry kFunctions[] = {Method<Parse>("parse")};

}  // namespace

extern const Binding kCjsLexerBinding;
const Binding kCjsLexerBinding = {.name = "cjs_lexer", .functions = kFunctions};

}  // namespace kiln::runtime
