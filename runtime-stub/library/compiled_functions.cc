// V8's interface neither lists functions nor compiles or discards one. So this reads V8's objects in
// memory (platform/heap_objects.h) and calls Compiler::Compile() by its mangled name.
#include "runtime-stub/library/compiled_functions.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/library/usual_functions.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/heap_objects.h"

using v8::internal::Address;
using v8::internal::Heap;
using v8::internal::Internals;

extern "C" {
// bool Compiler::Compile(Isolate*, Handle<SharedFunctionInfo>, ClearExceptionFlag, IsCompiledScope*,
// CreateSourcePositions)
bool _ZN2v88internal8Compiler7CompileEPNS0_7IsolateENS0_6HandleINS0_18SharedFunctionInfoEEENS1_18ClearExceptionFlagEPNS0_15IsCompiledScopeENS0_21CreateSourcePositionsE(
    v8::internal::Isolate*, Address*, int, void*, int);
}

namespace kiln::runtime {

// SharedFunctionInfo's functions StartPosition(), EndPosition() and DebugNameCStr(). Their object has
// one member, the address.
int StartPosition(const Address* shared) __asm__(
    "_ZNK2v88internal18SharedFunctionInfo13StartPositionEv");
int EndPosition(const Address* shared) __asm__(
    "_ZNK2v88internal18SharedFunctionInfo11EndPositionEv");
std::unique_ptr<char[]> DebugName(const Address* shared) __asm__(
    "_ZNK2v88internal18SharedFunctionInfo13DebugNameCStrEv");

namespace {

// SharedFunctionInfoFlags: the kind, and whether the function may be compiled when it is called.
constexpr uint32_t kKindMask = (1 << 5) - 1;
constexpr uint32_t kAllowLazyCompilation = 1 << 12;
// FunctionKind: functions that can be suspended, whose code V8 never discards.
constexpr uint32_t kModule = 1, kModuleWithTopLevelAwait = 2;
constexpr uint32_t kFirstSuspendable = 15, kLastSuspendable = 24;          // async and generators
constexpr std::string_view kLibrary = "library ", kAppModule = "module ";  // before a module's id
constexpr int kLength = v8::internal::kApiTaggedSize;                      // of a BytecodeArray
// A function is numbered within its source.
using Key = std::pair<std::string, int>;
using Profile = std::map<std::string, std::map<int, int>>;  // source, number, bytes

uint32_t FlagsOf(Address shared) {
  return Internals::ReadRawField<uint32_t>(shared, kFunctionFlags);
}

bool MayDiscard(Address shared) {
  uint32_t flags = FlagsOf(shared), kind = flags & kKindMask;
  bool suspendable = kind == kModule || kind == kModuleWithTopLevelAwait ||
                     (kind >= kFirstSuspendable && kind <= kLastSuspendable);
  return !suspendable && (flags & kAllowLazyCompilation);
}

bool IsCompiled(Address shared) { return TypeOfData(shared) == kBytecodeArrayType; }
bool IsUncompiled(Address shared) {
  int type = TypeOfData(shared);
  return type == kUncompiledDataTypes[0] || type == kUncompiledDataTypes[1];
}

// As in usual_functions.txt: the name and the length of the text.
std::string DescriptionOf(Address shared) {
  std::string text = DebugName(&shared).get();
  std::ranges::replace_if(text, [](char c) { return c == ' ' || c == ':' || c == '/'; }, '_');
  return text + "/" + std::to_string(EndPosition(&shared) - StartPosition(&shared));
}

// Finds the functions of the library's and the app's sources.
class Functions {
 public:
  explicit Functions(v8::Isolate* isolate)
      : isolate_(isolate),
        shared_type_(
            Internals::GetInstanceType(Field(ExampleFunction(isolate), kSharedFunctionInfo))) {}

  // Calls visit(shared, source, number) for each function. It must not allocate in V8's heap.
  template <class Visit>
  void ForEach(Heap* heap, Visit visit) {
    sources_.clear();  // objects move
    HeapObjects objects(heap);
    while (Address object = objects.Next()) {
      if (Internals::GetInstanceType(object) != shared_type_) continue;
      int number = Internals::ReadRawField<int32_t>(object, kFunctionLiteral);
      const std::string& source = SourceOf(Field(object, kScript));
      if (number >= 0 && !source.empty()) visit(object, source, number);
    }
  }

