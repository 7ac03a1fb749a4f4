// internalBinding("module_wrap"): ES modules (class ModuleWrap, wrap.h).
//
// The steps of loading a module: new ModuleWrap compiles it; getModuleRequests returns its imports;
// link receives the ModuleWraps of these in the same order; instantiate lets V8 connect imports and
// exports (ResolveModule returns the linked modules); evaluate runs it.
#include "runtime-stub/bindings/module_wrap.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/module_wrap/skip.h"
#include "runtime-stub/bindings/module_wrap/wrap.h"
#include "runtime-stub/bindings/watchdog.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/module_code.h"

namespace kiln::runtime {

using v8::ScriptCompiler;

namespace {

// The wrappers of all modules, by the module's identity hash. The handles are weak. After a start
// from a snapshot the map is empty; the first lookup that fails adds the wrappers in
// Slot::kBundledModuleWraps.
struct ModuleMap {
  struct Element {
    ModuleMap& map;
    int hash;
    v8::Global<v8::Object> wrapper;
  };
  explicit ModuleMap(Env& env) : env(env) {}
  Element* Find(Local<v8::Module> module);
  void Add(Local<v8::Module> module, Local<v8::Object> wrapper);

  Env& env;
  std::unordered_multimap<int, std::unique_ptr<Element>> elements;
  uint32_t registered = 0;  // elements of the slot's array that were added
};

ModuleMap::Element* ModuleMap::Find(Local<v8::Module> module) {
  auto [it, end] = elements.equal_range(module->GetIdentityHash());
  for (; it != end; ++it) {
    Local<v8::Object> wrapper = it->second->wrapper.Get(env.isolate);
    if (!wrapper.IsEmpty() && ModuleWrap(env, wrapper).module() == module) return it->second.get();
  }
  return nullptr;
}

void ModuleMap::Add(Local<v8::Module> module, Local<v8::Object> wrapper) {
  int hash = module->GetIdentityHash();
  auto added = elements.emplace(
      hash, new Element{*this, hash, v8::Global<v8::Object>(env.isolate, wrapper)});
  Element* element = added->second.get();
  element->wrapper.SetWeak(
      element,
      [](const v8::WeakCallbackInfo<Element>& info) {
        Element* dead = info.GetParameter();
        dead->wrapper.Reset();
        auto [it, end] = dead->map.elements.equal_range(dead->hash);
        for (; it != end; ++it) {
          if (it->second.get() != dead) continue;
          dead->map.elements.erase(it);
          return;
        }
      },
      v8::WeakCallbackType::kParameter);
}

Error LinkFailure(std::string message) {
  return Error::Plain("ERR_VM_MODULE_LINK_FAILURE", message);
}

// A text for a request, for comparison and messages: equal requests must get the same module.
std::string RequestKey(Env& env, Local<v8::String> specifier, Local<v8::FixedArray> attributes,
                       int stride) {
  Local<v8::Context> context = env.context();
  std::string key = "ModuleCacheKey(\"" + ToUtf8(env.isolate, specifier) + "\"";
  if (attributes->Length() > 0) {
    key += ", {";
    for (int i = 0; i + 1 < attributes->Length(); i += stride) {
      if (i > 0) key += ", ";
      key += ToUtf8(env.isolate, attributes->Get(context, i).As<v8::Value>()) + ": " +
             ToUtf8(env.isolate, attributes->Get(context, i + 1).As<v8::Value>());
    }
    key += "}";
  }
  return key + ")";
}

// Runs `call`. If it throws, adds the source position to the error, and leaves it pending.
template <class F>
void WithExceptionLine(Env& env, F call) {
  NoAbortScope no_abort(env);
  v8::TryCatch caught(env.isolate);
  call();
  if (!caught.HasCaught() || caught.HasTerminated()) return;
  AppendExceptionLine(env, caught.Exception(), caught.Message(), false);
  caught.ReThrow();
}

MaybeLocal<v8::Value> RunSyntheticSteps(Local<v8::Context> context, Local<v8::Module> module);

}  // namespace

std::optional<ModuleWrap> ModuleWrap::From(Env& env, Local<v8::Value> value) {
  if (!value->IsObject() || !env.Template(kModuleWrapClass)->HasInstance(value)) return {};
  return ModuleWrap(env, value.As<v8::Object>());
}

std::optional<ModuleWrap> ModuleWrap::Of(Env& env, Local<v8::Module> module) {
  ModuleMap& map = env.State<ModuleMap>();
  ModuleMap::Element* found = map.Find(module);
  if (!found && env.Get(Slot::kBundledModuleWraps)->IsArray()) {
    auto bundled = env.Get(Slot::kBundledModuleWraps).As<v8::Array>();
    uint32_t first = std::exchange(map.registered, bundled->Length());
    RegisterModuleWraps(env, bundled, first);
    found = map.Find(module);
  }
  if (!found) return {};
  return ModuleWrap(env, found->wrapper.Get(env.isolate));
}

void RegisterModuleWraps(Env& env, Local<v8::Array> wraps, uint32_t first) {
  ModuleMap& map = env.State<ModuleMap>();
  for (uint32_t i = first; i < wraps->Length(); i++) {
    v8::HandleScope scope(env.isolate);
    Local<v8::Value> element;
    if (!wraps->Get(env.context(), i).ToLocal(&element)) return;
    auto wrap = ModuleWrap::From(env, element);
    if (wrap && !map.Find(wrap->module())) map.Add(wrap->module(), wrap->object());
  }
}

// new ModuleWrap(url, context, source, lineOffset, columnOffset, cachedData or idSymbol)
// new ModuleWrap(url, context, exportNames, evaluationSteps, cjsModule?)
void ModuleWrap::New(Env& env, const Args& args) {
  if (!RequireNew(env, args)) return;
  Local<v8::Object> self = args.This();
  bool synthetic = args[2]->IsArray();
  if (!args[0]->IsString()) return ThrowBadArgument(env, 0);
  if (synthetic ? !args[3]->IsFunction() : !args[2]->IsString())
    return ThrowBadArgument(env, synthetic ? 3 : 2);
  Local<v8::String> url = args[0].As<v8::String>();
  Local<v8::Context> context = env.context();
  if (!args[1]->IsUndefined()) {
    ContextifyContext* contextified = ContextifyContext::FromHolder(env, args[1]);
    if (!contextified) return ThrowBadArgument(env, 1);
    context = contextified->context();
  }

  Local<v8::Module> module;
  if (synthetic) {
    Local<v8::Array> array = args[2].As<v8::Array>();
    v8::LocalVector<v8::String> names(env.isolate);
    for (uint32_t i = 0; i < array->Length(); i++) {
      Local<v8::Value> name;
      if (!array->Get(env.context(), i).ToLocal(&name)) return;
      if (!name->IsString()) return ThrowBadArgument(env, 2);
      names.push_back(name.As<v8::String>());
    }
    v8::Context::Scope entered(context);
    module = v8::Module::CreateSyntheticModule(
        env.isolate, url, v8::MemorySpan<const Local<v8::String>>(names.data(), names.size()),
        RunSyntheticSteps);
  } else {
    Local<v8::Symbol> id =
        args[5]->IsSymbol() ? args[5].As<v8::Symbol>() : v8::Symbol::New(env.isolate, url);
    bool default_loader = id->StrictEquals(env.Symbol("source_text_module_default_hdo"));
    if (self->SetPrivate(env.context(), env.Private("host_defined_option_symbol"), id).IsNothing())
      return;
    int line = args[3]->IsInt32() ? args[3].As<v8::Int32>()->Value() : 0;
    int column = args[4]->IsInt32() ? args[4].As<v8::Int32>()->Value() : 0;
    ScriptCompiler::CachedData* cached_data = TakeCachedData(args[5]);
    bool has_cached_data = cached_data, rejected = false;
    WithExceptionLine(env, [&] {
      v8::Context::Scope entered(context);
      (void)CompileModule(env, args[2].As<v8::String>(), url, line, column, id, cached_data,
                          default_loader, &rejected)
          .ToLocal(&module);
    });
    if (module.IsEmpty()) return;
    if (has_cached_data && rejected)
      return Error::Plain("ERR_VM_MODULE_CACHED_DATA_REJECTED", "cachedData buffer was rejected")
          .Throw(env);
  }

  // From here on the instance is complete. Setting properties can run setters of prototypes.
  self->SetInternalField(kModuleField, module);
  self->SetInternalField(kUrlField, url);
  self->SetInternalField(kSourceObjectField, env.Undefined());
  self->SetInternalField(kStepsField, synthetic ? args[3] : env.Undefined());
  self->SetInternalField(kContextField, context->GetExtrasBindingObject());
  self->SetInternalField(kLinkedField, env.Undefined());
  env.State<ModuleMap>().Add(module, self);

  if (!synthetic) {
    env.Set(self, "hasTopLevelAwait", v8::Boolean::New(env.isolate, module->HasTopLevelAwait()));
    env.Set(self, "sourceURL", module->GetUnboundModuleScript()->GetSourceURL());
    env.Set(self, "sourceMapURL", module->GetUnboundModuleScript()->GetSourceMappingURL());
  }
  env.Set(self, "synthetic", v8::Boolean::New(env.isolate, synthetic));
  env.Set(self, "url", url);
  if (synthetic && args[4]->IsObject() &&
      self->Set(env.context(), env.Symbol("imported_cjs_symbol"), args[4]).IsNothing())
    return;
  // A slot for the source map cache.
  if (self->SetPrivate(env.context(), env.Private("source_map_data_private_symbol"),
                       env.Undefined())
          .IsNothing())
    return;
}

// ------------------------------------------------------------------ linking

Local<v8::Value> ModuleWrap::GetModuleRequests() const {
  Local<v8::Context> context = env().context();
  v8::Isolate* isolate = env().isolate;
  Local<v8::Module> m = module();
  if (!m->IsSourceTextModule()) return v8::Array::New(isolate);
  Local<v8::FixedArray> raw = m->GetModuleRequests();
  Local<v8::Name> names[] = {env().Name("specifier"), env().Name("attributes"),
                             env().Name("phase")};
  v8::LocalVector<v8::Value> requests(isolate);
  for (int i = 0; i < raw->Length(); i++) {
    auto request = raw->Get(context, i).As<v8::ModuleRequest>();
    // Attributes are name, value and position.
    Local<v8::Value> values[] = {
        request->GetSpecifier(), AttributesObject(env(), request->GetImportAttributes(), 3),
        v8::Integer::New(isolate, request->GetPhase() == v8::ModuleImportPhase::kSource
                                      ? kSourcePhase
                                      : kEvaluationPhase)};
    Local<v8::Object> object =
        v8::Object::New(isolate, v8::Null(isolate), names, values, std::size(names));
    (void)object->SetIntegrityLevel(context, v8::IntegrityLevel::kFrozen);
    requests.push_back(object);
  }
  return v8::Array::New(isolate, requests.data(), requests.size());
}

namespace {

// Whether two arrays have the same elements.
bool SameElements(Local<v8::Context> context, Local<v8::Array> a, Local<v8::Array> b) {
  if (a->Length() != b->Length()) return false;
  for (uint32_t i = 0; i < a->Length(); i++) {
    Local<v8::Value> x, y;
    if (!a->Get(context, i).ToLocal(&x) || !b->Get(context, i).ToLocal(&y) || x != y) return false;
  }
  return true;
}

}  // namespace

// link(array of ModuleWraps in the order of the requests)
void ModuleWrap::Link(const Args& args) const {
  if (!args[0]->IsArray()) return ThrowBadArgument(env(), 0);
  Local<v8::Context> context = env().context();
  Local<v8::Array> given = args[0].As<v8::Array>();
  if (linked() && SameElements(context, given, value(kLinkedField).As<v8::Array>())) return;
  v8::LocalVector<v8::Value> wraps(env().isolate);
  std::unordered_map<std::string, int> first_index;
  Local<v8::Module> m = module();
  if (m->IsSourceTextModule()) {
    Local<v8::FixedArray> raw = m->GetModuleRequests();
    if (given->Length() != uint32_t(raw->Length())) return ThrowBadArgument(env(), 0);
    for (int i = 0; i < raw->Length(); i++) {
      Local<v8::Value> wrap;
      if (!given->Get(context, uint32_t(i)).ToLocal(&wrap)) return;
      if (!ModuleWrap::From(env(), wrap)) return ThrowBadArgument(env(), 0);
      auto request = raw->Get(context, i).As<v8::ModuleRequest>();
      std::string key =
          RequestKey(env(), request->GetSpecifier(), request->GetImportAttributes(), 3);
      auto [known, fresh] = first_index.emplace(key, i);
      if (!fresh && wraps[size_t(known->second)] != wrap)
        return Error::Type(
                   "ERR_MODULE_LINK_MISMATCH",
                   "Module request '" + key + "' at index " + std::to_string(known->second) +
                       " must be linked to the same module requested at index " + std::to_string(i))
            .Throw(env());
      wraps.push_back(wrap);
    }
  }
  object()->SetInternalField(kLinkedField,
                             v8::Array::New(env().isolate, wraps.data(), wraps.size()));
}

std::optional<ModuleWrap> ModuleWrap::Dependency(Local<v8::String> specifier,
                                                 Local<v8::FixedArray> attributes) const {
  std::string name = ToUtf8(env().isolate, specifier);
  if (!linked()) {
    LinkFailure("request for '" + name + "' can not be resolved on module '" + url() +
                "' that is not linked")
        .Throw(env());
    return {};
  }
  Local<v8::Context> context = env().context();
  // V8 represents the attributes of a request as name, value and position here too.
  Local<v8::FixedArray> raw = module()->GetModuleRequests();
  Local<v8::Array> wraps = value(kLinkedField).As<v8::Array>();
  std::string key = RequestKey(env(), specifier, attributes, 3);
  for (int i = 0; i < raw->Length(); i++) {
    auto request = raw->Get(context, i).As<v8::ModuleRequest>();
    if (!request->GetSpecifier()->StringEquals(specifier) ||
        RequestKey(env(), request->GetSpecifier(), request->GetImportAttributes(), 3) != key)
      continue;
    Local<v8::Value> wrap;
    if (!wraps->Get(context, uint32_t(i)).ToLocal(&wrap)) return {};
    return ModuleWrap(env(), wrap.As<v8::Object>());
  }
  LinkFailure("request for '" + name + "' is not cached on module '" + url() + "'").Throw(env());
  return {};
}

namespace {

std::optional<ModuleWrap> ResolveRequest(Local<v8::Context> context, Local<v8::String> specifier,
                                         Local<v8::FixedArray> attributes,
                                         Local<v8::Module> referrer) {
  Env& env = Env::From(context->GetIsolate());
  auto dependent = ModuleWrap::Of(env, referrer);
  if (!dependent) {
    LinkFailure("request for '" + ToUtf8(env.isolate, specifier) + "' is from invalid module")
        .Throw(env);
    return {};
  }
  return dependent->Dependency(specifier, attributes);
}

MaybeLocal<v8::Module> ResolveModule(Local<v8::Context> context, Local<v8::String> specifier,
                                     Local<v8::FixedArray> attributes, Local<v8::Module> referrer) {
  auto wrap = ResolveRequest(context, specifier, attributes, referrer);
  if (!wrap) return {};
  // Otherwise V8 would request the dependencies of a module that was not linked.
  return wrap->module();
}

MaybeLocal<v8::Object> SourceObject(const ModuleWrap& wrap) {
  Local<v8::Value> source = wrap.value(kSourceObjectField);
  if (source->IsObject()) return source.As<v8::Object>();
  Error::Syntax("ERR_SOURCE_PHASE_NOT_DEFINED",
                "Source phase import object is not defined for module '" + wrap.url() + "'")
      .Throw(wrap.env());
  return {};
}

MaybeLocal<v8::Object> ResolveSource(Local<v8::Context> context, Local<v8::String> specifier,
                                     Local<v8::FixedArray> attributes, Local<v8::Module> referrer) {
  auto wrap = ResolveRequest(context, specifier, attributes, referrer);
  return wrap ? SourceObject(*wrap) : MaybeLocal<v8::Object>();
}

}  // namespace

void ModuleWrap::Instantiate(const Args&) const {
  Local<v8::Module> m = module();
  if (m->GetStatus() >= v8::Module::kInstantiated) return;
  if (m->IsSourceTextModule() && !linked()) return LinkFailure("module is not linked").Throw(env());
  WithExceptionLine(env(),
                    [&] { (void)m->InstantiateModule(context(), ResolveModule, ResolveSource); });
}

// ------------------------------------------------------------------ evaluation

// evaluate(timeout, breakOnSigint): a promise.
void ModuleWrap::Evaluate(const Args& args) const {
  if (!args[0]->IsNumber()) return ThrowBadArgument(env(), 0);
  Local<v8::Module> m = module();
  if (m->GetStatus() < v8::Module::kInstantiated)
    return LinkFailure("module is not instantiated").Throw(env());
  int64_t timeout = Saturate<int64_t>(args[0].As<v8::Number>()->Value());
  Local<v8::Context> context = this->context();
  ContextifyContext* contextified =
      context == env().context() ? nullptr : ContextifyContext::FromContext(context);
  v8::MicrotaskQueue* queue = contextified ? contextified->queue() : nullptr;

  NoAbortScope no_abort(env());
  v8::TryCatch caught(env().isolate);
  MaybeLocal<v8::Value> result;
  RunLimited(env(), timeout, args[1]->IsTrue(), [&] {
    Local<v8::Value> inner;
    result = m->Evaluate(context);
    if (!queue || !result.ToLocal(&inner)) return;
    // The inner promise settles through the context's own microtask queue, which may never run
    // again. The caller gets a promise of its own context, and the queue is run once now.
    Local<v8::Promise::Resolver> outer;
    if (!v8::Promise::Resolver::New(env().context()).ToLocal(&outer) ||
        outer->Resolve(env().context(), inner).IsNothing()) {
      result = {};
      return;
    }
    result = outer->GetPromise();
    queue->PerformCheckpoint(env().isolate);
  });
  if (caught.HasCaught()) {
    if (!caught.HasTerminated()) caught.ReThrow();
    return;
  }
  Local<v8::Value> promise;
  if (result.ToLocal(&promise)) args.GetReturnValue().Set(promise);
}

// Throws the reason of a rejected promise. No code could handle the rejection before, so the
// tracker of unhandled rejections is informed that it is handled.
bool ThrowIfRejected(Env& env, Local<v8::Promise> promise) {
  if (promise->State() != v8::Promise::kRejected) return false;
  Local<v8::Function> tracker = env.GetFunction(Slot::kPromiseReject);
  Local<v8::Value> args[] = {v8::Integer::New(env.isolate, v8::kPromiseHandlerAddedAfterReject),
                             promise, env.Undefined()};
  if (!tracker.IsEmpty() && tracker->Call(env.context(), env.Undefined(), 3, args).IsEmpty())
    return true;
  Local<v8::Value> exception = promise->Result();
  AppendExceptionLine(env, exception, v8::Exception::CreateMessage(env.isolate, exception), false);
  env.isolate->ThrowException(exception);
  return true;
}

namespace {

void ThrowIfPromiseRejected(Env& env, Local<v8::Value> promise) {
  if (promise->IsPromise()) ThrowIfRejected(env, promise.As<v8::Promise>());
}

}  // namespace

// For require(esm): evaluates the module and returns its namespace. The caller must ensure that no
// module in the graph has a top-level await.
void ModuleWrap::EvaluateSync(const Args& args) const {
  Local<v8::Module> m = module();
  if (m->GetStatus() < v8::Module::kInstantiated)
    return LinkFailure("module is not instantiated").Throw(env());
  Local<v8::Value> result;
  {
    v8::TryCatch caught(env().isolate);
    if (!m->Evaluate(context()).ToLocal(&result)) {
      if (caught.HasCaught() && !caught.HasTerminated()) caught.ReThrow();
      return;
    }
  }
  Local<v8::Promise> promise = result.As<v8::Promise>();
  if (ThrowIfRejected(env(), promise)) return;
  if (m->IsGraphAsync() && promise->State() == v8::Promise::kPending)
    return Error::Plain("ERR_REQUIRE_ASYNC_MODULE",
                        "require() cannot be used on an ESM graph with top-level await. Use "
                        "import() instead. To see where the top-level await comes from, use "
                        "--experimental-print-required-tla.")
        .Throw(env());
  args.GetReturnValue().Set(m->GetModuleNamespace());
}

namespace {

MaybeLocal<v8::Value> RunSyntheticSteps(Local<v8::Context> context, Local<v8::Module> module) {
  Env& env = Env::From(context->GetIsolate());
  auto wrap = ModuleWrap::Of(env, module);
  if (!wrap) {
    LinkFailure("the wrapper of a synthetic module was garbage-collected").Throw(env);
    return {};
  }
  Local<v8::Object> self = wrap->object();
  Local<v8::Value> steps = wrap->value(kStepsField);
  self->SetInternalField(kStepsField, env.Undefined());  // it must run only once
  if (steps->IsFunction() && steps.As<v8::Function>()->Call(context, self, 0, nullptr).IsEmpty())
    return {};
  Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
      resolver->Resolve(context, env.Undefined()).IsNothing())
    return {};
  return resolver->GetPromise();
}

}  // namespace

