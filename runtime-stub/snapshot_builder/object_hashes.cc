// Layouts are those of V8's map.tq, descriptor-array.tq, name.tq and string.tq.
// Check() compares what is read with what V8's interface returns.
#include "runtime-stub/snapshot_builder/object_hashes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "runtime-stub/binding/closure_variables.h"
#include "runtime-stub/binding/convert.h"
#include "runtime-stub/platform/heap_objects.h"

namespace kiln::runtime {

static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: compare the layouts below");

namespace {

using v8::internal::Internals;
constexpr int kWord = kHeapWord;

// A JSObject: map, properties, elements, then properties that are in the object. A JSArray: its length.
constexpr int kProperties = kWord, kElements = 2 * kWord, kArrayLength = 3 * kWord;
// A Map.
constexpr int kFirstPropertyInWords = kWord + 1, kBitField = kWord + 6, kBitField2 = kWord + 7;
constexpr int kSizeInWords = kWord;
constexpr int kBitField3 = 2 * kWord, kPrototype = 3 * kWord, kDescriptors = 5 * kWord;
constexpr uint8_t kNonInstancePrototype = 1 << 0;
constexpr uint8_t kInterceptorsOrAccessCheck = 1 << 2 | 1 << 3 | 1 << 5;
constexpr uint32_t kIsDictionary = 1 << 21, kIsExtensible = 1 << 27;
constexpr int kLastFastElements = 5, kFirstDoubleElements = 4;
// A DescriptorArray: key, details and value of each.
constexpr int kFirstDescriptor = 3 * kWord, kDescriptorSize = 3 * kWord;
constexpr int kFirstOfPropertyArray = 2 * kWord;
// An AccessorPair.
constexpr int kGetter = kWord, kSetter = 2 * kWord;
// Names and strings.
constexpr int kSymbolFlags = kWord + 4, kStringLength = kWord + 4, kStringFirst = 2 * kWord,
              kStringSecond = 3 * kWord;
constexpr uint32_t kIsPrivate = 1 << 0, kIsPrivateName = 1 << 4;
constexpr int kRepresentation = 7, kOneByte = 8;
constexpr int kSequential = 0, kCons = 1, kSliced = 3, kThin = 5;

constexpr int kClassConstructorType = 2081;  // as in trim_heap.cc
constexpr uint64_t kSeed = 0xcbf29ce484222325;
constexpr uint64_t kHole = 0xfff7fffffff7ffff;  // in an array of doubles

// What begins the text of a value.
enum Tag : uint64_t {
  kNumber = 1,
  kString,
  kSymbol,
  kBigInt,
  kUndefined,
  kNull,
  kTrue,
  kFalse,
  kInternal,
  kOfSurface,
  kNodeOf,
  kIndexKey,
  kStringKey,
  kSymbolKey,
  kLabel,
  kOfFunction,
  kOfObject,
  kOfArray,
  kOfContext,
  kAccessorKey,
};

uint32_t DetailsKind(uint32_t details) { return details & 1; }  // 1: an accessor
uint32_t DetailsAttributes(uint32_t details) { return details >> 2 & 7; }
bool IsInDescriptor(uint32_t details) { return details >> 5 & 1; }
int DetailsField(uint32_t details) { return int(details >> 19 & 1023); }

Address MapField(Address object, int offset) { return FieldOf(MapOf(object), offset); }
uint32_t BitField3(Address object) {
  return Internals::ReadRawField<uint32_t>(MapOf(object), kBitField3);
}
int DescriptorCount(Address object) { return int(BitField3(object) >> 10 & 1023); }
Address Descriptor(Address object, int index, int part) {
  return FieldOf(MapField(object, kDescriptors),
                 kFirstDescriptor + index * kDescriptorSize + part * kWord);
}
uint32_t DetailsOf(Address object, int index) {
  return uint32_t(Internals::SmiValue(Descriptor(object, index, 1)));
}
// Of a property that is stored in the object.
Address FieldValue(Address object, uint32_t details) {
  Address map = MapOf(object);
  const int first = Internals::ReadRawField<uint8_t>(map, kFirstPropertyInWords);
  const int inside = Internals::ReadRawField<uint8_t>(map, kSizeInWords) - first;
  const int field = DetailsField(details);
  return field < inside ? FieldOf(object, (first + field) * kWord)
                        : FieldOf(FieldOf(object, kProperties),
                                  kFirstOfPropertyArray + (field - inside) * kWord);
}
int ElementsKind(Address object) {
  return Internals::ReadRawField<uint8_t>(MapOf(object), kBitField2) >> 2;
}

struct Units {
  Address string;
  int from, length;
};

// FNV-1a of a string's code units, however V8 stores it.
uint64_t HashOfString(v8::Isolate* isolate, Address string) {
  uint64_t hash = kSeed;
  auto mix = [&](const auto* units, int count) {
    for (int i = 0; i < count; ++i) hash = (hash ^ units[i]) * 0x100000001b3;
  };
  auto length_of = [](Address of) { return Internals::ReadRawField<int32_t>(of, kStringLength); };
  std::vector<Units> rest;
  Units now = {string, 0, length_of(string)};
  mix(&now.length, 1);
  while (true) {
    const int type = Internals::GetInstanceType(now.string);
    const Address start = now.string - v8::internal::kHeapObjectTag + kStringFirst;
    switch (type & kRepresentation) {
      case kThin:
        now.string = FieldOf(now.string, kStringFirst);
        continue;
      case kSliced:
        now.from += Internals::SmiValue(FieldOf(now.string, kStringSecond));
        now.string = FieldOf(now.string, kStringFirst);
        continue;
      case kCons: {
        Address first = FieldOf(now.string, kStringFirst);
        Address second = FieldOf(now.string, kStringSecond);
        const int of_first = length_of(first), end = now.from + now.length;
        if (end > of_first)
          rest.push_back(
              {second, std::max(now.from - of_first, 0), end - std::max(now.from, of_first)});
        if (now.from < of_first) {
          now = {first, now.from, std::min(end, of_first) - now.from};
          continue;
        }
        break;
      }
      case kSequential:
        if (type & kOneByte)
          mix(reinterpret_cast<const uint8_t*>(start) + now.from, now.length);
        else
          mix(reinterpret_cast<const uint16_t*>(start) + now.from, now.length);
        break;
      default: {  // outside of the heap; nothing is allocated for it
        std::vector<uint16_t> units(size_t(now.length), 0);
        HandleOf(isolate, now.string)
            .As<v8::String>()
            ->WriteV2(isolate, uint32_t(now.from), uint32_t(now.length), units.data());
        mix(units.data(), now.length);
      }
    }
    if (rest.empty()) return hash;
    now = rest.back();
    rest.pop_back();
  }
}

// The number if the string is an index of an array, otherwise -1.
int64_t IndexOf(v8::Isolate* isolate, v8::Local<v8::String> key) {
  const int length = key->Length();
  if (length == 0 || length > 10) return -1;
  uint16_t units[10];
  key->WriteV2(isolate, 0, uint32_t(length), units);
  if (units[0] == '0' && length > 1) return -1;
  int64_t index = 0;
  for (int i = 0; i < length; ++i) {
    if (units[i] < '0' || units[i] > '9') return -1;
    index = index * 10 + (units[i] - '0');
  }
  return index < 0xffffffff ? index : -1;
}

double ToNumber(uint64_t hash) { return double((hash ^ hash >> 52) & ((uint64_t(1) << 52) - 1)); }

void OnCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* moved) {
  *static_cast<bool*>(moved) = true;
}

}  // namespace

