// internalBinding("worker"): the class Worker, and what a thread knows about itself.
#include "runtime-stub/bindings/worker/worker.h"

#include <cstring>
#include <map>

#include "runtime-stub/binding/realm.h"
#include "runtime-stub/bindings/messaging/port.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/bindings/worker/options.h"
#include "runtime-stub/bindings/worker/taker.h"
#include "runtime-stub/command_line/permission_options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

Worker::Worker(Env& env, std::string name)
    : AsyncWrap(env, Provider::kWORKER), thread_(env, std::move(name)) {}

void Worker::SetRef(bool ref) {
  if (!started_ || ref == has_ref_) return;
  has_ref_ = ref;
  env().AddRefs(ref ? 1 : -1);
}

void Worker::HasRef(const Args& args) { args.GetReturnValue().Set(has_ref_); }

void Worker::StartThread(const Args&) {
  if (started_) return;
  if (int rc = thread_.Start([this] { Ended(); }); rc != 0) {
    char text[128];
    return Error::Plain("ERR_WORKER_INIT_FAILED", std::string("Worker initialization failure: ") +
                                                      uv_err_name_r(rc, text, sizeof text))
        .Throw(env());
  }
  started_ = true;
  Pin();
  if (has_ref_) env().AddRefs(1);
}

// Everything that the thread has posted to its ports is there by now.
void Worker::Ended() {
  v8::HandleScope scope(env().isolate);
  v8::Local<v8::Object> self = object();
  thread_.Join();
  if (has_ref_) env().AddRefs(-1);
  started_ = false;
  (void)self->Set(env().context(), env().Name("messagePort"), env().Undefined());
  auto text = [&](const std::string& s) {
    return s.empty() ? v8::Null(env().isolate).As<v8::Value>() : env().Str(s).As<v8::Value>();
  };
  v8::Local<v8::Value> args[] = {v8::Integer::New(env().isolate, thread_.exit_code()),
                                 text(thread_.error_code()), text(thread_.error_message())};
  (void)MakeCallback("onexit", std::span<v8::Local<v8::Value>>(args));
  // From now on the methods of the JavaScript object do nothing.
  delete this;
}

namespace {

v8::Local<v8::Float64Array> LimitsArray(Env& env, const WorkerThread& thread) {
  auto buffer = v8::ArrayBuffer::New(env.isolate, sizeof thread.limits);
  std::memcpy(buffer->Data(), thread.limits, sizeof thread.limits);
  return v8::Float64Array::New(buffer, 0, kTotalResourceLimitCount);
}

bool ReadStrings(Env& env, v8::Local<v8::Array> array, std::vector<std::string>* out) {
  for (uint32_t i = 0; i < array->Length(); i++) {
    v8::Local<v8::Value> value;
    v8::Local<v8::String> text;
    if (!array->Get(env.context(), i).ToLocal(&value) ||
        !value->ToString(env.context()).ToLocal(&text))
      return false;
    out->push_back(ToUtf8(env.isolate, text));
  }
  return true;
}

bool ReadVariables(Env& env, v8::Local<v8::Object> object,
                   std::map<std::string, std::string>* out) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Array> keys;
  if (!object->GetOwnPropertyNames(context).ToLocal(&keys)) return false;
  for (uint32_t i = 0; i < keys->Length(); i++) {
    v8::Local<v8::Value> key, value;
    v8::Local<v8::String> name, text;
    if (!keys->Get(context, i).ToLocal(&key) || !key->ToString(context).ToLocal(&name) ||
        !object->Get(context, key).ToLocal(&value) || !value->ToString(context).ToLocal(&text))
      return false;
    (*out)[ToUtf8(env.isolate, name)] = ToUtf8(env.isolate, text);
  }
  return true;
}

