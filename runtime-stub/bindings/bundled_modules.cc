// internalBinding("bundled_modules"): the app's modules, for internal/kiln/*. A module is a number;
// 0 is the entry. payload/bundled_modules.h describes the table.
#include "runtime-stub/payload/bundled_modules.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {
namespace {

double Count(Env&) { return bundled::Count(); }

// [path, suffix, kind, flags] of a module; undefined if there is none of that number.
void Describe(Env& env, const Args& args) {
  uint32_t number = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : bundled::Count();
  if (number >= bundled::Count()) return;
  bundled::Module module = bundled::At(number);
  v8::Local<v8::Value> values[] = {env.Str(module.path), env.Str(module.suffix),
                                   v8::Integer::New(env.isolate, int(module.kind)),
                                   v8::Integer::NewFromUnsigned(env.isolate, module.flags)};
  args.GetReturnValue().Set(v8::Array::New(env.isolate, values, std::size(values)));
}

// The number of the module at a path and suffix, or undefined.
v8::Local<v8::Value> Find(Env& env, std::string path, std::string suffix) {
  std::optional<uint32_t> number = bundled::Find(path, suffix);
  if (!number) return env.Undefined();
  return v8::Integer::NewFromUnsigned(env.isolate, *number);
}

// What an edge means: the number of a module, "node:x" for a builtin, or "!" and the message of the
// error that loading throws.
v8::Local<v8::Value> Meaning(Env& env, const bundled::Edge& edge) {
  switch (edge.target) {
    case bundled::EdgeTarget::kModule:
      return v8::Integer::NewFromUnsigned(env.isolate, edge.module);
    case bundled::EdgeTarget::kBuiltin:
      return env.Str("node:" + std::string(edge.text));
    case bundled::EdgeTarget::kFails:
      break;
  }
  return env.Str("!" + std::string(edge.text));
}

// (number, is it an import, specifier): the meaning, or undefined.
v8::Local<v8::Value> Resolve(Env& env, uint32_t number, bool import, std::string specifier) {
  if (number >= bundled::Count()) return env.Undefined();
  std::optional<bundled::Edge> edge = bundled::Resolve(number, import, specifier);
  return edge ? Meaning(env, *edge) : env.Undefined();
}

// All edges of a module: [specifier, meaning, names or undefined, …].
v8::Local<v8::Value> Edges(Env& env, uint32_t number) {
  v8::LocalVector<v8::Value> list(env.isolate);
  uint32_t count = number < bundled::Count() ? bundled::At(number).edge_count : 0;
  for (uint32_t i = 0; i < count; i++) {
    bundled::Edge edge = bundled::EdgeAt(number, i);
    list.push_back(env.Str(edge.specifier));
    list.push_back(Meaning(env, edge));
    list.push_back(edge.import ? v8::Local<v8::Value>(env.Str(edge.names)) : env.Undefined());
  }
  return v8::Array::New(env.isolate, list.data(), list.size());
}

v8::Local<v8::Value> Source(Env& env, uint32_t number) {
  if (number >= bundled::Count()) return env.Undefined();
  return ModuleSourceString(env.isolate, number);
}

// The text of an embedded file, or undefined.
v8::Local<v8::Value> FileText(Env& env, std::string path) {
  std::string text;
  if (!embedded::ReadFile(path, &text)) return env.Undefined();
  return env.Str(text);
}

// The names that --external gave, if packages are looked for in the executable only, and otherwise
// undefined: in a bare stub, and for an app that was built to search the disk as Node does.
v8::Local<v8::Value> Externals(Env& env) {
  if (!env.payload || !env.payload->IsConfined()) return env.Undefined();
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const std::string& name : env.payload->externals) names.push_back(env.Str(name));
  return v8::Array::New(env.isolate, names.data(), names.size());
}

bool IsPrivileged(Env&) { return HasMoreRightsThanItsUser(); }

constexpr Entry kFunctions[] = {
    Method<Count>("count"),
    Method<Describe>("describe"),
    Method<Find>("find"),
    Method<Resolve>("resolve"),
    Method<Edges>("edges"),
    Method<Source>("source"),
    Method<FileText>("fileText"),
    Method<Externals>("externals"),
    Method<IsPrivileged>("isPrivileged"),
};

}  // namespace

extern const Binding kBundledModulesBinding;
const Binding kBundledModulesBinding = {.name = "bundled_modules", .functions = kFunctions};

}  // namespace kiln::runtime
