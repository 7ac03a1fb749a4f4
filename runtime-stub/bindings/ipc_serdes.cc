// internalBinding("ipc_serdes"): the messages of child_process with `serialization: "advanced"`. A
// message is its length (4 bytes, big-endian) and a value in V8's format. Views on buffers are
// written as host objects: 0, the number of the type, the length and the bytes, as v8.serialize()
// does; other native objects as 1 and an object with their own properties.
#include <cstring>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {
namespace {

enum HostObject : uint32_t { kView, kPlain };
// The numbers of v8.js (arrayBufferViewTypeToIndex).
enum ViewType : uint32_t {
  kInt8,
  kUint8,
  kUint8Clamped,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kFloat32,
  kFloat64,
  kDataView,
  kBuffer,
  kBigInt64,
  kBigUint64,
  kFloat16,
  kUnknownView,
};

ViewType TypeOf(v8::Local<v8::Value> view) {
  if (view->IsUint8Array()) return kUint8;
  if (view->IsInt8Array()) return kInt8;
  if (view->IsUint8ClampedArray()) return kUint8Clamped;
  if (view->IsInt16Array()) return kInt16;
  if (view->IsUint16Array()) return kUint16;
  if (view->IsInt32Array()) return kInt32;
  if (view->IsUint32Array()) return kUint32;
  if (view->IsFloat32Array()) return kFloat32;
  if (view->IsFloat64Array()) return kFloat64;
  if (view->IsDataView()) return kDataView;
  if (view->IsBigInt64Array()) return kBigInt64;
  if (view->IsBigUint64Array()) return kBigUint64;
  if (view->IsFloat16Array()) return kFloat16;
  return kUnknownView;
}

class Writer final : public v8::ValueSerializer::Delegate {
 public:
  Writer(Env& env, v8::Local<v8::Value> buffer_class)
      : env_(env), buffer_class_(buffer_class), serializer_(env.isolate, this) {
    serializer_.SetTreatArrayBufferViewsAsHostObjects(true);
  }

  bool Write(v8::Local<v8::Value> value) {
    // Reserve space for the length.
    static constexpr uint8_t kLength[4] = {};
    serializer_.WriteRawBytes(kLength, sizeof(kLength));
    serializer_.WriteHeader();
    return serializer_.WriteValue(env_.context(), value).FromMaybe(false);
  }
  v8::Local<v8::Uint8Array> Release() {
    auto [data, size] = serializer_.Release();
    uint32_t length = uint32_t(size - 4);
    for (int i = 0; i < 4; i++) data[i] = uint8_t(length >> (24 - 8 * i));
    return NewBufferOwning(env_, data, size);
  }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    env_.isolate->ThrowException(v8::Exception::Error(message));
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    return object->IsArrayBufferView() ? WriteView(object) : WritePlain(object);
  }

 private:
  v8::Maybe<bool> WriteView(v8::Local<v8::Object> view) {
    v8::Local<v8::Value> constructor;
    if (!view->Get(env_.context(), env_.Name("constructor")).ToLocal(&constructor))
      return v8::Nothing<bool>();
    ViewType type = constructor->StrictEquals(buffer_class_) ? kBuffer : TypeOf(view);
    ReadBytes bytes(view);
    serializer_.WriteUint32(kView);
    serializer_.WriteUint32(type);
    serializer_.WriteUint32(uint32_t(bytes.size()));
    serializer_.WriteRawBytes(bytes.data(), bytes.size());
    return v8::Just(true);
  }

  v8::Maybe<bool> WritePlain(v8::Local<v8::Object> object) {
    v8::Local<v8::Context> context = env_.context();
    v8::Local<v8::Object> copy = v8::Object::New(env_.isolate);
    v8::Local<v8::Array> keys;
    if (!object->GetOwnPropertyNames(context).ToLocal(&keys)) return v8::Nothing<bool>();
    for (uint32_t i = 0; i < keys->Length(); i++) {
      v8::Local<v8::Value> key;
      v8::Local<v8::Value> value;
      if (!keys->Get(context, i).ToLocal(&key) || !object->Get(context, key).ToLocal(&value) ||
          !copy->CreateDataProperty(context, key.As<v8::Name>(), value).FromMaybe(false))
        return v8::Nothing<bool>();
    }
    serializer_.WriteUint32(kPlain);
    return serializer_.WriteValue(context, copy);
  }

  Env& env_;
  v8::Local<v8::Value> buffer_class_;
  v8::ValueSerializer serializer_;
};