ObjectHashes::ObjectHashes(Env& env, int context_offset)
    : env_(env), context_offset_(context_offset) {
  env.isolate->AddGCEpilogueCallback(OnCollection, &moved_);
}

ObjectHashes::~ObjectHashes() { env_.isolate->RemoveGCEpilogueCallback(OnCollection, &moved_); }

// Compares objects with properties of all kinds.
bool ObjectHashes::Check() {
  constexpr const char* kScript = R"((() => {
    class Base { get d() { return this; } }
    const object = { a: 1, b: 'text', c: {} };
    object.later1 = {}; object.later2 = 'x'; object.later3 = {}; object.later4 = 'y'; object.later5 = {};
    object[Symbol('s')] = object.c;
    class C { #secret = {}; other = {}; }
    return [object, [object.c, 7], [1.5, 2.5], () => {}, new C(), Base.prototype];
  })())";
  v8::Isolate* isolate = env_.isolate;
  v8::Local<v8::Context> context = env_.context();
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> result;
  if (!v8::Script::Compile(context, env_.Str(kScript)).ToLocal(&script) ||
      !script->Run(context).ToLocal(&result))
    return false;
  auto get = [&](uint32_t i) { return result.As<v8::Object>()->Get(context, i).ToLocalChecked(); };

  constexpr int kCount = 9;
  v8::Local<v8::Object> object = get(0).As<v8::Object>();
  if (Internals::GetInstanceType(AddressOf(object)) != Internals::kJSObjectType ||
      !HasFastProperties(AddressOf(object)) || DescriptorCount(AddressOf(object)) != kCount ||
      !(BitField3(AddressOf(object)) & kIsExtensible))
    return false;
  v8::Local<v8::Value> prototype = object->GetPrototypeV2();
  if (MapField(AddressOf(object), kPrototype) != AddressOf(prototype)) return false;
  for (int i = 0; i < kCount; ++i) {
    v8::Local<v8::Value> key = HandleOf(isolate, Descriptor(AddressOf(object), i, 0));
    if (!key->IsName()) return false;
    const uint32_t details = DetailsOf(AddressOf(object), i);
    if (DetailsAttributes(details) != 0) return false;
    if (DetailsKind(details) == 1 || IsInDescriptor(details)) return false;
    v8::Local<v8::Value> value = object->Get(context, key).ToLocalChecked();
    if (FieldValue(AddressOf(object), details) != AddressOf(value)) return false;
  }

  v8::Local<v8::Value> array = get(1), doubles = get(2), function = get(3), instance = get(4),
                       base = get(5);
  if (!HasFastProperties(AddressOf(base)) || DescriptorCount(AddressOf(base)) != 2) return false;
  Address pair = Descriptor(AddressOf(base), 1, 2);
  accessor_pair_type_ = Internals::GetInstanceType(pair);
  if (DetailsKind(DetailsOf(AddressOf(base), 1)) != 1 ||
      !HandleOf(isolate, FieldOf(pair, kGetter))->IsFunction() ||
      !HandleOf(isolate, FieldOf(pair, kSetter))->IsNull())
    return false;
  array_type_ = Internals::GetInstanceType(AddressOf(array));
  Address elements = FieldOf(AddressOf(doubles), kElements);
  if (!array->IsArray() || ElementsKind(AddressOf(array)) < 2 ||
      ElementsKind(AddressOf(array)) > 3 || ElementsKind(AddressOf(doubles)) != 4 ||
      Internals::SmiValue(FieldOf(AddressOf(array), kArrayLength)) != 2 ||
      LengthOf(elements) != 2 || Internals::ReadRawField<double>(elements, kElementsOffset) != 1.5)
    return false;
  Address length = Descriptor(AddressOf(function), 0, 2);
  if (DetailsKind(DetailsOf(AddressOf(function), 0)) != 1 || !IsHeapObject(length)) return false;
  accessor_info_type_ = Internals::GetInstanceType(length);
  if (Internals::GetInstanceType(Descriptor(AddressOf(array), 0, 2)) != accessor_info_type_)
    return false;
  const uint32_t flags =
      Internals::ReadRawField<uint32_t>(Descriptor(AddressOf(instance), 0, 0), kSymbolFlags);
  return DescriptorCount(AddressOf(instance)) == 2 && (flags & kIsPrivateName) &&
         (flags & kIsPrivate) &&
         HashOfString(isolate, AddressOf(env_.Str("text"))) ==
             HashOfString(isolate, FieldValue(AddressOf(object), DetailsOf(AddressOf(object), 1)));
}