 private:
  const std::string& SourceOf(Address script) {
    auto [at, is_new] = sources_.try_emplace(script);
    if (!is_new) return at->second;
    v8::HandleScope scope(isolate_);
    if (!Internals::HasHeapObjectTag(script)) return at->second;
    // undefined, for V8's own functions, has no source.
    if (Handles::MakeLocal(isolate_, script)->IsUndefined()) return at->second;
    Address text = Field(script, kScriptSource);
    if (!Internals::HasHeapObjectTag(text) ||
        Internals::GetInstanceType(text) >= Internals::kFirstNonstringType)
      return at->second;
    at->second = SourceNameOf(Handles::MakeLocal(isolate_, text).As<v8::String>());
    return at->second;
  }

  v8::Isolate* isolate_;
  int shared_type_;
  std::unordered_map<Address, std::string> sources_;  // of scripts
};

class Discarder final : public HeapWork {
 public:
  Discarder(v8::Isolate* isolate, Profile kept)
      : isolate_(isolate),
        kept_(std::move(kept)),
        keeps_modules_(kept_.contains("*modules")),
        functions_(isolate) {}

  void Run(Heap* heap) override {
    RememberHeap(heap);
    Handles handles(isolate_);
    std::vector<Address> found;
    functions_.ForEach(heap, [&](Address shared, const std::string& source, int number) {
      if (!IsCompiled(shared) || !MayDiscard(shared)) return;
      if (keeps_modules_ && source.starts_with(kAppModule)) return;
      auto kept = kept_.find(source);
      if (kept == kept_.end() || !kept->second.contains(number)) found.push_back(shared);
    });
    std::vector<Address*> shared;
    for (Address object : found) shared.push_back(Handles::Make(isolate_, object));
    for (Address* one : shared) DiscardCompiled(isolate_, one);
  }

