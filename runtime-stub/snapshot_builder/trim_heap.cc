// Removes two kinds of objects before V8 writes the heap, and what would differ between two builds:
//
//   feedback cells  V8 allocates one for each closure, which will refer to what it learns about the
//                   function. All are empty in a snapshot. A closure may refer to a cell that all
//                   share ("many closures"), which V8 replaces when the function first runs
//                   (JSFunction::EnsureClosureFeedbackCellArray).
//   maps            An object that got n properties has n maps (hidden classes), each kept by the
//                   next one. The exports of a module, of which there is only one object, get a map
//                   of their own without predecessors, as V8 does with prototypes
//                   (JSObject::OptimizeAsPrototype).
//
// V8's interface has neither. So this reads V8's objects in memory (platform/heap_objects.h) and calls
// V8's own functions by their mangled names.
#include "runtime-stub/snapshot_builder/trim_heap.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime-stub/platform/heap_objects.h"

using v8::internal::Address;
using v8::internal::Heap;
using v8::internal::Internals;
using v8::internal::Isolate;

// A DirectHandle is the address of a slot that the collector knows.
extern "C" {
// Map::Copy(Isolate*, DirectHandle<Map>, const char*, TransitionKindFlag)
Address*
_ZN2v88internal3Map4CopyEPNS0_7IsolateENS0_12DirectHandleIS1_EEPKcNS0_18TransitionKindFlagE(
    Isolate*, Address*, const char*, int);
// JSObject::MigrateToMap(Isolate*, DirectHandle<JSObject>, DirectHandle<Map>, int)
void _ZN2v88internal8JSObject12MigrateToMapEPNS0_7IsolateENS0_12DirectHandleIS1_EENS4_INS0_3MapEEEi(
    Isolate*, Address*, Address*, int);
}

namespace kiln::runtime {

namespace {

static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: compare the layouts below with map.tq and js-function.tq");

constexpr int kWord = v8::internal::kApiTaggedSize;
constexpr int kClassConstructorType = 2081;  // JS_CLASS_CONSTRUCTOR_TYPE, which Torque numbers
// Fields of a JSFunction and a Map.
constexpr int kFeedbackCell = 6 * kWord;
constexpr int kBitField3 = 2 * kWord;
constexpr int kBackPointer = 4 * kWord;
// Fields of a BytecodeArray.
constexpr int kFrameSize = 6 * kWord;
constexpr int kPadding = 7 * kWord + 4;
constexpr uint32_t kIsPrototypeOrDictionaryOrDeprecated = 1 << 20 | 1 << 21 | 1 << 24;
// Fewer predecessors than this are not worth a map of its own.
constexpr int kFewestPredecessors = 2;
constexpr int kSpecialTransition = 3;  // TransitionKindFlag: any but PROTOTYPE_TRANSITION

// The map of maps is its own map.
bool IsMap(Address object) {
  return Internals::HasHeapObjectTag(object) && MapOf(MapOf(object)) == MapOf(object);
}

class Trimmer final : public HeapWork {
 public:
  explicit Trimmer(v8::Isolate* isolate) : isolate_(isolate) {
    Address function = ExampleFunction(isolate);
    function_type_ = Internals::GetInstanceType(function);
    shared_type_ = Internals::GetInstanceType(Field(function, kSharedFunctionInfo));
    shared_cell_ = Field(function, kFeedbackCell);
    cell_type_ = Internals::GetInstanceType(shared_cell_);
  }

  void Run(Heap* heap) override {
    Read(heap);
    ShareFeedbackCells();
    Handles handles(isolate_);
    std::vector<std::pair<Address*, Address*>> lonely;  // objects and their maps
    for (Address object : objects_) {
      Address map = MapOf(object);
      if (maps_[map].objects == 1 && HasManyPredecessors(map))
        lonely.push_back({Handles::Make(isolate_, object), Handles::Make(isolate_, map)});
    }
    auto* isolate = reinterpret_cast<Isolate*>(isolate_);
    for (auto [object, map] : lonely) {
      Address* copy =
          _ZN2v88internal3Map4CopyEPNS0_7IsolateENS0_12DirectHandleIS1_EEPKcNS0_18TransitionKindFlagE(
              isolate, map, "kiln", kSpecialTransition);
      _ZN2v88internal8JSObject12MigrateToMapEPNS0_7IsolateENS0_12DirectHandleIS1_EENS4_INS0_3MapEEEi(
          isolate, object, copy, 0);
    }
  }

 private:
  // Of a map.
  struct Users {
    int objects = 0;
    int successors = 0;
  };