// ---------------------------------------------------------------- the walk

void ObjectHashes::FindAddresses() {
  if (!moved_) return;
  moved_ = false;
  v8::HandleScope scope(env_.isolate);
  surface_numbers_.clear();
  for (size_t i = 0; i < surface_.size(); ++i)
    surface_numbers_.emplace(AddressOf(surface_[i].Get(env_.isolate)), int(i));
  node_numbers_.clear();
  for (size_t i = 0; i < nodes_.size(); ++i)
    node_numbers_.emplace(AddressOf(nodes_[i].object.Get(env_.isolate)), int(i));
}

int ObjectHashes::OwnerOf(v8::Local<v8::Value> script_or_object) {
  v8::Local<v8::Value> owner;
  if (!owner_of_.Get(env_.isolate)
           ->Call(env_.context(), env_.Undefined(), 1, &script_or_object)
           .ToLocal(&owner) ||
      !owner->IsInt32())
    return kNone;
  return owner.As<v8::Int32>()->Value();
}

ObjectHashes::Script& ObjectHashes::ScriptOf(v8::Local<v8::Function> function) {
  auto [at, is_new] = scripts_.try_emplace(function->ScriptId());
  Script& script = at->second;
  if (!is_new || at->first == v8::UnboundScript::kNoScriptId) return script;
  v8::Local<v8::Value> name = function->GetScriptOrigin().ResourceName();
  if (name.IsEmpty() || !name->IsString()) return script;
  script.has_name = true;
  script.hash = HashOfString(env_.isolate, AddressOf(name));
  script.is_of_library = ToUtf8(env_.isolate, name).starts_with("node:");
  script.name.Reset(env_.isolate, name);
  return script;
}

