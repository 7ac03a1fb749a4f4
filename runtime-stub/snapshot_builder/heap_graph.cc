// All addresses are read and turned into handles without an allocation between: the collector cannot
// move anything meanwhile.
#include "runtime-stub/snapshot_builder/heap_graph.h"

#include <v8-profiler.h>

#include <set>
#include <string>

#include "runtime-stub/binding/closure_variables.h"
#include "runtime-stub/binding/convert.h"
#include "runtime-stub/platform/heap_objects.h"

// An internal function of V8 (src/debug/debug-interface.h), which its inspector uses.
namespace v8::debug {
bool GetPrivateMembers(Local<Context> context, Local<Object> value, int filter,
                       LocalVector<Value>* names_out, LocalVector<Value>* values_out);
}  // namespace v8::debug

namespace kiln::runtime {

namespace {

using v8::internal::Internals;
constexpr int kWord = kHeapWord;

// Of a JSObject: its map, properties and elements; then the fields of its type.
constexpr int kObjectElementsOffset = 2 * kWord;
constexpr int kFieldsOffset = 3 * kWord;
// Of a Map: the size of its objects in words, a byte.
constexpr int kSizeOffset = kWord;

// FNV-1a of 64 bits.
constexpr uint64_t kSeed = 0xcbf29ce484222325;
uint64_t HashBytes(const void* data, size_t size, uint64_t hash) {
  auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}
double ToDouble(uint64_t hash) { return double((hash ^ hash >> 52) & ((uint64_t(1) << 52) - 1)); }

}  // namespace

void OnCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* moved) {
  *static_cast<bool*>(moved) = true;
}

// Collects the names of scripts.
class HeapGraph::Compilations final : public v8::CodeEventHandler {
 public:
  explicit Compilations(v8::Isolate* isolate) : v8::CodeEventHandler(isolate), isolate_(isolate) {
    Enable();  // reports all existing functions
    scripts.clear();
  }
  ~Compilations() override { Disable(); }
  void Handle(v8::CodeEvent* event) override {
    v8::Local<v8::String> name = event->GetScriptName();
    if (event->GetCodeType() == v8::CodeEventType::kFunctionType && !name.IsEmpty())
      scripts.insert(ToUtf8(isolate_, name));
  }
  std::set<std::string> scripts;

 private:
  v8::Isolate* isolate_;
};

HeapGraph::HeapGraph(Env& env) : env_(env) {
  env.isolate->AddGCEpilogueCallback(OnCollection, &moved_);
}

HeapGraph::~HeapGraph() { env_.isolate->RemoveGCEpilogueCallback(OnCollection, &moved_); }

// A closure with known variables: finds where a function has its context. A constant is changed.
bool HeapGraph::Check() {
  constexpr const char* kScript =
      "(() => { const a = {}, b = {}; return [() => [a, b], a, b, [1, {}], () => a]; })()";
  v8::Local<v8::Context> context = env_.context();
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> result;
  if (!v8::Script::Compile(context, env_.Str(kScript)).ToLocal(&script) ||
      !script->Run(context).ToLocal(&result))
    return false;
  auto get = [&](uint32_t i) { return result.As<v8::Object>()->Get(context, i).ToLocalChecked(); };
  v8::Local<v8::Value> function = get(0), a = get(1), b = get(2), array = get(3);
  Address elements = FieldOf(AddressOf(array), kObjectElementsOffset);
  if (!IsHeapObject(elements) || LengthOf(elements) != 2 ||
      AddressOf(array.As<v8::Object>()->Get(context, 1).ToLocalChecked()) != ElementOf(elements, 1))
    return false;
  fixed_array_type_ = Internals::GetInstanceType(elements);
  for (int offset = kFieldsOffset; offset < kFieldsOffset + 5 * kWord; offset += kWord) {
    Address found = FieldOf(AddressOf(function), offset);
    if (!IsHeapObject(found) || Internals::GetInstanceType(found) <= Internals::kOddballType)
      continue;
    if (LengthOf(found) != kFirstVariable + 2) continue;
    if (ElementOf(found, kFirstVariable) != AddressOf(a) ||
        ElementOf(found, kFirstVariable + 1) != AddressOf(b) ||
        !IsHeapObject(ElementOf(found, kPrevious)) || !IsHeapObject(ElementOf(found, kScopeInfo)))
      continue;
    context_offset_ = offset;
    v8::Local<v8::Value> changed;
    return SetClosureVariable(env_.isolate, offset,
                              {function.As<v8::Function>(), 0, kFirstVariable}, array) &&
           get(4)
               .As<v8::Function>()
               ->Call(context, context->Global(), 0, nullptr)
               .ToLocal(&changed) &&
           changed == array;
  }
  return false;
}

