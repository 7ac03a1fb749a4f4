// Interceptors for the global object of a vm context. V8 calls them for every access to a global
// variable or property. Reads look in the sandbox, then in the real global object. Writes set the
// property in the sandbox; V8 then sets it in the real global object as well, so that both agree.
// Intercepted::kNo means that V8 must continue with the real global object. Symbols and indices are
// handled like names.
//
// The difficult part is the setter: `x = 1` in strict code must throw if x is not declared, `this.x
// = 1` must not, and accessors of the sandbox must run only once.
#include "runtime-stub/bindings/contextify/contextify.h"

namespace kiln::runtime {
namespace {

using v8::Intercepted;
using v8::Local;

template <class T>
ContextifyContext* FromArgs(const v8::PropertyCallbackInfo<T>& args) {
  Local<v8::Context> context;
  if (!args.This()->GetCreationContext(args.GetIsolate()).ToLocal(&context)) return nullptr;
  return ContextifyContext::FromContext(context);
}

// The objects that an access concerns, looked up once.
struct Target {
  template <class T>
  explicit Target(const v8::PropertyCallbackInfo<T>& args) : self(FromArgs(args)) {
    if (!self) return;
    context = self->context();
    Local<v8::Value> held = context->GetEmbedderData(kSandboxField);
    if (held->IsObject()) {
      sandbox = held.As<v8::Object>();
      global = context->Global();
    } else {
      self = nullptr;
    }
  }
  explicit operator bool() const { return self; }

  ContextifyContext* self;
  Local<v8::Context> context;
  Local<v8::Object> sandbox;
  Local<v8::Object> global;
};

Intercepted Query(Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Integer>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  for (Local<v8::Object> object : {target.sandbox, target.global}) {
    bool has;
    if (!object->HasRealNamedProperty(target.context, name).To(&has)) return Intercepted::kNo;
    if (!has) continue;
    v8::PropertyAttribute attributes;
    if (!object->GetRealNamedPropertyAttributes(target.context, name).To(&attributes))
      return Intercepted::kNo;
    args.GetReturnValue().Set(attributes);
    return Intercepted::kYes;
  }
  return Intercepted::kNo;
}

Intercepted Getter(Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Value>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  v8::TryCatch caught(args.GetIsolate());
  Local<v8::Value> value;
  bool found = target.sandbox->GetRealNamedProperty(target.context, name).ToLocal(&value) ||
               target.global->GetRealNamedProperty(target.context, name).ToLocal(&value);
  if (!found) return Intercepted::kNo;  // as in Node, also if a getter threw
  if (caught.HasCaught() && !caught.HasTerminated()) caught.ReThrow();
  if (value == target.sandbox) value = target.global;
  args.GetReturnValue().Set(value);
  return Intercepted::kYes;
}

Intercepted Setter(Local<v8::Name> name, Local<v8::Value> value,
                   const v8::PropertyCallbackInfo<void>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  v8::PropertyAttribute on_global = v8::None, on_sandbox = v8::None;
  bool declared_on_global =
      target.global->GetRealNamedPropertyAttributes(target.context, name).To(&on_global);
  bool declared_on_sandbox =
      target.sandbox->GetRealNamedPropertyAttributes(target.context, name).To(&on_sandbox);
  if ((on_global | on_sandbox) & v8::ReadOnly) return Intercepted::kNo;

  // `x = 5` uses the scope chain; `this.x = 5` and defineProperty do not.
  bool contextual_store = target.global != args.This();
  // `function f() {}` is a declaration, which must be stored in the sandbox in strict code too.
  bool declared = declared_on_global || declared_on_sandbox;
  if (!declared && args.ShouldThrowOnError() && contextual_store && !value->IsFunction())
    return Intercepted::kNo;
  if (!declared && name->IsSymbol()) return Intercepted::kNo;
  if (target.sandbox->Set(target.context, name, value).IsNothing()) return Intercepted::kNo;

  // The accessor of the sandbox was called; V8 must not define a value in addition.
  Local<v8::Value> descriptor;
  if (declared_on_sandbox &&
      target.sandbox->GetOwnPropertyDescriptor(target.context, name).ToLocal(&descriptor) &&
      descriptor->IsObject()) {
    Env& env = Env::From(args.GetIsolate());
    Local<v8::Object> object = descriptor.As<v8::Object>();
    for (const char* key : {"get", "set"})
      if (object->HasOwnProperty(target.context, env.Name(key)).FromMaybe(false))
        return Intercepted::kYes;
  }
  return Intercepted::kNo;
}

Intercepted Descriptor(Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Value>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  Local<v8::Value> descriptor;
  if (target.sandbox->HasOwnProperty(target.context, name).FromMaybe(false) &&
      target.sandbox->GetOwnPropertyDescriptor(target.context, name).ToLocal(&descriptor)) {
    args.GetReturnValue().Set(descriptor);
    return Intercepted::kYes;
  }
  return Intercepted::kNo;
}

Intercepted Definer(Local<v8::Name> name, const v8::PropertyDescriptor& descriptor,
                    const v8::PropertyCallbackInfo<void>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  v8::PropertyAttribute attributes = v8::None;
  bool declared =
      target.global->GetRealNamedPropertyAttributes(target.context, name).To(&attributes);
  // Not configurable on the global object: V8 rejects the definition, and the sandbox is left
  // unchanged.
  if (declared && (attributes & v8::ReadOnly) && (attributes & v8::DontDelete))
    return Intercepted::kNo;

  auto define = [&](v8::PropertyDescriptor copy) {
    if (descriptor.has_enumerable()) copy.set_enumerable(descriptor.enumerable());
    if (descriptor.has_configurable()) copy.set_configurable(descriptor.configurable());
    (void)target.sandbox->DefineProperty(target.context, name, copy);
  };
  Local<v8::Value> undefined = v8::Undefined(args.GetIsolate());
  if (descriptor.has_get() || descriptor.has_set())
    define(v8::PropertyDescriptor(descriptor.has_get() ? descriptor.get() : undefined,
                                  descriptor.has_set() ? descriptor.set() : undefined));
  else if (descriptor.has_writable())
    define(v8::PropertyDescriptor(descriptor.has_value() ? descriptor.value() : undefined,
                                  descriptor.writable()));
  else
    define(v8::PropertyDescriptor(descriptor.has_value() ? descriptor.value() : undefined));
  return Intercepted::kNo;
}

Intercepted Deleter(Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Boolean>& args) {
  Target target(args);
  if (!target) return Intercepted::kNo;
  if (target.sandbox->Delete(target.context, name).FromMaybe(false)) return Intercepted::kNo;
  args.GetReturnValue().Set(
      false);  // not configurable in the sandbox: keep it on the global object
  return Intercepted::kYes;
}

void Enumerator(const v8::PropertyCallbackInfo<v8::Array>& args) {
  Target target(args);
  if (!target) return;
  Local<v8::Array> names;
  // V8 filters symbols, strings and enumerable properties from these.
  if (target.sandbox
          ->GetPropertyNames(target.context, v8::KeyCollectionMode::kOwnOnly, v8::ALL_PROPERTIES,
                             v8::IndexFilter::kSkipIndices)
          .ToLocal(&names))
    args.GetReturnValue().Set(names);
}

// ------------------------------------------------------------------ indices

template <class T, class F>
Intercepted ByName(uint32_t index, const v8::PropertyCallbackInfo<T>& args, F call) {
  v8::Isolate* isolate = args.GetIsolate();
  Local<v8::String> name;
  if (!v8::Integer::NewFromUnsigned(isolate, index)
           ->ToString(isolate->GetCurrentContext())
           .ToLocal(&name))
    return Intercepted::kNo;
  return call(name);
}

Intercepted IndexQuery(uint32_t index, const v8::PropertyCallbackInfo<v8::Integer>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Query(name, args); });
}
Intercepted IndexGetter(uint32_t index, const v8::PropertyCallbackInfo<v8::Value>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Getter(name, args); });
}
Intercepted IndexSetter(uint32_t index, Local<v8::Value> value,
                        const v8::PropertyCallbackInfo<void>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Setter(name, value, args); });
}
Intercepted IndexDescriptor(uint32_t index, const v8::PropertyCallbackInfo<v8::Value>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Descriptor(name, args); });
}
Intercepted IndexDefiner(uint32_t index, const v8::PropertyDescriptor& descriptor,
                         const v8::PropertyCallbackInfo<void>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Definer(name, descriptor, args); });
}
Intercepted IndexDeleter(uint32_t index, const v8::PropertyCallbackInfo<v8::Boolean>& args) {
  return ByName(index, args, [&](Local<v8::Name> name) { return Deleter(name, args); });
}

