// KeyObjectHandle: the native key. The library's KeyObject and CryptoKey (keys.cc) have one and
// call its methods.
#include <openssl/crypto.h>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

class KeyObjectHandle final : public Wrapped {
 public:
  explicit KeyObjectHandle(Env& env) : Wrapped(env) {}
  const char* type_name() const override { return "KeyObjectHandle"; }
  KeyPointer key;

  // init(kKeyTypeSecret, bytes), init(kKeyTypeSecret, jwk, kKeyFormatJWK), or
  // init(public or private, data, format, type, passphrase, curve)
  void Init(const Args& args) {
    int type = args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : -1;
    int index = 1;
    switch (KeyType(type)) {
      case KeyType::kSecret:
        return InitSecret(args);
      case KeyType::kPublic:
        // A private key is accepted for its public half; the handle exports no more than that.
        if (KeyPointer made = PublicOrPrivateKeyFromArguments(env(), args, &index))
          key = MakeAsymmetricKey(KeyType::kPublic, made->pkey);
        return;
      case KeyType::kPrivate:
        if (KeyPointer made = PrivateKeyFromArguments(env(), args, &index)) key = std::move(made);
        return;
    }
    ThrowBadArgument(env(), 0);
  }

  void GetKeyType(const Args& args) {
    if (Ready()) args.GetReturnValue().Set(int(key->type));
  }
  void GetSymmetricKeySize(const Args& args) {
    if (Ready()) args.GetReturnValue().Set(double(key->secret.size()));
  }

  // Returns a name such as "rsa-pss"; undefined for kinds without one.
  void GetAsymmetricKeyType(const Args& args) {
    if (!ReadyAsymmetric()) return;
    const KeyAlgorithm* algorithm = AlgorithmOf(key->pkey.get());
    if (!algorithm) return;
    std::string name(algorithm->name);
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    args.GetReturnValue().Set(env().Name(name));
  }

  void CheckEcKeyData(const Args& args) {
    if (!ReadyAsymmetric()) return;
    PKeyContext context = NewContext(key->pkey);
    bool fine = context && IsKind(key->pkey, KeyKind::kEc) &&
                (key->type == KeyType::kPrivate ? EVP_PKEY_check(context.get())
                                                : EVP_PKEY_public_check_quick(context.get())) == 1;
    ERR_clear_error();
    args.GetReturnValue().Set(fine);
  }

  // export(), export(format, type) or export(format, type, cipher, passphrase)
  void Export(const Args& args) {
    if (!Ready()) return;
    if (key->type == KeyType::kSecret)
      return args.GetReturnValue().Set(NewBuffer(env(), key->secret));
    KeyOutput output;
    int index = 0;
    bool is_private = key->type == KeyType::kPrivate;
    if (args[0]->IsUndefined()) return ThrowBadArgument(env(), 0);
    if (!(is_private ? ReadPrivateOutput : ReadPublicOutput)(env(), args, &index, &output)) return;
    ReturnResult(args, (is_private ? EncodePrivateKey : EncodePublicKey)(env(), key->pkey, output));
  }

  // exportJwk(target, whether RSA-PSS keys have a JWK)
  void ExportJwk(const Args& args) {
    if (!Ready()) return;
    if (!args[0]->IsObject()) return ThrowBadArgument(env(), 0);
    if (kiln::runtime::ExportJwk(env(), *key, args[0].As<v8::Object>(), args[1]->IsTrue()))
      args.GetReturnValue().Set(args[0]);
  }

  void RawPublicKey(const Args& args) {
    if (!ReadyAsymmetric()) return;
    if (IsKind(key->pkey, KeyKind::kEc)) return ThrowIncompatibleEncoding(env());
    ReturnResult(args, EncodePublicKey(env(), key->pkey, {.format = KeyFormat::kRawPublic}));
  }
  void RawPrivateKey(const Args& args) {
    if (!ReadyPrivate()) return;
    if (IsKind(key->pkey, KeyKind::kEc)) return ThrowIncompatibleEncoding(env());
    ReturnResult(args, EncodePrivateKey(env(), key->pkey, {.format = KeyFormat::kRawPrivate}));
  }
  void RawSeed(const Args& args) {
    if (!ReadyPrivate()) return;
    ReturnResult(args, EncodePrivateKey(env(), key->pkey, {.format = KeyFormat::kRawSeed}));
  }

  // exportECPublicRaw(point form)
  void ExportEcPublicRaw(const Args& args) {
    if (!ReadyAsymmetric()) return;
    if (!IsKind(key->pkey, KeyKind::kEc)) return ThrowIncompatibleEncoding(env());
    KeyOutput output{.format = KeyFormat::kRawPublic};
    int form = args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : 0;
    if (form != POINT_CONVERSION_COMPRESSED && form != POINT_CONVERSION_UNCOMPRESSED &&
        form != POINT_CONVERSION_HYBRID)
      return ThrowBadArgument(env(), 0);
    output.point_form = form;
    ReturnResult(args, EncodePublicKey(env(), key->pkey, output));
  }
  void ExportEcPrivateRaw(const Args& args) {
    if (!ReadyPrivate()) return;
    if (!IsKind(key->pkey, KeyKind::kEc)) return ThrowIncompatibleEncoding(env());
    ReturnResult(args, EncodePrivateKey(env(), key->pkey, {.format = KeyFormat::kRawPrivate}));
  }

