// The sections of a report about the process and its JavaScript heap. Each function writes one
// member of the report's object.
#include <arpa/inet.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <sys/resource.h>
#include <unwind.h>
#include <uv.h>

#include <algorithm>
#include <ctime>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/bindings/report/report.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/platform/target.h"
#include "runtime-stub/platform/versions.h"

namespace kiln::runtime::report {

namespace {

void WriteTime(JsonWriter& json) {
  uv_timeval64_t now;
  if (uv_gettimeofday(&now) != 0) return;
  std::time_t seconds = std::time_t(now.tv_sec);
  std::tm utc;
  gmtime_r(&seconds, &utc);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  json.Text("dumpEventTime", text);
  json.Text("dumpEventTimeStamp", std::to_string(now.tv_sec * 1000 + now.tv_usec / 1000));
}

void WriteCpus(JsonWriter& json) {
  uv_cpu_info_t* cpus;
  int count;
  if (uv_cpu_info(&cpus, &count) != 0) return;
  json.BeginArray("cpus");
  for (int i = 0; i < count; i++) {
    json.BeginObject();
    json.Text("model", cpus[i].model);
    json.Number("speed", cpus[i].speed);
    json.Number("user", double(cpus[i].cpu_times.user));
    json.Number("nice", double(cpus[i].cpu_times.nice));
    json.Number("sys", double(cpus[i].cpu_times.sys));
    json.Number("idle", double(cpus[i].cpu_times.idle));
    json.Number("irq", double(cpus[i].cpu_times.irq));
    json.EndObject();
  }
  json.EndArray();
  uv_free_cpu_info(cpus, count);
}

void WriteNetworkInterfaces(JsonWriter& json) {
  uv_interface_address_t* list;
  int count;
  if (uv_interface_addresses(&list, &count) != 0) return;
  json.BeginArray("networkInterfaces");
  for (int i = 0; i < count; i++) {
    const uv_interface_address_t& entry = list[i];
    const auto* mac = reinterpret_cast<const unsigned char*>(entry.phys_addr);
    char text[INET6_ADDRSTRLEN];
    json.BeginObject();
    json.Text("name", entry.name);
    json.Bool("internal", entry.is_internal);
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                  mac[3], mac[4], mac[5]);
    json.Text("mac", text);
    const int family = entry.address.address4.sin_family;
    if (family == AF_INET) {
      uv_ip4_name(&entry.address.address4, text, sizeof text);
      json.Text("address", text);
      uv_ip4_name(&entry.netmask.netmask4, text, sizeof text);
      json.Text("netmask", text);
      json.Text("family", "IPv4");
    } else if (family == AF_INET6) {
      uv_ip6_name(&entry.address.address6, text, sizeof text);
      json.Text("address", text);
      uv_ip6_name(&entry.netmask.netmask6, text, sizeof text);
      json.Text("netmask", text);
      json.Text("family", "IPv6");
      json.Number("scopeid", entry.address.address6.sin6_scope_id);
    } else {
      json.Text("family", "unknown");
    }
    json.EndObject();
  }
  json.EndArray();
  uv_free_interface_addresses(list, count);
}

// The same as process.release, which cannot be read when the heap is full.
void WriteRelease(JsonWriter& json) {
  const std::string base =
      "https://nodejs.org/download/release/v" KILN_NODE_VERSION "/node-v" KILN_NODE_VERSION;
  json.BeginObject("release");
  json.Text("name", "node");
  json.Text("lts", "Krypton");
  json.Text("headersUrl", base + "-headers.tar.gz");
  json.Text("sourceUrl", base + ".tar.gz");
  json.EndObject();
}

}  // namespace

void WriteHeader(Env& env, JsonWriter& json, std::string_view event, std::string_view trigger,
                 std::string_view filename) {
  json.BeginObject("header");
  json.Number("reportVersion", 5);
  json.Text("event", event);
  json.Text("trigger", trigger);
  if (filename.empty())
    json.Null("filename");
  else
    json.Text("filename", filename);
  WriteTime(json);
  json.Number("processId", uv_os_getpid());
  json.Number("threadId", double(env.thread_id));
  char cwd[4096];
  size_t size = sizeof cwd;
  json.Text("cwd", uv_cwd(cwd, &size) == 0 ? std::string_view(cwd, size) : "");
  json.BeginArray("commandLine");
  if (const RunOptions* options = env.options) {
    for (size_t i = 0; i < options->argv.size(); i++) {
      json.Text({}, options->argv[i]);
      if (i == 0)
        for (const std::string& arg : options->exec_argv) json.Text({}, arg);
    }
  }
  json.EndArray();
  json.Text("nodejsVersion", "v" KILN_NODE_VERSION);
  json.Text("glibcVersionRuntime", gnu_get_libc_version());
  json.Text("glibcVersionCompiler",
            std::to_string(__GLIBC__) + "." + std::to_string(__GLIBC_MINOR__));
  json.Number("wordSize", sizeof(void*) * 8);
  json.Text("arch", kTargetArchName);
  json.Text("platform", kTargetOs);
  json.BeginObject("componentVersions");
  auto versions = RuntimeVersions();
  std::sort(versions.begin(), versions.end(),
            [](auto& a, auto& b) { return std::string_view(a.first) < std::string_view(b.first); });
  for (const auto& [name, version] : versions) json.Text(name, version);
  json.EndObject();
  WriteRelease(json);
  uv_utsname_t system;
  if (uv_os_uname(&system) == 0) {
    json.Text("osName", system.sysname);
    json.Text("osRelease", system.release);
    json.Text("osVersion", system.version);
    json.Text("osMachine", system.machine);
  }
  WriteCpus(json);
  if (!env.State<Settings>().exclude_network) WriteNetworkInterfaces(json);
  char host[256];
  size = sizeof host;
  if (uv_os_gethostname(host, &size) == 0) json.Text("host", host);
  json.EndObject();
}