const ObjectHashes::Node& ObjectHashes::NodeOf(v8::Local<v8::Value> object, int owner) {
  FindAddresses();
  if (auto known = node_numbers_.find(AddressOf(object)); known != node_numbers_.end())
    return nodes_[size_t(known->second)];
  if (object->IsFunction()) {
    Script& script = ScriptOf(object.As<v8::Function>());
    if (script.has_name) {
      if (!script.owner_is_known) {
        script.owner = OwnerOf(script.name.Get(env_.isolate));
        script.owner_is_known = true;
      }
      if (script.owner != kNone) owner = script.owner;
    }
  } else if (MapField(AddressOf(object), kPrototype) ==
             AddressOf(module_prototype_.Get(env_.isolate))) {
    if (int own = OwnerOf(object); own != kNone) owner = own;
  }
  AddNode(object, owner, Kind::kObject);
  return nodes_.back();
}

void ObjectHashes::AddNode(v8::Local<v8::Value> object, int owner, Kind kind) {
  FindAddresses();
  node_numbers_.emplace(AddressOf(object), int(nodes_.size()));
  nodes_.push_back({{env_.isolate, object}, owner, counts_[owner]++, kind});
}

void ObjectHashes::AddContext(v8::Local<v8::Value> context, int owner, bool is_of_library) {
  FindAddresses();
  if (!node_numbers_.contains(AddressOf(context)))
    AddNode(context, owner, is_of_library ? Kind::kLibraryContext : Kind::kContext);
  const Node& node = *Find(context);
  text_.references = Mixed(text_.references, uint64_t(node.owner));
  text_.references = Mixed(text_.references, uint64_t(node.number));
}

uint64_t ObjectHashes::Mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

// `tagged` is read before anything is allocated.
void ObjectHashes::Add(Address tagged) {
  if (!IsHeapObject(tagged)) {
    Mix(kNumber);
    double number = Internals::SmiValue(tagged);
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return Mix(bits);
  }
  if (Internals::GetInstanceType(tagged) < Internals::kFirstNonstringType) {
    Mix(kString);
    return Mix(HashOfString(env_.isolate, tagged));
  }
  AddValue(HandleOf(env_.isolate, tagged));
}

void ObjectHashes::AddNumber(double number) {
  Mix(kNumber);
  if (std::isnan(number)) number = NAN;
  uint64_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  Mix(bits);
}

void ObjectHashes::AddValue(v8::Local<v8::Value> value) {
  if (value->IsNumber()) return AddNumber(value.As<v8::Number>()->Value());
  if (value->IsString()) return Add(AddressOf(value));
  if (value->IsUndefined()) return Mix(kUndefined);
  if (value->IsObject()) return AddReference(value);
  if (value->IsNull()) return Mix(kNull);
  if (value->IsTrue()) return Mix(kTrue);
  if (value->IsFalse()) return Mix(kFalse);
  if (value->IsSymbol()) {
    Mix(kSymbol);
    return Add(AddressOf(value.As<v8::Symbol>()->Description(env_.isolate)));
  }
  if (value->IsBigInt()) {
    int sign = 0, count = value.As<v8::BigInt>()->WordCount();
    std::vector<uint64_t> words(size_t(count), 0);
    value.As<v8::BigInt>()->ToWordsArray(&sign, &count, words.data());
    Mix(kBigInt);
    Mix(uint64_t(sign));
    for (uint64_t word : words) Mix(word);
    return;
  }
  Mix(kInternal);
}

// 0 for an object that is to be described.
uint64_t ObjectHashes::NameOf(v8::Local<v8::Value> object) {
  FindAddresses();
  auto known = surface_numbers_.find(AddressOf(object));
  if (known == surface_numbers_.end()) return 0;
  const size_t number = size_t(known->second);
  if (!has_names_) return number + 1;
  return number < names_.size() ? names_[number] : 0;
}

