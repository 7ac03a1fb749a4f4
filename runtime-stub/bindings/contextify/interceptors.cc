// What happens when code in a vm context reads or writes a global. Every access to the
// global object comes here first: reads look at the sandbox, then at the real global;
// writes go to the sandbox, and V8 then does the same on the real global, so that both
// agree. Answering kNo means "go on with the global object". Symbols and indices take the
// same way as names.
//
// The subtle part is the setter: `x = 1` in strict code must throw when x is not declared,
// `this.x = 1` must not, and accessors on the sandbox must run once.
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

// What an access is about, looked up once.
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
  if (!found) return Intercepted::kNo;  // as in Node, also when a getter threw
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

  // `x = 5` stores through the scope chain; `this.x = 5` and defineProperty do not.
  bool contextual_store = target.global != args.This();
  // `function f() {}` declares; it must reach the sandbox in strict code, too.
  bool declared = declared_on_global || declared_on_sandbox;
  if (!declared && args.ShouldThrowOnError() && contextual_store && !value->IsFunction())
    return Intercepted::kNo;
  if (!declared && name->IsSymbol()) return Intercepted::kNo;
  if (target.sandbox->Set(target.context, name, value).IsNothing()) return Intercepted::kNo;

  // An accessor of the sandbox has done the work; V8 must not define a value on top.
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
  // Fixed on the global: V8 refuses, and the sandbox keeps what it has.
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
  args.GetReturnValue().Set(false);  // fixed on the sandbox: keep it on the global
  return Intercepted::kYes;
}

void Enumerator(const v8::PropertyCallbackInfo<v8::Array>& args) {
  Target target(args);
  if (!target) return;
  Local<v8::Array> names;
  // V8 filters strings, symbols and enumerable ones from these.
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

// Nameless, as Node's: it is the constructor that a context's global shows.
const ClassEntry kContextifyGlobalClass = {
    .name = "", .fields = 0, .customize = Customize, .references = References};

}  // namespace kiln::runtime
