// Message ports. The queue of a port (PortData) is separate from its handle (MessagePort), because
// it can move: a transferred port closes on the sending side and opens on the receiving side with
// the same queue. Ports that exchange messages form a PortGroup: the two of a MessageChannel, or
// all BroadcastChannels with one name.
//
// PortGroup and PortData are thread-safe; MessagePort is for the Env's thread. A thread that locks
// both locks the group first, then the queue.
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
  enum class Sent { kDelivered, kNoReceiver, kFailed };
  // Adds the message to the queues of all ports but `from`. `warning` is set, for the user, if the
  // result is kFailed or the channel can no longer be used.
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

  void Add(std::shared_ptr<Message> message);  // wakes the owner
  void Leave();                                // leaves the group

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
  // A port in `context`, with `data` or a new queue. Null with an exception pending.
  static MessagePort* New(Env& env, v8::Local<v8::Context> context,
                          std::unique_ptr<PortData> data = nullptr);
  ~MessagePort() override;

  bool detached() const { return !data_ || is_closing(); }
  PortData* data() const { return data_.get(); }
  // Releases the queue; the port is then detached.
  std::unique_ptr<PortData> Detach();

  void PostMessage(const Args& args);
  void Start();
  void Stop() { receiving_ = false; }
  // Emits queued messages; with `force` even if the port was not started.
  void Deliver(bool force);
  // The next message, or symbols.no_message_symbol if there is none. Empty with an exception
  // pending.
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
