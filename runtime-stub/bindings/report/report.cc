// internalBinding("report"): process.report. The settings are initialized from the command line,
// and are per Env.
#include "runtime-stub/bindings/report/report.h"

#include <uv.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/worker/worker_thread.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {
namespace report {

Settings::Settings(Env& env) {
  static const RunOptions kNone;
  const RunOptions& o = env.options ? *env.options : kNone;
  compact = o.GetBool("--report-compact");
  exclude_network = o.GetBool("--report-exclude-network");
  exclude_env = o.GetBool("--report-exclude-env");
  on_fatal_error = o.GetBool("--report-on-fatalerror");
  on_signal = o.GetBool("--report-on-signal");
  on_uncaught_exception = o.GetBool("--report-uncaught-exception");
  directory = o.GetString("--report-dir");
  if (directory.empty()) directory = o.GetString("--diagnostic-dir");
  filename = o.GetString("--report-filename");
  signal = o.GetString("--report-signal");
}

namespace {

// report.DATE.TIME.PID.THREAD.NUMBER.json
std::string NextFilename(Env& env) {
  static std::atomic<int> number = 0;
  std::time_t now = std::time(nullptr);
  std::tm local;
  localtime_r(&now, &local);
  char name[96];
  std::snprintf(name, sizeof name, "report.%04d%02d%02d.%02d%02d%02d.%d.%llu.%03d.json",
                local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
                local.tm_sec, int(uv_os_getpid()), static_cast<unsigned long long>(env.thread_id),
                int(++number));
  return name;
}

struct WorkerReports {
  std::mutex mutex;
  std::condition_variable changed;
  size_t pending = 0;
  std::vector<std::string> texts;
};

// One report that is asked for: destroyed when the worker has written it, or has ended before.
struct WorkerReport {
  WorkerReport(std::shared_ptr<WorkerReports> reports, size_t i)
      : all(std::move(reports)), index(i) {}
  const std::shared_ptr<WorkerReports> all;
  const size_t index;
  WorkerReport(const WorkerReport&) = delete;
  ~WorkerReport() {
    std::lock_guard lock(all->mutex);
    all->pending--;
    all->changed.notify_all();
  }
};

// The reports of the workers that this thread has started, each written on its own thread. A worker that
// does not come to it, because it waits in native code or in Atomics.wait(), is left out.
void WriteWorkers(Env& env, JsonWriter& json, std::string_view trigger, bool compact) {
  constexpr std::chrono::seconds kPatience(5);
  auto all = std::make_shared<WorkerReports>();
  all->texts.resize(env.workers.size());
  for (size_t i = 0; i < env.workers.size(); i++) {
    {
      std::lock_guard lock(all->mutex);
      all->pending++;
    }
    auto one = std::make_shared<WorkerReport>(all, i);
    (void)env.workers[i]->Interrupt([one, trigger = std::string(trigger), compact](Env& worker) {
      v8::HandleScope scope(worker.isolate);
      std::string text = ReportText(worker, "Worker thread subreport [" + worker.worker->name + "]",
                                    trigger, "", {}, compact);
      std::lock_guard lock(one->all->mutex);
      one->all->texts[one->index] = std::move(text);
    });
  }
  std::unique_lock lock(all->mutex);
  all->changed.wait_for(lock, kPatience, [&] { return all->pending == 0; });
  for (const std::string& text : all->texts)
    if (!text.empty()) json.Document(text);
}

}  // namespace

std::string ReportText(Env& env, std::string_view event, std::string_view trigger,
                       std::string_view filename, v8::Local<v8::Value> error, bool compact) {
  JsonWriter json(compact);
  json.BeginObject();
  WriteHeader(env, json, event, trigger, filename);
  WriteJavaScriptStack(env, json, error, event);
  WriteHeap(env, json);
  WriteNativeStack(json);
  WriteResourceUsage(env, json);
  WriteHandles(env, json);
  json.BeginArray("workers");
  if (env.can_call_into_js()) WriteWorkers(env, json, trigger, compact);
  json.EndArray();
  if (!env.State<Settings>().exclude_env) WriteEnvironment(json);
  WriteLimits(json);
  WriteSharedObjects(json);
  json.EndObject();
  return json.Finish();
}

namespace {

std::string PathOf(const Settings& settings, const std::string& filename) {
  return settings.directory.empty() ? filename : settings.directory + "/" + filename;
}

// Also for events that have no JavaScript to throw to, so nothing is thrown.
bool IsRefused(Env& env, const Settings& settings, const std::string& filename) {
  const Permissions* permissions = env.permissions.get();
  if (!permissions || permissions->audit() ||
      permissions->Has(Permission::kFileSystemWrite, PathOf(settings, filename)))
    return false;
  std::fprintf(stderr, "\nNo Node.js report is written to %s: use --allow-fs-write\n",
               filename.c_str());
  return true;
}

}  // namespace

std::string WriteReport(Env& env, std::string_view event, std::string_view trigger,
                        std::string_view wanted, v8::Local<v8::Value> error) {
  const Settings& settings = env.State<Settings>();
  std::string filename(!wanted.empty() ? wanted : settings.filename);
  if (filename.empty()) filename = NextFilename(env);
  if (filename != "stdout" && filename != "stderr" && IsRefused(env, settings, filename)) return "";

  std::FILE* out;
  if (filename == "stdout") {
    out = stdout;
  } else if (filename == "stderr") {
    out = stderr;
  } else {
    out = std::fopen(PathOf(settings, filename).c_str(), "w");
    if (!out) {
      std::fprintf(stderr, "\nFailed to open Node.js report file: %s", filename.c_str());
      if (!settings.directory.empty())
        std::fprintf(stderr, " directory: %s", settings.directory.c_str());
      std::fprintf(stderr, " (errno: %d)\n", errno);
      return "";
    }
    std::fprintf(stderr, "\nWriting Node.js report to file: %s", filename.c_str());
  }
  std::string text = ReportText(env, event, trigger, filename, error, settings.compact);
  bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  if (out == stdout || out == stderr)
    written = std::fflush(out) == 0 && written;
  else
    written = std::fclose(out) == 0 && written;
  if (!written) {
    std::fprintf(stderr, "\nFailed to write Node.js report file: %s (errno: %d)\n",
                 filename.c_str(), errno);
    return "";
  }
  // If the report is on stderr, the message would be mixed with it.
  if (out != stderr) std::fprintf(stderr, "\nNode.js report completed\n");
  return filename;
}

void ReportUncaughtException(Env& env, std::string_view message, v8::Local<v8::Value> error) {
  if (env.State<Settings>().on_uncaught_exception)
    WriteReport(env, message, "Exception", "", error);
}

void ReportFatalError(Env& env, std::string_view message, std::string_view trigger) {
  if (env.State<Settings>().on_fatal_error) WriteReport(env, message, trigger, "", {});
}

}  // namespace report

