// Class ModuleWrap: a V8 module with a JavaScript wrapper. The module, its linked dependencies and
// its evaluation steps are in internal fields of the wrapper, so that the garbage collector can
// trace all of them. C++ only has a map from modules to wrappers, because V8's callbacks receive
// modules.
#pragma once

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

using v8::Local;
using v8::MaybeLocal;

extern const ClassEntry kModuleWrapClass;

enum ModulePhase { kSourcePhase = 1, kEvaluationPhase = 2 };

enum ModuleField : int {
  kWrappedField,  // Wrapped's own
  kModuleField,
  kUrlField,
  kSourceObjectField,  // the result of `import source`
  kStepsField,         // synthetic modules: the function that sets the exports
  kContextField,       // an object created in the module's context, to find the context
  kLinkedField,        // array of the ModuleWraps of the dependencies; undefined before link()
  kModuleFieldCount
};

class ModuleWrap final : public Wrapped {
 public:
  ModuleWrap(Env& env, int hash) : Wrapped(env), hash_(hash) {}
  ~ModuleWrap() override;
  const char* type_name() const override { return "ModuleWrap"; }

  static void New(Env& env, const Args& args);
  // The ModuleWrap of a module; null if it was collected.
  static ModuleWrap* Of(Env& env, Local<v8::Module> module);

  Local<v8::Module> module() const {
    return object()->GetInternalField(kModuleField).As<v8::Module>();
  }
  Local<v8::Value> value(ModuleField field) const {
    return object()->GetInternalField(field).As<v8::Value>();
  }
  Local<v8::Context> context() const {
    return value(kContextField).As<v8::Object>()->GetCreationContextChecked(env().isolate);
  }
  std::string url() const { return ToUtf8(env().isolate, value(kUrlField)); }
  bool linked() const { return !value(kLinkedField)->IsUndefined(); }
  // The linked dependency for a request; null with an exception pending.
  ModuleWrap* Dependency(Local<v8::String> specifier, Local<v8::FixedArray> attributes);

  // Methods of the class.
  Local<v8::Value> GetModuleRequests();
  void Link(const Args& args);
  void Instantiate(const Args& args);
  void Evaluate(const Args& args);
  void EvaluateSync(const Args& args);
  void GetNamespace(const Args& args);
  int32_t GetStatus() { return module()->GetStatus(); }
  Local<v8::Value> GetError();
  void SetExport(const Args& args);
  void SetModuleSourceObject(const Args& args);
  void GetModuleSourceObject(const Args& args);
  void CreateCachedData(const Args& args);

 private:
  int hash_;
};

// A frozen null-prototype object of import attributes. `raw` has `stride` elements per attribute;
// the first two are key and value.
Local<v8::Object> AttributesObject(Env& env, Local<v8::FixedArray> raw, int stride);
// If the promise was rejected, throws the reason and returns true.
bool ThrowIfRejected(Env& env, Local<v8::Promise> promise);
// createRequiredModuleFacade(wrap): for require() of an ES module.
void CreateRequiredModuleFacade(Env& env, const Args& args);

}  // namespace kiln::runtime
