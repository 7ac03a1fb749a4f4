// Class ModuleWrap: a V8 module with a JavaScript wrapper. All state is in the wrapper: the module,
// its linked dependencies and its evaluation steps are in internal fields, so the garbage collector
// can trace them and a snapshot can contain them. There is no native object; the C++ class is a
// view of a wrapper. C++ only has a map from modules to wrappers, because V8's callbacks receive
// modules.
#pragma once

#include <optional>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

using v8::Local;
using v8::MaybeLocal;

extern const ClassEntry kModuleWrapClass;

// The phase of an import, as JavaScript passes it: `import source` or a usual import.
enum ModulePhase { kSourcePhase = 1, kEvaluationPhase = 2 };

// The internal fields of a wrapper. All are set by the constructor.
enum ModuleField : int {
  // Where other classes have the pointer of wrapped.h. Never set, so that Unwrap() returns null.
  kNoWrappedField,
  kModuleField,
  kUrlField,
  // The result of `import source`; undefined without one.
  kSourceObjectField,
  // Synthetic modules: the function that sets the exports; undefined once it has been called.
  kStepsField,
  // An object created in the module's context, to find the context.
  kContextField,
  // An array of the ModuleWraps of the dependencies, in the order of the requests; undefined before
  // link().
  kLinkedField,
  kModuleFieldCount
};

// A view of a wrapper, valid in the HandleScope in which it was made. States are those of
// v8::Module, see <v8-script.h>. On the Env's thread.
class ModuleWrap {
 public:
  // `wrapper` must be a complete instance of kModuleWrapClass, as every instance is that JavaScript
  // can pass or call methods on.
  ModuleWrap(Env& env, Local<v8::Object> wrapper) : env_(&env), object_(wrapper) {}
  // Empty unless the value is an instance of the class.
  static std::optional<ModuleWrap> From(Env& env, Local<v8::Value> value);
  // The wrapper of a module; empty if it was collected, or if the module was made by other code.
  static std::optional<ModuleWrap> Of(Env& env, Local<v8::Module> module);

  // The constructor of JavaScript: (url, context or undefined, source, line, column, cached data or
  // symbol), which compiles the source, or (url, context or undefined, names of exports, steps,
  // CommonJS module or undefined), which makes a synthetic module. Throws a SyntaxError,
  // ERR_INVALID_ARG_TYPE, or ERR_VM_MODULE_CACHED_DATA_REJECTED.
  static void New(Env& env, const Args& args);

  Env& env() const { return *env_; }
  Local<v8::Object> object() const { return object_; }
  Local<v8::Module> module() const {
    return object_->GetInternalField(kModuleField).As<v8::Module>();
  }
  Local<v8::Value> value(ModuleField field) const {
    return object_->GetInternalField(field).As<v8::Value>();
  }
  Local<v8::Context> context() const {
    return value(kContextField).As<v8::Object>()->GetCreationContextChecked(env_->isolate);
  }
  std::string url() const { return ToUtf8(env_->isolate, value(kUrlField)); }
  bool linked() const { return !value(kLinkedField)->IsUndefined(); }
  // The linked dependency for a request; empty with ERR_VM_MODULE_LINK_FAILURE pending. `attributes`
  // have three elements each: key, value, position.
  std::optional<ModuleWrap> Dependency(Local<v8::String> specifier,
                                       Local<v8::FixedArray> attributes) const;

  // Methods of the class. This one returns an array of frozen {specifier, attributes, phase}, which
  // is empty for a synthetic module.
  Local<v8::Value> GetModuleRequests() const;
  // (array of ModuleWraps, one for each request). Throws ERR_MODULE_LINK_MISMATCH if equal requests
  // have different modules. Has no effect when the module is linked to the same ModuleWraps.
  void Link(const Args& args) const;
  // V8 resolves all imports of the graph. Throws ERR_VM_MODULE_LINK_FAILURE, or a SyntaxError for a
  // name that a module does not export. Has no effect on a module that is instantiated.
  void Instantiate(const Args& args) const;
  // (timeout in milliseconds or -1, break on SIGINT): runs the module and returns a promise. Throws
  // for the limits (RunLimited() of watchdog.h).
  void Evaluate(const Args& args) const;
  // For require(): runs the module and returns its namespace, or throws what it throws, or
  // ERR_REQUIRE_ASYNC_MODULE for a top-level await.
  void EvaluateSync(const Args& args) const;
  // Throws ERR_MODULE_NOT_INSTANTIATED before instantiate().
  void GetNamespace(const Args& args) const;
  // A v8::Module::Status, which the binding exports as kUninstantiated to kErrored.
  int32_t GetStatus() const { return module()->GetStatus(); }
  // What the module threw; undefined unless its status is kErrored.
  Local<v8::Value> GetError() const;
  // (name, value), for synthetic modules only. A name that was not declared throws a
  // ReferenceError.
  void SetExport(const Args& args) const;
  void SetModuleSourceObject(const Args& args) const;
  void GetModuleSourceObject(const Args& args) const;
  // A Buffer with V8's code cache. Throws once the module has been evaluated.
  void CreateCachedData(const Args& args) const;

 private:
  Env* env_;
  Local<v8::Object> object_;
};

// A frozen null-prototype object of import attributes. `raw` has `stride` elements per attribute;
// the first two are key and value. The stride is 2 in the callback for import(), and 3 in requests
// of modules (<v8-script.h>).
Local<v8::Object> AttributesObject(Env& env, Local<v8::FixedArray> raw, int stride);
// If the promise was rejected, throws the reason and returns true. The rejection then counts as
// handled.
bool ThrowIfRejected(Env& env, Local<v8::Promise> promise);
// createRequiredModuleFacade(wrap), for require() of an ES module with a default export: returns
// the namespace of a module that exports the same and `__esModule`.
void CreateRequiredModuleFacade(Env& env, const Args& args);

}  // namespace kiln::runtime
