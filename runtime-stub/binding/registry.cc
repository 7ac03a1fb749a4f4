// The list of bindings and what is derived from it.
#include "runtime-stub/binding/registry.h"

#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/call_observer.h"
#include "runtime-stub/binding/effects.h"
#include "support/fnv.h"

namespace kiln::runtime {

// Weak: the address of a binding that this executable was linked without is null, and
// internalBinding() does not find it.
#define KILN_BINDING(name) extern const Binding name __attribute__((weak));
#define KILN_COMPONENT_BINDING(name, unavailable, component) \
  KILN_BINDING(name)                                         \
  extern const Binding unavailable;
#include "runtime-stub/binding/bindings.inc"
#undef KILN_COMPONENT_BINDING
#undef KILN_BINDING

namespace {

OptionalComponents g_components = OptionalComponents::All();

std::span<const Binding* const> Linked() {
  static const std::vector<const Binding*> linked = [] {
    std::vector<const Binding*> list;
#define KILN_BINDING(name) \
  if (&name) list.push_back(&name);
#define KILN_COMPONENT_BINDING(name, unavailable, component) \
  list.push_back(g_components.Has(OptionalComponent::component) && &name ? &name : &unavailable);
#include "runtime-stub/binding/bindings.inc"
#undef KILN_COMPONENT_BINDING
#undef KILN_BINDING
    return list;
  }();
  return linked;
}

void AddClass(const ClassEntry* entry, std::vector<const ClassEntry*>& all) {
  if (!entry || std::find(all.begin(), all.end(), entry) != all.end()) return;
  AddClass(entry->parent, all);
  all.push_back(entry);
}

// Calls visit(hash of its name, reference) for every native callback, in table order.
template <class V>
void Visit(V visit) {
  auto entries = [&](std::span<const Entry> list) {
    for (const Entry& e : list) {
      visit(e.name_hash, reinterpret_cast<intptr_t>(e.call));
      if (!e.fast) continue;
      visit(e.name_hash, reinterpret_cast<intptr_t>(e.fast().GetAddress()));
      visit(e.name_hash, reinterpret_cast<intptr_t>(e.fast().GetTypeInfo()));
    }
  };
  auto accessors = [&](std::span<const Accessor> list) {
    for (const Accessor& a : list) {
      visit(a.name_hash, reinterpret_cast<intptr_t>(a.get));
      if (a.set) visit(a.name_hash, reinterpret_cast<intptr_t>(a.set));
    }
  };
  auto extra = [&](uint32_t name_hash, void (*collect)(std::vector<intptr_t>&)) {
    if (!collect) return;
    std::vector<intptr_t> list;
    collect(list);
    for (intptr_t reference : list) visit(name_hash, reference);
  };
  visit(HashOfName("illegal constructor"), reinterpret_cast<intptr_t>(&IllegalConstructor));
  for (const Binding* binding : Linked()) {
    entries(binding->functions);
    extra(binding->name_hash, binding->references);
  }
  for (const ClassEntry* c : AllClasses()) {
    if (c->construct) visit(c->name_hash, reinterpret_cast<intptr_t>(c->construct));
    entries(c->methods);
    entries(c->more_methods);
    accessors(c->accessors);
    accessors(c->more_accessors);
    entries(c->statics);
    extra(c->name_hash, c->references);
  }
  extra(HashOfName("library"), LibraryReferences);
  extra(HashOfName("process"), ProcessReferences);
  extra(HashOfName("boot"), BootReferences);
}

// A template for `call`, or for the observer of calls, if there is one.
v8::Local<v8::FunctionTemplate> ObservedTemplate(Env& env, const char* owner,
                                                 const std::string& name, v8::FunctionCallback call,
                                                 v8::Local<v8::Signature> signature,
                                                 v8::ConstructorBehavior behavior) {
  v8::Local<v8::Value> data;
  if (env.observer) {
    data = env.observer->Wrap(owner, name, call);
    call = env.observer->ObservedCall();
  }
  return v8::FunctionTemplate::New(env.isolate, call, data, signature, 0, behavior);
}

v8::Local<v8::FunctionTemplate> MethodTemplate(Env& env, const char* owner,
                                               const std::string& prefix, const Entry& e,
                                               v8::Local<v8::Signature> signature = {}) {
  if (env.observer) {
    auto method = ObservedTemplate(env, owner, prefix + e.name, e.call, signature,
                                   v8::ConstructorBehavior::kThrow);
    method->SetClassName(env.Name(e.name));
    return method;
  }
  auto method = v8::FunctionTemplate::New(
      env.isolate, e.call, {}, signature, 0, v8::ConstructorBehavior::kThrow,
      e.no_side_effect ? v8::SideEffectType::kHasNoSideEffect : v8::SideEffectType::kHasSideEffect,
      e.fast ? &e.fast() : nullptr);
  method->SetClassName(env.Name(e.name));
  return method;
}

}  // namespace

void IllegalConstructor(const Args& args) {
  Error::Type("ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor").Throw(Env::From(args.GetIsolate()));
}

void SelectComponents(OptionalComponents components) { g_components = components; }
OptionalComponents SelectedComponents() { return g_components; }

std::span<const Binding* const> AllBindings() { return Linked(); }

const Binding* FindBinding(std::string_view name) {
  for (const Binding* binding : Linked())
    if (name == binding->name) return binding;
  return nullptr;
}

const std::vector<const ClassEntry*>& AllClasses() {
  static const std::vector<const ClassEntry*> all = [] {
    std::vector<const ClassEntry*> list;
    for (const Binding* binding : Linked()) {
      for (const ClassEntry* c : binding->classes) AddClass(c, list);
      for (const ClassEntry* c : binding->hidden_classes) AddClass(c, list);
    }
    return list;
  }();
  return all;
}

v8::Local<v8::FunctionTemplate> MakeTemplate(Env& env, const ClassEntry& entry) {
  v8::Isolate* isolate = env.isolate;
  const Binding* binding = env.observer ? OwnerOf(entry, Linked()) : nullptr;
  const char* owner = binding ? binding->name : "";
  const std::string name = entry.name;
  auto made = ObservedTemplate(env, owner, "new " + name,
                               entry.construct ? entry.construct : IllegalConstructor, {},
                               v8::ConstructorBehavior::kAllow);
  made->SetClassName(env.Name(entry.name));
  made->InstanceTemplate()->SetInternalFieldCount(entry.fields);
  if (entry.parent) made->Inherit(env.Template(*entry.parent));
  auto signature = v8::Signature::New(isolate, made);  // V8 checks `this`
  auto prototype = made->PrototypeTemplate();
  auto methods = [&](std::span<const Entry> list) {
    for (const Entry& e : list)
      prototype->Set(env.Name(e.name),
                     MethodTemplate(env, owner, name + ".prototype.", e, signature));
  };
  auto accessors = [&](std::span<const Accessor> list) {
    for (const Accessor& a : list) {
      auto template_of = [&](const char* kind, v8::FunctionCallback call) {
        return ObservedTemplate(env, owner, name + ".prototype." + kind + a.name, call, signature,
                                v8::ConstructorBehavior::kAllow);
      };
      auto get = template_of("get ", a.get);
      v8::Local<v8::FunctionTemplate> set;
      if (a.set) set = template_of("set ", a.set);
      auto attributes = a.set ? a.attributes : v8::PropertyAttribute(a.attributes | v8::ReadOnly);
      prototype->SetAccessorProperty(env.Name(a.name), get, set, attributes);
    }
  };
  methods(entry.methods);
  methods(entry.more_methods);
  accessors(entry.accessors);
  accessors(entry.more_accessors);
  for (const Entry& e : entry.statics)
    made->Set(env.Name(e.name), MethodTemplate(env, owner, name + ".", e));
  if (entry.customize) entry.customize(env, made);
  return made;
}

v8::Local<v8::Object> Instantiate(Env& env, const Binding& binding) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Object> exports = v8::Object::New(env.isolate);
  for (const Entry& e : binding.functions) {
    v8::Local<v8::Function> function =
        MethodTemplate(env, binding.name, "", e)->GetFunction(context).ToLocalChecked();
    exports->Set(context, env.Name(e.name), function).Check();
  }
  for (const ClassEntry* c : binding.classes)
    exports->Set(context, env.Name(c->name), env.Constructor(*c)).Check();
  if (binding.init) binding.init(env, exports);
  return exports;
}

namespace {

struct References {
  std::vector<intptr_t> list;  // ends with 0
  uint64_t hash = kFnvBasis;
};

const References& AllReferences() {
  static const References all = [] {
    References made;
    made.list.reserve(4096);
    Visit([&](uint32_t name_hash, intptr_t reference) {
      made.list.push_back(reference);
      made.hash = (made.hash ^ name_hash) * kFnvPrime;
      made.hash ^= made.hash >> 32;
    });
    made.list.push_back(0);
    return made;
  }();
  return all;
}

}  // namespace

const std::vector<intptr_t>& ExternalReferences() { return AllReferences().list; }

uint64_t ReferenceHash() { return AllReferences().hash; }

}  // namespace kiln::runtime
