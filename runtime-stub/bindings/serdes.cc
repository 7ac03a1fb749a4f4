// internalBinding("serdes"): V8's serializer and deserializer as classes. For host objects, shared
// buffers and errors they call methods of the JavaScript object: _writeHostObject, _readHostObject,
// _getSharedArrayBufferId, _getDataCloneError.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {
namespace {

class Serializer final : public Wrapped, public v8::ValueSerializer::Delegate {
 public:
  Serializer(Env& env, const Args&) : Wrapped(env), serializer_(env.isolate, this) {}
  const char* type_name() const override { return "Serializer"; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    v8::Local<v8::Value> make;
    v8::Local<v8::Value> error;
    v8::Local<v8::Value> args[] = {message};
    if (!Method("_getDataCloneError", &make)) return;
    if (!make->IsFunction()) {
      env().isolate->ThrowException(v8::Exception::Error(message));
    } else if (make.As<v8::Function>()->Call(env().context(), object(), 1, args).ToLocal(&error)) {
      env().isolate->ThrowException(error);
    }
  }

  v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate* isolate,
                                             v8::Local<v8::SharedArrayBuffer> buffer) override {
    v8::Local<v8::Value> method;
    v8::Local<v8::Value> id;
    v8::Local<v8::Value> args[] = {buffer};
    if (!Method("_getSharedArrayBufferId", &method)) return v8::Nothing<uint32_t>();
    if (!method->IsFunction())
      return v8::ValueSerializer::Delegate::GetSharedArrayBufferId(isolate, buffer);
    if (!method.As<v8::Function>()->Call(env().context(), object(), 1, args).ToLocal(&id))
      return v8::Nothing<uint32_t>();
    return id->Uint32Value(env().context());
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> value) override {
    v8::Local<v8::Value> method;
    v8::Local<v8::Value> args[] = {value};
    if (!Method("_writeHostObject", &method)) return v8::Nothing<bool>();
    if (!method->IsFunction())
      return v8::ValueSerializer::Delegate::WriteHostObject(isolate, value);
    if (method.As<v8::Function>()->Call(env().context(), object(), 1, args).IsEmpty())
      return v8::Nothing<bool>();
    return v8::Just(true);
  }

  void WriteHeader() { serializer_.WriteHeader(); }
  void WriteValue(const Args& args) {
    v8::Maybe<bool> written = serializer_.WriteValue(env().context(), args[0]);
    if (written.IsJust()) args.GetReturnValue().Set(written.FromJust());
  }
  v8::Local<v8::Uint8Array> ReleaseBuffer() {
    auto [data, size] = serializer_.Release();
    return NewBufferOwning(env(), data, size);
  }
  void TransferArrayBuffer(const Args& args) {
    uint32_t id;
    if (!args[0]->Uint32Value(env().context()).To(&id)) return;
    if (!args[1]->IsArrayBuffer())
      return Error::Type("ERR_INVALID_ARG_TYPE", "arrayBuffer must be an ArrayBuffer").Throw(env());
    serializer_.TransferArrayBuffer(id, args[1].As<v8::ArrayBuffer>());
  }
  void WriteUint32(const Args& args) {
    uint32_t value;
    if (args[0]->Uint32Value(env().context()).To(&value)) serializer_.WriteUint32(value);
  }
  void WriteUint64(const Args& args) {
    uint32_t high;
    uint32_t low;
    if (args[0]->Uint32Value(env().context()).To(&high) &&
        args[1]->Uint32Value(env().context()).To(&low))
      serializer_.WriteUint64(uint64_t(high) << 32 | low);
  }
  void WriteDouble(const Args& args) {
    double value;
    if (args[0]->NumberValue(env().context()).To(&value)) serializer_.WriteDouble(value);
  }
  void WriteRawBytes(const Args& args) {
    ReadBytes bytes(args[0]);
    if (!args[0]->IsArrayBufferView() || !bytes.ok())
      return Error::Type("ERR_INVALID_ARG_TYPE", "source must be a TypedArray or a DataView")
          .Throw(env());
    serializer_.WriteRawBytes(bytes.data(), bytes.size());
  }
  void TreatViewsAsHostObjects(bool on) { serializer_.SetTreatArrayBufferViewsAsHostObjects(on); }

 private:
  bool Method(const char* name, v8::Local<v8::Value>* out) {
    return object()->Get(env().context(), env().Name(name)).ToLocal(out);
  }
  v8::ValueSerializer serializer_;
};

class Deserializer final : public Wrapped, public v8::ValueDeserializer::Delegate {
 public:
  // The buffer is a property of the object; JavaScript may detach it between two reads.
  Deserializer(Env& env, HeldBytes bytes)
      : Wrapped(env),
        bytes_(std::move(bytes)),
        deserializer_(env.isolate, reinterpret_cast<const uint8_t*>(bytes_.data), bytes_.size,
                      this) {}
  const char* type_name() const override { return "Deserializer"; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    v8::Local<v8::Value> method;
    v8::Local<v8::Value> value;
    if (!object()->Get(env().context(), env().Name("_readHostObject")).ToLocal(&method)) return {};
    if (!method->IsFunction()) return v8::ValueDeserializer::Delegate::ReadHostObject(isolate);
    v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    if (!method.As<v8::Function>()->Call(env().context(), object(), 0, nullptr).ToLocal(&value))
      return {};
    if (value->IsObject()) return value.As<v8::Object>();
    isolate->ThrowException(
        v8::Exception::TypeError(env().Name("readHostObject must return an object")));
    return {};
  }