// ------------------------------------------------------------------ the rest of the class

void ModuleWrap::GetNamespace(const Args& args) const {
  Local<v8::Module> m = module();
  if (m->GetStatus() < v8::Module::kInstantiated)
    return Error::Plain("ERR_MODULE_NOT_INSTANTIATED", "Module is not instantiated").Throw(env());
  args.GetReturnValue().Set(m->GetModuleNamespace());
}

Local<v8::Value> ModuleWrap::GetError() const {
  Local<v8::Module> m = module();
  return m->GetStatus() == v8::Module::kErrored ? m->GetException() : env().Undefined();
}

void ModuleWrap::SetExport(const Args& args) const {
  Local<v8::Module> m = module();
  if (!m->IsSyntheticModule() || !args[0]->IsString()) return ThrowBadArgument(env(), 0);
  (void)m->SetSyntheticModuleExport(env().isolate, args[0].As<v8::String>(), args[1]);
}

void ModuleWrap::SetModuleSourceObject(const Args& args) const {
  if (!args[0]->IsObject()) return ThrowBadArgument(env(), 0);
  object()->SetInternalField(kSourceObjectField, args[0]);
}

void ModuleWrap::GetModuleSourceObject(const Args& args) const {
  Local<v8::Object> source;
  if (SourceObject(*this).ToLocal(&source)) args.GetReturnValue().Set(source);
}

