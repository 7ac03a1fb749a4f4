// internalBinding("os"): information about the machine and the user. Functions that can fail have a
// context object as their last argument; on failure they store the error in it and return
// undefined, and the library throws an ERR_SYSTEM_ERROR created from it.
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <cstring>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/platform/processors.h"

namespace kiln::runtime {
namespace {

// Stores a libuv error in the context object of a call.
void Fail(Env& env, v8::Local<v8::Value> context, int rc, const char* syscall) {
  if (!context->IsObject()) return;
  auto object = context.As<v8::Object>();
  char name[64], text[128];
  uv_err_name_r(rc, name, sizeof name);
  uv_strerror_r(rc, text, sizeof text);
  env.Set(object, "errno", double(rc));
  env.Set(object, "code", env.Str(name));
  env.Set(object, "message", env.Str(text));
  env.Set(object, "syscall", env.Str(syscall));
}

// Reads text with a libuv function that reports the required size if the buffer is too small.
template <class F>
int ReadText(F read, std::string* out) {
  out->resize(256);
  size_t size = out->size();
  int rc = read(out->data(), &size);
  if (rc == UV_ENOBUFS) {
    out->resize(size);
    rc = read(out->data(), &size);
  }
  out->resize(rc == 0 ? size : 0);
  return rc;
}

void GetHostname(Env& env, const Args& args) {
  std::string name;
  if (int rc = ReadText(uv_os_gethostname, &name); rc != 0)
    return Fail(env, args[0], rc, "uv_os_gethostname");
  args.GetReturnValue().Set(env.Str(name));
}

void GetHomeDirectory(Env& env, const Args& args) {
  std::string path;
  if (int rc = ReadText(uv_os_homedir, &path); rc != 0)
    return Fail(env, args[0], rc, "uv_os_homedir");
  args.GetReturnValue().Set(env.Str(path));
}

// [sysname, version, release, machine]
void GetOSInformation(Env& env, const Args& args) {
  uv_utsname_t info;
  if (int rc = uv_os_uname(&info); rc != 0) return Fail(env, args[0], rc, "uv_os_uname");
  v8::Local<v8::Value> fields[] = {env.Str(info.sysname), env.Str(info.version),
                                   env.Str(info.release), env.Str(info.machine)};
  args.GetReturnValue().Set(v8::Array::New(env.isolate, fields, 4));
}

// Seven values for each processor, in one flat array.
void GetCPUs(Env& env, const Args& args) {
  uv_cpu_info_t* cpus;
  int count;
  if (uv_cpu_info(&cpus, &count) != 0) return;
  std::vector<v8::Local<v8::Value>> values;
  auto number = [&](uint64_t n) { values.push_back(v8::Number::New(env.isolate, double(n))); };
  for (int i = 0; i < count; i++) {
    const uv_cpu_info_t& cpu = cpus[i];
    values.push_back(env.Str(cpu.model));
    number(uint64_t(cpu.speed));
    number(cpu.cpu_times.user);
    number(cpu.cpu_times.nice);
    number(cpu.cpu_times.sys);
    number(cpu.cpu_times.idle);
    number(cpu.cpu_times.irq);
  }
  uv_free_cpu_info(cpus, count);
  args.GetReturnValue().Set(v8::Array::New(env.isolate, values.data(), values.size()));
}

// Seven values for each address: name, address, mask, family, hardware address, internal, scope (-1
// for IPv4).
void GetInterfaceAddresses(Env& env, const Args& args) {
  uv_interface_address_t* list;
  int count;
  int rc = uv_interface_addresses(&list, &count);
  if (rc == UV_ENOSYS) return args.GetReturnValue().Set(v8::Array::New(env.isolate));
  if (rc != 0) return Fail(env, args[args.Length() - 1], rc, "uv_interface_addresses");
  std::vector<v8::Local<v8::Value>> values;
  for (int i = 0; i < count; i++) {
    const uv_interface_address_t& entry = list[i];
    const auto* mac = reinterpret_cast<const unsigned char*>(entry.phys_addr);
    char hardware[18];
    std::snprintf(hardware, sizeof hardware, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                  mac[2], mac[3], mac[4], mac[5]);
    const int family = entry.address.address4.sin_family;
    char address[INET6_ADDRSTRLEN] = "<unknown sa family>", mask[INET6_ADDRSTRLEN] = "";
    if (family == AF_INET) {
      uv_ip4_name(&entry.address.address4, address, sizeof address);
      uv_ip4_name(&entry.netmask.netmask4, mask, sizeof mask);
    } else if (family == AF_INET6) {
      uv_ip6_name(&entry.address.address6, address, sizeof address);
      uv_ip6_name(&entry.netmask.netmask6, mask, sizeof mask);
    }
    values.push_back(env.Str(entry.name));
    values.push_back(env.Str(address));
    values.push_back(env.Str(mask));
    values.push_back(env.Str(family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" : "unknown"));
    values.push_back(env.Str(hardware));
    values.push_back(v8::Boolean::New(env.isolate, entry.is_internal));
    values.push_back(v8::Number::New(
        env.isolate, family == AF_INET6 ? double(entry.address.address6.sin6_scope_id) : -1));
  }
  uv_free_interface_addresses(list, count);
  args.GetReturnValue().Set(v8::Array::New(env.isolate, values.data(), values.size()));
}

double GetFreeMem(Env&) { return double(uv_get_free_memory()); }
double GetTotalMem(Env&) { return double(uv_get_total_memory()); }
double GetAvailableParallelism(Env&) { return double(AvailableProcessors()); }

void GetUptime(Env& env, const Args& args) {
  double uptime;
  if (int rc = uv_uptime(&uptime); rc != 0)
    return Fail(env, args[args.Length() - 1], rc, "uv_uptime");
  args.GetReturnValue().Set(uptime);
}

Result<> GetLoadAvg(Env&, v8::Local<v8::ArrayBufferView> out) {
  Bytes bytes;
  if (!GetBytes(out, &bytes) || bytes.size < 3 * sizeof(double))
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "getLoadAvg requires a Float64Array with 3 elements");
  double averages[3];
  uv_loadavg(averages);
  std::memcpy(bytes.data, averages, sizeof averages);
  return {};
}

void GetPriority(Env& env, const Args& args) {
  int priority;
  int pid = args[0]->Int32Value(env.context()).FromMaybe(0);
  if (int rc = uv_os_getpriority(pid, &priority); rc != 0)
    return Fail(env, args[1], rc, "uv_os_getpriority");
  args.GetReturnValue().Set(priority);
}

// Returns the error code, 0 for success.
void SetPriority(Env& env, const Args& args) {
  int pid = args[0]->Int32Value(env.context()).FromMaybe(0);
  int priority = args[1]->Int32Value(env.context()).FromMaybe(0);
  int rc = uv_os_setpriority(pid, priority);
  if (rc != 0) Fail(env, args[2], rc, "uv_os_setpriority");
  args.GetReturnValue().Set(rc);
}

// getUserInfo({encoding: 'buffer'} | null, context): strings, or Buffers of the bytes.
void GetUserInfo(Env& env, const Args& args) {
  uv_passwd_t entry;
  if (int rc = uv_os_get_passwd(&entry); rc != 0)
    return Fail(env, args[args.Length() - 1], rc, "uv_os_get_passwd");
  bool buffers = false;
  v8::Local<v8::Value> encoding;
  if (args[0]->IsObject()) {
    if (!args[0].As<v8::Object>()->Get(env.context(), env.Name("encoding")).ToLocal(&encoding)) {
      uv_os_free_passwd(&entry);
      return;
    }
    buffers = encoding->IsString() && ToUtf8(env.isolate, encoding) == "buffer";
  }
  auto text = [&](const char* value) -> v8::Local<v8::Value> {
    if (!value) return v8::Null(env.isolate);
    if (!buffers) return env.Str(value);
    return NewBuffer(env, value);
  };
  auto id = [&](unsigned long n) { return v8::Number::New(env.isolate, double(int32_t(n))); };
  v8::Local<v8::Name> names[] = {env.Name("uid"), env.Name("gid"), env.Name("username"),
                                 env.Name("homedir"), env.Name("shell")};
  v8::Local<v8::Value> values[] = {id(entry.uid), id(entry.gid), text(entry.username),
                                   text(entry.homedir), text(entry.shell)};
  uv_os_free_passwd(&entry);
  args.GetReturnValue().Set(
      v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, std::size(names)));
}

constexpr Entry kFunctions[] = {
    Method<GetHostname>("getHostname"),
    Method<GetLoadAvg>("getLoadAvg"),
    Method<GetUptime>("getUptime"),
    MethodNoSideEffect<GetTotalMem>("getTotalMem"),
    MethodNoSideEffect<GetFreeMem>("getFreeMem"),
    Method<GetCPUs>("getCPUs"),
    Method<GetInterfaceAddresses>("getInterfaceAddresses"),
    Method<GetHomeDirectory>("getHomeDirectory"),
    Method<GetUserInfo>("getUserInfo"),
    Method<SetPriority>("setPriority"),
    Method<GetPriority>("getPriority"),
    MethodNoSideEffect<GetAvailableParallelism>("getAvailableParallelism"),
    Method<GetOSInformation>("getOSInformation"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "isBigEndian", v8::False(env.isolate));
}

}  // namespace

extern const Binding kOsBinding;
const Binding kOsBinding = {.name = "os", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
