// KeyObject and CryptoKey: JavaScript classes on top of NativeKeyObject and NativeCryptoKey, whose
// instances keep a key where JavaScript cannot reach it, and can be posted to other threads. Native
// code uses the KeyObjectHandle (key_handle.cc) in them.
#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

namespace {

// The slot with an array of the classes that the library derived from these.
constexpr Slot kClasses = Slot::kCryptoKeyClasses;
enum ClassIndex { kSecretKeyObject, kPublicKeyObject, kPrivateKeyObject, kCryptoKey };

void RememberClass(Env& env, ClassIndex index, v8::Local<v8::Value> value) {
  if (!env.Get(kClasses)->IsArray()) env.Set(kClasses, v8::Array::New(env.isolate, 4));
  env.Get(kClasses).As<v8::Array>()->Set(env.context(), index, value).Check();
}

v8::MaybeLocal<v8::Object> Make(Env& env, int index, std::vector<v8::Local<v8::Value>> args) {
  v8::Local<v8::Value> list = env.Get(kClasses);
  v8::Local<v8::Value> constructor;
  if (!list->IsArray()) {  // the receiving thread has not loaded crypto yet
    v8::Local<v8::Function> require = env.GetFunction(Slot::kRequire);
    v8::Local<v8::Value> id = env.Name("internal/crypto/keys");
    if (require->Call(env.context(), env.Undefined(), 1, &id).IsEmpty()) return {};
    list = env.Get(kClasses);
  }
  if (!list.As<v8::Array>()->Get(env.context(), uint32_t(index)).ToLocal(&constructor) ||
      !constructor->IsFunction())
    return {};
  return constructor.As<v8::Function>()->NewInstance(env.context(), int(args.size()), args.data());
}

// ---------------------------------------------------------------- KeyObject

class KeyObjectInTransit final : public TransferData {
 public:
  explicit KeyObjectInTransit(KeyPointer key) : key_(std::move(key)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    if (!RequireMainContext(env, context)) return {};
    return Make(env, int(key_->type), {NewKeyHandle(env, key_)});
  }

 private:
  KeyPointer key_;
};

class NativeKeyObject final : public Wrapped, public Transferable {
 public:
  NativeKeyObject(Env& env, KeyPointer k) : Wrapped(env), key(std::move(k)) {}
  const char* type_name() const override { return "KeyObject"; }
  const KeyPointer key;

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override {
    return std::make_unique<KeyObjectInTransit>(key);
  }
};

void ConstructKeyObject(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  KeyPointer key = KeyOfHandle(env, args[0]);
  if (!args.IsConstructCall() || !key) return ThrowBadArgument(env, 0);
  (new NativeKeyObject(env, std::move(key)))->Attach(args.This());
}

void ThrowInvalidThis(Env& env, const char* type) {
  Error::Type("ERR_INVALID_THIS", std::string("Value of \"this\" must be of type ") + type)
      .Throw(env);
}

// ---------------------------------------------------------------- CryptoKey

struct CryptoKeyState {
  KeyPointer key;
  uint32_t usages = 0;
  bool extractable = false;
};

// The algorithm, a JavaScript object, is in the second internal field.
class NativeCryptoKey final : public Wrapped, public Transferable {
 public:
  static constexpr int kAlgorithmField = 1;
  NativeCryptoKey(Env& env, CryptoKeyState s) : Wrapped(env), state(std::move(s)) {}
  const char* type_name() const override { return "CryptoKey"; }
  const CryptoKeyState state;

  v8::Local<v8::Value> algorithm() const {
    return object()->GetInternalField(kAlgorithmField).As<v8::Value>();
  }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override;
};

// The algorithm is serialized after the message; the object is complete once it has been read.
class CryptoKeyInTransit final : public TransferData {
 public:
  CryptoKeyInTransit(v8::Isolate* isolate, CryptoKeyState state, v8::Local<v8::Value> algorithm)
      : state_(std::move(state)), algorithm_(isolate, algorithm) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    if (!RequireMainContext(env, context)) return {};
    return Make(env, kCryptoKey,
                {NewKeyHandle(env, state_.key), env.Undefined(),
                 v8::Integer::NewFromUnsigned(env.isolate, state_.usages),
                 v8::Boolean::New(env.isolate, state_.extractable)});
  }
  bool FinishWrite(v8::Local<v8::Context> context, v8::ValueSerializer& serializer) override {
    v8::Local<v8::Value> algorithm = algorithm_.Get(v8::Isolate::GetCurrent());
    algorithm_.Reset();
    return serializer.WriteValue(context, algorithm).FromMaybe(false);
  }
  bool FinishRead(Env&, v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                  v8::ValueDeserializer& deserializer) override {
    v8::Local<v8::Value> algorithm;
    if (!deserializer.ReadValue(context).ToLocal(&algorithm)) return false;
    object->SetInternalField(NativeCryptoKey::kAlgorithmField, algorithm);
    return true;
  }

