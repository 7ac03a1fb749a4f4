// internalBinding("locks"): the Web Locks of the process (w3c.github.io/web-locks). The requests
// for one name form a queue; shared ones are granted together, exclusive ones alone. A lock is held
// until the promise that its callback returned has settled. All threads share the manager, which a
// mutex guards; a request is granted on the thread that made it.
#include <algorithm>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

constexpr char kStolen[] = "LOCK_STOLEN";

// Objects of V8 in it are for the thread that made the request: other threads hold a LockPointer only
// to post it to that thread.
struct Lock {
  Env* env;
  double id;  // in OwnLocks
  std::string name;
  std::string client;
  bool exclusive;
  v8::Global<v8::Function> callback;           // until granted
  v8::Global<v8::Promise::Resolver> released;  // of the promise that request() returned
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

  // Runs `work` on the thread of the lock, unless that has ended. The caller must hold the mutex,
  // which the end of a thread takes too.
  static void Post(const LockPointer& lock, std::function<void(Env&)> work) {
    lock->env->PostFromAnyThread(std::move(work));
  }
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

void ProcessQueue();

// The requests of a thread that have not been answered. When the thread ends, others get its locks.
struct OwnLocks {
  explicit OwnLocks(Env& e) : env(e) {}
  ~OwnLocks() {
    {
      Manager& manager = Manager::Get();
      std::lock_guard guard(manager.mutex);
      auto is_own = [this](const LockPointer& lock) { return lock->env == &env; };
      manager.held.remove_if(is_own);
      std::erase_if(manager.pending, is_own);
    }
    for (auto& [id, lock] : all) Clear(*lock);
    all.clear();
    ProcessQueue();
  }
  static void Clear(Lock& lock) {
    lock.callback.Reset();
    lock.released.Reset();
  }
  // The request has been answered.
  void Remove(const LockPointer& lock) {
    Clear(*lock);
    all.erase(lock->id);
  }
  Env& env;
  double last_id = 0;
  std::map<double, LockPointer> all;
};

void Grant(LockPointer lock);

// Grants the requests that have become grantable. A request waits for earlier ones of its name.
void ProcessQueue() {
  Manager& manager = Manager::Get();
  std::vector<LockPointer> granted;
  v8::Isolate* current = v8::Isolate::TryGetCurrent();
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
      if (lock->env->isolate == current)
        granted.push_back(lock);
      else
        Manager::Post(lock, [lock](Env&) { Grant(lock); });
    }
  }
  for (const LockPointer& lock : granted) Grant(lock);
}

void Release(const LockPointer& lock) {
  {
    Manager& manager = Manager::Get();
    std::lock_guard guard(manager.mutex);
    manager.held.remove(lock);
  }
  ProcessQueue();
}

// The callback's promise has settled. The reactions have the lock's id.
void OnSettled(const Args& args, bool fulfilled) {
  Env& env = Env::From(args.GetIsolate());
  OwnLocks& own = env.State<OwnLocks>();
  auto found = own.all.find(args.Data().As<v8::Number>()->Value());
  if (found == own.all.end()) return;  // it was stolen, and its promise was rejected then
  LockPointer lock = found->second;
  v8::Local<v8::Promise::Resolver> released = lock->released.Get(env.isolate);
  own.Remove(lock);
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
  OwnLocks& own = env.State<OwnLocks>();
  if (!own.all.contains(lock->id)) return;  // it was stolen on the way
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
    own.Remove(lock);
    Release(lock);
    if (caught.HasCaught() && !caught.HasTerminated())
      (void)released->Reject(context, caught.Exception());
    return;
  }
  if (!result->IsPromise()) {
    own.Remove(lock);
    Release(lock);
    (void)released->Resolve(context, result);
    return;
  }
  auto data = v8::Number::New(isolate, lock->id);
  v8::Local<v8::Function> fulfilled = NewFunction(env, OnFulfilled, "", data);
  v8::Local<v8::Function> rejected = NewFunction(env, OnRejected, "", data);
  (void)result.As<v8::Promise>()->Then(context, fulfilled, rejected);
}

// Releases every held lock of the name; their requests are rejected.
void Steal(const std::string& name) {
  std::vector<LockPointer> broken;
  v8::Isolate* current = v8::Isolate::TryGetCurrent();
  auto reject = [](const LockPointer& lock, Env& env) {
    OwnLocks& own = env.State<OwnLocks>();
    if (!own.all.contains(lock->id)) return;
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    v8::Local<v8::Promise::Resolver> released = lock->released.Get(env.isolate);
    own.Remove(lock);
    (void)released->Reject(env.context(), v8::Exception::Error(env.Name(kStolen)));
  };
  {
    Manager& manager = Manager::Get();
    std::lock_guard guard(manager.mutex);
    manager.held.remove_if([&](const LockPointer& lock) {
      if (lock->name != name) return false;
      if (lock->env->isolate == current)
        broken.push_back(lock);
      else
        Manager::Post(lock, [lock, reject](Env& env) { reject(lock, env); });
      return true;
    });
  }
  for (const LockPointer& lock : broken) reject(lock, *lock->env);
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

  OwnLocks& own = env.State<OwnLocks>();
  lock->id = ++own.last_id;

  if (steal) Steal(lock->name);
  Manager& manager = Manager::Get();
  bool unavailable = false;
  {
    std::lock_guard guard(manager.mutex);
    unavailable = if_available && (!manager.Grantable(*lock) || manager.HasPending(lock->name));
    if (!unavailable) {
      own.all.emplace(lock->id, lock);
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
    // As in Node, those of the own thread only.
    for (const LockPointer& lock : manager.held)
      if (lock->env == &env) held.push_back(Describe(env, *lock));
    for (const LockPointer& lock : manager.pending)
      if (lock->env == &env) pending.push_back(Describe(env, *lock));
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