// The context around another one; 0 if that is the native context, which all functions share.
Address HeapGraph::OuterOf(Address context) {
  if (!IsHeapObject(context) || context == AddressOf(env_.context())) return 0;
  // The context of a function that has none of its own, and of other realms.
  if (LengthOf(context) < kFirstVariable) return 0;
  Address previous = ElementOf(context, kPrevious);
  if (!IsHeapObject(previous) || Internals::GetInstanceType(previous) == Internals::kOddballType)
    return 0;
  return previous;
}

// The number of a context; -1 for the native context, which all functions share.
int HeapGraph::NumberOf(Address context) {
  if (!OuterOf(context)) return -1;
  if (moved_) {
    moved_ = false;
    numbers_.clear();
    for (size_t i = 0; i < contexts_.size(); ++i) {
      v8::HandleScope scope(env_.isolate);
      numbers_[AddressOf(contexts_[i].Get(env_.isolate))] = int(i);
    }
  }
  auto [known, is_new] = numbers_.emplace(context, int(contexts_.size()));
  if (is_new) {
    v8::HandleScope scope(env_.isolate);
    contexts_.emplace_back(env_.isolate, HandleOf(env_.isolate, context));
  }
  return known->second;
}

// The value in a field. `internal_` if it is none of JavaScript's.
v8::Local<v8::Value> HeapGraph::ValueOf(Address tagged) {
  v8::Local<v8::Value> value = HandleOf(env_.isolate, tagged);
  if (!IsHeapObject(tagged) || value->IsObject() || value->IsString() || value->IsNumber() ||
      value->IsUndefined() || value->IsNull() || value->IsBoolean() || value->IsBigInt())
    return value;
  if (value->IsSymbol()) return value;
  return internal_.Get(env_.isolate);
}

// ---------------------------------------------------------------- called from JavaScript

void HeapGraph::ClosureOf(const Info& args) {
  auto function = args[0].As<v8::Function>();
  v8::Local<v8::Value> name = function->GetScriptOrigin().ResourceName();
  if (name.IsEmpty() || !name->IsString()) return;
  int position = function->GetScriptStartPosition();
  if (position < 0) return;
  int number = NumberOf(FieldOf(AddressOf(function), context_offset_));
  v8::Local<v8::Value> values[] = {name, v8::Integer::New(env_.isolate, position),
                                   v8::Integer::New(env_.isolate, number)};
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values, 3));
}

void HeapGraph::VariablesOf(const Info& args) {
  size_t number = size_t(args[0].As<v8::Int32>()->Value());
  v8::Local<v8::Value> context = contexts_[number].Get(env_.isolate);
  v8::LocalVector<v8::Value> values(env_.isolate);
  values.push_back(
      v8::Integer::New(env_.isolate, NumberOf(ElementOf(AddressOf(context), kPrevious))));
  const int length = LengthOf(AddressOf(context));
  for (int i = kFirstVariable; i < length; ++i)
    values.push_back(ValueOf(ElementOf(AddressOf(context), i)));
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values.data(), values.size()));
}

void HeapGraph::FieldsOf(const Info& args) {
  v8::Local<v8::Value> object = args[0];
  v8::LocalVector<v8::Value> values(env_.isolate);
  const bool is_plain_function =
      object->IsFunction() && object.As<v8::Function>()->GetBoundFunction()->IsUndefined();
  if (object->IsObject() && !is_plain_function) {
    Address map = Internals::LoadMap(AddressOf(object));
    const int size = Internals::ReadRawField<uint8_t>(map, kSizeOffset) * kWord;
    for (int offset = kFieldsOffset; offset < size; offset += kWord) {
      Address field = FieldOf(AddressOf(object), offset);
      if (IsHeapObject(field) && Internals::GetInstanceType(field) == fixed_array_type_) {
        const int length = LengthOf(field);
        for (int i = 0; i < length; ++i) {
          // Making a handle allocates nothing in the heap, so `field` stays valid.
          values.push_back(ValueOf(ElementOf(field, i)));
        }
      } else {
        values.push_back(ValueOf(field));
      }
    }
  }
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values.data(), values.size()));
}