v8::Local<v8::Value> Strings(Env& env, const std::vector<std::string>& list) {
  std::vector<v8::Local<v8::Value>> values;
  for (const std::string& item : list) values.push_back(env.Str(item));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

// (url, env, execArgv, resourceLimits, trackUnmanagedFds, isInternal, name). `env`: null for a copy of
// the parent's, an object, or another value: shared with the parent.
void NewWorker(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  // Also for the thread of loader hooks, as in Node.
  if (Refuses(env, Permission::kWorkerThreads)) return;
  std::shared_ptr<Variables> variables = env.variables;
  std::map<std::string, std::string> values;
  const bool own_env = args[1]->IsObject();
  if (own_env) {
    if (!ReadVariables(env, args[1].As<v8::Object>(), &values)) return;
    variables = std::make_shared<Variables>(std::move(values));
  } else if (args[1]->IsNull()) {
    if (env.variables) {
      values = env.variables->All();
    } else {
      for (auto& [name, value] : AllVariables()) values.insert({name, value});
    }
    variables = std::make_shared<Variables>(std::move(values));
  }
  std::vector<std::string> exec_argv;
  const bool own_exec_argv = args[2]->IsArray();
  if (own_exec_argv && !ReadStrings(env, args[2].As<v8::Array>(), &exec_argv)) return;
  double limits[kTotalResourceLimitCount] = {-1, -1, -1, -1};
  if (!args[3]->IsUndefined()) {
    if (!args[3]->IsFloat64Array() ||
        args[3].As<v8::Float64Array>()->Length() != kTotalResourceLimitCount)
      return ThrowBadArgument(env, 3);
    args[3].As<v8::Float64Array>()->CopyContents(limits, sizeof limits);
  }
  WorkerOptions options =
      OptionsForWorker(env, variables.get(), own_env, own_exec_argv ? &exec_argv : nullptr);
  if (!options.invalid_node_options.empty())
    return env.Set(args.This(), "invalidNodeOptions", Strings(env, options.invalid_node_options));
  if (!options.invalid_exec_argv.empty())
    return env.Set(args.This(), "invalidExecArgv", Strings(env, options.invalid_exec_argv));
  InheritPermissions(*env.options, &options.options);
  options.options.argv = {env.options->argv.empty() ? "node" : env.options->argv[0]};

  std::string name = args[6]->IsString() ? ToUtf8(env.isolate, args[6]) : "WorkerThread";
  auto* worker = new Worker(env, name);
  worker->Attach(args.This());
  WorkerThread& thread = worker->thread();
  if (args[0]->IsString()) thread.url = ToUtf8(env.isolate, args[0]);
  thread.options = std::move(options.options);
  thread.variables = std::move(variables);
  thread.track_unmanaged_fds = args[4]->IsTrue();
  thread.is_internal = args[5]->IsTrue();
  if (env.permissions) thread.permissions = std::make_shared<const Permissions>(*env.permissions);
  std::memcpy(thread.limits, limits, sizeof limits);

  MessagePort* port = MessagePort::New(env, env.context());
  if (!port) return;
  thread.child_port = std::make_unique<PortData>();
  auto group = std::make_shared<PortGroup>();
  group->Join(port->data());
  group->Join(thread.child_port.get());
  env.Set(args.This(), "messagePort", port->object());
  env.Set(args.This(), "threadId", double(thread.id));
  env.Set(args.This(), "threadName", env.Str(name));
}

// The port to the parent thread; the main thread has none.
void GetEnvMessagePort(Env& env, const Args& args) {
  if (env.worker) args.GetReturnValue().Set(env.Get(Slot::kEnvMessagePort));
}

constexpr Entry kMethods[] = {
    Method<&Worker::StartThread>("startThread"),
    Method<&Worker::StopThread>("stopThread"),
    Method<&Worker::HasRef>("hasRef"),
    Method<&Worker::Ref>("ref"),
    Method<&Worker::Unref>("unref"),
    Method<&Worker::GetResourceLimits>("getResourceLimits"),
    Method<&Worker::TakeHeapSnapshot>("takeHeapSnapshot"),
    Method<&Worker::LoopIdleTime>("loopIdleTime"),
    Method<&Worker::LoopStartTime>("loopStartTime"),
    Method<&Worker::GetHeapStatistics>("getHeapStatistics"),
    Method<&Worker::CpuUsage>("cpuUsage"),
    Method<&Worker::StartCpuProfile>("startCpuProfile"),
    Method<&Worker::StopCpuProfile>("stopCpuProfile"),
    Method<&Worker::StartHeapProfile>("startHeapProfile"),
    Method<&Worker::StopHeapProfile>("stopHeapProfile"),
};

const ClassEntry kWorkerClass = {
    .name = "Worker", .construct = NewWorker, .parent = &kAsyncWrapClass, .methods = kMethods};

constexpr Entry kFunctions[] = {Method<GetEnvMessagePort>("getEnvMessagePort")};
const ClassEntry* const kClasses[] = {&kWorkerClass};
const ClassEntry* const kHiddenClasses[] = {&kTakerClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  const bool is_main = !env.worker;
  auto boolean = [&](bool value) { return v8::Boolean::New(env.isolate, value); };
  env.Set(exports, "threadId", double(env.thread_id));
  env.Set(exports, "threadName", env.Str(is_main ? "" : env.worker->name));
  env.Set(exports, "isMainThread", boolean(is_main));
  env.Set(exports, "isInternalThread", boolean(!is_main && env.worker->is_internal));
  env.Set(exports, "ownsProcessState", boolean(is_main));
  if (!is_main) env.Set(exports, "resourceLimits", LimitsArray(env, *env.worker));
  static constexpr const char* kLimits[] = {"kMaxYoungGenerationSizeMb", "kMaxOldGenerationSizeMb",
                                            "kCodeRangeSizeMb", "kStackSizeMb",
                                            "kTotalResourceLimitCount"};
  for (int i = 0; i <= kTotalResourceLimitCount; i++) SetConstant(env, exports, kLimits[i], i);
}

}  // namespace

void Worker::GetResourceLimits(const Args& args) {
  args.GetReturnValue().Set(LimitsArray(env(), thread_));
}

double Worker::LoopIdleTime() {
  double time = -1;
  thread_.WithEnv([&](Env& env) { time = double(uv_metrics_idle_time(env.loop)) / 1e6; });
  return time;
}

double Worker::LoopStartTime() {
  double time = -1;
  thread_.WithEnv([&](Env&) {
    if (double start = thread_.loop_start; start >= 0) time = start / 1e6;
  });
  return time;
}

extern const Binding kWorkerBinding;
const Binding kWorkerBinding = {.name = "worker",
                                .functions = kFunctions,
                                .classes = kClasses,
                                .hidden_classes = kHiddenClasses,
                                .init = Init};

}  // namespace kiln::runtime