void WriteJavaScriptStack(Env& env, JsonWriter& json, v8::Local<v8::Value> error,
                          std::string_view event) {
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope scope(isolate);
  v8::TryCatch ignore(isolate);
  std::string stack;
  v8::Local<v8::Object> object;
  if (!error.IsEmpty() && error->IsObject()) {
    object = error.As<v8::Object>();
    v8::Local<v8::Value> value = env.Get(object, "stack");
    if (value->IsString()) stack = ToUtf8(isolate, value);
  }
  std::string message = stack.substr(0, stack.find('\n'));
  if (message.empty() && !error.IsEmpty() && !error->IsObject()) {
    v8::Local<v8::String> text;
    if (error->IsSymbol()
            ? error.As<v8::Symbol>()->Description(isolate)->ToString(env.context()).ToLocal(&text)
            : error->ToString(env.context()).ToLocal(&text))
      message = ToUtf8(isolate, text);
    if (error->IsSymbol()) message = "Symbol(" + message + ")";
  }
  json.BeginObject("javascriptStack");
  json.Text("message", message.empty() ? "No stack." : message);
  json.BeginArray("stack");
  size_t at = stack.find('\n');
  if (at == std::string::npos) json.Text({}, "Unavailable.");
  while (at != std::string::npos) {
    size_t from = stack.find_first_not_of(" \t", at + 1);
    at = stack.find('\n', at + 1);
    if (from == std::string::npos) break;
    json.Text({}, std::string_view(stack).substr(from, at == std::string::npos ? at : at - from));
  }
  json.EndArray();
  json.BeginObject("errorProperties");
  v8::Local<v8::Array> names;
  if (!object.IsEmpty() &&
      object->GetOwnPropertyNames(env.context(), v8::ONLY_ENUMERABLE).ToLocal(&names)) {
    for (uint32_t i = 0; i < names->Length(); i++) {
      v8::Local<v8::Value> name, value;
      v8::Local<v8::String> text;
      if (!names->Get(env.context(), i).ToLocal(&name) || !name->IsString() ||
          !object->Get(env.context(), name).ToLocal(&value) ||
          !value->ToString(env.context()).ToLocal(&text))
        continue;
      std::string key = ToUtf8(isolate, name);
      if (key != "stack" && key != "message") json.Text(key, ToUtf8(isolate, text));
    }
  }
  json.EndObject();
  json.EndObject();
}

void WriteHeap(Env& env, JsonWriter& json) {
  v8::HeapStatistics heap;
  env.isolate->GetHeapStatistics(&heap);
  json.BeginObject("javascriptHeap");
  json.Number("totalMemory", double(heap.total_heap_size()));
  json.Number("executableMemory", double(heap.total_heap_size_executable()));
  json.Number("totalCommittedMemory", double(heap.total_physical_size()));
  json.Number("availableMemory", double(heap.total_available_size()));
  json.Number("totalGlobalHandlesMemory", double(heap.total_global_handles_size()));
  json.Number("usedGlobalHandlesMemory", double(heap.used_global_handles_size()));
  json.Number("usedMemory", double(heap.used_heap_size()));
  json.Number("memoryLimit", double(heap.heap_size_limit()));
  json.Number("mallocedMemory", double(heap.malloced_memory()));
  json.Number("externalMemory", double(heap.external_memory()));
  json.Number("peakMallocedMemory", double(heap.peak_malloced_memory()));
  json.Number("nativeContextCount", double(heap.number_of_native_contexts()));
  json.Number("detachedContextCount", double(heap.number_of_detached_contexts()));
  json.Number("doesZapGarbage", double(heap.does_zap_garbage()));
  json.BeginObject("heapSpaces");
  for (size_t i = 0; i < env.isolate->NumberOfHeapSpaces(); i++) {
    v8::HeapSpaceStatistics space;
    if (!env.isolate->GetHeapSpaceStatistics(&space, i)) continue;
    json.BeginObject(space.space_name());
    json.Number("memorySize", double(space.space_size()));
    json.Number("committedMemory", double(space.physical_space_size()));
    json.Number("capacity", double(space.space_used_size() + space.space_available_size()));
    json.Number("used", double(space.space_used_size()));
    json.Number("available", double(space.space_available_size()));
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
}

// Addresses only: the executable has no symbol table.
void WriteNativeStack(JsonWriter& json) {
  json.BeginArray("nativeStack");
  struct Walk {
    JsonWriter& json;
    int frames = 0;
  } walk{json};
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* data) {
        Walk& walk = *static_cast<Walk*>(data);
        if (walk.frames++ >= 256) return _URC_END_OF_STACK;
        if (uintptr_t pc = _Unwind_GetIP(context)) {
          walk.json.BeginObject();
          walk.json.Pointer("pc", reinterpret_cast<void*>(pc));
          walk.json.Text("symbol", "");
          walk.json.EndObject();
        }
        return _URC_NO_REASON;
      },
      &walk);
  json.EndArray();
}

