// Files of profiles and coverage. The names and the contents are Node's.
#include "runtime-stub/bindings/inspector/profilers.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/env/variables.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime::inspector {

namespace {

std::string CurrentDirectory() {
  char path[4096];
  size_t size = sizeof path;
  return uv_cwd(path, &size) == 0 ? std::string(path, size) : ".";
}

// "CPU.20261201.122954.17.0.001.cpuprofile"
std::string DiagnosticName(Env& env, std::string_view prefix, std::string_view extension) {
  static std::atomic<int> count = 0;
  std::time_t now = std::time(nullptr);
  std::tm local;
  localtime_r(&now, &local);
  char stamp[64];
  std::strftime(stamp, sizeof stamp, "%Y%m%d.%H%M%S", &local);
  char number[16];
  std::snprintf(number, sizeof number, "%03d", ++count);
  return std::string(prefix) + "." + stamp + "." + std::to_string(uv_os_getpid()) + "." +
         std::to_string(env.thread_id) + "." + number + "." + std::string(extension);
}

const char* Name(int rc, char (&buffer)[128]) { return uv_err_name_r(rc, buffer, sizeof buffer); }

// Like mkdir -p. Returns 0 or a libuv code.
int MakeDirectories(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    std::string part = path.substr(0, slash);
    uv_fs_t request;
    int rc = uv_fs_mkdir(nullptr, &request, part.c_str(), 0777, nullptr);
    uv_fs_req_cleanup(&request);
    if (slash == path.npos || (rc != 0 && rc != UV_EEXIST && rc != UV_EISDIR))
      return rc == UV_EEXIST ? 0 : rc;
  }
}

int WriteFile(const std::string& path, std::string_view text) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return -errno;
  int rc = 0;
  while (!text.empty() && rc == 0) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n >= 0)
      text.remove_prefix(size_t(n));
    else if (errno != EINTR)
      rc = -errno;
  }
  close(fd);
  return rc;
}

// The variable as the thread sees it.
std::string CoverageVariable(Env& env) {
  constexpr char kName[] = "NODE_V8_COVERAGE";
  // A shipped executable writes no files because of its environment.
  if (env.payload && !env.payload->inspect) return "";
  if (env.variables) return env.variables->Get(kName).value_or("");
  return ReadTrusted(kName).value_or("");
}

}  // namespace

void Profilers::StartByOptions() {
  Env& env = agent_.env();
  const RunOptions& options = *env.options;
  if (!CoverageVariable(env).empty() || options.GetBool("--experimental-test-coverage"))
    StartCoverage();
  auto place = [&](Profile& profile, const char* directory, const char* name,
                   std::string_view prefix, std::string_view extension) {
    profile.directory = options.GetString(directory);
    if (profile.directory.empty()) profile.directory = CurrentDirectory();
    profile.file = options.GetString(name);
    if (profile.file.empty()) profile.file = DiagnosticName(env, prefix, extension);
    constexpr std::string_view kPid = "${pid}";
    for (size_t at = 0; (at = profile.file.find(kPid, at)) != profile.file.npos;)
      profile.file.replace(at, kPid.size(), std::to_string(uv_os_getpid()));
  };
  if (options.GetBool("--cpu-prof")) {
    Start(cpu_.emplace(), "CPU");
    place(*cpu_, "--cpu-prof-dir", "--cpu-prof-name", "CPU", "cpuprofile");
    Command(*cpu_, "Profiler.enable");
    Command(*cpu_, "Profiler.setSamplingInterval",
            "{\"interval\":" + std::to_string(options.GetNumber("--cpu-prof-interval")) + "}");
    Command(*cpu_, "Profiler.start");
  }
  if (options.GetBool("--heap-prof")) {
    Start(heap_.emplace(), "heap");
    place(*heap_, "--heap-prof-dir", "--heap-prof-name", "Heap", "heapprofile");
    Command(*heap_, "HeapProfiler.enable");
    Command(
        *heap_, "HeapProfiler.startSampling",
        "{\"samplingInterval\":" + std::to_string(options.GetNumber("--heap-prof-interval")) + "}");
  }
}

void Profilers::Start(Profile& profile, std::string type) {
  profile.type = std::move(type);
  profile.session = agent_.Connect(
      [&profile](std::string message) {
        if (message.starts_with("{\"id\":")) profile.answer = std::move(message);
      },
      false);
}

