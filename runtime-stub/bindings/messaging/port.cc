// Ports and groups. A uv_async_t wakes the thread that owns a port; there the message is
// deserialized and passed to the context's emitMessage().
#include "runtime-stub/bindings/messaging/port.h"

#include <algorithm>
#include <unordered_map>

#include "runtime-stub/binding/realm.h"

namespace kiln::runtime {

// ---------------------------------------------------------------------------- groups

namespace {
struct Names {
  std::mutex mutex;
  std::unordered_map<std::string, std::weak_ptr<PortGroup>> groups;
};
Names& AllNames() {
  static Names& names = *new Names;  // threads may outlive static destruction
  return names;
}
}  // namespace

std::shared_ptr<PortGroup> PortGroup::Named(const std::string& name) {
  Names& names = AllNames();
  std::lock_guard lock(names.mutex);
  std::shared_ptr<PortGroup> group = names.groups[name].lock();
  if (!group) {
    group = std::make_shared<PortGroup>(name);
    names.groups[name] = group;
  }
  return group;
}

PortGroup::~PortGroup() {
  if (name_.empty()) return;
  Names& names = AllNames();
  std::lock_guard lock(names.mutex);
  auto found = names.groups.find(name_);
  if (found != names.groups.end() && found->second.expired()) names.groups.erase(found);
}

void PortGroup::Join(PortData* port) {
  std::lock_guard lock(mutex_);
  ports_.push_back(port);
  port->group_ = shared_from_this();
}

void PortGroup::Leave(PortData* port) {
  std::shared_ptr<PortGroup> self =
      shared_from_this();  // so that the group lives until the lock is released
  std::lock_guard lock(mutex_);
  ports_.erase(std::remove(ports_.begin(), ports_.end(), port), ports_.end());
  port->group_.reset();
  port->Add(std::make_shared<Message>());
  // The other port of a channel closes too.
  if (name_.empty() && ports_.size() == 1) ports_[0]->Add(std::make_shared<Message>());
}

PortGroup::Sent PortGroup::Send(PortData* from, std::shared_ptr<Message> message,
                                std::string* warning) {
  std::lock_guard lock(mutex_);
  if (ports_.size() <= 1) return Sent::kNoReceiver;
  if (ports_.size() > 2 && message->has_transferables()) {
    *warning = "Transferables cannot be used with multiple destinations.";
    return Sent::kFailed;
  }
  for (PortData* port : ports_) {
    if (port == from) continue;
    if (message->Contains(port)) {
      *warning = "The target port was posted to itself, and the communication channel was lost";
      return Sent::kDelivered;
    }
    port->Add(message);
  }
  return Sent::kDelivered;
}

PortData::~PortData() { Leave(); }

void PortData::Add(std::shared_ptr<Message> message) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(message));
  if (owner_) owner_->Wake();
}

void PortData::Leave() {
  if (group_) group_->Leave(this);
}

// ---------------------------------------------------------------------------- ports

namespace {

class PortInTransit final : public TransferData {
 public:
  explicit PortInTransit(std::unique_ptr<PortData> data) : data_(std::move(data)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    identity_ = data_.get();
    MessagePort* port = MessagePort::New(env, context, std::move(data_));
    if (!port) return {};
    return port->object();
  }
  const void* identity() const override { return data_ ? data_.get() : identity_; }

 private:
  std::unique_ptr<PortData> data_;
  const void* identity_ = nullptr;
};

}  // namespace

MessagePort::MessagePort(Env& env)
    : HandleWrap(env, Provider::kMESSAGEPORT, reinterpret_cast<uv_handle_t*>(&async_)) {
  CHECK(uv_async_init(env.loop, &async_, [](uv_async_t* handle) {
          static_cast<MessagePort*>(static_cast<HandleWrap*>(handle->data))->Deliver(false);
        }) == 0);
}

MessagePort::~MessagePort() {
  if (data_) Detach();
}

MessagePort* MessagePort::New(Env& env, v8::Local<v8::Context> context,
                              std::unique_ptr<PortData> data) {
  v8::Context::Scope entered(context);
  v8::Local<v8::Object> object;
  if (!env.Template(kMessagePortClass)->InstanceTemplate()->NewInstance(context).ToLocal(&object))
    return nullptr;
  auto* port = new MessagePort(env);
  port->data_ = data ? std::move(data) : std::make_unique<PortData>();
  // When the init hooks run, the port must not keep the loop alive yet.
  uv_unref(port->uv_handle());
  port->Attach(object);
  uv_ref(port->uv_handle());
  {
    std::lock_guard lock(port->data_->mutex_);
    port->data_->owner_ = port;
    if (!port->data_->queue_.empty()) port->Wake();
  }
  v8::Local<v8::Object> exports;
  v8::Local<v8::Value> init;
  if (PerContextExports(env, context).ToLocal(&exports))
    port->emit_.Reset(env.isolate, env.Get(exports, "emitMessage").As<v8::Function>());
  if (exports.IsEmpty() || !object->Get(context, env.Symbol("oninit")).ToLocal(&init) ||
      (init->IsFunction() &&
       init.As<v8::Function>()->Call(context, object, 0, nullptr).IsEmpty())) {
    port->Close();
    return nullptr;
  }
  return port;
}

// The caller must hold the queue's mutex, so that the handle cannot be closed during the call.
void MessagePort::Wake() {
  if (!is_closing()) CHECK(uv_async_send(&async_) == 0);
}

void MessagePort::Close(v8::Local<v8::Value> callback) {
  if (!data_) return HandleWrap::Close(callback);
  std::lock_guard lock(data_->mutex_);
  HandleWrap::Close(callback);
}

void MessagePort::OnClose() {
  if (data_) Detach()->Leave();
}

