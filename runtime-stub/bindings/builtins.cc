// internalBinding("builtins"): the modules of the JavaScript library by id. The library's realm
// script also passes its two loaders here, for use by native code.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/library/compiled_functions.h"
#include "runtime-stub/library/library.h"

namespace kiln::runtime {
namespace {

// Compiles a module to a function with the parameters that the realm's loader passes.
v8::MaybeLocal<v8::Function> CompileFunction(Env& env, std::string id) {
  v8::Local<v8::Function> compiled = TakeCompiledLibrary(env, id);
  if (!compiled.IsEmpty()) return compiled;
  return CompileLibraryFunction(env, id);
}

bool HasBuiltin(Env&, std::string id) { return FindLibrarySource(id) != nullptr; }

void SetInternalLoaders(Env& env, v8::Local<v8::Function> internal_binding,
                        v8::Local<v8::Function> require) {
  env.Set(Slot::kInternalBinding, internal_binding);
  env.Set(Slot::kRequire, require);
}

// Ids that user code cannot require; it can require all others.
bool CannotBeRequired(std::string_view id) {
  constexpr std::string_view kPrefixes[] = {"internal/bootstrap/",   "internal/per_context/",
                                            "internal/main/",        "internal/deps/acorn/",
                                            "internal/deps/amaro/",  "internal/deps/minimatch/",
                                            "internal/deps/undici/", "internal/deps/v8/tools/"};
  constexpr std::string_view kIds[] = {"internal/test/binding",
                                       "internal/v8_prof_polyfill",
                                       "quic",
                                       "sqlite",
                                       "stream/iter",
                                       "sys",
                                       "wasi",
                                       "zlib/iter"};
  for (std::string_view prefix : kPrefixes)
    if (id.starts_with(prefix)) return true;
  for (std::string_view known : kIds)
    if (id == known) return true;
  return false;
}

void Categories(Env& env, const Args& args) {
  v8::Local<v8::Set> can = v8::Set::New(env.isolate), cannot = v8::Set::New(env.isolate);
  for (size_t i = 0; i < kLibrarySourceCount; i++) {
    const char* id = kLibrarySources[i].id;
    (void)(CannotBeRequired(id) ? cannot : can)->Add(env.context(), env.Name(id));
  }
  v8::Local<v8::Object> result = v8::Object::New(env.isolate);
  env.Set(result, "cannotBeRequired", cannot);
  env.Set(result, "canBeRequired", can);
  args.GetReturnValue().Set(result);
}

// process.binding('natives'): id -> source.
void Natives(Env& env, const Args& args) {
  v8::Local<v8::Object> result = v8::Object::New(env.isolate);
  for (size_t i = 0; i < kLibrarySourceCount; i++)
    env.Set(result, kLibrarySources[i].id, LibraryString(env.isolate, kLibrarySources[i]));
  args.GetReturnValue().Set(result);
}

// There is no code cache for the library: the code that runs at start is in the snapshot.
bool HasCachedBuiltins(Env&) { return true; }

void GetCacheUsage(Env& env, const Args& args) {
  v8::Local<v8::Object> result = v8::Object::New(env.isolate);
  for (const char* name : {"compiledWithCache", "compiledWithoutCache", "compiledInSnapshot"})
    env.Set(result, name, v8::Set::New(env.isolate));
  args.GetReturnValue().Set(result);
}

// The tools of --prof-process are ES modules, which their own loader runs.
void ImportBuiltinSourceTextModule(Env& env, const Args&) {
  Error::Missing("builtins.importBuiltinSourceTextModule (--prof-process)").Throw(env);
}

constexpr Entry kFunctions[] = {
    Method<CompileFunction>("compileFunction"),
    Method<HasBuiltin>("hasBuiltin"),
    Method<SetInternalLoaders>("setInternalLoaders"),
    Method<HasCachedBuiltins>("hasCachedBuiltins"),
    Method<GetCacheUsage>("getCacheUsage"),
    Method<ImportBuiltinSourceTextModule>("importBuiltinSourceTextModule"),
};

void Config(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  info.GetReturnValue().Set(Env::From(info.GetIsolate()).Str(kiln_library_config));
}

void BuiltinIds(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  std::vector<v8::Local<v8::Value>> ids;
  for (size_t i = 0; i < kLibrarySourceCount; i++) ids.push_back(env.Name(kLibrarySources[i].id));
  info.GetReturnValue().Set(v8::Array::New(env.isolate, ids.data(), ids.size()));
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  // Created on first use, because all of these are large.
  auto getter = [&](const char* name, v8::FunctionCallback call) {
    exports->SetAccessorProperty(env.Name(name), NewFunction(env, call, name));
  };
  getter("natives", Thunk<Natives>::Call);
  getter("builtinCategories", Thunk<Categories>::Call);
  (void)exports->SetLazyDataProperty(env.context(), env.Name("config"), Config);
  (void)exports->SetLazyDataProperty(env.context(), env.Name("builtinIds"), BuiltinIds);
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<Natives>::Call));
  out.push_back(Reference(Thunk<Categories>::Call));
  out.push_back(Reference(Config));
  out.push_back(Reference(BuiltinIds));
}

}  // namespace

extern const Binding kBuiltinsBinding;
const Binding kBuiltinsBinding = {
    .name = "builtins", .functions = kFunctions, .init = Init, .references = References};

}  // namespace kiln::runtime
