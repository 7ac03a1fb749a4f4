// Structured clone. Writing takes three steps, as in Node: the transfer list is checked and
// registered; V8 writes the value and calls back for host objects, which get an index; each host
// object is transferred or cloned and may write more values. Reading creates the host objects
// first, so that V8's callback finds them by index.
#include "runtime-stub/binding/serialize.h"

#include <algorithm>
#include <cstdlib>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/binding/wrapped.h"

namespace kiln::runtime {

bool RequireMainContext(Env& env, v8::Local<v8::Context> context) {
  if (context == env.context()) return true;
  Error::Plain("ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE",
               "A message object could not be deserialized successfully in the target vm.Context")
      .Throw(env);
  return false;
}

Wrapped* NativeObject(v8::Local<v8::Value> value) {
  if (!value->IsObject()) return nullptr;
  v8::Local<v8::Object> object = value.As<v8::Object>();
  if (object->InternalFieldCount() < 1) return nullptr;
  // A field without a native object contains undefined, whose address is odd.
  auto* native = static_cast<Wrapped*>(object->GetAlignedPointerFromInternalField(0));
  return reinterpret_cast<uintptr_t>(native) & 1 ? nullptr : native;
}

void ThrowDataCloneError(Env& env, v8::Local<v8::Context> context, v8::Local<v8::String> message) {
  v8::Local<v8::Object> exports;
  if (!PerContextExports(env, context).ToLocal(&exports)) return;
  v8::Local<v8::Value> constructor = env.Get(exports, "DOMException");
  CHECK(constructor->IsFunction());
  v8::Local<v8::Value> args[] = {message, env.Name("DataCloneError")};
  v8::Local<v8::Object> exception;
  if (constructor.As<v8::Function>()->NewInstance(context, 2, args).ToLocal(&exception))
    env.isolate->ThrowException(exception);
}

namespace {

constexpr char kUnsupportedClone[] = "Cannot clone object of unsupported type.";
constexpr char kUnsupportedTransfer[] = "Cannot transfer object of unsupported type.";
constexpr char kInvalidEntry[] = "Found invalid value in transferList.";
constexpr char kNotListed[] =
    "Object that needs transfer was found in message but not listed in transferList";
// The index of a host object that was written as an ordinary object.
constexpr uint32_t kPlainObject = uint32_t(-1);

// A JavaScript object of the library that is cloned or transferred by its own methods.
bool IsMarked(Env& env, v8::Local<v8::Object> object) {
  return object->HasPrivate(env.context(), env.Private("transfer_mode_private_symbol"))
      .FromMaybe(false);
}

uint32_t ModeOf(Env& env, v8::Local<v8::Object> object) {
  if (IsMarked(env, object)) {
    v8::Local<v8::Value> mode;
    if (!object->GetPrivate(env.context(), env.Private("transfer_mode_private_symbol"))
             .ToLocal(&mode) ||
        !mode->IsUint32())
      return kNoTransfer;
    return mode.As<v8::Uint32>()->Value();
  }
  Wrapped* native = NativeObject(object);
  Transferable* transferable = native ? native->transferable() : nullptr;
  return transferable ? transferable->transfer_mode() : uint32_t(kNoTransfer);
}

// The result of [messaging_clone_symbol]() or [messaging_transfer_symbol](): data, and the class
// that deserializes it.
class MarkedData final : public TransferData {
 public:
  MarkedData(v8::Isolate* isolate, std::string info, v8::Local<v8::Value> data)
      : info_(std::move(info)), data_(isolate, data) {}

  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    if (!RequireMainContext(env, context)) return {};
    v8::Local<v8::Function> create = env.GetFunction(Slot::kDeserializerCreateObject);
    CHECK(!create.IsEmpty());
    v8::Local<v8::Value> info = env.Str(info_);
    v8::Local<v8::Value> made;
    if (!create->Call(context, v8::Null(env.isolate), 1, &info).ToLocal(&made)) return {};
    if (made->IsObject() && IsMarked(env, made.As<v8::Object>())) return made.As<v8::Object>();
    Error::Type("ERR_INVALID_STATE", "Invalid state: " + info_ + " created no transferable object")
        .Throw(env);
    return {};
  }

