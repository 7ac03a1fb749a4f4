// Structured clone (html.spec.whatwg.org, "safe passing of structured data"), used by postMessage,
// structuredClone and related functions. A Message is a JavaScript value in V8's serialized form,
// together with the objects that are not serialized (array buffers, shared memory, WebAssembly
// modules, host objects). It belongs to no isolate: any thread can own it, one at a time, and
// another isolate can read it.
//
// Native classes support it by implementing Transferable and returning it from
// Wrapped::transferable(). JavaScript objects support it if the library has marked them
// (transfer_mode_private_symbol); then their methods [messaging_clone_symbol],
// [messaging_transfer_symbol] and [messaging_deserialize_symbol] are called.
#pragma once

#include <v8.h>

#include <memory>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// What an object supports, as bits. The numbers are those of the library's transfer_mode.
enum TransferMode : uint32_t {
  kNoTransfer = 0,
  kTransfer = 1,
  kClone = 2,
};

// A host object inside a message. It must not refer to an isolate, except before FinishWrite() has
// returned.
class TransferData {
 public:
  virtual ~TransferData() = default;
  // Creates the object in `context`, on the receiving thread; called at most once. Empty with an
  // exception pending.
  virtual v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) = 0;
  // Write and read further values after the message's own, in the same order. False with an
  // exception pending.
  virtual bool FinishWrite(v8::Local<v8::Context>, v8::ValueSerializer&) { return true; }
  virtual bool FinishRead(Env&, v8::Local<v8::Context>, v8::Local<v8::Object>,
                          v8::ValueDeserializer&) {
    return true;
  }
  // The sender's native object, to detect a port that is sent through itself; null if not needed.
  // Only compared.
  virtual const void* identity() const { return nullptr; }
};

// For Receive() of classes that exist in the main context only: false with an exception pending if
// `context` is another.
bool RequireMainContext(Env& env, v8::Local<v8::Context> context);

// The interface of native classes whose objects can be cloned or transferred; all calls on the
// object's thread.
class Transferable {
 public:
  virtual uint32_t transfer_mode() const = 0;  // TransferMode bits
  // Transfer() moves the state out of the object, which is unusable afterwards; Clone() copies it.
  // Null if that is impossible; an exception may be pending.
  virtual std::unique_ptr<TransferData> Transfer() { return Clone(); }
  virtual std::unique_ptr<TransferData> Clone() { return nullptr; }
  // The object was created by Receive(), but reading the rest of the message failed: release what
  // it holds (a port closes).
  virtual void Discard() {}

 protected:
  ~Transferable() = default;
};

class Message {
 public:
  // An empty message informs a port that its peer has closed.
  bool is_close() const { return data_.empty(); }
  bool has_transferables() const { return !host_objects_.empty(); }
  // Whether a host object has this identity().
  bool Contains(const void* identity) const;

  // Serializes `input` into this empty message and moves the objects of `transfer_list` into it.
  // `source` is the sending port, if any; it must not be in the list. May run JavaScript. False
  // with an exception pending, usually a DataCloneError; the message is then unusable.
  bool Write(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> input,
             const std::vector<v8::Local<v8::Value>>& transfer_list,
             v8::Local<v8::Object> source = {});
  // Deserializes the message in `context`. May run JavaScript. A message with transferred objects
  // can be read once only. `ports`, if not null, receives an array of the message ports in it.
  // Empty with an exception pending.
  v8::MaybeLocal<v8::Value> Read(Env& env, v8::Local<v8::Context> context,
                                 v8::Local<v8::Value>* ports = nullptr);

 private:
  friend class MessageWriter;
  std::vector<uint8_t> data_;
  std::vector<std::shared_ptr<v8::BackingStore>> array_buffers_;
  std::vector<std::shared_ptr<v8::BackingStore>> shared_array_buffers_;
  std::vector<v8::CompiledWasmModule> wasm_modules_;
  std::vector<std::unique_ptr<TransferData>> host_objects_;
};

// Appends the elements of an iterable. Sets *iterable to false and returns true for any other
// value. Runs JavaScript. False with an exception pending.
bool ReadIterable(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> value,
                  std::vector<v8::Local<v8::Value>>* out, bool* iterable);

// Throws a DOMException of `context` whose name is DataCloneError.
void ThrowDataCloneError(Env& env, v8::Local<v8::Context> context, v8::Local<v8::String> message);

// The native object that is attached to a value; null if there is none.
Wrapped* NativeObject(v8::Local<v8::Value> value);

}  // namespace kiln::runtime
