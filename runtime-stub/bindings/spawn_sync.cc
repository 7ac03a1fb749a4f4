// internalBinding("spawn_sync"): execFileSync and related functions. spawn(options) runs the child
// on a separate loop until it has ended and its pipes are closed, and returns { error?, status,
// signal, output, pid }. If a child exceeds the time limit or maxBuffer, killSignal is sent and our
// ends of the pipes are closed, so that a grandchild that still has the other ends open cannot
// block us.
#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/net/address.h"
#include "runtime-stub/bindings/net/embedded_executable.h"
#include "runtime-stub/bindings/net/spawn.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/own_children.h"

namespace kiln::runtime {
namespace {

class Runner;

// Our end of one of the child's pipes: writes `input` and collects output.
class Pipe {
 public:
  Pipe(Runner& runner, bool readable, bool writable, std::string input)
      : runner_(runner), readable_(readable), writable_(writable), input_(std::move(input)) {}

  int Init(uv_loop_t* loop) {
    handle_.data = this;
    return uv_pipe_init(loop, &handle_, 0);
  }
  int Start();
  void Close() { uv_close(reinterpret_cast<uv_handle_t*>(&handle_), nullptr); }

  // From the child's point of view: readable means that it reads what we write.
  uv_stdio_container_t container() {
    uv_stdio_container_t out;
    out.flags = uv_stdio_flags(UV_CREATE_PIPE | (readable_ ? UV_READABLE_PIPE : 0) |
                               (writable_ ? UV_WRITABLE_PIPE : 0));
    out.data.stream = stream();
    return out;
  }
  bool writable() const { return writable_; }
  const std::string& output() const { return output_; }

 private:
  static Pipe* From(void* data) { return static_cast<Pipe*>(data); }
  void OnRead(ssize_t nread, const uv_buf_t& buf);
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }

  Runner& runner_;
  bool readable_;
  bool writable_;
  std::string input_;
  std::string output_;
  char chunk_[65536];
  uv_pipe_t handle_ = {};
  uv_write_t write_ = {};
  uv_shutdown_t shutdown_ = {};
};

class Runner {
 public:
  explicit Runner(Env& env) : env_(env) {}

  // False with an exception pending.
  bool Run(v8::Local<v8::Object> options, v8::Local<v8::Value>* result);

  void SetPipeError(int err) {
    if (pipe_error_ == 0) pipe_error_ = err;
  }
  void CountOutput(size_t size) {
    buffered_ += double(size);
    if (max_buffer_ > 0 && buffered_ > max_buffer_) {
      SetError(UV_ENOBUFS);
      Kill();
    }
  }

 private:
  // These return false with an exception pending; they store other errors in error_.
  bool Parse(v8::Local<v8::Object> options);
  bool ParseStdio(v8::Local<v8::Value> value);
  bool ParseId(v8::Local<v8::Object> options, const char* name, unsigned flag, uint32_t* out);
  bool ParseNumber(v8::Local<v8::Object> options, const char* name, double* out);

  void RunLoop();
  void CloseAll();
  void Kill();
  void ClosePipes();
  void CloseTimer();
  void SetError(int err) {
    if (error_ == 0) error_ = err;
  }
  v8::Local<v8::Value> Result();

  Env& env_;
  uv_loop_t loop_;
  uv_process_t process_ = {};
  uv_process_options_t options_ = {};
  uv_timer_t timer_;
  bool timer_open_ = false;
  bool pipes_open_ = false;
  bool killed_ = false;

  std::string file_, cwd_;
  StringArray args_, env_pairs_;
  EmbeddedExecutable executable_;
  std::vector<std::unique_ptr<Pipe>> pipes_;
  std::vector<uv_stdio_container_t> stdio_;
  double timeout_ = 0;
  double max_buffer_ = 0;
  double kill_signal_ = SIGTERM;