  void ReadHeader(const Args& args) {
    v8::Maybe<bool> read = deserializer_.ReadHeader(env().context());
    if (read.IsJust()) args.GetReturnValue().Set(read.FromJust());
  }
  v8::MaybeLocal<v8::Value> ReadValue() { return deserializer_.ReadValue(env().context()); }
  void TransferArrayBuffer(const Args& args) {
    uint32_t id;
    if (!args[0]->Uint32Value(env().context()).To(&id)) return;
    if (args[1]->IsArrayBuffer())
      return deserializer_.TransferArrayBuffer(id, args[1].As<v8::ArrayBuffer>());
    if (args[1]->IsSharedArrayBuffer())
      return deserializer_.TransferSharedArrayBuffer(id, args[1].As<v8::SharedArrayBuffer>());
    Error::Type("ERR_INVALID_ARG_TYPE", "arrayBuffer must be an ArrayBuffer or SharedArrayBuffer")
        .Throw(env());
  }
  double GetWireFormatVersion() { return deserializer_.GetWireFormatVersion(); }
  void ReadUint32(const Args& args) {
    uint32_t value;
    if (!deserializer_.ReadUint32(&value)) return Failed("ReadUint32() failed");
    args.GetReturnValue().Set(value);
  }
  void ReadUint64(const Args& args) {
    uint64_t value;
    if (!deserializer_.ReadUint64(&value)) return Failed("ReadUint64() failed");
    v8::Local<v8::Value> halves[] = {
        v8::Integer::NewFromUnsigned(env().isolate, uint32_t(value >> 32)),
        v8::Integer::NewFromUnsigned(env().isolate, uint32_t(value))};
    args.GetReturnValue().Set(v8::Array::New(env().isolate, halves, 2));
  }
  void ReadDouble(const Args& args) {
    double value;
    if (!deserializer_.ReadDouble(&value)) return Failed("ReadDouble() failed");
    args.GetReturnValue().Set(value);
  }
  // Offset of the bytes in `buffer`.
  void ReadRawBytes(const Args& args) {
    int64_t length;
    const void* data;
    if (!args[0]->IntegerValue(env().context()).To(&length)) return;
    if (length < 0 || !deserializer_.ReadRawBytes(size_t(length), &data))
      return Failed("ReadRawBytes() failed");
    args.GetReturnValue().Set(double(static_cast<const char*>(data) - bytes_.data));
  }

 private:
  void Failed(const char* text) {
    env().isolate->ThrowException(v8::Exception::Error(env().Name(text)));
  }
  HeldBytes bytes_;
  v8::ValueDeserializer deserializer_;
};

void ConstructDeserializer(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!args.IsConstructCall())
    return Error::Type("ERR_CONSTRUCT_CALL_REQUIRED",
                       "Class constructor Deserializer cannot be invoked without 'new'")
        .Throw(env);
  if (!args[0]->IsArrayBufferView())
    return Error::Type("ERR_INVALID_ARG_TYPE", "buffer must be a TypedArray or a DataView")
        .Throw(env);
  if (args.This()->Set(env.context(), env.Name("buffer"), args[0]).IsNothing()) return;
  (new Deserializer(env, HoldBytes(args[0])))->Attach(args.This());
}

void ConstructSerializer(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!args.IsConstructCall())
    return Error::Type("ERR_CONSTRUCT_CALL_REQUIRED",
                       "Class constructor Serializer cannot be invoked without 'new'")
        .Throw(env);
  (new Serializer(env, args))->Attach(args.This());
}

constexpr Entry kSerializerMethods[] = {
    Method<&Serializer::WriteHeader>("writeHeader"),
    Method<&Serializer::WriteValue>("writeValue"),
    Method<&Serializer::ReleaseBuffer>("releaseBuffer"),
    Method<&Serializer::TransferArrayBuffer>("transferArrayBuffer"),
    Method<&Serializer::WriteUint32>("writeUint32"),
    Method<&Serializer::WriteUint64>("writeUint64"),
    Method<&Serializer::WriteDouble>("writeDouble"),
    Method<&Serializer::WriteRawBytes>("writeRawBytes"),
    Method<&Serializer::TreatViewsAsHostObjects>("_setTreatArrayBufferViewsAsHostObjects"),
};
constexpr Entry kDeserializerMethods[] = {
    Method<&Deserializer::ReadHeader>("readHeader"),
    Method<&Deserializer::ReadValue>("readValue"),
    Method<&Deserializer::GetWireFormatVersion>("getWireFormatVersion"),
    Method<&Deserializer::TransferArrayBuffer>("transferArrayBuffer"),
    Method<&Deserializer::ReadUint32>("readUint32"),
    Method<&Deserializer::ReadUint64>("readUint64"),
    Method<&Deserializer::ReadDouble>("readDouble"),
    Method<&Deserializer::ReadRawBytes>("_readRawBytes"),
};
const ClassEntry kSerializerClass = {
    .name = "Serializer",
    .construct = ConstructSerializer,
    .methods = kSerializerMethods,
    .customize = [](Env&, v8::Local<v8::FunctionTemplate> type) { type->ReadOnlyPrototype(); }};
const ClassEntry kDeserializerClass = {.name = "Deserializer",
                                       .construct = ConstructDeserializer,
                                       .methods = kDeserializerMethods,
                                       .customize = [](Env&, v8::Local<v8::FunctionTemplate> type) {
                                         type->SetLength(1);
                                         type->ReadOnlyPrototype();
                                       }};
const ClassEntry* const kClasses[] = {&kSerializerClass, &kDeserializerClass};

}  // namespace

extern const Binding kSerdesBinding;
const Binding kSerdesBinding = {.name = "serdes", .classes = kClasses};

}  // namespace kiln::runtime
