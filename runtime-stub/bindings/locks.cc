// internalBinding("locks"): the Web Locks of the process (w3c.github.io/web-locks). The requests
// for one name form a queue; shared ones are granted together, exclusive ones alone. A lock is held
// until the promise that its callback returned has settled. All threads share the manager, which a
// mutex guards; a request is granted on the thread that made it.
#include <algorithm>
#include <deque>
#include <list>
#include <memory>
#include <mutex>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

constexpr char kStolen[] = "LOCK_STOLEN";

struct Lock {
  Env* env;
  std::string name;
  std::string client;
  bool exclusive;
  v8::Global<v8::Function> callback;           // until granted
  v8::Global<v8::Promise::Resolver> released;  // of the promise that request() returned
  bool stolen = false;
};
using LockPointer = std::shared_ptr<Lock>;

class Manager {
 public:
  static Manager& Get() {
    static Manager& manager = *new Manager;  // threads may outlive static destruction
    return manager;
  }

  std::mutex mutex;
  std::list<LockPointer> held;
  std::deque<LockPointer> pending;

  // The caller must hold the mutex.
  bool Grantable(const Lock& lock) const {
    for (const LockPointer& other : held)
      if (other->name == lock.name && (lock.exclusive || other->exclusive)) return false;
    return true;
  }
  bool HasPending(const std::string& name) const {
    return std::any_of(pending.begin(), pending.end(),
                       [&](const LockPointer& p) { return p->name == name; });
  }
};

void Grant(LockPointer lock);

// Grants the requests that have become grantable. A request waits for earlier ones of its name.
void ProcessQueue() {
  Manager& manager = Manager::Get();
  std::vector<LockPointer> granted;
  {
    std::lock_guard guard(manager.mutex);
    std::vector<std::string> blocked;
    for (auto it = manager.pending.begin(); it != manager.pending.end();) {
      LockPointer lock = *it;
      bool behind = std::find(blocked.begin(), blocked.end(), lock->name) != blocked.end();
      if (behind || !manager.Grantable(*lock)) {
        if (!behind) blocked.push_back(lock->name);
        ++it;
        continue;
      }
      it = manager.pending.erase(it);
      manager.held.push_back(lock);
      granted.push_back(lock);
    }
  }
  for (const LockPointer& lock : granted) {
    if (lock->env->isolate == v8::Isolate::TryGetCurrent())
      Grant(lock);
    else
      lock->env->PostFromAnyThread([lock](Env&) { Grant(lock); });
  }
}

void Release(const LockPointer& lock) {
  {
    Manager& manager = Manager::Get();
    std::lock_guard guard(manager.mutex);
    manager.held.remove(lock);
  }
  ProcessQueue();
}

// The callback's promise has settled. The reactions have the lock as an External.
void OnSettled(const Args& args, bool fulfilled) {
  Env& env = Env::From(args.GetIsolate());
  std::unique_ptr<LockPointer> holder(
      static_cast<LockPointer*>(args.Data().As<v8::External>()->Value()));
  LockPointer lock = std::move(*holder);
  if (lock->stolen) return;  // its promise was rejected then
  v8::Local<v8::Promise::Resolver> released = lock->released.Get(env.isolate);
  Release(lock);
  if (fulfilled)
    (void)released->Resolve(env.context(), args[0]);
  else
    (void)released->Reject(env.context(), args[0]);
}

void OnFulfilled(const Args& args) { OnSettled(args, true); }
void OnRejected(const Args& args) { OnSettled(args, false); }

v8::Local<v8::Object> Describe(Env& env, const Lock& lock) {
  v8::Local<v8::Object> out = v8::Object::New(env.isolate);
  env.Set(out, "name", env.Str(lock.name));
  env.Set(out, "mode", env.Name(lock.exclusive ? "exclusive" : "shared"));
  env.Set(out, "clientId", env.Str(lock.client));
  return out;
}

// Runs the callback and releases the lock when the result has settled.
void Grant(LockPointer lock) {
  Env& env = *lock->env;
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Context> context = env.context();
  v8::Context::Scope entered(context);
  v8::Local<v8::Promise::Resolver> released = lock->released.Get(isolate);
  v8::Local<v8::Function> callback = lock->callback.Get(isolate);
  lock->callback.Reset();
  v8::Local<v8::Value> argument = Describe(env, *lock);
  v8::Local<v8::Value> result;
  v8::TryCatch caught(isolate);
  if (!callback->Call(context, env.Undefined(), 1, &argument).ToLocal(&result)) {
    Release(lock);
    if (caught.HasCaught() && !caught.HasTerminated())
      (void)released->Reject(context, caught.Exception());
    return;
  }
  if (!result->IsPromise()) {
    Release(lock);
    (void)released->Resolve(context, result);
    return;
  }
  // One of the two reactions runs and frees the pointer.
  auto data = v8::External::New(isolate, new LockPointer(lock));
  v8::Local<v8::Function> fulfilled = NewFunction(env, OnFulfilled, "", data);
  v8::Local<v8::Function> rejected = NewFunction(env, OnRejected, "", data);
  (void)result.As<v8::Promise>()->Then(context, fulfilled, rejected);
}