  void Read(Heap* heap) {
    HeapObjects objects(heap);
    while (Address object = objects.Next()) {
      ++maps_[MapOf(object)].objects;
      int type = Internals::GetInstanceType(object);
      if (IsMap(object)) {
        ++maps_[Field(object, kBackPointer)].successors;
      } else if (type == function_type_ || type == kClassConstructorType) {
        Address cell = Field(object, kFeedbackCell);
        StopIf(!Internals::HasHeapObjectTag(cell) ||
               Internals::GetInstanceType(cell) != cell_type_);
        ++cells_[cell];
        functions_.push_back(object);
        objects_.push_back(object);
      } else if (type == shared_type_) {
        // How many collections the function has not run for; V8 discards code by it.
        *reinterpret_cast<uint16_t*>(object - v8::internal::kHeapObjectTag + kAge) = 0;
      } else if (type == kBytecodeArrayType) {
        ClearPadding(object);
      } else if (type >= Internals::kJSObjectType && type <= Internals::kLastJSApiObjectType) {
        objects_.push_back(object);
      }
    }
  }

  // V8 writes the four bytes before the bytecode as they were in the memory that it got, which may have
  // had an address.
  static void ClearPadding(Address bytecode) {
    StopIf(Internals::ReadRawField<uint32_t>(bytecode, kFrameSize) % kWord != 0);
    *reinterpret_cast<uint32_t*>(bytecode - v8::internal::kHeapObjectTag + kPadding) = 0;
  }

  void ShareFeedbackCells() {
    for (Address function : functions_) {
      // Closures with the same cell have one entry point, too (JSDispatchTable): when V8 compiles the
      // function for one of them, the others run with the cell that they have.
      if (cells_[Field(function, kFeedbackCell)] > 1) continue;
      // V8 writes to the cells of functions that have bytecode.
      int type = TypeOfData(Field(function, kSharedFunctionInfo));
      if (type != kUncompiledDataTypes[0] && type != kUncompiledDataTypes[1]) continue;
      // Without a write barrier: the shared cell is in the read-only space.
      *reinterpret_cast<Address*>(function - v8::internal::kHeapObjectTag + kFeedbackCell) =
          shared_cell_;
    }
  }

  // Whether nothing but `map` needs the maps from which it was made. The first one belongs to a
  // constructor, and its back pointer is no map.
  bool HasManyPredecessors(Address map) {
    if (Internals::ReadRawField<uint32_t>(map, kBitField3) & kIsPrototypeOrDictionaryOrDeprecated)
      return false;
    int predecessors = 0;
    for (Address at = Field(map, kBackPointer); IsMap(at) && IsMap(Field(at, kBackPointer));
         at = Field(at, kBackPointer)) {
      Users users = maps_[at];
      if (users.objects > 0 || users.successors > 1) break;
      ++predecessors;
    }
    return predecessors >= kFewestPredecessors;
  }

  v8::Isolate* isolate_;
  int function_type_;
  int shared_type_;
  Address shared_cell_;
  int cell_type_;
  std::unordered_map<Address, Users> maps_;
  std::unordered_map<Address, int> cells_;  // and the number of functions that have them
  std::vector<Address> functions_;
  std::vector<Address> objects_;  // those that may get a map of their own
};

class CodeDiscarder final : public HeapWork {
 public:
  CodeDiscarder(v8::Isolate* isolate, std::span<const std::string_view> scripts)
      : isolate_(isolate),
        prefixes_(scripts),
        shared_type_(
            Internals::GetInstanceType(Field(ExampleFunction(isolate), kSharedFunctionInfo))) {}

  void Run(Heap* heap) override {
    RememberHeap(heap);
    Handles handles(isolate_);
    std::vector<Address> found;
    {
      HeapObjects objects(heap);
      while (Address object = objects.Next())
        if (Internals::GetInstanceType(object) == shared_type_ &&
            TypeOfData(object) == kBytecodeArrayType && IsWanted(Field(object, kScript)))
          found.push_back(object);
    }
    std::vector<Address*> functions;
    for (Address object : found) functions.push_back(Handles::Make(isolate_, object));
    for (Address* function : functions) DiscardCompiled(isolate_, function);
  }

 private:
  bool IsWanted(Address script) {
    auto [at, is_new] = scripts_.try_emplace(script, false);
    if (!is_new) return at->second;
    Address name = Field(script, kScriptName);
    if (!Internals::HasHeapObjectTag(name) ||
        Internals::GetInstanceType(name) >= Internals::kFirstNonstringType)
      return false;
    // No allocation in V8's heap.
    v8::String::Utf8Value value(isolate_, Handles::MakeLocal(isolate_, name));
    std::string_view text(*value, size_t(value.length()));
    at->second = std::any_of(prefixes_.begin(), prefixes_.end(),
                             [&](std::string_view prefix) { return text.starts_with(prefix); });
    return at->second;
  }

  v8::Isolate* isolate_;
  std::span<const std::string_view> prefixes_;
  int shared_type_;
  std::unordered_map<Address, bool> scripts_;
};

}  // namespace

void TrimHeapWhenWritten(v8::Isolate* isolate) { WorkOnHeap(std::make_unique<Trimmer>(isolate)); }

void DiscardCode(v8::Isolate* isolate, std::span<const std::string_view> scripts) {
  WorkOnHeap(std::make_unique<CodeDiscarder>(isolate, scripts));
  isolate->LowMemoryNotification();
}

}  // namespace kiln::runtime