  // keyDetail(target)
  void KeyDetail(const Args& args) {
    if (!Ready()) return;
    if (!args[0]->IsObject()) return ThrowBadArgument(env(), 0);
    if (DescribeKey(env(), *key, args[0].As<v8::Object>())) args.GetReturnValue().Set(args[0]);
  }

  void Equals(const Args& args) {
    KeyPointer other = KeyOfHandle(env(), args[0]);
    if (!Ready()) return;
    if (!other) return ThrowBadArgument(env(), 0);
    args.GetReturnValue().Set(key->type == other->type && SameKey(*key, *other));
  }

 private:
  static bool SameKey(const KeyData& a, const KeyData& b) {
    if (a.type == KeyType::kSecret)
      return a.secret.size() == b.secret.size() &&
             CRYPTO_memcmp(a.secret.data(), b.secret.data(), a.secret.size()) == 0;
    if (AlgorithmOf(a.pkey.get()) != AlgorithmOf(b.pkey.get())) return false;
    bool same = EVP_PKEY_eq(a.pkey.get(), b.pkey.get()) == 1;
    ERR_clear_error();
    return same;
  }

  void InitSecret(const Args& args) {
    if (args[2]->IsInt32() && KeyFormat(args[2].As<v8::Int32>()->Value()) == KeyFormat::kJwk) {
      if (!args[1]->IsObject()) return ThrowBadArgument(env(), 1);
      if (KeyPointer made = SecretKeyFromJwk(env(), args[1].As<v8::Object>()))
        key = std::move(made);
      return;
    }
    auto made = std::make_shared<KeyData>();
    if (ToSecret(env(), args[1], &made->secret)) key = std::move(made);
  }

  void ReturnResult(const Args& args, v8::MaybeLocal<v8::Value> result) {
    v8::Local<v8::Value> value;
    if (result.ToLocal(&value)) args.GetReturnValue().Set(value);
  }

  bool Ready() {
    if (key) return true;
    Error::Plain("ERR_CRYPTO_INVALID_STATE", "Invalid state: the key handle has no key")
        .Throw(env());
    return false;
  }
  bool ReadyAsymmetric() {
    if (!Ready()) return false;
    if (!key->pkey) ThrowInvalidKeyType(env());
    return key->pkey != nullptr;
  }
  bool ReadyPrivate() {
    if (!ReadyAsymmetric()) return false;
    if (key->type != KeyType::kPrivate) ThrowInvalidKeyType(env());
    return key->type == KeyType::kPrivate;
  }
};

constexpr Entry kMethods[] = {
    Method<&KeyObjectHandle::Init>("init"),
    Method<&KeyObjectHandle::GetKeyType>("getKeyType"),
    Method<&KeyObjectHandle::GetSymmetricKeySize>("getSymmetricKeySize"),
    Method<&KeyObjectHandle::GetAsymmetricKeyType>("getAsymmetricKeyType"),
    Method<&KeyObjectHandle::CheckEcKeyData>("checkEcKeyData"),
    Method<&KeyObjectHandle::Export>("export"),
    Method<&KeyObjectHandle::ExportJwk>("exportJwk"),
    Method<&KeyObjectHandle::RawPublicKey>("rawPublicKey"),
    Method<&KeyObjectHandle::RawPrivateKey>("rawPrivateKey"),
    Method<&KeyObjectHandle::RawSeed>("rawSeed"),
    Method<&KeyObjectHandle::ExportEcPublicRaw>("exportECPublicRaw"),
    Method<&KeyObjectHandle::ExportEcPrivateRaw>("exportECPrivateRaw"),
    Method<&KeyObjectHandle::KeyDetail>("keyDetail"),
    Method<&KeyObjectHandle::Equals>("equals"),
};

void Construct(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  (new KeyObjectHandle(env))->Attach(args.This());
}

}  // namespace

const ClassEntry kKeyObjectHandleClass = {
    .name = "KeyObjectHandle", .construct = Construct, .methods = kMethods};

KeyPointer KeyOfHandle(Env& env, v8::Local<v8::Value> value) {
  auto* handle = UnwrapArgument<KeyObjectHandle>(env, kKeyObjectHandleClass, value);
  return handle ? handle->key : nullptr;
}

v8::Local<v8::Object> NewKeyHandle(Env& env, KeyPointer key) {
  auto* handle = NewWrapped<KeyObjectHandle>(env, kKeyObjectHandleClass);
  handle->key = std::move(key);
  return handle->object();
}

bool ToSecret(Env& env, v8::Local<v8::Value> value, SecretBytes* out) {
  KeyPointer key = KeyOfHandle(env, value);
  if (!key) return ToBytes(env, value, out);
  if (key->type != KeyType::kSecret) {
    ThrowInvalidKeyType(env);
    return false;
  }
  *out = key->secret;
  return true;
}

}  // namespace kiln::runtime