 private:
  v8::Isolate* isolate_;
  Profile kept_;
  bool keeps_modules_;
  Functions functions_;
};

Profile ReadProfile(std::string_view text) {
  Profile profile;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    std::map<int, int>& functions = profile[std::string(line.substr(0, tab))];
    const char *at = line.data() + tab + 1, *end = line.data() + line.size();
    while (at < end) {
      int number = 0, bytes = 0;
      auto read = std::from_chars(at, end, number);
      if (read.ec != std::errc() || read.ptr == end || *read.ptr != ':') break;
      read = std::from_chars(read.ptr + 1, end, bytes);
      if (read.ec != std::errc()) break;
      functions.emplace(number, bytes);
      at = read.ptr + 1;
    }
  }
  return profile;
}

// Compiles those of the sources that are modules of the library and that the builder has not loaded.
template <class Sources>
void CompileLibrary(Env& env, const Sources& sources, Heap* heap, Functions& functions) {
  std::set<std::string> loaded;
  functions.ForEach(heap, [&](Address, const std::string& source, int) { loaded.insert(source); });
  v8::Local<v8::Value> table = env.Get(Slot::kCompiledLibrary);
  if (!table->IsObject()) table = NewNullProtoObject(env);
  for (const auto& [source, listed] : sources) {
    std::string_view id = source;
    if (!id.starts_with(kLibrary) || loaded.contains(source)) continue;
    id.remove_prefix(kLibrary.size());
    v8::Local<v8::Function> function;
    v8::TryCatch caught(env.isolate);
    if (!FindLibrarySource(id) || !CompileLibraryFunction(env, id).ToLocal(&function)) continue;
    env.Set(table.As<v8::Object>(), id, function);
    env.Set(Slot::kCompiledLibrary, table.As<v8::Object>());
  }
}

// Compiles CommonJS modules of the sources that the builder has not compiled: those that starts load, but not by
// what the bundler takes for certain (a require() in a function), and that are not baked. A module without code is
// left out by internal/kiln/commonjs.
void CompileModules(Env& env, const Profile& profile, Heap* heap, Functions& functions) {
  std::set<std::string> loaded;
  functions.ForEach(heap, [&](Address, const std::string& source, int) { loaded.insert(source); });
  std::set<int> wanted;
  for (const auto& [source, listed] : profile) {
    int number = -1;
    if (!source.starts_with(kAppModule) || loaded.contains(source)) continue;
    std::from_chars(source.data() + kAppModule.size(), source.data() + source.size(), number);
    if (number >= 0) wanted.insert(number);
  }
  if (wanted.empty()) return;
  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Value> commonjs;
  if (!RequireBuiltin(env, "internal/kiln/commonjs").ToLocal(&commonjs)) return;
  const auto precompile = env.Get(commonjs.As<v8::Object>(), "precompile").As<v8::Function>();
  for (int number : wanted) {
    v8::Local<v8::Value> id = v8::Integer::New(env.isolate, number);
    (void)precompile->Call(env.context(), env.Undefined(), 1, &id);
  }
}

// Compiles the functions for which is_wanted(shared, source, number) is true.
template <class IsWanted>
void CompileWanted(v8::Isolate* isolate, Heap* heap, Functions& functions, IsWanted is_wanted) {
  // A function exists only when the one around it is compiled, so this takes several rounds.
  std::set<Key> tried;
  for (bool found = true; found;) {
    found = false;
    Handles handles(isolate);
    std::map<Key, std::vector<Address>>
        wanted;  // sorted: compilation allocates, and the order is seen
    functions.ForEach(heap, [&](Address shared, const std::string& source, int number) {
      if (IsUncompiled(shared) && is_wanted(shared, source, number))
        wanted[{source, number}].push_back(shared);
    });
    std::vector<Address*> shared;
    for (const auto& [key, addresses] : wanted) {
      if (!tried.insert(key).second) continue;
      for (Address address : addresses) shared.push_back(Handles::Make(isolate, address));
    }
    for (Address* one : shared) {
      if (!IsUncompiled(*one)) continue;
      uintptr_t scope[2] = {};
      constexpr int kClearException = 1, kNoSourcePositions = 0;
      _ZN2v88internal8Compiler7CompileEPNS0_7IsolateENS0_6HandleINS0_18SharedFunctionInfoEEENS1_18ClearExceptionFlagEPNS0_15IsCompiledScopeENS0_21CreateSourcePositionsE(
          reinterpret_cast<v8::internal::Isolate*>(isolate), one, kClearException, scope,
          kNoSourcePositions);
      found = true;
    }
  }
}

// What apps usually do that have compiled the triggers.
void CompileUsual(Env& env, Heap* heap, Functions& functions) {
  UsualFunctions::Names triggered;
  const UsualFunctions usual;
  functions.ForEach(heap, [&](Address shared, const std::string& source, int) {
    if (IsCompiled(shared) && usual.HasTriggers(source))
      usual.AddTriggered(source, DescriptionOf(shared), triggered);
  });
  std::span<const uint8_t> modules = env.payload->modules;
  usual.AddMentioned({reinterpret_cast<const char*>(modules.data()), modules.size()}, triggered);
  const UsualFunctions::Sources wanted = usual.Of(triggered);
  CompileLibrary(env, wanted, heap, functions);
  CompileWanted(env.isolate, heap, functions, [&](Address shared, const std::string& source, int) {
    auto listed = wanted.find(source);
    return listed != wanted.end() && listed->second.contains(DescriptionOf(shared));
  });
}

// What V8's writer of images reads in a function's padding (v8-patches/touch.patch): no start is known to
// call it; or even to make a closure of it, since no start is known to call the function around it.
constexpr uint16_t kUncalled = 1, kUnused = 2;

// Compiles the app's other functions, too, and marks them: their code is in segments of the heap that are
// filled when they are touched (platform/lazy_heap.h).
void CompileOthers(Env& env, Heap* heap, Functions& functions) {
  std::set<Key> existing, compiled;
  functions.ForEach(heap, [&](Address shared, const std::string& source, int number) {
    existing.emplace(source, number);
    if (IsCompiled(shared)) compiled.emplace(source, number);
  });
  CompileWanted(env.isolate, heap, functions, [&](Address, const std::string& source, int) {
    return source.starts_with(kAppModule);
  });
  functions.ForEach(heap, [&](Address shared, const std::string& source, int number) {
    const bool is_new = !existing.contains({source, number});
    if (!is_new && (!IsCompiled(shared) || compiled.contains({source, number}))) return;
    *reinterpret_cast<uint16_t*>(shared - v8::internal::kHeapObjectTag + kFunctionPadding) =
        is_new ? kUnused : kUncalled;
  });
}

}  // namespace