void HeapGraph::PrivateOf(const Info& args) {
  constexpr int kAll = 7;  // methods, fields and accessors
  v8::LocalVector<v8::Value> names(env_.isolate), values(env_.isolate), all(env_.isolate);
  if (!v8::debug::GetPrivateMembers(env_.context(), args[0].As<v8::Object>(), kAll, &names,
                                    &values) ||
      names.empty())
    return;
  for (size_t i = 0; i < names.size(); ++i) {
    all.push_back(names[i]);
    // An accessor is an object of V8's own.
    v8::Local<v8::Value> value = values[i];
    bool is_value = value->IsObject() || value->IsString() || value->IsNumber() ||
                    value->IsSymbol() || value->IsUndefined() || value->IsNull() ||
                    value->IsBoolean() || value->IsBigInt();
    all.push_back(is_value ? value : internal_.Get(env_.isolate).As<v8::Value>());
  }
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, all.data(), all.size()));
}

void HeapGraph::BytesOf(const Info& args) {
  uint64_t hash = kSeed;
  if (args[0]->IsArrayBuffer()) {
    auto buffer = args[0].As<v8::ArrayBuffer>();
    hash = HashBytes(buffer->Data(), buffer->ByteLength(), hash);
  } else if (args[0]->IsArrayBufferView()) {
    auto view = args[0].As<v8::ArrayBufferView>();
    std::string bytes(view->ByteLength(), '\0');
    view->CopyContents(bytes.data(), bytes.size());
    hash = HashBytes(bytes.data(), bytes.size(), hash);
  }
  args.GetReturnValue().Set(ToDouble(hash));
}

void HeapGraph::Hash(const Info& args) {
  auto seed = uint64_t(args[1]->IsNumber() ? args[1].As<v8::Number>()->Value() : 0);
  uint64_t hash = HashBytes(&seed, sizeof seed, kSeed);
  v8::String::Value text(env_.isolate, args[0]);
  hash = HashBytes(*text, size_t(text.length()) * sizeof(uint16_t), hash);
  args.GetReturnValue().Set(ToDouble(hash));
}

void HeapGraph::Forget(const Info&) {
  contexts_.clear();
  numbers_.clear();
}

void HeapGraph::VariablesWith(const Info& args) {
  auto objects = args[0].As<v8::Array>();
  v8::LocalVector<v8::Value> handles(env_.isolate);
  for (uint32_t i = 0; i < objects->Length(); ++i) {
    handles.push_back(objects->Get(env_.context(), i).ToLocalChecked());
  }
  struct Found {
    int depth, slot, object, context;
    v8::Global<v8::String> script;
    v8::Global<v8::String> text;  // if it is not yet known whether this is the object
  };
  // Used between two collections, so no address changes meanwhile.
  struct Finder {
    Finder(HeapGraph& graph, v8::LocalVector<v8::Value>& handles)
        : graph(graph), handles(handles) {}
    void Look(v8::Local<v8::Function> function) {
      // Bound functions and proxies have something else where closures have their context.
      if (function->ScriptId() == v8::UnboundScript::kNoScriptId) return;
      v8::Isolate* isolate = graph.env_.isolate;
      Address context = FieldOf(AddressOf(function), graph.context_offset_);
      for (int depth = 0; Address outer = graph.OuterOf(context); ++depth, context = outer) {
        const int length = LengthOf(context);
        for (int slot = kFirstVariable; slot < length; ++slot) {
          const Address value = ElementOf(context, slot);
          const int index = IndexOf(value);
          if (index < 0) continue;
          v8::Local<v8::Value> name = function->GetScriptOrigin().ResourceName();
          if (name.IsEmpty() || !name->IsString()) continue;
          const int number = contexts.emplace(context, int(contexts.size())).first->second;
          found.push_back({depth, slot, index, number, {isolate, name.As<v8::String>()}, {}});
          if (value != AddressOf(handles[size_t(index)]))
            found.back().text.Reset(isolate, HandleOf(isolate, value).As<v8::String>());
          functions.emplace_back(isolate, function);
        }
      }
    }
    void FindAddresses() {
      for (size_t i = 0; i < handles.size(); ++i) {
        wanted[AddressOf(handles[i])] = int(i);
        if (handles[i]->IsString()) strings.push_back(int(i));
      }
    }
    // V8 may have several objects for one string: those of the same length are compared later, since
    // that may allocate.
    int IndexOf(Address value) {
      if (auto at = wanted.find(value); at != wanted.end()) return at->second;
      if (strings.empty() || !IsHeapObject(value)) return -1;
      v8::Local<v8::Value> other = HandleOf(graph.env_.isolate, value);
      if (!other->IsString()) return -1;
      for (int index : strings)
        if (handles[size_t(index)].As<v8::String>()->Length() == other.As<v8::String>()->Length())
          return index;
      return -1;
    }
    HeapGraph& graph;
    v8::LocalVector<v8::Value>& handles;
    std::vector<int> strings;
    std::unordered_map<Address, int> wanted, contexts;
    std::vector<Found> found;
    std::vector<v8::Global<v8::Function>> functions;
  } finder(*this, handles);
  if (!args[1]->IsTrue())
    env_.isolate->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
  finder.FindAddresses();
  ForEachObject(env_.isolate, [&](v8::Local<v8::Object> object) {
    if (object->IsFunction()) finder.Look(object.As<v8::Function>());
  });
  v8::LocalVector<v8::Value> values(env_.isolate);
  for (size_t i = 0; i < finder.found.size(); ++i) {
    const Found& found = finder.found[i];
    if (!found.text.IsEmpty() &&
        !handles[size_t(found.object)].As<v8::String>()->StringEquals(found.text.Get(env_.isolate)))
      continue;
    values.push_back(finder.functions[i].Get(env_.isolate));
    for (int number : {found.depth, found.slot, found.object, found.context})
      values.push_back(v8::Integer::New(env_.isolate, number));
    values.push_back(found.script.Get(env_.isolate));
  }
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values.data(), values.size()));
}

