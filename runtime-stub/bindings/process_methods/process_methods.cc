// internalBinding("process_methods"): native functions of `process`. Times and resource usage are
// stored in arrays that the library owns, so that reading the clock allocates no objects.
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/net/embedded_executable.h"
#include "runtime-stub/bindings/process_methods/process_methods.h"
#include "runtime-stub/command_line/dotenv.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/own_children.h"
#include "runtime-stub/platform/target.h"

namespace kiln::runtime {
namespace {

using namespace process_methods;

// ------------------------------------------------------------------------------- clock

struct Clock {
  explicit Clock(Env& env) : buffer(env, Slot::kHrtimeBuffer, 3) {}
  SharedArray<uint32_t> buffer;  // seconds (high, low), nanoseconds; or one 64-bit number
};

void Hrtime(Env& env) {
  uint64_t now = uv_hrtime();
  uint32_t* fields = env.State<Clock>().buffer.data();
  uint64_t seconds = now / 1'000'000'000;
  fields[0] = uint32_t(seconds >> 32);
  fields[1] = uint32_t(seconds);
  fields[2] = uint32_t(now % 1'000'000'000);
}

void HrtimeBigInt(Env& env) {
  uint64_t now = uv_hrtime();
  std::memcpy(env.State<Clock>().buffer.data(), &now, sizeof now);
}

// Seconds since the loop was initialized, which happens first in a process.
double Uptime(Env& env) { return double(uv_hrtime()) / 1e9 - double(env.timer_base) / 1e3; }

// ------------------------------------------------------------------- resource usage

// Stores numbers in a Float64Array of the library.
Result<> Fill(v8::Local<v8::ArrayBufferView> out, std::initializer_list<double> numbers) {
  Bytes bytes;
  if (!GetBytes(out, &bytes) || bytes.size < numbers.size() * sizeof(double))
    return Error::Type("ERR_INVALID_ARG_TYPE", "The array for the result is too short");
  std::memcpy(bytes.data, numbers.begin(), numbers.size() * sizeof(double));
  return {};
}

Result<double> Rss(Env& env) {
  size_t rss;
  if (int rc = uv_resident_set_memory(&rss); rc < 0) return Error::Uv(rc, "uv_resident_set_memory");
  return double(rss);
}

Result<> MemoryUsage(Env& env, v8::Local<v8::ArrayBufferView> out) {
  Result<double> rss = Rss(env);
  if (!rss.ok()) return rss.error();
  v8::HeapStatistics heap;
  env.isolate->GetHeapStatistics(&heap);
  return Fill(out, {rss.value(), double(heap.total_heap_size()), double(heap.used_heap_size()),
                    double(heap.external_memory()), double(ArrayBufferBytes())});
}

double Microseconds(const uv_timeval_t& t) { return 1e6 * double(t.tv_sec) + double(t.tv_usec); }

Result<> CpuUsage(Env&, v8::Local<v8::ArrayBufferView> out) {
  uv_rusage_t usage;
  if (int rc = uv_getrusage(&usage); rc < 0) return Error::Uv(rc, "uv_getrusage");
  return Fill(out, {Microseconds(usage.ru_utime), Microseconds(usage.ru_stime)});
}

Result<> ThreadCpuUsage(Env&, v8::Local<v8::ArrayBufferView> out) {
  uv_rusage_t usage;
  if (int rc = uv_getrusage_thread(&usage); rc < 0) return Error::Uv(rc, "uv_getrusage_thread");
  return Fill(out, {Microseconds(usage.ru_utime), Microseconds(usage.ru_stime)});
}

Result<> ResourceUsage(Env&, v8::Local<v8::ArrayBufferView> out) {
  uv_rusage_t u;
  if (int rc = uv_getrusage(&u); rc < 0) return Error::Uv(rc, "uv_getrusage");
  return Fill(out, {Microseconds(u.ru_utime), Microseconds(u.ru_stime), double(u.ru_maxrss),
                    double(u.ru_ixrss), double(u.ru_idrss), double(u.ru_isrss), double(u.ru_minflt),
                    double(u.ru_majflt), double(u.ru_nswap), double(u.ru_inblock),
                    double(u.ru_oublock), double(u.ru_msgsnd), double(u.ru_msgrcv),
                    double(u.ru_nsignals), double(u.ru_nvcsw), double(u.ru_nivcsw)});
}

double ConstrainedMemory(Env&) { return double(uv_get_constrained_memory()); }
double AvailableMemory(Env&) { return double(uv_get_available_memory()); }

// -------------------------------------------------------------------- process state

// The result of uv_cwd, or empty on failure.
int CurrentDirectory(std::string* out) {
  out->resize(4096);
  size_t size = out->size();
  int rc = uv_cwd(out->data(), &size);
  if (rc == UV_ENOBUFS) {
    out->resize(size);
    rc = uv_cwd(out->data(), &size);
  }
  out->resize(rc < 0 ? 0 : size);
  return rc;
}

Result<std::string> Cwd(Env& env) {
  std::string path;
  if (int rc = CurrentDirectory(&path); rc < 0) {
    char reason[128];
    uv_strerror_r(rc, reason, sizeof reason);
    return Error::UvMessage(rc, "uv_cwd",
                            std::string("process.cwd failed with error ") + reason +
                                ", the current working directory was likely removed without "
                                "changing the working directory");
  }
  return path;
}

Result<> Chdir(Env& env, std::string path) {
  if (Refuses(env, Permission::kFileSystemRead, path)) return Error::Pending();
  int rc = path.find('\0') == std::string::npos ? uv_chdir(path.c_str()) : UV_ENOENT;
  if (rc >= 0) return {};
  std::string from;
  CurrentDirectory(&from);
  return Error::Uv(rc, "chdir", from, path);
}

double Umask(Env&, std::optional<double> mask) {
  mode_t old = umask(mask ? Saturate<mode_t>(*mask) : 0);
  if (!mask) umask(old);
  return double(old);
}

// Whether the process itself gets the signal, and it ends the process.
bool EndsThisProcess(int32_t pid, int32_t signal) {
  const int32_t own = int32_t(uv_os_getpid());
  if (signal <= 0 || signal == SIGUSR1 || (pid != 0 && pid != -1 && pid != own && pid != -own))
    return false;
  struct sigaction action;
  if (sigaction(signal, nullptr, &action) != 0) return false;
  return action.sa_handler == SIG_DFL || signal == SIGKILL || action.sa_flags & int(SA_RESETHAND);
}

int32_t Kill(Env& env, int32_t pid, int32_t signal) {
  // The profiles of this process are written first.
  if (env.inspector && EndsThisProcess(pid, signal)) env.inspector->AtExit();
  return uv_kill(pid, signal);
}

// Asks another process to start its inspector.
void DebugProcess(Env& env, const Args& args) {
  if (args.Length() < 1)
    return Error::Type("ERR_MISSING_ARGS", "Invalid number of arguments.").Throw(env);
  if (!args[0]->IsNumber())
    return Error::Type("ERR_INVALID_ARG_TYPE", "The \"pid\" argument must be a number").Throw(env);
  int pid = Saturate<int>(args[0].As<v8::Number>()->Value());
  if (kill(pid, SIGUSR1) == 0) return;
  Error::Errno(errno, "kill").Throw(env);
}

void DebugEnd(Env& env) {
  if (env.inspector) env.inspector->Close();
}

void Abort(Env&) { std::abort(); }

void CauseSegfault(Env&) {
  volatile void** nowhere = nullptr;
  *nowhere = nullptr;
}

void ReallyExit(Env& env, const Args& args) {
  env.Exit(args[0]->Int32Value(env.context()).FromMaybe(0));
}

void RawDebug(Env&, std::string text) {
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void SetEmitWarningSync(Env& env, v8::Local<v8::Function> f) { env.Set(Slot::kEmitWarningSync, f); }

void LoadEnvFile(Env& env, const Args& args) {
  NoteEnvironmentChange();
  std::string path = args[0]->IsString() ? ToUtf8(env.isolate, args[0]) : ".env";
  if (Refuses(env, Permission::kFileSystemRead, path)) return;
  DotenvValues values;
  int rc = 0;
  if (path.find('\0') != std::string::npos) {
    rc = UV_ENOENT;
  } else if (!embedded::Owns(path)) {
    rc = ReadDotenv(path, &values);
  } else if (std::string text; embedded::ReadFile(path, &text)) {
    ParseDotenv(text, &values);
  } else {
    uv_stat_t stat;
    rc = embedded::Stat(path, &stat) == 0 ? UV_EISDIR : UV_ENOENT;
  }
  if (rc == 0) {
    ApplyDotenv(values);
    if (values.contains("TZ"))
      env.isolate->DateTimeConfigurationChangeNotification(
          v8::Isolate::TimeZoneDetection::kRedetect);
    return;
  }
  if (rc == UV_EISDIR || rc == UV_EIO)
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "Contents of '" + path + "' should be a valid string.")
        .Throw(env);
  Error::Uv(UV_ENOENT, "open", path).Throw(env);  // whatever it is, as in Node
}

// The error that glibc's dlopen() would report first, in its words.
std::string LoadError(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::string("cannot open shared object file: ") + std::strerror(errno);
  Elf64_Ehdr header;
  ssize_t size = pread(fd, &header, sizeof header, 0);
  int error = errno;
  close(fd);
  if (size < 0) return std::string("cannot read file data: ") + std::strerror(error);
  if (size < ssize_t(sizeof header)) return "file too short";
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return "invalid ELF header";
  if (header.e_ident[EI_CLASS] == ELFCLASS32) return "wrong ELF class: ELFCLASS32";
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return "invalid ELF header";
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return "ELF file data encoding not little-endian";
  if (header.e_machine != FindArch(kTargetArch)->elf_machine)
    return "cannot open shared object file: it is for another processor";
  if (header.e_type != ET_DYN && header.e_type != ET_EXEC)
    return "only ET_DYN and ET_EXEC can be loaded";
  return "native addons cannot be loaded into this statically linked executable";
}

// Native addons are shared libraries, which a static executable cannot load.
void Dlopen(Env& env, const Args& args) {
  if (env.options && !env.options->GetBool("--addons"))
    return Error::Plain("ERR_DLOPEN_DISABLED",
                        "Cannot load native addon because loading addons is disabled.")
        .Throw(env);
  if (args.Length() < 2)
    return Error::Type("ERR_MISSING_ARGS", "process.dlopen needs at least 2 arguments").Throw(env);
  v8::Local<v8::Object> module, exports;
  v8::Local<v8::Value> value;
  if (!args[0]->ToObject(env.context()).ToLocal(&module) ||
      !module->Get(env.context(), env.Name("exports")).ToLocal(&value) ||
      !value->ToObject(env.context()).ToLocal(&exports))
    return;
  if (args.Length() > 2 && !args[2]->IsInt32())
    return Error::Type("ERR_INVALID_ARG_TYPE", "flag argument must be an integer.").Throw(env);
  std::string path = ToUtf8(env.isolate, args[1]);
  if (Refuses(env, Permission::kAddon, path)) return;
  Error::Plain("ERR_DLOPEN_FAILED", path + ": " + LoadError(path)).Throw(env);
}

// ------------------------------------------------------------------------------ execve

bool StringList(Env& env, v8::Local<v8::Value> value, std::vector<std::string>* out) {
  if (!value->IsArray()) return false;
  auto array = value.As<v8::Array>();
  for (uint32_t i = 0; i < array->Length(); i++) {
    v8::Local<v8::Value> item;
    if (!array->Get(env.context(), i).ToLocal(&item)) return false;
    out->push_back(ToUtf8(env.isolate, item));
  }
  return true;
}

std::vector<char*> Pointers(std::vector<std::string>& list) {
  std::vector<char*> out;
  for (std::string& item : list) out.push_back(item.data());
  out.push_back(nullptr);
  return out;
}

void PrintStack(v8::Isolate* isolate) {
  auto stack = v8::StackTrace::CurrentStackTrace(isolate, 10);
  for (int i = 0; i < stack->GetFrameCount(); i++) {
    v8::Local<v8::StackFrame> frame = stack->GetFrame(isolate, uint32_t(i));
    std::fprintf(stderr, "    at %s (%s:%d:%d)\n",
                 ToUtf8(isolate, frame->GetFunctionName()).c_str(),
                 ToUtf8(isolate, frame->GetScriptNameOrSourceURL()).c_str(), frame->GetLineNumber(),
                 frame->GetColumn());
  }
}

// Replaces the process image. If that fails, it aborts, as Node does: the process is partly shut
// down then, so the library's exit handlers must not run.
void Execve(Env& env, const Args& args) {
  std::vector<std::string> argv, environment;
  if (!args[0]->IsString() || !StringList(env, args[1], &argv) ||
      !StringList(env, args[2], &environment))
    return Error::Type("ERR_INVALID_ARG_TYPE", "execve requires a path and two arrays of strings")
        .Throw(env);
  std::string path = ToUtf8(env.isolate, args[0]);
  if (Refuses(env, Permission::kChildProcess, path)) return;
  for (int fd = 0; fd < 3; fd++) {  // libuv has marked them close-on-exec
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
  uv_tty_reset_mode();
  std::fflush(nullptr);
  EmbeddedExecutable executable;
  std::vector<char*> arguments = Pointers(argv);
  uv_process_options_t options = {};
  options.file = path.c_str();
  options.args = arguments.data();
  executable.RunNodeScript(&options, env.options->exec_path);
  std::optional<std::string> variable =
      ChildVariable({options.file, options.args, Pointers(environment).data(), nullptr});
  if (variable) environment.push_back(std::move(*variable));
  std::string file = options.file;
  if (embedded::Owns(file)) file = executable.OpenForExecve(file);
  execve(file.c_str(), options.args, Pointers(environment).data());
  int error = errno;
  char name[64];
  uv_err_name_r(-error, name, sizeof name);
  std::fprintf(stderr, "process.execve failed with error code %s\n", name);
  PrintStack(env.isolate);
  std::abort();
}

// ------------------------------------------------------------------------------- table

constexpr Entry kFunctions[] = {
    Fast<Hrtime>("hrtime"),
    Fast<HrtimeBigInt>("hrtimeBigInt"),
    Method<DebugProcess>("_debugProcess"),
    Method<Abort>("abort"),
    Method<CauseSegfault>("causeSegfault"),
    Method<Chdir>("chdir"),
    Method<Umask>("umask"),
    Method<MemoryUsage>("memoryUsage"),
    Method<ConstrainedMemory>("constrainedMemory"),
    Method<AvailableMemory>("availableMemory"),
    Method<Rss>("rss"),
    Method<CpuUsage>("cpuUsage"),
    Method<ThreadCpuUsage>("threadCpuUsage"),
    Method<ResourceUsage>("resourceUsage"),
    Method<DebugEnd>("_debugEnd"),
    Method<GetActiveRequests>("_getActiveRequests"),
    Method<GetActiveHandles>("_getActiveHandles"),
    Method<GetActiveResourcesInfo>("getActiveResourcesInfo"),
    Method<Kill>("_kill"),
    Method<RawDebug>("_rawDebug"),
    MethodNoSideEffect<Cwd>("cwd"),
    Method<Dlopen>("dlopen"),
    Method<ReallyExit>("reallyExit"),
    Method<Execve>("execve"),
    MethodNoSideEffect<Uptime>("uptime"),
    Method<PatchProcessObject>("patchProcessObject"),
    Method<LoadEnvFile>("loadEnvFile"),
    Method<SetEmitWarningSync>("setEmitWarningSync"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "hrtimeBuffer", env.State<Clock>().buffer.js());
}

}  // namespace

extern const Binding kProcessMethodsBinding;
const Binding kProcessMethodsBinding = {.name = "process_methods",
                                        .functions = kFunctions,
                                        .init = Init,
                                        .references = PatchReferences};

}  // namespace kiln::runtime