  bool FinishWrite(v8::Local<v8::Context> context, v8::ValueSerializer& serializer) override {
    v8::Local<v8::Value> data = data_.Get(v8::Isolate::GetCurrent());
    data_.Reset();
    return serializer.WriteValue(context, data).FromMaybe(false);
  }

  bool FinishRead(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                  v8::ValueDeserializer& deserializer) override {
    v8::Local<v8::Value> data;
    v8::Local<v8::Value> method;
    if (!deserializer.ReadValue(context).ToLocal(&data) ||
        !object->Get(context, env.Symbol("messaging_deserialize_symbol")).ToLocal(&method))
      return false;
    if (!method->IsFunction()) return true;
    return !method.As<v8::Function>()->Call(context, object, 1, &data).IsEmpty();
  }

 private:
  std::string info_;
  v8::Global<v8::Value> data_;  // empty after FinishWrite(), which runs on the sending thread
};

// Calls object[symbol](). False with an exception pending. The result is empty if there is no such
// method.
bool CallMethod(Env& env, v8::Local<v8::Object> object, const char* symbol,
                v8::Local<v8::Value>* result) {
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  v8::Local<v8::Value> method;
  if (!object->Get(context, env.Symbol(symbol)).ToLocal(&method)) return false;
  if (!method->IsFunction()) return true;
  return method.As<v8::Function>()->Call(context, object, 0, nullptr).ToLocal(result);
}

std::unique_ptr<TransferData> SendMarked(Env& env, v8::Local<v8::Object> object, bool transfer) {
  v8::Local<v8::Value> result;
  if (!CallMethod(env, object, transfer ? "messaging_transfer_symbol" : "messaging_clone_symbol",
                  &result))
    return nullptr;
  if (!result.IsEmpty() && result->IsObject()) {
    v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
    v8::Local<v8::Value> data;
    v8::Local<v8::Value> info;
    if (!result.As<v8::Object>()->Get(context, env.Name("data")).ToLocal(&data) ||
        !result.As<v8::Object>()->Get(context, env.Name("deserializeInfo")).ToLocal(&info))
      return nullptr;
    v8::String::Utf8Value text(env.isolate, info);
    if (!*text) return nullptr;
    return std::make_unique<MarkedData>(env.isolate, std::string(*text, text.length()), data);
  }
  return transfer ? SendMarked(env, object, false) : nullptr;
}

}  // namespace

class MessageWriter final : public v8::ValueSerializer::Delegate {
 public:
  MessageWriter(Env& env, v8::Local<v8::Context> context, Message& message)
      : env_(env), context_(context), message_(message), serializer_(env.isolate, this) {}

  bool Write(v8::Local<v8::Value> input, const std::vector<v8::Local<v8::Value>>& list,
             v8::Local<v8::Object> source) {
    for (v8::Local<v8::Value> entry : list)
      if (!AddToTransfer(entry, source)) return false;
    if (!AddNested()) return false;
    serializer_.WriteHeader();
    if (!serializer_.WriteValue(context_, input).FromMaybe(false)) return false;
    // Accessors of the value may have transferred objects of the list.
    for (const auto& global : array_buffers_)
      if (global.Get(env_.isolate)->WasDetached()) return Refuse(kUnsupportedTransfer), false;
    for (const auto& global : array_buffers_) {
      v8::Local<v8::ArrayBuffer> buffer = global.Get(env_.isolate);
      message_.array_buffers_.push_back(buffer->GetBackingStore());
      if (buffer->Detach(v8::Local<v8::Value>()).IsNothing()) return false;
    }
    if (!SendHostObjects()) return false;
    auto [data, size] = serializer_.Release();
    message_.data_.assign(data, data + size);
    std::free(data);
    return true;
  }

