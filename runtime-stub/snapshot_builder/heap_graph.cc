// All addresses are read and turned into handles without an allocation between: the collector cannot
// move anything meanwhile.
#include "runtime-stub/snapshot_builder/heap_graph.h"

#include <cstring>
#include <string>

#include "runtime-stub/binding/convert.h"

// An internal function of V8 (src/debug/debug-interface.h), which its inspector uses.
namespace v8::debug {
bool GetPrivateMembers(Local<Context> context, Local<Object> value, int filter,
                       LocalVector<Value>* names_out, LocalVector<Value>* values_out);
}  // namespace v8::debug

namespace kiln::runtime {

namespace {

using v8::internal::Address;
using v8::internal::Internals;
constexpr int kWord = v8::internal::kApiTaggedSize;
static_assert(kWord == sizeof(Address), "written for V8 without compressed pointers");

// Of a FixedArray and of a Context: its map, its length as a small integer, and its elements.
constexpr int kLengthOffset = kWord;
constexpr int kElementsOffset = 2 * kWord;
// Of a Context: its ScopeInfo and the outer context come first.
constexpr int kScopeInfo = 0, kPrevious = 1, kFirstVariable = 2;
// Of a JSObject: its map, properties and elements; then the fields of its type.
constexpr int kObjectElementsOffset = 2 * kWord;
constexpr int kFieldsOffset = 3 * kWord;
// Of a Map: the size of its objects in words, a byte.
constexpr int kSizeOffset = kWord;

bool IsTagged(Address value) { return Internals::HasHeapObjectTag(value); }
bool IsSmall(Address value) { return (value & v8::internal::kSmiTagMask) == 0; }

Address Field(Address object, int offset) {
  return Internals::ReadTaggedPointerField(object, offset);
}

int LengthOf(Address object) {
  Address length = Field(object, kLengthOffset);
  return IsSmall(length) ? Internals::SmiValue(length) : -1;
}

Address Element(Address object, int index) {
  return Field(object, kElementsOffset + index * kWord);
}

template <class T>
Address AddressOf(v8::Local<T> value) {
  return v8::internal::ValueHelper::ValueAsAddress(*value);
}

// Gives access to V8's function that makes a handle.
class Handles : public v8::HandleScope {
 public:
  static v8::Local<v8::Value> Make(v8::Isolate* isolate, Address value) {
    Address* slot = CreateHandle(reinterpret_cast<v8::internal::Isolate*>(isolate), value);
    v8::Local<v8::Value> local;
    static_assert(sizeof local == sizeof slot);
    std::memcpy(static_cast<void*>(&local), &slot, sizeof slot);
    return local;
  }
};

// FNV-1a of 64 bits.
constexpr uint64_t kSeed = 0xcbf29ce484222325;
uint64_t HashBytes(const void* data, size_t size, uint64_t hash) {
  auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}
double ToDouble(uint64_t hash) { return double((hash ^ hash >> 52) & ((uint64_t(1) << 52) - 1)); }

HeapGraph* g_graph;  // of the process

}  // namespace

HeapGraph::HeapGraph(Env& env) : env_(env) {
  g_graph = this;
  env.isolate->AddGCEpilogueCallback(
      [](v8::Isolate*, v8::GCType, v8::GCCallbackFlags) { g_graph->moved_ = true; });
}

// A closure with known variables: finds where a function has its context.
bool HeapGraph::Check() {
  constexpr const char* kScript =
      "(() => { const a = {}, b = {}; return [() => [a, b], a, b, [1, {}]]; })()";
  v8::Local<v8::Context> context = env_.context();
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> result;
  if (!v8::Script::Compile(context, env_.Str(kScript)).ToLocal(&script) ||
      !script->Run(context).ToLocal(&result))
    return false;
  auto get = [&](uint32_t i) { return result.As<v8::Object>()->Get(context, i).ToLocalChecked(); };
  v8::Local<v8::Value> function = get(0), a = get(1), b = get(2), array = get(3);
  Address elements = Field(AddressOf(array), kObjectElementsOffset);
  if (!IsTagged(elements) || LengthOf(elements) != 2 ||
      AddressOf(array.As<v8::Object>()->Get(context, 1).ToLocalChecked()) != Element(elements, 1))
    return false;
  fixed_array_type_ = Internals::GetInstanceType(elements);
  for (int offset = kFieldsOffset; offset < kFieldsOffset + 5 * kWord; offset += kWord) {
    Address found = Field(AddressOf(function), offset);
    if (!IsTagged(found) || Internals::GetInstanceType(found) <= Internals::kOddballType) continue;
    if (LengthOf(found) != kFirstVariable + 2) continue;
    if (Element(found, kFirstVariable) != AddressOf(a) ||
        Element(found, kFirstVariable + 1) != AddressOf(b) ||
        !IsTagged(Element(found, kPrevious)) || !IsTagged(Element(found, kScopeInfo)))
      continue;
    context_offset_ = offset;
    return true;
  }
  return false;
}

// The number of a context; -1 for the native context, which all functions share.
int HeapGraph::NumberOf(Address context) {
  if (!IsTagged(context) || context == AddressOf(env_.context())) return -1;
  // The context of a function that has none of its own, and of other realms.
  Address previous = Element(context, kPrevious);
  if (LengthOf(context) < kFirstVariable || !IsTagged(previous) ||
      Internals::GetInstanceType(previous) == Internals::kOddballType)
    return -1;
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
    contexts_.emplace_back(env_.isolate, Handles::Make(env_.isolate, context));
  }
  return known->second;
}

// The value in a field. `internal_` if it is none of JavaScript's.
v8::Local<v8::Value> HeapGraph::ValueOf(Address tagged) {
  v8::Local<v8::Value> value = Handles::Make(env_.isolate, tagged);
  if (IsSmall(tagged) || value->IsObject() || value->IsString() || value->IsNumber() ||
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
  int number = NumberOf(Field(AddressOf(function), context_offset_));
  v8::Local<v8::Value> values[] = {name, v8::Integer::New(env_.isolate, position),
                                   v8::Integer::New(env_.isolate, number)};
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values, 3));
}

void HeapGraph::VariablesOf(const Info& args) {
  size_t number = size_t(args[0].As<v8::Int32>()->Value());
  v8::Local<v8::Value> context = contexts_[number].Get(env_.isolate);
  v8::LocalVector<v8::Value> values(env_.isolate);
  values.push_back(
      v8::Integer::New(env_.isolate, NumberOf(Element(AddressOf(context), kPrevious))));
  const int length = LengthOf(AddressOf(context));
  for (int i = kFirstVariable; i < length; ++i)
    values.push_back(ValueOf(Element(AddressOf(context), i)));
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
      Address field = Field(AddressOf(object), offset);
      if (IsTagged(field) && Internals::GetInstanceType(field) == fixed_array_type_) {
        const int length = LengthOf(field);
        for (int i = 0; i < length; ++i) {
          // Making a handle allocates nothing in the heap, so `field` stays valid.
          values.push_back(ValueOf(Element(field, i)));
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
  return true;
}

}  // namespace kiln::runtime
