// Boots the library, compiles the app, checks that nothing is left that a snapshot cannot hold, and
// writes the heap. A native object that is still open is reported with the JavaScript stack that
// created it. The hash seed and the random seed are fixed, so the same image gives the same bytes;
// a running process has a hash seed of its own (--rehash-snapshot, docs/snapshots.md).
#include "runtime-stub/snapshot_builder/take_snapshot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <v8.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/app_function.h"
#include "runtime-stub/library/compiled_functions.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/library/library_code.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/icu_data.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/snapshot_builder/bake.h"
#include "runtime-stub/snapshot_builder/evaluate_app.h"
#include "runtime-stub/snapshot_builder/observed_runs.h"
#include "runtime-stub/snapshot_builder/observer.h"
#include "runtime-stub/snapshot_builder/trim_heap.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/isolate.h"

namespace kiln::runtime {

namespace {

// Maps the file; the pages stay until the process ends. On failure errno says why.
bool MapWhole(const char* path, std::span<const uint8_t>* out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat info = {};
  void* at = MAP_FAILED;
  if (fstat(fd, &info) == 0)
    at = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  int error = errno;
  close(fd);
  errno = error;
  if (at == MAP_FAILED) return false;
  *out = {static_cast<const uint8_t*>(at), size_t(info.st_size)};
  return true;
}

bool WriteWhole(const char* path, const std::string& bytes) {
  std::FILE* file = std::fopen(path, "wb");
  if (!file) return false;
  bool ok = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && ok;
}

std::vector<std::string> BuilderFlags() {
  // The collector never discards bytecode by itself, but resets functions whose code DiscardCode has
  // discarded.
  return {"--bytecode-old-age=60000", "--hash-seed=1", "--random-seed=1", "--expose-gc"};
}

// V8's parser and compiler recurse for nested source. They get most of the stack of the process
// instead of V8's default of 984 kB, so that code which node just manages to compile never fails
// here; a running app has the default.
void GrowStack(v8::Isolate* isolate) {
  constexpr size_t kWanted = 6 << 20, kReserve = 1 << 20;
  rlimit limit = {};
  if (getrlimit(RLIMIT_STACK, &limit) != 0) return;
  size_t size = limit.rlim_cur == RLIM_INFINITY ? kWanted : size_t(limit.rlim_cur);
  if (size < 2 * kReserve) return;
  size = std::min(kWanted, size - kReserve);
  isolate->SetStackLimit(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - size);
}

bool HasLive(Env& env) {
  for (Wrapped* w = env.first_wrapped; w; w = w->next_wrapped())
    if (w->attached()) return true;
  return false;
}

// Reports every native object that the snapshot cannot hold; true if there is none.
bool ReportLive(Env& env) {
  bool clean = true;
  for (Wrapped* w = env.first_wrapped; w; w = w->next_wrapped()) {
    if (!w->attached()) continue;
    clean = false;
    std::fprintf(stderr, "kiln: a snapshot cannot hold an open %s; it was made here:\n%s",
                 w->type_name(), w->created_at().c_str());
  }
  return clean;
}

// Calls the callback of a slot without arguments; false when it threw.
bool Call(Env& env, Slot slot) {
  v8::Local<v8::Function> f = env.GetFunction(slot);
  if (f.IsEmpty()) return true;
  return !f->Call(env.context(), env.Undefined(), 0, nullptr).IsEmpty();
}

v8::Local<v8::Context> NewContext(v8::Isolate* isolate) {
  ContextCreation creation(isolate);
  return v8::Context::New(isolate);
}

void SetBuilding(Env& env, bool building) {
  v8::Local<v8::Value> flag = env.Get(Slot::kBuildingSnapshot);
  if (flag->IsUint8Array())
    (void)flag.As<v8::Object>()->Set(env.context(), 0, v8::Integer::New(env.isolate, building));
}

// Scripts of the library most of whose functions run only while it boots.
constexpr std::string_view kUsedByBootOnly[] = {
    "node:internal/bootstrap/node",     "node:internal/bootstrap/switches/",
    "node:internal/bootstrap/web/",     "node:internal/dns/utils",
    "node:internal/per_context/",       "node:internal/process/per_thread",
    "node:internal/process/permission", "node:internal/process/pre_execution",
    "node:internal/source_map/",        "node:internal/webidl",
};

// Boots the library and compiles the app.
bool Boot(Env& env, const Payload& payload) {
  v8::TryCatch caught(env.isolate);
  // V8 gives the builder's context no Error.stackTraceLimit, and stacks would be undefined.
  env.Set(env.Get(env.context()->Global(), "Error").As<v8::Object>(), "stackTraceLimit", 10.0);
  if (!BootLibrary(env, ThreadKind::kMain)) return false;
  MoveFeaturesToEnd(env.context());
  if (RunMainScript(env, "internal/main/kiln_snapshot").IsEmpty()) {
    PrintException(env, caught);
    return false;
  }
  DiscardCode(env.isolate, kUsedByBootOnly);
  if (RunMainScript(env, "internal/main/kiln_snapshot_app").IsEmpty() ||
      (!payload.script.empty() && !CompileApp(env, payload))) {
    PrintException(env, caught);
    return false;
  }
  env.isolate->PerformMicrotaskCheckpoint();
  return true;
}

// v8.startupSnapshot.addSerializeCallback.
bool RunSerializeCallbacks(Env& env) {
  v8::TryCatch caught(env.isolate);
  if (Call(env, Slot::kSnapshotSerialize)) return true;
  PrintException(env, caught);
  return false;
}

// When a target of a FinalizationRegistry has been collected, V8 calls the registry's callback in a
// task; a heap for which such a task is queued cannot be written. The callbacks may release further
// targets, so this takes several rounds.
void CollectGarbage(Env& env) {
  constexpr int kRounds = 8;
  for (int i = 0; i < kRounds; i++) {
    env.isolate->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
    if (!ThePlatform().RunForegroundTasks(env.isolate)) return;
    env.isolate->PerformMicrotaskCheckpoint();
  }
}

bool UsesWorkers(const Payload& payload) {
  const std::vector<std::string>& builtins = payload.builtins;
  return std::find(builtins.begin(), builtins.end(), "worker_threads") != builtins.end();
}

// Modules of the library that each worker runs, but not before it starts: they store at once which
// thread it is.
constexpr const char* kOfEachWorker[] = {"internal/main/worker_thread", "internal/worker",
                                         "worker_threads"};

// Puts them where TakeCompiledLibrary() finds them.
bool CompileForWorkers(Env& env) {
  v8::Local<v8::Object> table = NewNullProtoObject(env);
  for (const char* id : kOfEachWorker) {
    v8::Local<v8::Function> function;
    if (!CompileLibraryFunction(env, id).ToLocal(&function)) return false;
    env.Set(table, id, function);
  }
  env.Set(Slot::kCompiledLibrary, table);
  return true;
}

// A context in which the library is booted as in a worker thread. It is ready to be written, except
// for the list of templates, which `templates` gets.
bool BootWorkerContext(Env& env) {
  v8::Local<v8::Context> context = env.context();
  v8::Context::Scope in_context(context);
  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Object> error_class = env.Get(context->Global(), "Error").As<v8::Object>();
  env.Set(error_class, "stackTraceLimit", 10.0);
  if (!BootLibrary(env, ThreadKind::kWorker)) return false;
  if (RunMainScript(env, "internal/main/kiln_snapshot_worker").IsEmpty() ||
      !Call(env, Slot::kSnapshotSerialize) || !CompileForWorkers(env)) {
    PrintException(env, caught);
    return false;
  }
  env.isolate->PerformMicrotaskCheckpoint();
  (void)error_class->Delete(context, env.Name("stackTraceLimit"));
  SetBuilding(env, false);
  if (HasLive(env)) CollectGarbage(env);
  return ReportLive(env);
}

// Whether there is a profile. The compiler may know it only while this runs: then it writes the file, or none,
// and closes our input.
bool AwaitProfile(const char* path) {
  char buffer[64];
  for (ssize_t size = 1; size > 0 || (size < 0 && errno == EINTR);)
    size = read(STDIN_FILENO, buffer, sizeof buffer);
  return access(path, F_OK) == 0;
}

// Compiles the functions of a profile (library/compiled_functions.h).
bool CompileProfile(Env& env, const char* path) {
  std::span<const uint8_t> bytes;
  if (!MapWhole(path, &bytes)) {
    std::fprintf(stderr, "kiln: cannot read %s: %s\n", path, std::strerror(errno));
    return false;
  }
  CompileFunctions(env, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return true;
}

// Everything before V8 writes the heap.
bool Prepare(Env& env, const Payload& payload, const BuilderRun& run,
             v8::SnapshotCreator& creator) {
  if (!Boot(env, payload)) return false;
  if (std::string failure = Bake(env, run.plan); !failure.empty()) {
    WriteWhole(run.out_path, failure);
    return false;
  }
  if (payload.evaluate) {
    if (!EvaluateApp(env)) return false;
    CollectGarbage(env);  // while the app can still act on it
  }
  if (!RunSerializeCallbacks(env)) return false;
  if (!run.plan.order.empty()) {
    // After the callbacks: the library's own native objects are gone, such as the resolver of dns.
    if (std::string failure = KeptNativeObject(env); !failure.empty()) {
      WriteWhole(run.out_path, failure);
      return false;
    }
  }
  if (payload.evaluate && !FinishEvaluation(env)) return false;
  // V8 does so itself before it writes the heap. Modules of the library may have left native objects
  // that nothing refers to, and those of the app garbage whose registries have callbacks.
  if (payload.evaluate || !run.plan.order.empty() || HasLive(env)) CollectGarbage(env);
  if (run.profile_path && AwaitProfile(run.profile_path) && !CompileProfile(env, run.profile_path))
    return false;
  v8::Local<v8::Value> error_class = env.Get(env.context()->Global(), "Error");
  (void)error_class.As<v8::Object>()->Delete(env.context(), env.Name("stackTraceLimit"));
  SetBuilding(env, false);
  if (!ReportLive(env)) return false;
  env.FreezeTemplates(creator);
  return true;
}

}  // namespace

std::optional<BuilderRun> BuilderRunOf(int argc, char** argv) {
  if (argc < 5 || argc > 7) return std::nullopt;
  BuilderRun run;
  run.observe = std::strcmp(argv[1], "--kiln-observe") == 0 && argc == 5;
  if (!run.observe && std::strcmp(argv[1], "--kiln-take-snapshot") != 0) return std::nullopt;
  run.image_path = argv[2];
  run.out_path = argv[3];
  run.library_code = argv[4];
  if (argc == 5) return run;
  std::optional<BakePlan> plan = ReadBakePlan(argv[5]);
  if (!plan) return std::nullopt;
  run.plan = std::move(*plan);
  if (argc == 7) run.profile_path = argv[6];
  return run;
}

int WriteLibraryCode(const char* out_path) {
  UseIcuData("full");
  SetV8Flags(BuilderFlags());
  StartV8(0);
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  v8::Isolate::Initialize(isolate, params);
  v8::Isolate::Scope in_isolate(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  v8::Context::Scope in_context(context);
  // Boots the library as for a snapshot, so that the code has the functions that each boot calls: V8's
  // compilation cache then returns what was compiled here.
  static Payload payload;
  static RunOptions options;
  Env env(isolate, uv_default_loop());
  env.options = &options;
  env.payload = &payload;
  env.building_snapshot = true;
  env.set_context(context);
  if (!BootLibrary(env, ThreadKind::kMain)) return 1;
  if (!WriteWhole(out_path, MakeLibraryCode(isolate, context))) {
    std::fprintf(stderr, "kiln: cannot write %s: %s\n", out_path, std::strerror(errno));
    return 1;
  }
  std::fflush(nullptr);
  _exit(0);
}

int RunSnapshotBuilder(const BuilderRun& run) {
  const char* image_path = run.image_path;
  const char* out_path = run.out_path;
  std::span<const uint8_t> image;
  std::string error;
  if (!MapWhole(image_path, &image)) {
    std::fprintf(stderr, "kiln: cannot read %s: %s\n", image_path, std::strerror(errno));
    return 1;
  }
  auto payload = ReadPayload(image, false, &error);
  if (!payload) {
    std::fprintf(stderr, "kiln: %s: %s\n", image_path, error.c_str());
    return 1;
  }
  static RunOptions options;
  if (std::span<const uint8_t> code; MapWhole(run.library_code, &code)) UseLibraryCode(code);
  UseIcuData(payload->intl);
  SetEmbeddedFiles(payload->files);

  std::vector<std::string> flags = BuilderFlags();
  flags.insert(flags.end(), payload->v8_flags.begin(), payload->v8_flags.end());
  SetV8Flags(flags);
  StartV8(0);
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  v8::SnapshotCreator creator(isolate, params);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  GrowStack(isolate);
  {
    v8::HandleScope handles(isolate);
    if (!PutFeaturesIntoSnapshot(isolate)) {
      std::fputs("kiln: V8's isolate has an unknown layout. This is a fault of Kiln.\n", stderr);
      return 1;
    }
    creator.SetDefaultContext(NewContext(isolate));  // for vm.createContext()
    v8::Local<v8::Context> worker_context;
    std::unique_ptr<Env> worker;
    if (!run.observe && UsesWorkers(*payload)) {
      worker_context = NewContext(isolate);
      worker = std::make_unique<Env>(isolate, uv_default_loop());
      worker->options = &options;
      worker->payload = &*payload;
      worker->building_snapshot = true;
      worker->set_context(worker_context);
      if (!BootWorkerContext(*worker)) return 1;
    }
    v8::Local<v8::Context> context = NewContext(isolate);
    v8::Context::Scope in_context(context);
    Env env(isolate, uv_default_loop());
    if (worker) env.TakeTemplates(*worker);
    env.options = &options;
    env.payload = &*payload;
    env.building_snapshot = true;
    env.source_maps_enabled = payload->has_source_map;
    env.set_context(context);
    if (run.observe) {
      env.observer = new Observer(env);  // its functions are in the heap until the process ends
      if (!Boot(env, *payload)) return 1;
      const int code = ServeObservedRuns(env, out_path);
      std::fflush(nullptr);
      _exit(code);
    }
    if (!Prepare(env, *payload, run, creator)) return 1;
    TrimHeapWhenWritten(isolate);
    // A set that V8 empties after each turn of the event loop. V8 would write what the app's WeakRefs refer to as part of
    // the isolate, and end with an error if that leads to something of a context.
    isolate->ClearKeptObjects();
    CHECK(creator.AddContext(context) == kAppContext);
    if (worker) {
      env.CopyTemplateList(worker_context);
      CHECK(creator.AddContext(worker_context) == kWorkerContext);
    }
  }
  v8::StartupData blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  std::unique_ptr<const char[]> owned(blob.data);
  if (!blob.data) {
    std::fputs("kiln: V8 could not write the snapshot\n", stderr);
    return 1;
  }
  if (payload->rehash && !blob.CanBeRehashed()) {
    std::fputs(
        "kiln: the app's heap holds a table that V8 cannot rehash: every process would have the "
        "same hash seed, which helps an attacker to choose keys that collide. This is a fault of "
        "Kiln. For an app that never processes untrusted keys, build with --no-rehash.\n",
        stderr);
    return 1;
  }
  format::SnapshotPrefix prefix = {.reference_hash = ReferenceHash(), .v8_version = {}};
  std::strncpy(prefix.v8_version, v8::V8::GetVersion(), sizeof prefix.v8_version - 1);
  std::string out(reinterpret_cast<const char*>(&prefix), sizeof prefix);
  out.append(blob.data, size_t(blob.raw_size));
  if (!WriteWhole(out_path, out)) {
    std::fprintf(stderr, "kiln: cannot write %s: %s\n", out_path, std::strerror(errno));
    return 1;
  }
  std::fflush(nullptr);
  if (payload->heap_images) {
    // In a new process, since V8's read-only heap is this one's.
    execl("/proc/self/exe", "kiln-stub",
          payload->verify_heap_images ? "--kiln-make-verified-heap-images"
                                      : "--kiln-make-heap-images",
          image_path, out_path,
          run.profile_path && access(run.profile_path, F_OK) == 0 ? "code" : nullptr, nullptr);
    std::fprintf(stderr, "kiln: the snapshot has no images of the heap: cannot start: %s\n",
                 std::strerror(errno));
  }
  _exit(0);
}

}  // namespace kiln::runtime