void ModuleWrap::CreateCachedData(const Args& args) const {
  Local<v8::Module> m = module();
  if (!m->IsSourceTextModule() || m->GetStatus() >= v8::Module::kEvaluating)
    return Error::Plain("ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA",
                        "Cached data cannot be created for a module which has been evaluated")
        .Throw(env());
  args.GetReturnValue().Set(
      CacheToBuffer(env(), std::unique_ptr<ScriptCompiler::CachedData>(
                               ScriptCompiler::CreateCodeCache(m->GetUnboundModuleScript()))));
}

namespace {

// hasAsyncGraph: an accessor that computes the value, and becomes a data property once V8 can
// determine it.
void HasAsyncGraph(Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  auto wrap = ModuleWrap::From(env, info.This());
  if (!wrap || wrap->module()->GetStatus() < v8::Module::kInstantiated)
    return Error::Plain("ERR_MODULE_NOT_INSTANTIATED", "Module is not instantiated").Throw(env);
  info.GetReturnValue().Set(wrap->module()->IsGraphAsync());
}

void SetImportModuleDynamicallyCallback(Env& env, Local<v8::Function> callback) {
  env.Set(Slot::kImportModuleDynamically, callback);
}
void SetInitializeImportMetaObjectCallback(Env& env, Local<v8::Function> callback) {
  env.Set(Slot::kInitializeImportMeta, callback);
}

// The array of the wrappers of bundled modules, to which JavaScript may add further ones.
void SetBundledModuleWraps(Env& env, Local<v8::Value> wraps) {
  env.Set(Slot::kBundledModuleWraps, wraps);
  env.State<ModuleMap>().registered = 0;
}

// ------------------------------------------------------------------ tables

// Calls a method of the view for `this`, whose class V8 has checked.
template <auto F>
void OnWrap(Env& env, const Args& args) {
  const ModuleWrap self(env, args.This());
  if constexpr (std::is_invocable_v<decltype(F), const ModuleWrap&, const Args&>)
    (self.*F)(args);
  else
    args.GetReturnValue().Set((self.*F)());
}

constexpr Entry kMethods[] = {
    Method<OnWrap<&ModuleWrap::Link>>("link"),
    Method<OnWrap<&ModuleWrap::GetModuleRequests>>("getModuleRequests"),
    Method<OnWrap<&ModuleWrap::Instantiate>>("instantiate"),
    Method<OnWrap<&ModuleWrap::EvaluateSync>>("evaluateSync"),
    Method<OnWrap<&ModuleWrap::Evaluate>>("evaluate"),
    Method<OnWrap<&ModuleWrap::SetExport>>("setExport"),
    Method<OnWrap<&ModuleWrap::SetModuleSourceObject>>("setModuleSourceObject"),
    Method<OnWrap<&ModuleWrap::GetModuleSourceObject>>("getModuleSourceObject"),
    MethodNoSideEffect<OnWrap<&ModuleWrap::CreateCachedData>>("createCachedData"),
    MethodNoSideEffect<OnWrap<&ModuleWrap::GetNamespace>>("getNamespace"),
    MethodNoSideEffect<OnWrap<&ModuleWrap::GetStatus>>("getStatus"),
    MethodNoSideEffect<OnWrap<&ModuleWrap::GetError>>("getError"),
};

// (wrap): an array of the ModuleWraps to which it was linked, one for each request.
Local<v8::Value> LinkedModules(Env& env, Local<v8::Value> value) {
  std::optional<ModuleWrap> wrap = ModuleWrap::From(env, value);
  if (!wrap || !wrap->linked()) return v8::Array::New(env.isolate);
  return wrap->value(kLinkedField);
}

// (wrap, skip): see SkipModule(). False if V8's modules have an unknown layout.
bool Skip(Env& env, Local<v8::Value> value, bool skip) {
  std::optional<ModuleWrap> wrap = ModuleWrap::From(env, value);
  return wrap && SkipModule(env.context(), wrap->module(), skip);
}

constexpr Entry kFunctions[] = {
    Method<LinkedModules>("linkedModules"),
    Method<Skip>("skipModule"),
    Method<SetImportModuleDynamicallyCallback>("setImportModuleDynamicallyCallback"),
    Method<SetInitializeImportMetaObjectCallback>("setInitializeImportMetaObjectCallback"),
    Method<SetBundledModuleWraps>("setBundledModuleWraps"),
    Method<CreateRequiredModuleFacade>("createRequiredModuleFacade"),
    Method<ThrowIfPromiseRejected>("throwIfPromiseRejected"),
};

const ClassEntry* const kClasses[] = {&kModuleWrapClass};

void Init(Env& env, Local<v8::Object> exports) {
  constexpr std::pair<const char*, int> kConstants[] = {
      {"kUninstantiated", v8::Module::kUninstantiated},
      {"kInstantiating", v8::Module::kInstantiating},
      {"kInstantiated", v8::Module::kInstantiated},
      {"kEvaluating", v8::Module::kEvaluating},
      {"kEvaluated", v8::Module::kEvaluated},
      {"kErrored", v8::Module::kErrored},
      {"kEvaluationPhase", kEvaluationPhase},
      {"kSourcePhase", kSourcePhase},
  };
  for (auto [name, value] : kConstants) env.Set(exports, name, double(value));
}

}  // namespace