  // ---- v8::ValueSerializer::Delegate

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    kiln::runtime::ThrowDataCloneError(env_, context_, message);
  }
  bool HasCustomHostObject(v8::Isolate*) override { return true; }
  v8::Maybe<bool> IsHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    // Some native classes have fields, but no native object (ModuleWrap).
    return v8::Just(object->InternalFieldCount() > 0 || IsMarked(env_, object));
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    if (NativeObject(object) || IsMarked(env_, object)) return WriteIndex(object);
    if (object == env_.Get(env_.process(), "env")) return WritePlain(object);
    Refuse(kUnsupportedClone);
    return v8::Nothing<bool>();
  }

  v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate*,
                                             v8::Local<v8::SharedArrayBuffer> buffer) override {
    size_t index = Find(shared_, buffer);
    if (index == shared_.size()) {
      message_.shared_array_buffers_.push_back(buffer->GetBackingStore());
      shared_.emplace_back(env_.isolate, buffer);
    }
    return v8::Just(uint32_t(index));
  }

  v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate*,
                                              v8::Local<v8::WasmModuleObject> module) override {
    message_.wasm_modules_.push_back(module->GetCompiledModule());
    return v8::Just(uint32_t(message_.wasm_modules_.size() - 1));
  }

 private:
  void Refuse(std::string_view text) {
    kiln::runtime::ThrowDataCloneError(env_, context_, env_.Str(text));
  }

  // V8 calls back inside its own handle scopes, so objects are kept as Globals.
  template <class T>
  using Globals = std::vector<v8::Global<T>>;
  template <class T>
  static size_t Find(const Globals<T>& list, v8::Local<T> object) {
    return size_t(std::find(list.begin(), list.end(), object) - list.begin());
  }

  bool AddToTransfer(v8::Local<v8::Value> entry, v8::Local<v8::Object> source) {
    if (!entry->IsObject()) return Refuse(kInvalidEntry), false;
    v8::Local<v8::Object> object = entry.As<v8::Object>();
    v8::Local<v8::Value> untransferable;
    if (!object->GetPrivate(context_, env_.Private("untransferable_object_private_symbol"))
             .ToLocal(&untransferable))
      return false;
    if (untransferable->IsTrue()) return Refuse(kUnsupportedTransfer), false;
    if (entry->IsArrayBuffer()) return AddArrayBuffer(entry.As<v8::ArrayBuffer>());

    bool native = NativeObject(object) != nullptr;
    if (!native && !IsMarked(env_, object)) return Refuse(kInvalidEntry), false;
    if (!source.IsEmpty() && object == source)
      return Refuse("Transfer list contains source port"), false;
    uint32_t mode = ModeOf(env_, object);
    if (native && mode == kNoTransfer &&
        std::string_view(NativeObject(object)->type_name()) == "MESSAGEPORT")
      return Refuse("MessagePort in transfer list is already detached"), false;
    if (Find(host_objects_, object) < host_objects_.size()) {
      Refuse("Transfer list contains duplicate " +
             ToUtf8(env_.isolate, object->GetConstructorName()));
      return false;
    }
    if (!(mode & kTransfer)) return Refuse(kUnsupportedTransfer), false;
    host_objects_.emplace_back(env_.isolate, object);
    return true;
  }

  bool AddArrayBuffer(v8::Local<v8::ArrayBuffer> buffer) {
    if (!buffer->IsDetachable() || buffer->WasDetached())
      return Refuse(kUnsupportedTransfer), false;
    if (Find(array_buffers_, buffer) < array_buffers_.size())
      return Refuse("Transfer list contains duplicate ArrayBuffer"), false;
    serializer_.TransferArrayBuffer(uint32_t(array_buffers_.size()), buffer);
    array_buffers_.emplace_back(env_.isolate, buffer);
    return true;
  }

  // A public object in the list may own handles that are transferred with it (FileHandle, streams).
  bool AddNested() {
    for (size_t i = 0; i < host_objects_.size(); i++) {
      v8::Local<v8::Object> object = host_objects_[i].Get(env_.isolate);
      if (!IsMarked(env_, object)) continue;
      v8::Local<v8::Value> list;
      if (!CallMethod(env_, object, "messaging_transfer_list_symbol", &list)) return false;
      if (list.IsEmpty() || !list->IsArray()) continue;
      auto array = list.As<v8::Array>();
      for (uint32_t k = 0; k < array->Length(); k++) {
        v8::Local<v8::Value> value;
        if (!array->Get(context_, k).ToLocal(&value)) return false;
        if (!value->IsObject()) continue;
        v8::Local<v8::Object> nested = value.As<v8::Object>();
        if (!NativeObject(nested) && !IsMarked(env_, nested)) continue;
        if (Find(host_objects_, nested) < host_objects_.size())
          return Refuse("The transfer list is invalid."), false;
        host_objects_.emplace_back(env_.isolate, nested);
      }
    }
    transferred_ = host_objects_.size();
    return true;
  }

  v8::Maybe<bool> WriteIndex(v8::Local<v8::Object> object) {
    uint32_t mode = ModeOf(env_, object);
    if (mode == kNoTransfer) {
      Refuse(kUnsupportedClone);
      return v8::Nothing<bool>();
    }
    size_t index = Find(host_objects_, object);
    if (index == host_objects_.size()) {
      if (!(mode & kClone)) {
        Refuse(kNotListed);
        return v8::Nothing<bool>();
      }
      host_objects_.emplace_back(env_.isolate, object);
    }
    serializer_.WriteUint32(uint32_t(index));
    return v8::Just(true);
  }

  v8::Maybe<bool> WritePlain(v8::Local<v8::Object> object) {
    v8::Local<v8::Object> copy = v8::Object::New(env_.isolate);
    v8::Local<v8::Array> keys;
    if (!object->GetOwnPropertyNames(context_).ToLocal(&keys)) return v8::Nothing<bool>();
    for (uint32_t i = 0; i < keys->Length(); i++) {
      v8::Local<v8::Value> key;
      v8::Local<v8::Value> value;
      if (!keys->Get(context_, i).ToLocal(&key) || !object->Get(context_, key).ToLocal(&value) ||
          copy->Set(context_, key, value).IsNothing())
        return v8::Nothing<bool>();
    }
    serializer_.WriteUint32(kPlainObject);
    return serializer_.WriteValue(context_, copy);
  }

  bool SendHostObjects() {
    // FinishWrite() may add host objects.
    for (size_t i = 0; i < host_objects_.size(); i++) {
      v8::HandleScope scope(env_.isolate);
      v8::Local<v8::Object> object = host_objects_[i].Get(env_.isolate);
      bool transfer = i < transferred_;
      std::unique_ptr<TransferData> data;
      v8::TryCatch caught(env_.isolate);
      if (IsMarked(env_, object)) {
        data = SendMarked(env_, object, transfer);
      } else if (ModeOf(env_, object) != kNoTransfer) {  // otherwise rejected below
        Transferable* native = NativeObject(object)->transferable();
        if (transfer) data = native->Transfer();
        if (!data && !caught.HasCaught()) data = native->Clone();
      }
      if (caught.HasCaught()) return caught.ReThrow(), false;
      if (!data) return Refuse(kUnsupportedClone), caught.ReThrow(), false;
      if (!data->FinishWrite(context_, serializer_)) return caught.ReThrow(), false;
      message_.host_objects_.push_back(std::move(data));
    }
    return true;
  }

  Env& env_;
  v8::Local<v8::Context> context_;
  Message& message_;
  v8::ValueSerializer serializer_;
  Globals<v8::ArrayBuffer> array_buffers_;
  Globals<v8::SharedArrayBuffer> shared_;
  Globals<v8::Object> host_objects_;
  size_t transferred_ = 0;  // this many objects at the front are transferred, the rest cloned
};

