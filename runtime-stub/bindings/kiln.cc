// internalBinding("kiln"): information for the runtime's own main scripts about the app.
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/closure_variables.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/library/app_function.h"
#include "runtime-stub/payload/copied_links.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/guards.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/heap_objects.h"

// Compiler::Compile(Isolate*, DirectHandle<JSFunction>, ClearExceptionFlag, IsCompiledScope*), an
// internal function of V8. A DirectHandle is the address of a slot that the collector knows, and
// an IsCompiledScope has two words.
extern "C" bool
_ZN2v88internal8Compiler7CompileEPNS0_7IsolateENS0_12DirectHandleINS0_10JSFunctionEEENS1_18ClearExceptionFlagEPNS0_15IsCompiledScopeE(
    v8::Isolate*, const v8::Function* slot, int clear_exception, uintptr_t* scope);

namespace kiln::runtime {
namespace {

// The function that starts the app: in the snapshot, so that the main script is not compiled.
void SetStart(Env& env, v8::Local<v8::Function> start) { env.Set(Slot::kAppStart, start); }

// The function of a linked bundle: from the snapshot; without a snapshot it is compiled now.
v8::Local<v8::Value> AppFunction(Env& env) {
  if (env.GetFunction(Slot::kAppFunction).IsEmpty() && env.payload &&
      !CompileApp(env, *env.payload))
    return {};
  return env.Get(Slot::kAppFunction);
}

std::string EntryPath(Env& env) { return env.payload ? env.payload->entry : std::string(); }

// Whether anything in the bundle has a source map.
bool HasSourceMap(Env& env) { return env.payload && env.payload->has_source_map; }

// Whether the app is a script whose ES modules esbuild has linked (--link=scope).
bool IsLinkedScope(Env& env) { return env.payload && !env.payload->script.empty(); }

// The public modules that the module graph of the app uses.
v8::Local<v8::Array> Builtins(Env& env) {
  std::vector<v8::Local<v8::Value>> names;
  if (env.payload)
    for (const std::string& name : env.payload->builtins) names.push_back(env.Str(name));
  return v8::Array::New(env.isolate, names.data(), names.size());
}

// Whether the defaults in the snapshot are valid for this process.
bool IsPlainStart(Env& env) {
  return env.payload && !env.payload->snapshot.empty() && env.options->IsPlain();
}

// The path of the embedded file that runs instead of the entry, or undefined.
v8::Local<v8::Value> MainModule(Env& env) {
  if (!env.options || env.options->module.empty()) return env.Undefined();
  return env.Str(env.options->module);
}

// Whether the app was evaluated when it was built, so that only its main function must be called.
bool IsEvaluated(Env& env) {
  return env.payload && env.payload->evaluate && !env.payload->snapshot.empty();
}

// The argument of v8.startupSnapshot.setDeserializeMainFunction, or undefined.
v8::Local<v8::Value> SnapshotMain(Env& env) {
  v8::Local<v8::Function> main = env.GetFunction(Slot::kSnapshotMain);
  if (main.IsEmpty()) return env.Undefined();
  return main;
}

// The objects in the heap that have one of these prototypes and are not in the array `known`, if it is one:
// after a garbage collection, or with the garbage that there is. For the snapshot builder.
v8::Local<v8::Array> LiveInstances(Env& env, v8::Local<v8::Array> prototypes, bool garbage_too,
                                   v8::Local<v8::Value> known) {
  auto list = [&](v8::Local<v8::Value> array) {
    v8::LocalVector<v8::Object> objects(env.isolate);
    for (uint32_t i = 0; array->IsArray() && i < array.As<v8::Array>()->Length(); i++) {
      v8::Local<v8::Value> object;
      if (array.As<v8::Array>()->Get(env.context(), i).ToLocal(&object) && object->IsObject())
        objects.push_back(object.As<v8::Object>());
    }
    return objects;
  };
  v8::LocalVector<v8::Object> wanted = list(prototypes), ignored = list(known);
  std::vector<v8::Global<v8::Object>> found;
  auto find = [&] {
    found.clear();
    std::unordered_set<Address> ignored_addresses;
    for (v8::Local<v8::Object> object : ignored) ignored_addresses.insert(AddressOf(object));
    // Objects with the same map have the same prototype. Nothing is moved meanwhile.
    std::unordered_map<Address, bool> maps;
    ForEachObject(env.isolate, [&](v8::Local<v8::Object> object) {
      auto [at, is_new] = maps.try_emplace(MapOf(AddressOf(object)), false);
      if (is_new) {
        v8::Local<v8::Value> next = object;
        while (!at->second && !next->IsProxy()) {
          next = next.As<v8::Object>()->GetPrototypeV2();
          if (!next->IsObject()) break;
          for (v8::Local<v8::Object> prototype : wanted) at->second |= next == prototype;
        }
      }
      if (at->second && !ignored_addresses.contains(AddressOf(object)))
        found.emplace_back(env.isolate, object);
    });
  };
  if (!garbage_too) {
    // Usually one collection is enough; native objects that it has freed may have referred to others.
    env.isolate->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
  }
  find();
  if (!garbage_too && !found.empty()) {
    env.isolate->LowMemoryNotification();
    find();
  }
  v8::LocalVector<v8::Value> objects(env.isolate);
  for (v8::Global<v8::Object>& object : found) objects.push_back(object.Get(env.isolate));
  return v8::Array::New(env.isolate, objects.data(), objects.size());
}

// (offset of the context in a function, function, depth, slot, value): stores the value in a variable
// of a closure. For modules that were evaluated when the app was built (internal/kiln/commonjs).
bool SetVariable(Env& env, int32_t offset, v8::Local<v8::Function> function, int32_t depth,
                 int32_t slot, v8::Local<v8::Value> value) {
  return SetClosureVariable(env.isolate, offset, {function, depth, slot}, value);
}

// Which guards of the baked modules hold now: 0: not all, 1: all but local ones, 2: all. `argv` is
// process.argv if the app has changed it, otherwise undefined.
int32_t HoldGuards(Env& env, v8::Local<v8::Value> argv) {
  constexpr int32_t kNotAll = 0, kAllButLocal = 1, kAll = 2;
  if (!env.payload) return kAll;
  if (!HasEnvironmentChanged() && argv->IsUndefined())
    return env.payload->local_guards_hold ? kAll : kAllButLocal;
  constexpr uint32_t kFirst = 2;  // after the executable and the script
  std::vector<std::string> arguments;
  if (argv->IsArray()) {
    auto array = argv.As<v8::Array>();
    for (uint32_t i = kFirst; i < array->Length(); i++) {
      v8::Local<v8::Value> value;
      if (!array->Get(env.context(), i).ToLocal(&value)) return kNotAll;
      if (value->IsString()) arguments.push_back(ToUtf8(env.isolate, value));
    }
  } else if (env.options->argv.size() > kFirst) {
    arguments.assign(env.options->argv.begin() + kFirst, env.options->argv.end());
  }
  if (!GuardsHold(env.payload->guards, arguments)) return kNotAll;
  return LocalGuardsHold(env.payload->guards, arguments) ? kAll : kAllButLocal;
}

// The numbers of the baked modules that must be evaluated again if a local guard does not hold.
v8::Local<v8::Array> ReadLocalModules(Env& env) {
  v8::LocalVector<v8::Value> numbers(env.isolate);
  if (env.payload)
    for (int number : LocalModules(env.payload->guards))
      numbers.push_back(v8::Integer::New(env.isolate, number));
  return v8::Array::New(env.isolate, numbers.data(), numbers.size());
}

// Compiles these functions, or those that they are bound to, without calling them, so that their
// bytecode is in the snapshot.
void CompileFunctions(Env& env, v8::Local<v8::Array> functions) {
  for (uint32_t i = 0; i < functions->Length(); i++) {
    v8::Local<v8::Value> function;
    if (!functions->Get(env.context(), i).ToLocal(&function)) return;
    while (function->IsFunction() && function.As<v8::Function>()->GetBoundFunction()->IsFunction())
      function = function.As<v8::Function>()->GetBoundFunction();
    uintptr_t scope[2] = {};
    constexpr int kClearException = 1;
    // With an inspector the methods of console are bound to a native function, which has no bytecode.
    if (function->IsFunction() &&
        function.As<v8::Function>()->ScriptId() != v8::UnboundScript::kNoScriptId)
      _ZN2v88internal8Compiler7CompileEPNS0_7IsolateENS0_12DirectHandleINS0_10JSFunctionEEENS1_18ClearExceptionFlagEPNS0_15IsCompiledScopeE(
          env.isolate, *function.As<v8::Function>(), kClearException, scope);
  }
}

uint64_t g_written[3];  // by WriteStdio, for each descriptor

// What console prints before process.stdout or process.stderr exists: writes the text to descriptor
// 1 or 2 as the stream would, without one. Returns -1 if no stream is needed, otherwise the
// number of bytes that are written; the caller gives the rest to the stream, which waits or
// reports the error. A file gets one write, whose size Node's SyncWriteStream does not check
// either. A pipe is made non-blocking, as libuv does when it opens one.
double WriteStdio(Env&, int32_t fd, std::string text) {
  if (fd < 1 || fd > 2) return 0;
  static uv_handle_type types[3] = {};
  uv_handle_type& type = types[fd];
  if (type == UV_UNKNOWN_HANDLE) {
    type = uv_guess_handle(fd);
    int on = 1;
    if (type == UV_NAMED_PIPE && ioctl(fd, FIONBIO, &on) != 0) return 0;
  }
  size_t written = 0;
  while (written < text.size()) {
    ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return double(written);
    g_written[fd] += uint64_t(n);
    if (type == UV_FILE) break;
    written += size_t(n);
  }
  return -1;
}

// A stream for the descriptor is made: its bytesWritten includes what WriteStdio has written.
void CountStdio(Env& env, int32_t fd, v8::Local<v8::Value> handle) {
  auto* stream = UnwrapArgument<LibuvStream>(env, kLibuvStreamClass, handle);
  if (stream && fd >= 1 && fd <= 2) stream->AddBytesWritten(g_written[fd]);
}

// Whether an embedded file or folder has the path.
bool IsEmbedded(Env&, std::string path) {
  uv_stat_t stat;
  return embedded::Owns(path) && embedded::Stat(path, &stat) == 0;
}

// (path of a link, tree that is copied): what a copy of an embedded link is on disk (StaysLink): its
// target, or null for a copy of what it leads to. undefined: it is not embedded.
v8::Local<v8::Value> CopiedLink(Env& env, std::string path, std::string tree) {
  if (!embedded::Owns(path)) return env.Undefined();
  std::string target;
  if (!embedded::StaysLink(path, tree, &target)) return v8::Null(env.isolate);
  return env.Str(target);
}

constexpr Entry kFunctions[] = {
    Method<AppFunction>("appFunction"),
    Method<EntryPath>("entry"),
    Method<HasSourceMap>("hasSourceMap"),
    Method<Builtins>("builtins"),
    Method<IsPlainStart>("isPlainStart"),
    Method<IsEvaluated>("isEvaluated"),
    Method<SnapshotMain>("snapshotMain"),
    Method<LiveInstances>("liveInstances"),
    Method<WriteStdio>("writeStdio"),
    Method<IsLinkedScope>("isLinkedScope"),
    Method<MainModule>("mainModule"),
    Method<IsEmbedded>("isEmbedded"),
    Method<HoldGuards>("guardsHold"),
    Method<ReadLocalModules>("localModules"),
    Method<CountStdio>("countStdio"),
    Method<CopiedLink>("copiedLink"),
    Method<SetVariable>("setClosureVariable"),
    Method<SetStart>("setStart"),
    Method<CompileFunctions>("compileFunctions"),
};

}  // namespace

extern const Binding kKilnBinding;
const Binding kKilnBinding = {.name = "kiln", .functions = kFunctions};

}  // namespace kiln::runtime