  double buffered_ = 0;
  int64_t exit_status_ = -1;
  int term_signal_ = -1;
  int error_ = 0;
  int pipe_error_ = 0;
};

// ---------------------------------------------------------------- Pipe

int Pipe::Start() {
  if (readable_) {
    if (!input_.empty()) {
      uv_buf_t buf;
      buf.base = input_.data();
      buf.len = input_.size();
      int err = uv_write(&write_, stream(), &buf, 1, [](uv_write_t* req, int status) {
        if (status < 0) From(req->handle->data)->runner_.SetPipeError(status);
      });
      if (err < 0) return err;
    }
    int err = uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t* req, int status) {
      // The child has closed its end already; some systems report that here.
      if (status < 0 && status != UV_ENOTCONN)
        From(req->handle->data)->runner_.SetPipeError(status);
    });
    if (err < 0) return err;
  }
  if (!writable_) return 0;
  return uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buf) {
        Pipe* self = From(handle->data);
        *buf = uv_buf_init(self->chunk_, sizeof self->chunk_);
      },
      [](uv_stream_t* handle, ssize_t nread, const uv_buf_t* buf) {
        From(handle->data)->OnRead(nread, *buf);
      });
}

void Pipe::OnRead(ssize_t nread, const uv_buf_t& buf) {
  if (nread == UV_EOF) return;
  if (nread < 0) {
    runner_.SetPipeError(int(nread));
    uv_read_stop(stream());
    return;
  }
  output_.append(buf.base, size_t(nread));
  runner_.CountOutput(size_t(nread));
}

// ---------------------------------------------------------------- options

bool Runner::ParseNumber(v8::Local<v8::Object> options, const char* name, double* out) {
  v8::Local<v8::Value> value = env_.Get(options, name);
  if (value->IsNullOrUndefined()) return true;
  if (!value->IsNumber()) {
    Error::Type("ERR_INVALID_ARG_TYPE", std::string("options.") + name + " must be a number")
        .Throw(env_);
    return false;
  }
  *out = value.As<v8::Number>()->Value();
  return true;
}

bool Runner::ParseId(v8::Local<v8::Object> options, const char* name, unsigned flag,
                     uint32_t* out) {
  v8::Local<v8::Value> value = env_.Get(options, name);
  if (value->IsNullOrUndefined()) return true;
  if (!value->IsInt32()) {
    Error::Type("ERR_INVALID_ARG_TYPE",
                std::string("options.") + name + " must be a 32-bit signed integer")
        .Throw(env_);
    return false;
  }
  *out = uint32_t(value.As<v8::Int32>()->Value());
  options_.flags |= flag;
  return true;
}

bool Runner::Parse(v8::Local<v8::Object> options) {
  v8::Local<v8::Context> context = env_.context();
  v8::Local<v8::Value> value;
  v8::Local<v8::String> string;
  if (!env_.Get(options, "file")->ToString(context).ToLocal(&string)) return false;
  file_ = ToUtf8(env_.isolate, string);
  if (Refuses(env_, Permission::kChildProcess, file_)) return false;
  options_.file = file_.c_str();

  value = env_.Get(options, "args");
  if (!value->IsArray()) return SetError(UV_EINVAL), true;
  if (!args_.Fill(env_, value.As<v8::Array>())) return false;
  options_.args = args_.data();

  value = env_.Get(options, "cwd");
  if (!value->IsNullOrUndefined()) {
    if (!value->ToString(context).ToLocal(&string)) return false;
    cwd_ = ToUtf8(env_.isolate, string);
    options_.cwd = cwd_.c_str();
  }
  executable_.RunNodeScript(&options_, env_.options->exec_path);
  value = env_.Get(options, "envPairs");
  if (!value->IsNullOrUndefined()) {
    if (!value->IsArray()) return SetError(UV_EINVAL), true;
    if (!env_pairs_.Fill(env_, value.As<v8::Array>())) return false;
    options_.env = env_pairs_.data();
    std::optional<std::string> variable =
        ChildVariable({options_.file, options_.args, options_.env, options_.cwd});
    if (variable) env_pairs_.Add(std::move(*variable));
    options_.env = env_pairs_.data();
  }
  if (!ParseId(options, "uid", UV_PROCESS_SETUID, &options_.uid) ||
      !ParseId(options, "gid", UV_PROCESS_SETGID, &options_.gid))
    return false;
  auto flag = [&](const char* name, unsigned bit) {
    if (env_.Get(options, name)->BooleanValue(env_.isolate)) options_.flags |= bit;
  };
  flag("detached", UV_PROCESS_DETACHED);
  flag("windowsHide", UV_PROCESS_WINDOWS_HIDE);
  flag("windowsVerbatimArguments", UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS);
  if (!ParseNumber(options, "timeout", &timeout_) ||
      !ParseNumber(options, "maxBuffer", &max_buffer_) ||
      !ParseNumber(options, "killSignal", &kill_signal_))
    return false;
  return ParseStdio(env_.Get(options, "stdio"));
}