namespace {

using report::Settings;

// writeReport(event, trigger, filename | undefined, error)
void JsWriteReport(Env& env, const Args& args) {
  std::string filename;
  if (args[2]->IsString()) filename = ToUtf8(env.isolate, args[2]);
  const Settings& settings = env.State<Settings>();
  const std::string& wanted = filename.empty() ? settings.filename : filename;
  if (wanted.empty()
          ? Refuses(env, Permission::kFileSystemWrite,
                    settings.directory.empty() ? ResolvedPath(".") : settings.directory)
          : wanted != "stdout" && wanted != "stderr" &&
                Refuses(env, Permission::kFileSystemWrite, report::PathOf(settings, wanted)))
    return;
  args.GetReturnValue().Set(env.Str(report::WriteReport(
      env, ToUtf8(env.isolate, args[0]), ToUtf8(env.isolate, args[1]), filename, args[3])));
}

std::string GetReport(Env& env, v8::Local<v8::Value> error) {
  return report::ReportText(env, "JavaScript API", "GetReport", "", error, true);
}

template <auto Member>
auto GetSetting(Env& env) {
  return env.State<Settings>().*Member;
}
template <auto Member>
void SetFlag(Env& env, bool value) {
  env.State<Settings>().*Member = value;
}
template <auto Member>
void SetText(Env& env, std::string value) {
  env.State<Settings>().*Member = std::move(value);
}

constexpr Entry kFunctions[] = {
    Method<JsWriteReport>("writeReport"),
    Method<GetReport>("getReport"),
    Method<GetSetting<&Settings::compact>>("getCompact"),
    Method<SetFlag<&Settings::compact>>("setCompact"),
    Method<GetSetting<&Settings::exclude_network>>("getExcludeNetwork"),
    Method<SetFlag<&Settings::exclude_network>>("setExcludeNetwork"),
    Method<GetSetting<&Settings::exclude_env>>("getExcludeEnv"),
    Method<SetFlag<&Settings::exclude_env>>("setExcludeEnv"),
    Method<GetSetting<&Settings::directory>>("getDirectory"),
    Method<SetText<&Settings::directory>>("setDirectory"),
    Method<GetSetting<&Settings::filename>>("getFilename"),
    Method<SetText<&Settings::filename>>("setFilename"),
    Method<GetSetting<&Settings::signal>>("getSignal"),
    Method<SetText<&Settings::signal>>("setSignal"),
    Method<GetSetting<&Settings::on_fatal_error>>("shouldReportOnFatalError"),
    Method<SetFlag<&Settings::on_fatal_error>>("setReportOnFatalError"),
    Method<GetSetting<&Settings::on_signal>>("shouldReportOnSignal"),
    Method<SetFlag<&Settings::on_signal>>("setReportOnSignal"),
    Method<GetSetting<&Settings::on_uncaught_exception>>("shouldReportOnUncaughtException"),
    Method<SetFlag<&Settings::on_uncaught_exception>>("setReportOnUncaughtException"),
};

}  // namespace

extern const Binding kReportBinding;
const Binding kReportBinding = {.name = "report", .functions = kFunctions};

}  // namespace kiln::runtime