// A view of the given type on part of the buffer; its elements must be aligned.
v8::Local<v8::Object> MakeView(Env& env, uint32_t type, v8::Local<v8::ArrayBuffer> buffer,
                               size_t offset, size_t size) {
  switch (type) {
    case kInt8:
      return v8::Int8Array::New(buffer, offset, size);
    case kUint8:
      return v8::Uint8Array::New(buffer, offset, size);
    case kUint8Clamped:
      return v8::Uint8ClampedArray::New(buffer, offset, size);
    case kInt16:
      return v8::Int16Array::New(buffer, offset, size / 2);
    case kUint16:
      return v8::Uint16Array::New(buffer, offset, size / 2);
    case kInt32:
      return v8::Int32Array::New(buffer, offset, size / 4);
    case kUint32:
      return v8::Uint32Array::New(buffer, offset, size / 4);
    case kFloat32:
      return v8::Float32Array::New(buffer, offset, size / 4);
    case kFloat64:
      return v8::Float64Array::New(buffer, offset, size / 8);
    case kDataView:
      return v8::DataView::New(buffer, offset, size);
    case kBigInt64:
      return v8::BigInt64Array::New(buffer, offset, size / 8);
    case kBigUint64:
      return v8::BigUint64Array::New(buffer, offset, size / 8);
    case kFloat16:
      return v8::Float16Array::New(buffer, offset, size / 2);
    default:
      return NewBufferView(env, buffer, offset, size);
  }
}

size_t ElementSize(uint32_t type) {
  switch (type) {
    case kInt16:
    case kUint16:
    case kFloat16:
      return 2;
    case kInt32:
    case kUint32:
    case kFloat32:
      return 4;
    case kFloat64:
    case kBigInt64:
    case kBigUint64:
      return 8;
    default:
      return 1;
  }
}

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(Env& env, v8::Local<v8::ArrayBufferView> view, Bytes bytes)
      : env_(env),
        view_(view),
        bytes_(bytes),
        deserializer_(env.isolate, bytes.data, bytes.size, this) {}

  v8::MaybeLocal<v8::Value> Read() {
    if (!deserializer_.ReadHeader(env_.context()).FromMaybe(false)) return {};
    return deserializer_.ReadValue(env_.context());
  }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    uint32_t kind;
    uint32_t type;
    uint32_t size;
    const void* data;
    if (!deserializer_.ReadUint32(&kind)) return {};
    if (kind == kPlain) {
      v8::Local<v8::Value> value;
      if (!deserializer_.ReadValue(env_.context()).ToLocal(&value) || !value->IsObject()) return {};
      return value.As<v8::Object>();
    }
    if (kind != kView) {
      Error::Plain("ERR_INVALID_STATE", "Invalid state: unknown host object tag").Throw(env_);
      return {};
    }
    if (!deserializer_.ReadUint32(&type) || type >= kUnknownView ||
        !deserializer_.ReadUint32(&size) || !deserializer_.ReadRawBytes(size, &data))
      return {};
    size_t element = ElementSize(type);
    if (size % element != 0) return {};
    size_t offset = view_->ByteOffset() + size_t(static_cast<const uint8_t*>(data) - bytes_.data);
    if (offset % element == 0) return MakeView(env_, type, view_->Buffer(), offset, size);
    v8::Local<v8::ArrayBuffer> aligned = v8::ArrayBuffer::New(isolate, size);
    std::memcpy(aligned->Data(), data, size);
    return MakeView(env_, type, aligned, 0, size);
  }

 private:
  Env& env_;
  v8::Local<v8::ArrayBufferView> view_;
  Bytes bytes_;
  v8::ValueDeserializer deserializer_;
};

// serialize(value, Buffer): a Buffer with the length and the value.
void Serialize(Env& env, const Args& args) {
  Writer writer(env, args[1]);
  if (writer.Write(args[0])) args.GetReturnValue().Set(writer.Release());
}

// deserialize(bytes): the value of a message without its length.
void Deserialize(Env& env, const Args& args) {
  Bytes bytes;
  if (!args[0]->IsArrayBufferView() || !GetBytes(args[0], &bytes)) return ThrowBadArgument(env, 0);
  v8::Local<v8::Value> value;
  if (Reader(env, args[0].As<v8::ArrayBufferView>(), bytes).Read().ToLocal(&value))
    args.GetReturnValue().Set(value);
}

constexpr Entry kFunctions[] = {
    Method<Serialize>("serialize"),
    Method<Deserialize>("deserialize"),
};

}  // namespace

extern const Binding kIpcSerdesBinding;
const Binding kIpcSerdesBinding = {.name = "ipc_serdes", .functions = kFunctions};

}  // namespace kiln::runtime