std::unique_ptr<PortData> MessagePort::Detach() {
  CHECK(data_);
  std::lock_guard lock(data_->mutex_);
  data_->owner_ = nullptr;
  return std::move(data_);
}

std::unique_ptr<TransferData> MessagePort::Transfer() {
  Close();
  return std::make_unique<PortInTransit>(Detach());
}

void MessagePort::Start() {
  if (!data_) return;
  receiving_ = true;
  std::lock_guard lock(data_->mutex_);
  if (!data_->queue_.empty()) Wake();
}

v8::MaybeLocal<v8::Value> MessagePort::Take(v8::Local<v8::Context> context, bool force,
                                            v8::Local<v8::Value>* ports) {
  v8::Local<v8::Value> none = env().Symbol("no_message_symbol");
  if (!data_) return none;
  std::shared_ptr<Message> message;
  {
    std::lock_guard lock(data_->mutex_);
    auto& queue = data_->queue_;
    // The message that reports closing is processed even if the port was not started.
    if (queue.empty() || (!receiving_ && !force && !queue.front()->is_close())) return none;
    message = queue.front();
    queue.pop_front();
  }
  if (message->is_close()) {
    Close();
    return none;
  }
  if (!env().can_call_into_js()) return {};
  return message->Read(env(), context, ports);
}

// Processes at most 1000 messages, or as many as were queued at the beginning, so that a port that
// constantly receives messages does not block the loop.
void MessagePort::Deliver(bool force) {
  v8::Isolate* isolate = env().isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Object> self = object();
  v8::Local<v8::Context> context = self->GetCreationContextChecked(isolate);
  v8::Local<v8::Value> none = env().Symbol("no_message_symbol");
  size_t limit = SIZE_MAX;
  if (!force && data_) {
    std::lock_guard lock(data_->mutex_);
    limit = std::max<size_t>(data_->queue_.size(), 1000);
  }
  while (data_) {  // a message handler may transfer the port
    if (limit-- == 0) {
      std::lock_guard lock(data_->mutex_);
      return Wake();
    }
    v8::HandleScope each(isolate);
    v8::Context::Scope entered(context);
    v8::Local<v8::Value> payload;
    v8::Local<v8::Value> ports = env().Undefined();
    v8::Local<v8::Value> error;
    bool failed = false;
    {
      v8::TryCatch caught(isolate);
      if (!Take(context, force, &ports).ToLocal(&payload)) {
        failed = true;
        if (caught.HasCaught() && !caught.HasTerminated()) error = caught.Exception();
      }
    }
    if (!failed && payload == none) return;
    if (!env().can_call_into_js()) continue;  // only empty the queue
    v8::Local<v8::Function> emit = emit_.Get(isolate);
    if (!failed) {
      v8::Local<v8::Value> args[] = {payload, ports, env().Name("message")};
      failed = MakeCallback(emit, args).IsEmpty();
    } else if (!error.IsEmpty()) {
      v8::Local<v8::Value> args[] = {error, env().Undefined(), env().Name("messageerror")};
      (void)MakeCallback(emit, args);
    }
    if (!failed) continue;
    if (!data_) return;
    std::lock_guard lock(data_->mutex_);
    return Wake();
  }
}

void MessagePort::PostMessage(const Args& args) {
  v8::Local<v8::Object> self = args.This();
  v8::Local<v8::Context> context = self->GetCreationContextChecked(env().isolate);
  if (args.Length() == 0)
    return Error::Type("ERR_MISSING_ARGS", "Not enough arguments to MessagePort.postMessage")
        .Throw(env());
  if (!args[1]->IsNullOrUndefined() && !args[1]->IsObject())
    return Error::Type("ERR_INVALID_ARG_TYPE", "Optional transferList argument must be an iterable")
        .Throw(env());
  std::vector<v8::Local<v8::Value>> list;
  bool iterable = false;
  if (args[1]->IsObject()) {
    if (!ReadIterable(env(), context, args[1], &list, &iterable)) return;
    if (!iterable) {
      v8::Local<v8::Value> option;
      if (!args[1].As<v8::Object>()->Get(context, env().Name("transfer")).ToLocal(&option)) return;
      if (!option->IsUndefined()) {
        if (!ReadIterable(env(), context, option, &list, &iterable)) return;
        if (!iterable)
          return Error::Type("ERR_INVALID_ARG_TYPE",
                             "Optional options.transfer argument must be an iterable")
              .Throw(env());
      }
    }
  }
  // A closed port still transfers the objects, as the HTML standard requires.
  auto message = std::make_shared<Message>();
  bool written = message->Write(env(), context, args[0], list, self);
  if (!written) return;
  if (detached()) return args.GetReturnValue().Set(true);
  std::shared_ptr<PortGroup> group = data_->group_;
  if (!group) return;
  std::string warning;
  PortGroup::Sent sent = group->Send(data_.get(), std::move(message), &warning);
  if (!warning.empty()) env().EmitWarning(warning);
  if (sent != PortGroup::Sent::kFailed)
    args.GetReturnValue().Set(sent == PortGroup::Sent::kDelivered);
}

namespace {

void Construct(const Args& args) {
  Error::Type("ERR_CONSTRUCT_CALL_INVALID", "Constructor cannot be called")
      .Throw(Env::From(args.GetIsolate()));
}

constexpr Entry kMethods[] = {
    Method<&MessagePort::PostMessage>("postMessage"),
    Method<&MessagePort::Start>("start"),
};

}  // namespace

const ClassEntry kMessagePortClass = {.name = "MessagePort",
                                      .construct = Construct,
                                      .parent = &kHandleWrapClass,
                                      .methods = kMethods};

}  // namespace kiln::runtime
