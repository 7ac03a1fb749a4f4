// internalBinding("credentials"): user and group ids, and the environment variables that may be
// trusted (environment.h).
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/env/variables.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {
namespace {

// A worker may have variables of its own.
std::optional<std::string> SafeGetenv(Env& env, std::string name) {
  if (!env.variables) return ReadTrusted(name);
  return HasMoreRightsThanItsUser() ? std::nullopt : env.variables->Get(name);
}

std::optional<std::string> GetTempDir(Env& env) {
  for (const char* name : {"TMPDIR", "TMP", "TEMP"}) {
    std::optional<std::string> dir = SafeGetenv(env, name);
    if (!dir || dir->empty()) continue;
    if (dir->size() > 1 && dir->back() == '/') dir->pop_back();
    return dir;
  }
  return {};
}

double GetUid(Env&) { return getuid(); }
double GetEuid(Env&) { return geteuid(); }
double GetGid(Env&) { return getgid(); }
double GetEgid(Env&) { return getegid(); }

Error SystemError(const char* call) { return Error::Errno(errno, call); }

Result<v8::Local<v8::Value>> GetGroups(Env& env) {
  int count = getgroups(0, nullptr);
  if (count < 0) return SystemError("getgroups");
  std::vector<gid_t> groups(size_t(count) + 1);
  count = getgroups(count, groups.data());
  if (count < 0) return SystemError("getgroups");
  groups.resize(size_t(count));
  bool listed = false;
  for (gid_t g : groups) listed = listed || g == getegid();
  if (!listed) groups.push_back(getegid());
  std::vector<v8::Local<v8::Value>> values;
  for (gid_t g : groups) values.push_back(v8::Integer::NewFromUnsigned(env.isolate, g));
  return v8::Local<v8::Value>(v8::Array::New(env.isolate, values.data(), values.size()));
}

// An entry of the user or group database, with the memory for its strings.
template <class T>
class DatabaseEntry {
 public:
  // `find` is getpwnam_r or a related function, `key` its argument.
  template <class Find, class Key>
  DatabaseEntry(Find find, Key key) {
    // The strings of a group include the names of all members.
    for (size_t size = 16384; size <= kLargest; size *= 4) {
      buffer_.resize(size);
      if (find(key, &entry_, buffer_.data(), size, &found_) != ERANGE) return;
    }
  }
  DatabaseEntry(const DatabaseEntry&) = delete;

  const T* operator->() const { return found_; }
  explicit operator bool() const { return found_ != nullptr; }

 private:
  static constexpr size_t kLargest = 16 << 20;
  T entry_;
  T* found_ = nullptr;
  std::vector<char> buffer_;
};

constexpr uint32_t kNoSuchId = uint32_t(-1);

// A number, or the id for a name; kNoSuchId if the name is unknown.
uint32_t UserId(Env& env, v8::Local<v8::Value> value) {
  if (value->IsUint32()) return value.As<v8::Uint32>()->Value();
  DatabaseEntry<passwd> user(getpwnam_r, ToUtf8(env.isolate, value).c_str());
  return user ? user->pw_uid : kNoSuchId;
}

uint32_t GroupId(Env& env, v8::Local<v8::Value> value) {
  if (value->IsUint32()) return value.As<v8::Uint32>()->Value();
  DatabaseEntry<group> found(getgrnam_r, ToUtf8(env.isolate, value).c_str());
  return found ? found->gr_gid : kNoSuchId;
}

// The setters return 0, or 1 if there is no such user or group.
using IdOf = uint32_t (*)(Env&, v8::Local<v8::Value>);
Result<int32_t> SetId(Env& env, v8::Local<v8::Value> value, IdOf id_of, int (*set)(uint32_t),
                      const char* call) {
  uint32_t id = id_of(env, value);
  if (id == kNoSuchId) return 1;
  if (set(id) != 0) return SystemError(call);
  return 0;
}

Result<int32_t> SetUid(Env& env, v8::Local<v8::Value> v) {
  return SetId(env, v, UserId, setuid, "setuid");
}
Result<int32_t> SetEuid(Env& env, v8::Local<v8::Value> v) {
  return SetId(env, v, UserId, seteuid, "seteuid");
}
Result<int32_t> SetGid(Env& env, v8::Local<v8::Value> v) {
  return SetId(env, v, GroupId, setgid, "setgid");
}
Result<int32_t> SetEgid(Env& env, v8::Local<v8::Value> v) {
  return SetId(env, v, GroupId, setegid, "setegid");
}

// Returns 0, or the position, from 1, of a group that does not exist.
Result<int32_t> SetGroups(Env& env, v8::Local<v8::Array> list) {
  std::vector<gid_t> groups;
  for (uint32_t i = 0; i < list->Length(); i++) {
    v8::Local<v8::Value> item;
    if (!list->Get(env.context(), i).ToLocal(&item)) return Error::Pending();
    uint32_t id = GroupId(env, item);
    if (id == kNoSuchId) return int32_t(i + 1);
    groups.push_back(id);
  }
  if (setgroups(groups.size(), groups.data()) != 0) return SystemError("setgroups");
  return 0;
}

// Returns 0; 1 if the user is unknown, 2 if the group is.
Result<int32_t> InitGroups(Env& env, v8::Local<v8::Value> user, v8::Local<v8::Value> extra) {
  std::string name;
  if (user->IsUint32()) {
    DatabaseEntry<passwd> entry(getpwuid_r, user.As<v8::Uint32>()->Value());
    if (!entry) return 1;
    name = entry->pw_name;
  } else {
    name = ToUtf8(env.isolate, user);
  }
  uint32_t gid = GroupId(env, extra);
  if (gid == kNoSuchId) return 2;
  if (initgroups(name.c_str(), gid) != 0) return SystemError("initgroups");
  return 0;
}

constexpr Entry kFunctions[] = {
    MethodNoSideEffect<SafeGetenv>("safeGetenv"),
    MethodNoSideEffect<GetTempDir>("getTempDir"),
    MethodNoSideEffect<GetUid>("getuid"),
    MethodNoSideEffect<GetEuid>("geteuid"),
    MethodNoSideEffect<GetGid>("getgid"),
    MethodNoSideEffect<GetEgid>("getegid"),
    MethodNoSideEffect<GetGroups>("getgroups"),
    Method<InitGroups>("initgroups"),
    Method<SetEgid>("setegid"),
    Method<SetEuid>("seteuid"),
    Method<SetGid>("setgid"),
    Method<SetUid>("setuid"),
    Method<SetGroups>("setgroups"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "implementsPosixCredentials", v8::True(env.isolate));
}

}  // namespace

extern const Binding kCredentialsBinding;
const Binding kCredentialsBinding = {.name = "credentials", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
