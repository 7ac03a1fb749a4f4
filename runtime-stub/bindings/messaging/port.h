// Message ports. A port's queue (PortData) is separate from its handle, because it moves:
// a transferred port closes here and opens elsewhere with the same queue. Ports that hear
// each other form a PortGroup, two of a MessageChannel or all BroadcastChannels of a name.
//
// Queues and groups are shared between threads. Locks are taken group first, then queue.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/serialize.h"

namespace kiln::runtime {

class MessagePort;
class PortData;

class PortGroup : public std::enable_shared_from_this<PortGroup> {
 public:
  explicit PortGroup(std::string name = {}) : name_(std::move(name)) {}
  ~PortGroup();
  // The group of all BroadcastChannels with that name in the process.
  static std::shared_ptr<PortGroup> Named(const std::string& name);

  void Join(PortData* port);
  void Leave(PortData* port);
  enum class Sent { kDelivered, kNobody, kFailed };
  // `warning` is for the user when the result is kFailed or the channel broke.
  Sent Send(PortData* from, std::shared_ptr<Message> message, std::string* warning);

 private:
  std::mutex mutex_;
  std::vector<PortData*> ports_;
  std::string name_;
};

class PortData {
 public:
  PortData() = default;
  ~PortData();
  PortData(const PortData&) = delete;

  void Add(std::shared_ptr<Message> message);  // from any thread
  void Leave();

 private:
  friend class PortGroup;
  friend class MessagePort;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Message>> queue_;
  MessagePort* owner_ = nullptr;  // null while in transit
  std::shared_ptr<PortGroup> group_;
};

extern const ClassEntry kMessagePortClass;

class MessagePort final : public HandleWrap, public Transferable {
 public:
  // A port in `context`, with a fresh queue or the given one. Null with an exception
  // pending.
  static MessagePort* New(Env& env, v8::Local<v8::Context> context,
                          std::unique_ptr<PortData> data = nullptr);
  ~MessagePort() override;

  bool detached() const { return !data_ || is_closing(); }
  PortData* data() const { return data_.get(); }
  std::unique_ptr<PortData> Detach();

  void PostMessage(const Args& args);
  void Start();
  void Stop() { receiving_ = false; }
  // Delivers what is queued; `force` also when the port was not started.
  void Deliver(bool force);
  // The next message, symbols.no_message_symbol when there is none, or empty (exception).
  v8::MaybeLocal<v8::Value> Take(v8::Local<v8::Context> context, bool force,
                                 v8::Local<v8::Value>* ports);
  void Close(v8::Local<v8::Value> callback = {}) override;

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return detached() ? kNoTransfer : kTransfer; }
  std::unique_ptr<TransferData> Transfer() override;
  void Discard() override { Close(); }

 protected:
  void OnClose() override;

 private:
  friend class PortData;
  explicit MessagePort(Env& env);
  void Wake();

  uv_async_t async_;
  std::unique_ptr<PortData> data_;
  bool receiving_ = false;
  v8::Global<v8::Function> emit_;
};

}  // namespace kiln::runtime
