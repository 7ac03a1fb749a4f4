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

// Owned by its ports. The group of a MessageChannel has two ports and no name; each port of a
// BroadcastChannel has joined the one group with its name.
class PortGroup : public std::enable_shared_from_this<PortGroup> {
 public:
  explicit PortGroup(std::string name = {}) : name_(std::move(name)) {}
  ~PortGroup();
  // The group of all BroadcastChannels with that name in the process, created if there is none.
  // `name` must not be empty.
  static std::shared_ptr<PortGroup> Named(const std::string& name);

  // `port` is borrowed until Leave(), which its destructor calls. REQUIRES: it is in no group.
  void Join(PortData* port);
  // Closes the port, and in a group without a name the other one too: each receives a message that
  // closes it after those before it.
  void Leave(PortData* port);
  // The message is in the queues; there is no other port; it was not sent, and the channel remains.
  enum class Sent { kDelivered, kNoReceiver, kFailed };
  // Adds the message to the queues of all ports but `from`, and wakes their threads. `warning` is
  // set, for the user, if the result is kFailed (a message with transferred objects to more than
  // one port) or the channel can no longer be used (a port was sent to itself; the result is
  // kDelivered).
  Sent Send(PortData* from, std::shared_ptr<Message> message, std::string* warning);

 private:
  std::mutex mutex_;
  std::vector<PortData*> ports_;
  std::string name_;
};

// Owned by its MessagePort, or while it is in transit by the message that transfers it.
class PortData {
 public:
  PortData() = default;
  ~PortData();
  PortData(const PortData&) = delete;

  // Wakes the thread of the owner, which then calls Deliver(). From any thread.
  void Add(std::shared_ptr<Message> message);
  // Leaves the group, if it is in one.
  void Leave();

 private:
  friend class PortGroup;
  friend class MessagePort;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Message>> queue_;
  MessagePort* owner_ = nullptr;  // null while in transit
  // Null before Join() and after Leave().
  std::shared_ptr<PortGroup> group_;
};

extern const ClassEntry kMessagePortClass;

// The handle of a queue on one thread, and a MessagePort of JavaScript. Its uv_async_t keeps the
// loop alive unless JavaScript unrefs it. It ends when it is closed, transferred, or receives a
// closing message; the loop then closes the handle, and the garbage collector may delete it.
class MessagePort final : public HandleWrap, public Transferable {
 public:
  // A port in `context`, with `data` or a new queue; messages in it are delivered once the port is
  // started. Null with an exception pending. Runs JavaScript: init hooks, and `oninit`. Owned by
  // its JavaScript object.
  static MessagePort* New(Env& env, v8::Local<v8::Context> context,
                          std::unique_ptr<PortData> data = nullptr);
  ~MessagePort() override;

  // Whether it has no queue any more, or is closing: messages cannot be sent.
  bool detached() const { return !data_ || is_closing(); }
  // Null after Detach().
  PortData* data() const { return data_.get(); }
  // Releases the queue, with its messages and its group; the port is then detached. REQUIRES:
  // data().
  std::unique_ptr<PortData> Detach();

  // (value, transfer list or {transfer}): true if it was sent, or the port is closed; false if
  // there is no receiver; undefined if it could not be sent. Throws ERR_MISSING_ARGS,
  // ERR_INVALID_ARG_TYPE or a DataCloneError. Unless it throws, transferred objects are detached.
  void PostMessage(const Args& args);
  // From now on messages are delivered, in turns of the loop, until Stop().
  void Start();
  void Stop() { receiving_ = false; }
  // Emits queued messages by emitMessage(payload, ports, "message") of the context, or (error,
  // undefined, "messageerror") if one cannot be deserialized; with `force` all, even if the port
  // was not started. Runs JavaScript. Continues in the next turn of the loop after many messages,
  // or after an exception, which has been reported.
  void Deliver(bool force);
  // The next message, deserialized in `context`, or symbols.no_message_symbol if there is none.
  // Empty with an exception pending, or if JavaScript can no longer run. `ports` receives an array
  // of the transferred ports. A closing message closes this port, also if it was not started.
  v8::MaybeLocal<v8::Value> Take(v8::Local<v8::Context> context, bool force,
                                 v8::Local<v8::Value>* ports);
  // The queue is released, and the group left, when libuv has closed the handle.
  void Close(v8::Local<v8::Value> callback = {}) override;

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return detached() ? kNoTransfer : kTransfer; }
  // Closes this port and moves the queue. REQUIRES: not detached.
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
  // emitMessage() of the context's exports.
  v8::Global<v8::Function> emit_;
};

}  // namespace kiln::runtime