namespace {

double Seconds(const uv_timeval_t& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); }

void WriteUsage(JsonWriter& json, const uv_rusage_t& usage, double uptime, bool process) {
  double user = Seconds(usage.ru_utime), kernel = Seconds(usage.ru_stime);
  json.Number("userCpuSeconds", user);
  json.Number("kernelCpuSeconds", kernel);
  json.Number("cpuConsumptionPercent", 100 * (user + kernel) / uptime);
  json.Number("userCpuConsumptionPercent", 100 * user / uptime);
  json.Number("kernelCpuConsumptionPercent", 100 * kernel / uptime);
  if (process) {
    json.Number("maxRss", double(usage.ru_maxrss) * 1024);
    json.BeginObject("pageFaults");
    json.Number("IORequired", double(usage.ru_majflt));
    json.Number("IONotRequired", double(usage.ru_minflt));
    json.EndObject();
  }
  json.BeginObject("fsActivity");
  json.Number("reads", double(usage.ru_inblock));
  json.Number("writes", double(usage.ru_oublock));
  json.EndObject();
}

}  // namespace

void WriteResourceUsage(Env& env, JsonWriter& json) {
  double uptime = std::max(1e-3, double(uv_hrtime()) / 1e9 - double(env.timer_base) / 1e3);
  uv_rusage_t usage;
  json.BeginObject("resourceUsage");
  json.Number("free_memory", double(uv_get_free_memory()));
  json.Number("total_memory", double(uv_get_total_memory()));
  size_t rss;
  if (uv_resident_set_memory(&rss) == 0) json.Number("rss", double(rss));
  json.Number("constrained_memory", double(uv_get_constrained_memory()));
  json.Number("available_memory", double(uv_get_available_memory()));
  if (uv_getrusage(&usage) == 0) WriteUsage(json, usage, uptime, true);
  json.EndObject();
  if (uv_getrusage_thread(&usage) != 0) return;
  json.BeginObject("uvthreadResourceUsage");
  WriteUsage(json, usage, uptime, false);
  json.EndObject();
}

void WriteEnvironment(JsonWriter& json) {
  json.BeginObject("environmentVariables");
  uv_env_item_t* items;
  int count;
  if (uv_os_environ(&items, &count) == 0) {
    for (int i = 0; i < count; i++) json.Text(items[i].name, items[i].value);
    uv_os_free_environ(items, count);
  }
  json.EndObject();
}

void WriteLimits(JsonWriter& json) {
  struct Limit {
    const char* name;
    int resource;
  };
  constexpr Limit kLimits[] = {
      {"core_file_size_blocks", RLIMIT_CORE}, {"data_seg_size_bytes", RLIMIT_DATA},
      {"file_size_blocks", RLIMIT_FSIZE},     {"max_locked_memory_bytes", RLIMIT_MEMLOCK},
      {"max_memory_size_bytes", RLIMIT_RSS},  {"open_files", RLIMIT_NOFILE},
      {"stack_size_bytes", RLIMIT_STACK},     {"cpu_time_seconds", RLIMIT_CPU},
      {"max_user_processes", RLIMIT_NPROC},   {"virtual_memory_bytes", RLIMIT_AS},
  };
  auto write = [&](const char* name, rlim_t value) {
    if (value == RLIM_INFINITY)
      json.Text(name, "unlimited");
    else
      json.Number(name, double(value));
  };
  json.BeginObject("userLimits");
  for (const Limit& limit : kLimits) {
    rlimit values;
    if (getrlimit(__rlimit_resource(limit.resource), &values) != 0) continue;
    json.BeginObject(limit.name);
    write("soft", values.rlim_cur);
    write("hard", values.rlim_max);
    json.EndObject();
  }
  json.EndObject();
}

void WriteSharedObjects(JsonWriter& json) {
  json.BeginArray("sharedObjects");
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        if (info->dlpi_name && *info->dlpi_name)
          static_cast<JsonWriter*>(data)->Text({}, info->dlpi_name);
        return 0;
      },
      &json);
  json.EndArray();
}

}  // namespace kiln::runtime::report
