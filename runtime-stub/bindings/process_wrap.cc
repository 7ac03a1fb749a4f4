// internalBinding("process_wrap"): child processes with uv_spawn. After uv_spawn() libuv uses the
// handle even if it failed, so it must be closed.
#include <optional>

#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/net/address.h"
#include "runtime-stub/bindings/net/embedded_executable.h"
#include "runtime-stub/bindings/net/spawn.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/own_children.h"

namespace kiln::runtime {
namespace {

class Process final : public HandleWrap {
 public:
  Process(Env& env, const Args&)
      : HandleWrap(env, Provider::kPROCESSWRAP, reinterpret_cast<uv_handle_t*>(&handle_)) {
    MarkUninitialized();
  }

  // (file, args, cwd, envPairs, stdio, flags, uid, gid, isModule); isModule: the call is fork()
  void Spawn(const Args& args);

  int Kill(int32_t signal) { return spawned_ ? uv_process_kill(&handle_, signal) : int(UV_ESRCH); }

 private:
  static void OnExit(uv_process_t* handle, int64_t status, int signal);
  // One element of stdio. Returns false if a child cannot receive it.
  bool ParseStdio(v8::Local<v8::Value> value, uv_stdio_container_t* out);

  uv_process_t handle_;
  bool spawned_ = false;
  bool started_ = false;  // libuv has initialized the handle
};

bool Process::ParseStdio(v8::Local<v8::Value> value, uv_stdio_container_t* out) {
  if (!value->IsObject()) return false;
  auto object = value.As<v8::Object>();
  std::string type = ToUtf8(env().isolate, env().Get(object, "type"));
  if (type == "ignore") {
    out->flags = UV_IGNORE;
    return true;
  }
  if (type == "pipe" || type == "overlapped" || type == "wrap") {
    v8::Local<v8::Value> handle = env().Get(object, "handle");
    auto* stream = UnwrapArgument<LibuvStream>(env(), kLibuvStreamClass, handle);
    if (stream) {
      int flags = UV_INHERIT_STREAM;
      if (type != "wrap") flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE;
      if (type == "overlapped") flags |= UV_OVERLAPPED_PIPE;
      out->flags = uv_stdio_flags(flags);
      out->data.stream = stream->uv_stream();
      return true;
    }
    // A UDP socket is not a uv_stream_t, but its descriptor can be inherited.
    auto* other = UnwrapArgument<HandleWrap>(env(), kHandleWrapClass, handle);
    uv_os_fd_t fd;
    if (!other || type != "wrap" || uv_fileno(other->uv_handle(), &fd) != 0) return false;
    out->flags = UV_INHERIT_FD;
    out->data.fd = fd;
    return true;
  }
  v8::Local<v8::Value> fd = env().Get(object, "fd");
  if (!fd->IsNumber()) return false;
  out->flags = UV_INHERIT_FD;
  out->data.fd = ToInt32(env(), fd);
  return true;
}

void Process::Spawn(const Args& args) {
  Env& e = env();
  if (started_) return args.GetReturnValue().Set(UV_EINVAL);
  uv_process_options_t options = {};
  options.exit_cb = OnExit;

  if (!args[0]->IsString())
    return Error::Type("ERR_INVALID_ARG_TYPE", "file must be a string").Throw(e);
  std::string file = ToUtf8(e.isolate, args[0]);
  if (Refuses(e, Permission::kChildProcess, file)) return;
  options.file = file.c_str();

  StringArray argv, env_pairs;
  if (args[1]->IsArray()) {
    if (!argv.Fill(e, args[1].As<v8::Array>())) return;
    options.args = argv.data();
  }
  std::string cwd;
  if (args[2]->IsString()) cwd = ToUtf8(e.isolate, args[2]);
  if (!cwd.empty()) options.cwd = cwd.c_str();
  EmbeddedExecutable executable;
  executable.RunNodeScript(&options, e.options->exec_path);
  if (args[3]->IsArray()) {
    if (!env_pairs.Fill(e, args[3].As<v8::Array>())) return;
    options.env = env_pairs.data();
    std::optional<std::string> variable =
        ChildVariable({options.file, options.args, options.env, options.cwd, args[8]->IsTrue()});
    if (variable) env_pairs.Add(std::move(*variable));
    options.env = env_pairs.data();
  }

  std::vector<uv_stdio_container_t> stdio;
  if (args[4]->IsArray()) {
    auto array = args[4].As<v8::Array>();
    stdio.resize(array->Length());
    for (uint32_t i = 0; i < stdio.size(); i++) {
      v8::Local<v8::Value> item;
      if (!array->Get(e.context(), i).ToLocal(&item)) return;
      if (!ParseStdio(item, &stdio[i]))
        return Error::Type("ERR_INVALID_ARG_VALUE",
                           "stdio " + std::to_string(i) + " cannot be passed to a child process")
            .Throw(e);
    }
  }
  options.stdio = stdio.data();
  options.stdio_count = int(stdio.size());

  // The numbers that JavaScript uses are kProcessFlag* below.
  int flags = ToInt32(e, args[5]);
  if (flags & 1) options.flags |= UV_PROCESS_DETACHED;
  if (flags & 2) options.flags |= UV_PROCESS_WINDOWS_HIDE;
  if (flags & 4) options.flags |= UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS;

  for (int i : {6, 7}) {
    if (args[i]->IsNullOrUndefined()) continue;
    if (!args[i]->IsInt32())
      return Error::Type(
                 "ERR_INVALID_ARG_TYPE",
                 std::string(i == 6 ? "options.uid" : "options.gid") + " should be a number")
          .Throw(e);
    int32_t id = args[i].As<v8::Int32>()->Value();
    options.flags |= i == 6 ? UV_PROCESS_SETUID : UV_PROCESS_SETGID;
    (i == 6 ? options.uid : options.gid) = uint32_t(id);
  }

  // Accessors of the arguments may have called spawn().
  if (started_) return args.GetReturnValue().Set(UV_EINVAL);
  executable.Prepare(&options);
  started_ = true;
  int err = uv_spawn(e.loop, &handle_, &options);
  handle_.data = static_cast<HandleWrap*>(this);
  MarkInitialized();
  if (err == 0) {
    spawned_ = true;
    e.Set(object(), "pid", double(handle_.pid));
  }
  args.GetReturnValue().Set(err);
}

void Process::OnExit(uv_process_t* handle, int64_t status, int signal) {
  auto* self = static_cast<Process*>(static_cast<HandleWrap*>(handle->data));
  Env& env = self->env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  self->spawned_ = false;  // from now on the pid may belong to another process
  (void)self->MakeCallback(
      "onexit", {v8::Number::New(env.isolate, double(status)), env.Name(SignalName(signal))});
}

constexpr Entry kMethods[] = {
    Method<&Process::Spawn>("spawn"),
    Method<&Process::Kill>("kill"),
};
const ClassEntry kProcessClass = {.name = "Process",
                                  .construct = Construct<Process>,
                                  .parent = &kHandleWrapClass,
                                  .methods = kMethods};
const ClassEntry* const kClasses[] = {&kProcessClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  SetConstant(env, constants, "kProcessFlagDetached", 1);
  SetConstant(env, constants, "kProcessFlagWindowsHide", 2);
  SetConstant(env, constants, "kProcessFlagWindowsVerbatimArguments", 4);
  env.Set(exports, "constants", constants);
}

}  // namespace

extern const Binding kProcessWrapBinding;
const Binding kProcessWrapBinding = {.name = "process_wrap", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