void ObjectHashes::AddReference(v8::Local<v8::Value> object) {
  if (uint64_t name = NameOf(object); name != 0) {
    Mix(kOfSurface);
    return Mix(name);
  }
  const Node& node = NodeOf(object, owner_);
  Mix(kNodeOf);
  Mix(uint64_t(node.owner));
  text_.references = Mixed(text_.references, uint64_t(node.owner));
  text_.references = Mixed(text_.references, uint64_t(node.number));
}

void ObjectHashes::AddName(v8::Local<v8::Value> key) {
  if (key->IsSymbol()) {
    Mix(kSymbolKey);
    return Add(AddressOf(key.As<v8::Symbol>()->Description(env_.isolate)));
  }
  if (int64_t index = IndexOf(env_.isolate, key.As<v8::String>()); index >= 0) {
    Mix(kIndexKey);
    return Mix(uint64_t(index));
  }
  Mix(kStringKey);
  Mix(HashOfString(env_.isolate, AddressOf(key)));
}

void ObjectHashes::Begin(int owner) {
  owner_ = owner;
  text_ = {kSeed, kSeed};
}

void ObjectHashes::Finish() {
  auto [at, is_new] = hashes_.try_emplace(owner_, Hashes{kSeed, kSeed});
  at->second.own = Mixed(at->second.own, text_.own);
  at->second.references = Mixed(at->second.references, text_.references);
  owner_ = kNone;
}

// The context around another one; 0 if that is the native context, which all functions share.
ObjectHashes::Address ObjectHashes::OuterOf(Address context) const {
  if (!IsHeapObject(context) || context == AddressOf(env_.context())) return 0;
  // The context of a function that has none of its own, and of other realms.
  if (LengthOf(context) < kFirstVariable) return 0;
  Address previous = ElementOf(context, kPrevious);
  if (!IsHeapObject(previous) || Internals::GetInstanceType(previous) == Internals::kOddballType)
    return 0;
  return previous;
}

// Whether it has the variables of a module or a script, or none of its own.
bool ObjectHashes::IsOutermost(Address context) const {
  return !OuterOf(context) || !OuterOf(ElementOf(context, kPrevious));
}

void ObjectHashes::DescribeContext(v8::Local<v8::Value> context, bool is_of_library) {
  Mix(kOfContext);
  Address outer = ElementOf(AddressOf(context), kPrevious);
  if (is_of_library ? !IsOutermost(outer) : OuterOf(outer) != 0)
    AddContext(HandleOf(env_.isolate, outer), owner_, is_of_library);
  const int length = LengthOf(AddressOf(context));
  for (int i = kFirstVariable; i < length; ++i) Add(ElementOf(AddressOf(context), i));
}

bool ObjectHashes::HasFastProperties(Address object) const {
  Address map = MapOf(object);
  if (Internals::ReadRawField<uint8_t>(map, kBitField) &
      (kInterceptorsOrAccessCheck | kNonInstancePrototype))
    return false;
  if (BitField3(object) & kIsDictionary) return false;
  return ElementsKind(object) <= kLastFastElements || LengthOf(FieldOf(object, kElements)) == 0;
}

// Numbers that the library gives to objects in the order in which they are made.
bool ObjectHashes::IsCounter(v8::Local<v8::Value> key) {
  if (!key->IsSymbol()) return false;
  v8::Local<v8::Value> description = key.As<v8::Symbol>()->Description(env_.isolate);
  if (!description->IsString()) return false;
  const uint64_t hash = HashOfString(env_.isolate, AddressOf(description));
  return std::find(counters_.begin(), counters_.end(), hash) != counters_.end();
}

int ObjectHashes::DescribeObject(v8::Local<v8::Value> object) {
  constexpr int kEverything = 0;
  for (const auto& record : records_)
    if (record == object) return kEverything;
  const int type = Internals::GetInstanceType(AddressOf(object));
  if (object->IsFunction()) {
    auto function = object.As<v8::Function>();
    const Script& script = ScriptOf(function);
    const int position = function->GetScriptStartPosition();
    if (!script.has_name || position < 0) return kEverything;
    Mix(kOfFunction);
    Mix(script.hash);
    Mix(uint64_t(position));
    Address context = FieldOf(AddressOf(object), context_offset_);
    // A function that the library has made for the app, as once() does, has variables besides those of its
    // module, which are not described.
    if (script.is_of_library && IsOutermost(context)) return kParts;
    if (OuterOf(context)) AddContext(HandleOf(env_.isolate, context), owner_, script.is_of_library);
    return DescribeProperties(object, true);
  }
  if (type == Internals::kJSObjectType) {
    if (MapField(AddressOf(object), kPrototype) == AddressOf(module_prototype_.Get(env_.isolate)))
      return kEverything;
    Mix(kOfObject);
  } else if (type == array_type_) {
    Mix(kOfArray);
  } else {
    return kEverything;
  }
  return DescribeProperties(object, false);
}