void HeapGraph::SetVariable(const Info& args) {
  ClosureVariable variable = {args[0].As<v8::Function>(), args[1].As<v8::Int32>()->Value(),
                              args[2].As<v8::Int32>()->Value()};
  args.GetReturnValue().Set(SetClosureVariable(env_.isolate, context_offset_, variable, args[3]));
}

void HeapGraph::Held(const Info& args) {
  auto objects = args[0].As<v8::Array>();
  std::vector<v8::Global<v8::Value>> weak;
  {
    v8::HandleScope scope(env_.isolate);
    for (uint32_t i = 0; i < objects->Length(); ++i) {
      weak.emplace_back(env_.isolate, objects->Get(env_.context(), i).ToLocalChecked());
      weak.back().SetWeak();
    }
    env_.Set(objects, "length", 0.0);
  }
  env_.isolate->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
  v8::LocalVector<v8::Value> held(env_.isolate);
  for (size_t i = 0; i < weak.size(); ++i)
    if (!weak[i].IsEmpty()) held.push_back(v8::Integer::New(env_.isolate, int(i)));
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, held.data(), held.size()));
}

void HeapGraph::Compiled(const Info& args) {
  if (!compilations_) compilations_ = std::make_unique<Compilations>(env_.isolate);
  v8::LocalVector<v8::Value> names(env_.isolate);
  for (const std::string& name : std::exchange(compilations_->scripts, {}))
    names.push_back(env_.Str(name));
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, names.data(), names.size()));
}

template <void (HeapGraph::*F)(const HeapGraph::Info&)>
void HeapGraph::AddFunction(v8::Local<v8::Object> object, const char* name) {
  auto call = [](const Info& args) {
    auto* self = static_cast<HeapGraph*>(args.Data().As<v8::External>()->Value());
    (self->*F)(args);
  };
  env_.Set(object, name,
           v8::Function::New(env_.context(), call, v8::External::New(env_.isolate, this))
               .ToLocalChecked());
}

bool HeapGraph::AddFunctions(v8::Local<v8::Object> object) {
  if (!Check()) return false;
  v8::Local<v8::Symbol> internal = v8::Symbol::New(env_.isolate, env_.Str("internal"));
  internal_.Reset(env_.isolate, internal);
  env_.Set(object, "internal", internal);
  AddFunction<&HeapGraph::ClosureOf>(object, "closureOf");
  AddFunction<&HeapGraph::VariablesOf>(object, "variablesOf");
  AddFunction<&HeapGraph::FieldsOf>(object, "fieldsOf");
  AddFunction<&HeapGraph::PrivateOf>(object, "privateOf");
  AddFunction<&HeapGraph::BytesOf>(object, "bytesOf");
  AddFunction<&HeapGraph::Hash>(object, "hash");
  AddFunction<&HeapGraph::Forget>(object, "forget");
  AddFunction<&HeapGraph::VariablesWith>(object, "variablesWith");
  AddFunction<&HeapGraph::SetVariable>(object, "setVariable");
  AddFunction<&HeapGraph::Held>(object, "held");
  AddFunction<&HeapGraph::Compiled>(object, "compiled");
  env_.Set(object, "contextOffset", double(context_offset_));
  return true;
}

}  // namespace kiln::runtime