// Releases every held lock of the name; their requests are rejected.
void Steal(const std::string& name) {
  std::vector<LockPointer> broken;
  {
    Manager& manager = Manager::Get();
    std::lock_guard guard(manager.mutex);
    manager.held.remove_if([&](const LockPointer& lock) {
      if (lock->name != name) return false;
      lock->stolen = true;
      broken.push_back(lock);
      return true;
    });
  }
  for (const LockPointer& lock : broken) {
    auto reject = [lock](Env& env) {
      v8::HandleScope scope(env.isolate);
      v8::Context::Scope entered(env.context());
      (void)lock->released.Get(env.isolate)
          ->Reject(env.context(), v8::Exception::Error(env.Name(kStolen)));
    };
    if (lock->env->isolate == v8::Isolate::TryGetCurrent())
      reject(*lock->env);
    else
      lock->env->PostFromAnyThread(reject);
  }
}

// request(name, client, mode, steal, ifAvailable, callback): a promise for the callback's result.
void Request(Env& env, const Args& args) {
  v8::Local<v8::Context> context = env.context();
  std::string mode;
  auto lock = std::make_shared<Lock>();
  lock->env = &env;
  if (!ConvertArgument(env, args, 0, &lock->name) ||
      !ConvertArgument(env, args, 1, &lock->client) || !ConvertArgument(env, args, 2, &mode))
    return;
  if (!args[5]->IsFunction()) return ThrowBadArgument(env, 5);
  lock->exclusive = mode == "exclusive";
  bool steal = args[3]->IsTrue();
  bool if_available = args[4]->IsTrue();
  v8::Local<v8::Promise::Resolver> released;
  if (!v8::Promise::Resolver::New(context).ToLocal(&released)) return;
  lock->released.Reset(env.isolate, released);
  lock->callback.Reset(env.isolate, args[5].As<v8::Function>());
  args.GetReturnValue().Set(released->GetPromise());

  if (steal) Steal(lock->name);
  Manager& manager = Manager::Get();
  bool unavailable = false;
  {
    std::lock_guard guard(manager.mutex);
    unavailable = if_available && (!manager.Grantable(*lock) || manager.HasPending(lock->name));
    if (!unavailable) {
      if (steal)
        manager.pending.push_front(lock);
      else
        manager.pending.push_back(lock);
    }
  }
  if (!unavailable) return ProcessQueue();

  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Value> none = v8::Null(env.isolate);
  v8::Local<v8::Value> result;
  if (args[5].As<v8::Function>()->Call(context, env.Undefined(), 1, &none).ToLocal(&result))
    (void)released->Resolve(context, result);
  else if (!caught.HasTerminated())
    (void)released->Reject(context, caught.Exception());
}

// query(): a promise of {held, pending}.
void Query(Env& env, const Args& args) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return;
  args.GetReturnValue().Set(resolver->GetPromise());
  v8::LocalVector<v8::Value> held(env.isolate);
  v8::LocalVector<v8::Value> pending(env.isolate);
  {
    Manager& manager = Manager::Get();
    std::lock_guard guard(manager.mutex);
    for (const LockPointer& lock : manager.held) held.push_back(Describe(env, *lock));
    for (const LockPointer& lock : manager.pending) pending.push_back(Describe(env, *lock));
  }
  v8::Local<v8::Object> out = v8::Object::New(env.isolate);
  env.Set(out, "held", v8::Array::New(env.isolate, held.data(), held.size()));
  env.Set(out, "pending", v8::Array::New(env.isolate, pending.data(), pending.size()));
  (void)resolver->Resolve(context, out);
}

constexpr Entry kFunctions[] = {
    Method<Request>("request"),
    Method<Query>("query"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "LOCK_MODE_SHARED", env.Name("shared"));
  env.Set(exports, "LOCK_MODE_EXCLUSIVE", env.Name("exclusive"));
  env.Set(exports, "LOCK_STOLEN_ERROR", env.Name(kStolen));
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(OnFulfilled));
  out.push_back(Reference(OnRejected));
}

}  // namespace

extern const Binding kLocksBinding;
const Binding kLocksBinding = {
    .name = "locks", .functions = kFunctions, .init = Init, .references = References};

}  // namespace kiln::runtime