bool Runner::ParseStdio(v8::Local<v8::Value> value) {
  if (!value->IsArray()) return SetError(UV_EINVAL), true;
  auto array = value.As<v8::Array>();
  stdio_.resize(array->Length());
  pipes_.resize(array->Length());
  // Not array->Length(), because an accessor of an element may lengthen the array.
  for (uint32_t i = 0; i < stdio_.size(); i++) {
    v8::Local<v8::Value> item;
    if (!array->Get(env_.context(), i).ToLocal(&item)) return false;
    if (!item->IsObject()) return SetError(UV_EINVAL), true;
    auto object = item.As<v8::Object>();
    std::string type = ToUtf8(env_.isolate, env_.Get(object, "type"));
    if (type == "ignore") {
      stdio_[i].flags = UV_IGNORE;
    } else if (type == "pipe") {
      bool readable = env_.Get(object, "readable")->BooleanValue(env_.isolate);
      bool writable = env_.Get(object, "writable")->BooleanValue(env_.isolate);
      std::string input;
      v8::Local<v8::Value> given = env_.Get(object, "input");
      if (readable && !given->IsNullOrUndefined()) {
        Bytes bytes;
        if (!given->IsArrayBufferView() || !GetBytes(given, &bytes))
          return SetError(UV_EINVAL), true;
        input = bytes.view();
      }
      if (!readable && !writable) return SetError(UV_EINVAL), true;
      auto pipe = std::make_unique<Pipe>(*this, readable, writable, std::move(input));
      if (int err = pipe->Init(&loop_)) return SetError(err), true;
      stdio_[i] = pipe->container();
      pipes_[i] = std::move(pipe);
      pipes_open_ = true;
    } else if (type == "inherit" || type == "fd") {
      stdio_[i].flags = UV_INHERIT_FD;
      stdio_[i].data.fd = ToInt32(env_, env_.Get(object, "fd"));
    } else {
      Error::Type("ERR_INVALID_ARG_VALUE", "invalid child stdio type: " + type).Throw(env_);
      return false;
    }
  }
  options_.stdio = stdio_.data();
  options_.stdio_count = int(stdio_.size());
  return true;
}

// ---------------------------------------------------------------- execution

bool Runner::Run(v8::Local<v8::Object> options, v8::Local<v8::Value>* result) {
  if (int err = uv_loop_init(&loop_)) {
    SetError(err);
    *result = Result();
    return true;
  }
  bool parsed = Parse(options);
  if (parsed && error_ == 0) RunLoop();
  CloseAll();
  if (parsed) *result = Result();
  return parsed;
}