 private:
  CryptoKeyState state_;
  v8::Global<v8::Value> algorithm_;
};

std::unique_ptr<TransferData> NativeCryptoKey::Clone() {
  return std::make_unique<CryptoKeyInTransit>(env().isolate, state, algorithm());
}

// new NativeCryptoKey(handle, algorithm, usages, extractable)
void ConstructCryptoKey(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  CryptoKeyState state{KeyOfHandle(env, args[0]),
                       args[2]->IsUint32() ? args[2].As<v8::Uint32>()->Value() : 0,
                       args[3]->IsTrue()};
  if (!args.IsConstructCall() || !state.key) return ThrowBadArgument(env, 0);
  args.This()->SetInternalField(NativeCryptoKey::kAlgorithmField, args[1]);
  (new NativeCryptoKey(env, std::move(state)))->Attach(args.This());
}

// Passes the native class to the library's function, which returns the classes derived from it.
bool CallWithClass(Env& env, const Args& args, const ClassEntry& entry,
                   v8::Local<v8::Array>* classes) {
  if (!args[0]->IsFunction()) {
    ThrowBadArgument(env, 0);
    return false;
  }
  v8::Local<v8::Value> base = env.Constructor(entry);
  v8::Local<v8::Value> made;
  if (!args[0].As<v8::Function>()->Call(env.context(), env.Undefined(), 1, &base).ToLocal(&made) ||
      !made->IsArray())
    return false;
  *classes = made.As<v8::Array>();
  args.GetReturnValue().Set(made);
  return true;
}

v8::Local<v8::Value> Element(Env& env, v8::Local<v8::Array> array, uint32_t index) {
  return array->Get(env.context(), index).ToLocalChecked();
}

}  // namespace

const ClassEntry kNativeKeyObjectClass = {.name = "NativeKeyObject",
                                          .construct = ConstructKeyObject};
const ClassEntry kNativeCryptoKeyClass = {
    .name = "NativeCryptoKey", .construct = ConstructCryptoKey, .fields = 2};

v8::Local<v8::Value> NewCryptoKey(Env& env, KeyPointer key, v8::Local<v8::Value> algorithm,
                                  uint32_t usages, bool extractable) {
  v8::Local<v8::Object> made;
  if (!Make(env, kCryptoKey,
            {NewKeyHandle(env, std::move(key)), algorithm,
             v8::Integer::NewFromUnsigned(env.isolate, usages),
             v8::Boolean::New(env.isolate, extractable)})
           .ToLocal(&made))
    return env.Undefined();
  return made;
}

void CreateNativeKeyObjectClass(Env& env, const Args& args) {
  v8::Local<v8::Array> classes;
  if (!CallWithClass(env, args, kNativeKeyObjectClass, &classes)) return;
  RememberClass(env, kSecretKeyObject, Element(env, classes, 1));
  RememberClass(env, kPublicKeyObject, Element(env, classes, 2));
  RememberClass(env, kPrivateKeyObject, Element(env, classes, 3));
}

void CreateCryptoKeyClass(Env& env, const Args& args) {
  v8::Local<v8::Array> classes;
  if (CallWithClass(env, args, kNativeCryptoKeyClass, &classes))
    RememberClass(env, kCryptoKey, Element(env, classes, 1));
}

bool IsNativeKeyObject(Env& env, v8::Local<v8::Value> value) {
  return UnwrapArgument<NativeKeyObject>(env, kNativeKeyObjectClass, value) != nullptr;
}
bool IsNativeCryptoKey(Env& env, v8::Local<v8::Value> value) {
  return UnwrapArgument<NativeCryptoKey>(env, kNativeCryptoKeyClass, value) != nullptr;
}

// [type, handle]
void GetKeyObjectSlots(Env& env, const Args& args) {
  auto* key = UnwrapArgument<NativeKeyObject>(env, kNativeKeyObjectClass, args[0]);
  if (!key) return ThrowInvalidThis(env, "KeyObject");
  v8::Local<v8::Value> slots[] = {v8::Integer::New(env.isolate, int(key->key->type)),
                                  NewKeyHandle(env, key->key)};
  args.GetReturnValue().Set(v8::Array::New(env.isolate, slots, std::size(slots)));
}

// [type, extractable, algorithm, usages, handle]
void GetCryptoKeySlots(Env& env, const Args& args) {
  auto* key = UnwrapArgument<NativeCryptoKey>(env, kNativeCryptoKeyClass, args[0]);
  if (!key) return ThrowInvalidThis(env, "CryptoKey");
  v8::Local<v8::Value> slots[] = {v8::Integer::New(env.isolate, int(key->state.key->type)),
                                  v8::Boolean::New(env.isolate, key->state.extractable),
                                  key->algorithm(),
                                  v8::Integer::NewFromUnsigned(env.isolate, key->state.usages),
                                  NewKeyHandle(env, key->state.key)};
  args.GetReturnValue().Set(v8::Array::New(env.isolate, slots, std::size(slots)));
}

}  // namespace kiln::runtime
