// Class ModuleWrap: a V8 module with a wrapper. What belongs to it (the module, its linked
// dependencies, its evaluation steps) lies in internal fields of the wrapper, so that the
// garbage collector sees all of it. C++ only keeps a map from modules to wrappers, for V8's
// callbacks, which know modules.
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
  kSourceObjectField,  // what `import source` gives
  kStepsField,         // synthetic modules: the function that sets the exports
  kContextField,       // an object of the module's context, which leads to it
  kLinkedField,        // array of the wraps of the dependencies, undefined before link()
  kModuleFieldCount
};

class ModuleWrap final : public Wrapped {
 public:
  ModuleWrap(Env& env, int hash) : Wrapped(env), hash_(hash) {}
  ~ModuleWrap() override;
  const char* type_name() const override { return "ModuleWrap"; }

  static void New(Env& env, const Args& args);
  // The wrap of a module; null when it was collected.
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
  // The dependency for a request; null with an exception pending.
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

// A frozen null-prototype object of import attributes; V8 gives `stride` items each.
Local<v8::Object> AttributesObject(Env& env, Local<v8::FixedArray> raw, int stride);
// Throws what a promise was rejected with; false when it was not.
bool ThrowIfRejected(Env& env, Local<v8::Promise> promise);
// createRequiredModuleFacade(wrap), for require() of an ES module
void CreateRequiredModuleFacade(Env& env, const Args& args);

}  // namespace kiln::runtime
