// Structured clone: what postMessage, structuredClone and related functions share. A Message is a
// JavaScript value in V8's serialized form together with what travels beside it (array
// buffers, shared memory, WebAssembly modules, host objects). It belongs to no thread and
// can be opened by another isolate than the one that made it.
//
// A native class takes part by implementing Transferable and answering it from
// Wrapped::transferable(). JavaScript objects take part when the library has marked them
// (transfer_mode_private_symbol); their [messaging_clone_symbol] and related methods do
// the work.
#pragma once

#include <v8.h>

#include <memory>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

enum TransferMode : uint32_t {
  kNoTransfer = 0,
  kTransfer = 1,
  kClone = 2,
};

// A host object on its way.
class TransferData {
 public:
  virtual ~TransferData() = default;
  // Makes the object in `context`; called once. Empty with an exception pending.
  virtual v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) = 0;
  // Values that are written behind the message and read after it. False: exception.
  virtual bool FinishWrite(v8::Local<v8::Context>, v8::ValueSerializer&) { return true; }
  virtual bool FinishRead(Env&, v8::Local<v8::Context>, v8::Local<v8::Object>,
                          v8::ValueDeserializer&) {
    return true;
  }
  // Returns whether a port is sent to itself.
  virtual const void* identity() const { return nullptr; }
};

// For Receive() of what the main context alone has. False with an exception pending.
bool RequireMainContext(Env& env, v8::Local<v8::Context> context);

class Transferable {
 public:
  virtual uint32_t transfer_mode() const = 0;  // TransferMode bits
  // Takes the object apart, or copies it. Null: refused; an exception may be pending.
  virtual std::unique_ptr<TransferData> Transfer() { return Clone(); }
  virtual std::unique_ptr<TransferData> Clone() { return nullptr; }
  // The object was received, but the message as a whole could not be read.
  virtual void Discard() {}

 protected:
  ~Transferable() = default;
};

class Message {
 public:
  // An empty message notifies a port that its peer has closed.
  bool is_close() const { return data_.empty(); }
  bool has_transferables() const { return !host_objects_.empty(); }
  bool Contains(const void* identity) const;

  // Writes `input`, moving what is in `transfer_list`. `source` is the port that sends,
  // if any. False with an exception pending (a DataCloneError, mostly).
  bool Write(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> input,
             const std::vector<v8::Local<v8::Value>>& transfer_list,
             v8::Local<v8::Object> source = {});
  // Opens the message; what was transferred can be read once. `ports` becomes an array
  // of the message ports in it.
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

// The elements of an iterable. *iterable is false for any other value; the result is
// false with an exception pending.
bool ReadIterable(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> value,
                  std::vector<v8::Local<v8::Value>>* out, bool* iterable);

// A DOMException named DataCloneError, of the context.
void ThrowDataCloneError(Env& env, v8::Local<v8::Context> context, v8::Local<v8::String> message);

// The native object behind a value, if there is one.
Wrapped* NativeObject(v8::Local<v8::Value> value);

}  // namespace kiln::runtime