int ObjectHashes::DescribeProperties(v8::Local<v8::Value> object, bool is_function) {
  constexpr int kProperties = 1, kPrivate = 2;
  struct Property {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> pair;  // of an accessor
    uint32_t details;
    bool is_internal;  // what the library of V8 computes
  };
  Mix(BitField3(AddressOf(object)) & kIsExtensible ? 1 : 0);
  Add(MapField(AddressOf(object), kPrototype));
  if (!HasFastProperties(AddressOf(object))) return kProperties;

  // Strings before symbols.
  std::vector<Property> properties, symbols;
  bool has_private = Internals::GetInstanceType(AddressOf(object)) == kClassConstructorType;
  const int count = DescriptorCount(AddressOf(object));
  for (int i = 0; i < count; ++i) {
    Address at = AddressOf(object), key = Descriptor(at, i, 0);
    const bool is_string = Internals::GetInstanceType(key) < Internals::kFirstNonstringType;
    if (!is_string) {
      const auto flags = Internals::ReadRawField<uint32_t>(key, kSymbolFlags);
      has_private |= (flags & kIsPrivateName) != 0;
      if (flags & (kIsPrivate | kIsPrivateName)) continue;
    }
    Property property = {HandleOf(env_.isolate, key), {}, DetailsOf(at, i), false};
    Address value = Descriptor(at, i, 2);
    if (DetailsKind(property.details) == 1) {
      const int type = IsHeapObject(value) ? Internals::GetInstanceType(value) : 0;
      if (type == accessor_info_type_) {
        if (!is_function && !object->IsArray()) return kProperties;
        property.is_internal = true;
      } else if (type == accessor_pair_type_) {
        property.pair = HandleOf(env_.isolate, value);
        for (int offset : {kGetter, kSetter}) {
          v8::Local<v8::Value> part = HandleOf(env_.isolate, FieldOf(value, offset));
          if (!part->IsFunction() && !part->IsNull()) return kProperties;
        }
      } else {
        return kProperties;
      }
    } else if (IsInDescriptor(property.details)) {
      return kProperties;
    }
    (is_string ? properties : symbols).push_back(property);
  }
  properties.insert(properties.end(), symbols.begin(), symbols.end());

  AddElements(object);
  for (const Property& property : properties) {
    if (IsCounter(property.key)) continue;
    const uint32_t attributes = DetailsAttributes(property.details);
    if (!property.pair.IsEmpty()) {
      Mix(kAccessorKey);
      Mix(attributes & ~1u);
      AddName(property.key);
      for (int offset : {kGetter, kSetter}) {
        Address part = FieldOf(AddressOf(property.pair), offset);
        if (HandleOf(env_.isolate, part)->IsNull())
          Mix(kUndefined);
        else
          Add(part);
      }
      continue;
    }
    Mix(attributes);
    AddName(property.key);
    if (!property.is_internal) {
      Add(FieldValue(AddressOf(object), property.details));
    } else if (!is_function) {
      Add(FieldOf(AddressOf(object), kArrayLength));
    } else if (property.key->StrictEquals(prototype_key_.Get(env_.isolate))) {
      // V8 makes it when it is first asked for.
      v8::Local<v8::Value> prototype;
      if (object.As<v8::Object>()->Get(env_.context(), property.key).ToLocal(&prototype))
        AddValue(prototype);
    } else {
      Mix(kUndefined);  // the same for all functions with this code
    }
  }
  return has_private ? kPrivate : kParts;
}