const ClassEntry kModuleWrapClass = {
    .name = "ModuleWrap",
    .construct = Thunk<ModuleWrap::New>::Call,
    .methods = kMethods,
    .fields = kModuleFieldCount,
    .customize =
        [](Env& env, Local<v8::FunctionTemplate> made) {
          made->InstanceTemplate()->SetLazyDataProperty(env.Name("hasAsyncGraph"), HasAsyncGraph,
                                                        {}, v8::DontEnum);
        },
    .references = [](std::vector<intptr_t>& out) { out.push_back(Reference(HasAsyncGraph)); },
};

MaybeLocal<v8::Module> CompileModule(Env& env, Local<v8::String> source, Local<v8::String> url,
                                     int line, int column, Local<v8::Symbol> id,
                                     ScriptCompiler::CachedData* cached_data,
                                     bool use_compile_cache, bool* rejected) {
  v8::EscapableHandleScope scope(env.isolate);
  CompileCache::Entry* entry = nullptr;
  if (use_compile_cache && !cached_data) {
    entry = env.State<CompileCache>().Find(source, url, CachedCodeType::kEsm);
    if (entry) cached_data = entry->View();
  }
  std::optional<BundledCode> bundled;
  if (!cached_data) cached_data = bundled.emplace(source).Take();
  ScriptCompiler::Source input(source, MakeOrigin(env, url, line, column, id, true), cached_data);
  Local<v8::Module> module;
  if (!ScriptCompiler::CompileModule(
           env.isolate, &input,
           cached_data ? ScriptCompiler::kConsumeCodeCache : ScriptCompiler::kNoCompileOptions)
           .ToLocal(&module))
    return {};
  *rejected = cached_data && !bundled && input.GetCachedData()->rejected;
  if (entry) env.State<CompileCache>().Keep(entry, module, *rejected);
  return scope.Escape(module);
}

extern const Binding kModuleWrapBinding;
const Binding kModuleWrapBinding = {
    .name = "module_wrap",
    .functions = kFunctions,
    .classes = kClasses,
    .init = Init,
    .references = [](std::vector<intptr_t>& out) { out.push_back(Reference(RunSyntheticSteps)); },
};

}  // namespace kiln::runtime