bool Message::Write(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> input,
                    const std::vector<v8::Local<v8::Value>>& transfer_list,
                    v8::Local<v8::Object> source) {
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(context);
  return MessageWriter(env, context, *this).Write(input, transfer_list, source);
}

bool Message::Contains(const void* identity) const {
  for (const auto& data : host_objects_)
    if (data->identity() == identity) return true;
  return false;
}

namespace {

class MessageReader final : public v8::ValueDeserializer::Delegate {
 public:
  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    uint32_t index;
    if (!deserializer->ReadUint32(&index)) return {};
    if (index == kPlainObject) {
      v8::Local<v8::Value> value;
      if (!deserializer->ReadValue(isolate->GetCurrentContext()).ToLocal(&value) ||
          !value->IsObject())
        return {};
      return value.As<v8::Object>();
    }
    if (index >= host_objects.size()) return {};
    return host_objects[index];
  }
  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(v8::Isolate*,
                                                                   uint32_t id) override {
    if (id >= shared.size()) return {};
    return shared[id];
  }
  v8::MaybeLocal<v8::WasmModuleObject> GetWasmModuleFromId(v8::Isolate* isolate,
                                                           uint32_t id) override {
    if (id >= modules->size()) return {};
    return v8::WasmModuleObject::FromCompiledModule(isolate, (*modules)[id]);
  }