void ObjectHashes::AddElements(v8::Local<v8::Value> object) {
  int count = LengthOf(FieldOf(AddressOf(object), kElements));
  const int kind = ElementsKind(AddressOf(object));
  if (count == 0 || kind > kLastFastElements) return;
  if (object->IsArray()) {
    Address length = FieldOf(AddressOf(object), kArrayLength);
    if (!IsHeapObject(length)) count = std::min(count, int(Internals::SmiValue(length)));
  }
  const Address hole = Internals::GetRoot(env_.isolate, Internals::kTheHoleValueRootIndex);
  for (int i = 0; i < count; ++i) {
    Address elements = FieldOf(AddressOf(object), kElements);
    double number = 0;
    if (kind >= kFirstDoubleElements) {
      const int offset = kElementsOffset + i * int(sizeof(double));
      if (Internals::ReadRawField<uint64_t>(elements, offset) == kHole) continue;
      number = Internals::ReadRawField<double>(elements, offset);
    } else if (ElementOf(elements, i) == hole) {
      continue;
    }
    Mix(0);
    Mix(kIndexKey);
    Mix(uint64_t(i));
    if (kind >= kFirstDoubleElements)
      AddNumber(number);
    else
      Add(ElementOf(elements, i));
  }
}

bool ObjectHashes::Describe(size_t number) {
  v8::HandleScope scope(env_.isolate);
  v8::Local<v8::Value> object = nodes_[number].object.Get(env_.isolate);
  Begin(nodes_[number].owner);
  bool ok = true;
  if (Kind kind = nodes_[number].kind; kind != Kind::kObject) {
    DescribeContext(object, kind == Kind::kLibraryContext);
  } else if (int part = DescribeObject(object); part < kParts) {
    v8::Local<v8::Value> args[] = {object, v8::Integer::New(env_.isolate, owner_),
                                   v8::Integer::New(env_.isolate, part)};
    ok = !describe_.Get(env_.isolate)->Call(env_.context(), env_.Undefined(), 3, args).IsEmpty();
  }
  Finish();
  return ok;
}

// ---------------------------------------------------------------- called from JavaScript

void ObjectHashes::AddSurface(const Info& args) {
  FindAddresses();
  surface_numbers_.emplace(AddressOf(args[0]), int(surface_.size()));
  surface_.emplace_back(env_.isolate, args[0]);
}

void ObjectHashes::BeginWalk(const Info& args) {
  v8::Local<v8::Context> context = env_.context();
  nodes_.clear();
  node_numbers_.clear();
  counts_.clear();
  hashes_.clear();
  scripts_.clear();
  records_.clear();
  names_.clear();
  described_ = 0;
  has_names_ = args[0]->IsArray();
  if (has_names_) {
    auto names = args[0].As<v8::Array>();
    for (uint32_t i = 0; i < names->Length(); ++i) {
      v8::HandleScope scope(env_.isolate);
      v8::Local<v8::Value> name = names->Get(context, i).ToLocalChecked();
      names_.push_back(name->IsString() ? HashOfString(env_.isolate, AddressOf(name)) | 1 : 0);
    }
  }
  auto records = args[1].As<v8::Array>();
  for (uint32_t i = 0; i < records->Length(); ++i)
    records_.emplace_back(env_.isolate, records->Get(context, i).ToLocalChecked());
  module_prototype_.Reset(env_.isolate, args[2]);
  describe_.Reset(env_.isolate, args[3].As<v8::Function>());
  owner_of_.Reset(env_.isolate, args[4].As<v8::Function>());
}

void ObjectHashes::Known(const Info& args) {
  AddNode(args[0], args[1].As<v8::Int32>()->Value(), Kind::kObject);
  counts_.clear();
  described_ = nodes_.size();
}

void ObjectHashes::RootOf(const Info& args) {
  Begin(args[0].As<v8::Int32>()->Value());
  Ref(args);
  Finish();
}

void ObjectHashes::Drain(const Info&) {
  while (described_ < nodes_.size())
    if (!Describe(described_++)) return;
}

void ObjectHashes::Text(const Info& args) {
  Mix(kLabel);
  Mix(HashOfString(env_.isolate, AddressOf(args[0])));
}

// (…, label, value)
void ObjectHashes::Ref(const Info& args) {
  const int last = args.Length() - 1;
  Mix(kLabel);
  Mix(HashOfString(env_.isolate, AddressOf(args[last - 1])));
  AddValue(args[last]);
}

void ObjectHashes::Property(const Info& args) {
  if (IsCounter(args[0])) return;
  Mix(args[1].As<v8::Uint32>()->Value());
  AddName(args[0]);
  AddValue(args[2]);
}