v8::Local<v8::Function> TakeCompiledLibrary(Env& env, std::string_view id) {
  v8::Local<v8::Value> table = env.Get(Slot::kCompiledLibrary), function;
  if (!table->IsObject()) return {};
  v8::Local<v8::String> key = env.Str(id);
  if (!table.As<v8::Object>()->Get(env.context(), key).ToLocal(&function) ||
      !function->IsFunction())
    return {};
  (void)table.As<v8::Object>()->Delete(env.context(), key);
  return function.As<v8::Function>();
}

namespace {

using Descriptions = std::map<Key, std::string>;

std::string TextOf(const Profile& profile, const Descriptions& descriptions = {}) {
  std::string text;
  for (const auto& [source, functions] : profile) {
    text += source;
    char separator = '\t';
    for (auto [number, bytes] : functions) {
      text += separator + std::to_string(number) + ':' + std::to_string(bytes);
      if (auto found = descriptions.find({source, number}); found != descriptions.end())
        text += ':' + found->second;
      separator = ' ';
    }
    text += '\n';
  }
  return text;
}

// `descriptions` gets those of the library's functions, unless it is null.
Profile FindCompiled(v8::Isolate* isolate, Descriptions* descriptions) {
  Heap* heap = FindHeap(isolate);
  Profile profile;
  Functions(isolate).ForEach(heap, [&](Address shared, const std::string& source, int number) {
    if (!Internals::HasHeapObjectTag(Field(shared, kFunctionData)) || IsUncompiled(shared)) return;
    // One that was called often has machine code in this place, which has the bytecode.
    int bytes =
        IsCompiled(shared) ? Internals::SmiValue(Field(Field(shared, kFunctionData), kLength)) : 0;
    profile[source].emplace(number, bytes);
    if (descriptions && source.starts_with(kLibrary))
      descriptions->emplace(Key(source, number), DescriptionOf(shared));
  });
  return profile;
}

}  // namespace

std::string CompiledFunctions(v8::Isolate* isolate) {
  return TextOf(FindCompiled(isolate, nullptr));
}

std::string DescribedFunctions(v8::Isolate* isolate) {
  Descriptions descriptions;
  Profile profile = FindCompiled(isolate, &descriptions);
  return TextOf(profile, descriptions);
}

std::string CompiledSince(v8::Isolate* isolate, std::string_view before) {
  Profile known = ReadProfile(before), found;
  for (const auto& [source, functions] : FindCompiled(isolate, nullptr))
    for (auto [number, bytes] : functions)
      if (!known[source].contains(number)) found[source].emplace(number, bytes);
  return TextOf(found);
}

void DiscardAllCode(v8::Isolate* isolate, bool in_builder) {
  if (in_builder) {
    Discarder(isolate, Profile()).Run(FindHeap(isolate));
    return isolate->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
  }
  WorkOnHeap(std::make_unique<Discarder>(isolate, Profile()));
  isolate->LowMemoryNotification();
}

void CompileFunctions(Env& env, std::string_view text) {
  v8::Isolate* isolate = env.isolate;
  Profile profile = ReadProfile(text);
  Heap* heap = FindHeap(isolate);
  Functions functions(isolate);
  const bool discards = !profile.contains("*observed");
  CompileLibrary(env, profile, heap, functions);
  CompileModules(env, profile, heap, functions);
  CompileWanted(isolate, heap, functions, [&](Address, const std::string& source, int number) {
    auto listed = profile.find(source);
    return listed != profile.end() && listed->second.contains(number);
  });
  if (discards) {
    WorkOnHeap(std::make_unique<Discarder>(isolate, std::move(profile)));
    isolate->LowMemoryNotification();
  } else {
    CompileUsual(env, heap, functions);
  }
  if (env.payload->heap_images) CompileOthers(env, heap, functions);
}

}  // namespace kiln::runtime