void IndexEnumerator(const v8::PropertyCallbackInfo<v8::Array>& args) {
  Target target(args);
  if (!target) return;
  Local<v8::Array> names;
  if (!target.sandbox
           ->GetPropertyNames(target.context, v8::KeyCollectionMode::kOwnOnly, v8::SKIP_SYMBOLS,
                              v8::IndexFilter::kIncludeIndices)
           .ToLocal(&names))
    return;
  std::vector<Local<v8::Value>> indices;
  for (uint32_t i = 0; i < names->Length(); i++) {
    Local<v8::Value> name;
    if (!names->Get(target.context, i).ToLocal(&name)) return;
    if (name->IsNumber()) indices.push_back(name);
  }
  args.GetReturnValue().Set(v8::Array::New(args.GetIsolate(), indices.data(), indices.size()));
}

void Customize(Env&, Local<v8::FunctionTemplate> function) {
  Local<v8::ObjectTemplate> global = function->InstanceTemplate();
  global->SetHandler(v8::NamedPropertyHandlerConfiguration(
      Getter, Setter, Query, Deleter, Enumerator, Definer, Descriptor, {},
      v8::PropertyHandlerFlags::kHasNoSideEffect));
  global->SetHandler(v8::IndexedPropertyHandlerConfiguration(
      IndexGetter, IndexSetter, IndexQuery, IndexDeleter, IndexEnumerator, IndexDefiner,
      IndexDescriptor, {}, v8::PropertyHandlerFlags::kHasNoSideEffect));
}

void References(std::vector<intptr_t>& out) {
  for (intptr_t reference :
       {Reference(Getter), Reference(Setter), Reference(Query), Reference(Deleter),
        Reference(Enumerator), Reference(Definer), Reference(Descriptor), Reference(IndexGetter),
        Reference(IndexSetter), Reference(IndexQuery), Reference(IndexDeleter),
        Reference(IndexEnumerator), Reference(IndexDefiner), Reference(IndexDescriptor)})
    out.push_back(reference);
}

}  // namespace

// Without a name, as in Node: it is the constructor of a context's global object.
const ClassEntry kContextifyGlobalClass = {
    .name = "", .fields = 0, .customize = Customize, .references = References};

}  // namespace kiln::runtime