void ObjectHashes::Accessor(const Info& args) {
  if (IsCounter(args[0])) return;
  Mix(kAccessorKey);
  Mix(args[1].As<v8::Uint32>()->Value() & ~1u);
  AddName(args[0]);
  AddValue(args[2]);
  AddValue(args[3]);
}

void ObjectHashes::Reference(const Info& args) {
  Begin(args[1].As<v8::Int32>()->Value());
  AddValue(args[0]);
  args.GetReturnValue().Set(
      env_.Str(std::to_string(text_.own) + "." + std::to_string(text_.references)));
}

void ObjectHashes::Open(const Info& args) { Begin(args[0].As<v8::Int32>()->Value()); }
void ObjectHashes::Close(const Info&) { Finish(); }

const ObjectHashes::Node* ObjectHashes::Find(v8::Local<v8::Value> object) {
  FindAddresses();
  auto known = node_numbers_.find(AddressOf(object));
  return known == node_numbers_.end() ? nullptr : &nodes_[size_t(known->second)];
}

void ObjectHashes::PlaceOf(const Info& args) {
  if (uint64_t name = NameOf(args[0]); name != 0)
    return args.GetReturnValue().Set(env_.Str("surface " + std::to_string(name)));
  if (const Node* node = Find(args[0]))
    args.GetReturnValue().Set(
        env_.Str(std::to_string(node->owner) + "." + std::to_string(node->number)));
}

void ObjectHashes::OwnerOfObject(const Info& args) {
  if (const Node* node = Find(args[0])) args.GetReturnValue().Set(node->owner);
}

void ObjectHashes::NumberOfObject(const Info& args) {
  if (const Node* node = Find(args[0])) args.GetReturnValue().Set(node->number);
}

void ObjectHashes::HashesOf(const Info& args) {
  v8::LocalVector<v8::Value> values(env_.isolate);
  for (const auto& [owner, hashes] : hashes_)
    for (double number : {double(owner), ToNumber(hashes.own), ToNumber(hashes.references)})
      values.push_back(v8::Number::New(env_.isolate, number));
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values.data(), values.size()));
}

void ObjectHashes::EndWalk(const Info&) {
  nodes_.clear();
  node_numbers_.clear();
  scripts_.clear();
  records_.clear();
}

template <void (ObjectHashes::*F)(const ObjectHashes::Info&)>
void ObjectHashes::AddFunction(v8::Local<v8::Object> object, const char* name) {
  auto call = [](const Info& args) {
    auto* self = static_cast<ObjectHashes*>(args.Data().As<v8::External>()->Value());
    (self->*F)(args);
  };
  env_.Set(object, name,
           v8::Function::New(env_.context(), call, v8::External::New(env_.isolate, this))
               .ToLocalChecked());
}

bool ObjectHashes::AddFunctions(v8::Local<v8::Object> object) {
  if (!Check()) return false;
  v8::HandleScope scope(env_.isolate);
  for (const char* name : {"async_id_symbol", "trigger_async_id_symbol", "asyncId", "kAsyncId"})
    counters_.push_back(HashOfString(env_.isolate, AddressOf(env_.Str(name))));
  prototype_key_.Reset(env_.isolate, env_.Str("prototype"));
  AddFunction<&ObjectHashes::AddSurface>(object, "addSurface");
  AddFunction<&ObjectHashes::BeginWalk>(object, "begin");
  AddFunction<&ObjectHashes::Known>(object, "known");
  AddFunction<&ObjectHashes::RootOf>(object, "root");
  AddFunction<&ObjectHashes::Drain>(object, "drain");
  AddFunction<&ObjectHashes::Text>(object, "text");
  AddFunction<&ObjectHashes::Ref>(object, "ref");
  AddFunction<&ObjectHashes::Property>(object, "property");
  AddFunction<&ObjectHashes::Accessor>(object, "accessor");
  AddFunction<&ObjectHashes::Reference>(object, "reference");
  AddFunction<&ObjectHashes::Open>(object, "open");
  AddFunction<&ObjectHashes::Close>(object, "close");
  AddFunction<&ObjectHashes::PlaceOf>(object, "placeOf");
  AddFunction<&ObjectHashes::OwnerOfObject>(object, "ownerOf");
  AddFunction<&ObjectHashes::NumberOfObject>(object, "numberOf");
  AddFunction<&ObjectHashes::HashesOf>(object, "hashes");
  AddFunction<&ObjectHashes::EndWalk>(object, "end");
  return true;
}

}  // namespace kiln::runtime