void Runner::RunLoop() {
  if (timeout_ > 0) {
    uv_timer_init(&loop_, &timer_);
    uv_unref(reinterpret_cast<uv_handle_t*>(&timer_));
    timer_.data = this;
    timer_open_ = true;
    uv_timer_start(
        &timer_,
        [](uv_timer_t* timer) {
          auto* self = static_cast<Runner*>(timer->data);
          self->SetError(UV_ETIMEDOUT);
          self->Kill();
        },
        Saturate<uint64_t>(timeout_), 0);
  }
  options_.exit_cb = [](uv_process_t* process, int64_t status, int signal) {
    auto* self = static_cast<Runner*>(process->data);
    uv_close(reinterpret_cast<uv_handle_t*>(process), nullptr);
    if (status < 0) return self->SetError(int(status));
    self->exit_status_ = status;
    self->term_signal_ = signal;
  };
  executable_.Prepare(&options_);
  if (int err = uv_spawn(&loop_, &process_, &options_)) return SetError(err);
  process_.data = this;
  for (auto& pipe : pipes_) {
    if (!pipe) continue;
    if (int err = pipe->Start(); err < 0) return SetPipeError(err);
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Runner::Kill() {
  if (killed_) return;
  killed_ = true;
  if (exit_status_ < 0) {
    int err = uv_process_kill(&process_, Saturate<int>(kill_signal_));
    if (err < 0 && err != UV_ESRCH) {  // probably a signal that this system does not have
      SetError(err);
      uv_process_kill(&process_, SIGKILL);
    }
  }
  ClosePipes();
  CloseTimer();
}

void Runner::ClosePipes() {
  if (!pipes_open_) return;
  pipes_open_ = false;
  for (auto& pipe : pipes_)
    if (pipe) pipe->Close();
}

void Runner::CloseTimer() {
  if (!timer_open_) return;
  timer_open_ = false;
  auto* handle = reinterpret_cast<uv_handle_t*>(&timer_);
  uv_ref(handle);
  uv_close(handle, nullptr);
}

void Runner::CloseAll() {
  ClosePipes();
  CloseTimer();
  auto* process = reinterpret_cast<uv_handle_t*>(&process_);
  if (process->type == UV_PROCESS && !uv_is_closing(process)) uv_close(process, nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&loop_) == 0);
}

v8::Local<v8::Value> Runner::Result() {
  v8::Isolate* isolate = env_.isolate;
  v8::Local<v8::Object> result = v8::Object::New(isolate);
  v8::Local<v8::Value> null = v8::Null(isolate);
  if (int err = error_ != 0 ? error_ : pipe_error_) env_.Set(result, "error", double(err));
  bool exited = exit_status_ >= 0 && term_signal_ <= 0;
  env_.Set(result, "status",
           exited ? v8::Number::New(isolate, double(exit_status_)).As<v8::Value>() : null);
  env_.Set(result, "signal",
           term_signal_ > 0 ? env_.Name(SignalName(term_signal_)).As<v8::Value>() : null);
  v8::Local<v8::Value> output = null;
  if (exit_status_ >= 0) {
    std::vector<v8::Local<v8::Value>> list;
    for (auto& pipe : pipes_) {
      if (pipe && pipe->writable())
        list.push_back(NewBuffer(env_, pipe->output()));
      else
        list.push_back(null);
    }
    output = v8::Array::New(isolate, list.data(), list.size());
  }
  env_.Set(result, "output", output);
  env_.Set(result, "pid", double(process_.pid));
  return result;
}

void Spawn(Env& env, const Args& args) {
  Runner runner(env);
  v8::Local<v8::Value> result;
  if (!args[0]->IsObject())
    return Error::Type("ERR_INVALID_ARG_TYPE", "options must be an object").Throw(env);
  if (runner.Run(args[0].As<v8::Object>(), &result)) args.GetReturnValue().Set(result);
}

constexpr Entry kFunctions[] = {Method<Spawn>("spawn")};

}  // namespace

extern const Binding kSpawnSyncBinding;
const Binding kSpawnSyncBinding = {.name = "spawn_sync", .functions = kFunctions};

}  // namespace kiln::runtime