  v8::ValueDeserializer* deserializer = nullptr;
  std::vector<v8::Local<v8::Object>> host_objects;
  std::vector<v8::Local<v8::SharedArrayBuffer>> shared;
  const std::vector<v8::CompiledWasmModule>* modules = nullptr;
};

// Discards the objects that were received before the rest of the message could not be read.
void DiscardAll(const std::vector<v8::Local<v8::Object>>& objects) {
  for (v8::Local<v8::Object> object : objects)
    if (Wrapped* native = NativeObject(object))
      if (Transferable* transferable = native->transferable()) transferable->Discard();
}

}  // namespace

v8::MaybeLocal<v8::Value> Message::Read(Env& env, v8::Local<v8::Context> context,
                                        v8::Local<v8::Value>* ports) {
  v8::Isolate* isolate = env.isolate;
  v8::Context::Scope entered(context);
  if (ports && has_transferables()) *ports = v8::Array::New(isolate);
  v8::EscapableHandleScope scope(isolate);

  MessageReader reader;
  std::vector<std::unique_ptr<TransferData>> sent = std::move(host_objects_);
  host_objects_.clear();
  for (auto& data : sent) {
    v8::Local<v8::Object> object;
    if (!data->Receive(env, context).ToLocal(&object)) {
      DiscardAll(reader.host_objects);
      return {};
    }
    reader.host_objects.push_back(object);
    if (!ports || !data->identity()) continue;
    auto list = ports->As<v8::Array>();
    (void)list->Set(context, list->Length(), object);
  }
  for (auto& store : shared_array_buffers_)
    reader.shared.push_back(v8::SharedArrayBuffer::New(isolate, store));
  reader.modules = &wasm_modules_;

  v8::ValueDeserializer deserializer(isolate, data_.data(), data_.size(), &reader);
  reader.deserializer = &deserializer;
  for (uint32_t i = 0; i < array_buffers_.size(); i++)
    deserializer.TransferArrayBuffer(i,
                                     v8::ArrayBuffer::New(isolate, std::move(array_buffers_[i])));
  array_buffers_.clear();

  v8::Local<v8::Value> value;
  bool ok = deserializer.ReadHeader(context).FromMaybe(false) &&
            deserializer.ReadValue(context).ToLocal(&value);
  for (size_t i = 0; ok && i < sent.size(); i++)
    ok = sent[i]->FinishRead(env, context, reader.host_objects[i], deserializer);
  if (!ok) {
    DiscardAll(reader.host_objects);
    return {};
  }
  return scope.Escape(value);
}

bool ReadIterable(Env& env, v8::Local<v8::Context> context, v8::Local<v8::Value> value,
                  std::vector<v8::Local<v8::Value>>* out, bool* iterable) {
  *iterable = false;
  if (!value->IsObject()) return true;
  if (value->IsArray()) {
    auto array = value.As<v8::Array>();
    for (uint32_t i = 0; i < array->Length(); i++) {
      v8::Local<v8::Value> element;
      if (!array->Get(context, i).ToLocal(&element)) return false;
      out->push_back(element);
    }
    *iterable = true;
    return true;
  }
  v8::Local<v8::Value> method;
  if (!value.As<v8::Object>()->Get(context, v8::Symbol::GetIterator(env.isolate)).ToLocal(&method))
    return false;
  if (!method->IsFunction()) return true;
  v8::Local<v8::Value> iterator;
  if (!method.As<v8::Function>()->Call(context, value, 0, nullptr).ToLocal(&iterator)) return false;
  if (!iterator->IsObject()) return true;
  v8::Local<v8::Value> next;
  if (!iterator.As<v8::Object>()->Get(context, env.Name("next")).ToLocal(&next)) return false;
  if (!next->IsFunction()) return true;
  while (env.can_call_into_js()) {
    v8::Local<v8::Value> step;
    v8::Local<v8::Value> done;
    v8::Local<v8::Value> element;
    if (!next.As<v8::Function>()->Call(context, iterator, 0, nullptr).ToLocal(&step)) return false;
    if (!step->IsObject()) return true;
    if (!step.As<v8::Object>()->Get(context, env.Name("done")).ToLocal(&done)) return false;
    if (done->BooleanValue(env.isolate)) break;
    if (!step.As<v8::Object>()->Get(context, env.Name("value")).ToLocal(&element)) return false;
    out->push_back(element);
  }
  *iterable = true;
  return true;
}

}  // namespace kiln::runtime