std::optional<std::string_view> Profilers::Command(Profile& profile, std::string_view method,
                                                   std::string_view params) {
  profile.answer.clear();
  agent_.Dispatch(profile.session, "{\"id\":1,\"method\":\"" + std::string(method) +
                                       "\",\"params\":" + std::string(params) + "}");
  // {"id":1,"result":{...}}: the result is all but the last brace.
  constexpr std::string_view kStart = "{\"id\":1,\"result\":";
  std::string_view answer = profile.answer;
  if (!answer.starts_with(kStart)) return {};
  return answer.substr(kStart.size(), answer.size() - kStart.size() - 1);
}

void Profilers::Write(const Profile& profile, std::string_view json) {
  char buffer[128];
  const std::string path =
      profile.file.starts_with('/') ? profile.file : profile.directory + "/" + profile.file;
  const bool allowed = Allows(agent_.env(), Permission::kFileSystemWrite, path);
  if (int rc = allowed ? MakeDirectories(profile.directory) : UV_EACCES; rc != 0) {
    std::fprintf(stderr, "%s: Failed to create %s profile directory %s\n", Name(rc, buffer),
                 profile.type.c_str(), profile.directory.c_str());
    return;
  }
  if (int rc = WriteFile(path, json); rc != 0)
    std::fprintf(stderr, "%s: Failed to write file %s\n", Name(rc, buffer), path.c_str());
}

void Profilers::End() {
  // {"profile":{...}}: the file has the inner object.
  auto finish = [&](std::optional<Profile>& profile, std::string_view method) {
    if (!profile || std::exchange(profile->ended, true)) return;
    constexpr std::string_view kStart = "{\"profile\":";
    std::optional<std::string_view> result = Command(*profile, method);
    if (result && result->starts_with(kStart))
      Write(*profile, result->substr(kStart.size(), result->size() - kStart.size() - 1));
  };
  finish(cpu_, "Profiler.stop");
  finish(heap_, "HeapProfiler.stopSampling");
  EndCoverage();
}

// ---------------------------------------------------------------------------- coverage

void Profilers::StartCoverage() {
  if (coverage_) return;
  Start(coverage_.emplace(), "coverage");
  Command(*coverage_, "Profiler.enable");
  Command(*coverage_, "Profiler.startPreciseCoverage", "{\"callCount\":true,\"detailed\":true}");
}

void Profilers::TakeCoverage() {
  if (coverage_) WriteCoverage();
}

void Profilers::StopCoverage() {
  if (coverage_) Command(*coverage_, "Profiler.stopPreciseCoverage");
}

void Profilers::EndCoverage() {
  if (!coverage_ || std::exchange(coverage_->ended, true)) return;
  WriteCoverage();
}

void Profilers::WriteCoverage() {
  Env& env = agent_.env();
  std::optional<std::string_view> result = Command(*coverage_, "Profiler.takePreciseCoverage");
  v8::Local<v8::Function> getter = env.GetFunction(Slot::kSourceMapCacheGetter);
  if (!result || getter.IsEmpty()) return;
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = env.context();
  v8::Context::Scope entered(context);
  std::string text(*result);
  {
    v8::TryCatch caught(isolate);
    v8::Isolate::AllowJavascriptExecutionScope allowed(isolate);
    v8::Local<v8::Value> maps;
    if (!getter->Call(context, env.Undefined(), 0, nullptr).ToLocal(&maps)) return;
    v8::Local<v8::String> json;
    // Appended as the last member.
    if (!maps->IsUndefined() && v8::JSON::Stringify(context, maps).ToLocal(&json) &&
        text.size() > 2) {
      text.pop_back();
      text += ",\"source-map-cache\":" + kiln::runtime::ToUtf8(isolate, json) + "}";
    }
  }
  coverage_->directory = kiln::runtime::ToUtf8(isolate, env.Get(Slot::kCoverageDirectory));
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  coverage_->file = "coverage-" + std::to_string(uv_os_getpid()) + "-" +
                    std::to_string(int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1000000) + "-" +
                    std::to_string(env.thread_id) + ".json";
  Write(*coverage_, text);
}

}  // namespace kiln::runtime::inspector
