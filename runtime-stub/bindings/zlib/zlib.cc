// internalBinding("zlib"): the native streams of zlib.js. A write processes one input and one
// output buffer, synchronously or on the thread pool, stores the number of bytes left of both in
// an array shared with JavaScript, and calls back; JavaScript decides whether to write again.
#include "runtime-stub/bindings/zlib/chromium_zlib.h"

#include <cmath>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/unavailable.h"
#include "runtime-stub/bindings/zlib/codec.h"

namespace kiln::runtime {
namespace {

class CompressionStream : public AsyncWrap {
 public:
  static constexpr int kCallbackField = 1;
  static constexpr int kFields = 2;
  explicit CompressionStream(Env& env) : AsyncWrap(env, Provider::kZLIB) { work_.data = this; }
  ~CompressionStream() override { Release(); }

  template <bool async>
  void Write(const Args& args);

  void Close() {
    if (writing_)
      close_pending_ = true;
    else
      Release();
  }
  void Reset() {
    if (!codec_ || !Idle("reset")) return;
    if (CodecError error = codec_->Reset()) Emit(error);
  }

 protected:
  // Returns false with an exception pending while the thread pool uses the codec.
  bool Idle(const char* action) {
    if (!writing_) return true;
    Error::Plain("", std::string("Cannot ") + action + " zlib stream while a write is in progress")
        .Throw(env());
    return false;
  }

  // The first step of init(): the array [output left, input left] and the function to call after
  // an async write. Returns false with an exception pending.
  bool SetResults(v8::Local<v8::Value> array, v8::Local<v8::Value> callback) {
    if (!Idle("initialize")) return false;
    if (!array->IsUint32Array() || array.As<v8::Uint32Array>()->Length() < 2 ||
        !callback->IsFunction()) {
      ThrowBadArgument(env(), 0);
      return false;
    }
    auto view = array.As<v8::Uint32Array>();
    results_memory_ = view->Buffer()->GetBackingStore();
    results_ = reinterpret_cast<uint32_t*>(static_cast<char*>(results_memory_->Data()) +
                                           view->ByteOffset());
    object()->SetInternalField(kCallbackField, callback);
    return true;
  }

  void SetCodec(std::unique_ptr<Codec> codec) {
    Release();
    codec_ = std::move(codec);
    memory_ = int64_t(codec_->memory());
    env().isolate->AdjustAmountOfExternalAllocatedMemory(memory_);
  }

  // Initializes a new codec and owns it, or throws.
  void Start(std::unique_ptr<Codec> codec, v8::Local<v8::Value> parameters) {
    if (CodecError error = codec->Reset()) return FailInit(error);
    SetCodec(std::move(codec));
    SetParameters(parameters);
  }

  // Parameters by index; -1 keeps the default. Returns false with an exception pending.
  bool SetParameters(v8::Local<v8::Value> value) {
    if (!value->IsUint32Array()) {
      ThrowBadArgument(env(), 0);
      return false;
    }
    std::vector<uint32_t> values(value.As<v8::Uint32Array>()->Length());
    value.As<v8::Uint32Array>()->CopyContents(values.data(), values.size() * sizeof(uint32_t));
    for (size_t i = 0; i < values.size(); i++) {
      if (values[i] == uint32_t(-1)) continue;
      if (CodecError error = codec_->SetParameter(int(i), values[i])) {
        FailInit(error);
        return false;
      }
    }
    return true;
  }

  void FailInit(const CodecError& error) {
    Emit(error);
    Error::Plain("ERR_ZLIB_INITIALIZATION_FAILED", InitFailure(error)).Throw(env());
  }
  // The text of the exception that init() throws.
  virtual std::string InitFailure(const CodecError& error) const { return error.message; }

  // Calls onerror(message, number, code), if JavaScript has set it.
  void Emit(const CodecError& error) {
    writing_ = false;
    v8::HandleScope scope(env().isolate);
    v8::Local<v8::Value> handler = env().Get(object(), "onerror");
    if (handler->IsFunction())
      (void)MakeCallback("onerror",
                         {env().Str(error.message), v8::Integer::New(env().isolate, error.number),
                          env().Str(error.code)});
    if (close_pending_) Close();  // unless the handler has started another write
  }

  static std::string Dictionary(v8::Local<v8::Value> value) {
    ReadBytes bytes(value);
    return bytes.ok() ? std::string(bytes.view()) : std::string();
  }

  std::unique_ptr<Codec> codec_;

 private:
  void Release() {
    close_pending_ = false;
    codec_.reset();
    if (memory_) env().isolate->AdjustAmountOfExternalAllocatedMemory(-memory_);
    memory_ = 0;
  }

  void StoreResults() {
    results_[0] = uint32_t(codec_->out_left());
    results_[1] = uint32_t(codec_->in_left());
  }

  void AfterWork(int status) {
    v8::HandleScope scope(env().isolate);
    v8::Context::Scope entered(env().context());
    v8::Local<v8::Object> keep = object();
    writing_ = false;
    in_memory_.reset();
    out_memory_.reset();
    Unpin();
    if (status == UV_ECANCELED) return Release();
    if (CodecError error = codec_->Error()) return Emit(error);
    StoreResults();
    (void)MakeCallback(keep->GetInternalField(kCallbackField).As<v8::Function>(), {});
    if (close_pending_) Close();  // unless the callback has started another write
  }

  uv_work_t work_;
  std::shared_ptr<v8::BackingStore> results_memory_;
  uint32_t* results_ = nullptr;
  bool writing_ = false;
  bool close_pending_ = false;
  int64_t memory_ = 0;
  // Keep the buffers alive while the thread pool uses them.
  std::shared_ptr<v8::BackingStore> in_memory_;
  std::shared_ptr<v8::BackingStore> out_memory_;
};

// The part [offset, offset + length) of a view.
bool Part(v8::Local<v8::Value> value, v8::Local<v8::Value> offset, v8::Local<v8::Value> length,
          Bytes* out, std::shared_ptr<v8::BackingStore>* memory) {
  Bytes all;
  if (!value->IsArrayBufferView() || !GetBytes(value, &all) || !offset->IsUint32() ||
      !length->IsUint32())
    return false;
  size_t start = offset.As<v8::Uint32>()->Value();
  size_t size = length.As<v8::Uint32>()->Value();
  if (start > all.size || size > all.size - start) return false;
  *out = {all.data + start, size};
  *memory = value.As<v8::ArrayBufferView>()->Buffer()->GetBackingStore();
  return true;
}

// write(flush, in, in offset, in length, out, out offset, out length)
template <bool async>
void CompressionStream::Write(const Args& args) {
  if (!codec_ || writing_)
    return Error::Plain("ERR_INVALID_STATE", codec_ ? "Invalid state: write in progress"
                                                    : "Invalid state: zlib stream is closed")
        .Throw(env());
  Bytes in;
  Bytes out;
  std::shared_ptr<v8::BackingStore> in_memory, out_memory;
  if (!args[0]->IsUint32() || args[0].As<v8::Uint32>()->Value() > Z_BLOCK)
    return ThrowBadArgument(env(), 0);
  // The library takes lengths from properties that user code can replace, so check them here.
  if (!args[1]->IsNull() && !Part(args[1], args[2], args[3], &in, &in_memory))
    return Error::Range("ERR_OUT_OF_RANGE", "Invalid input range").Throw(env());
  if (!Part(args[4], args[5], args[6], &out, &out_memory))
    return Error::Range("ERR_OUT_OF_RANGE", "Invalid output range").Throw(env());
  codec_->SetBuffers(in.data, in.size, out.data, out.size);
  codec_->SetFlush(int(args[0].As<v8::Uint32>()->Value()));
  writing_ = true;
  if constexpr (!async) {
    codec_->Work();
    if (CodecError error = codec_->Error()) return Emit(error);
    StoreResults();
    writing_ = false;
  } else {
    Pin();
    // JavaScript could shrink a resizable buffer while the thread pool uses it.
    if ((in_memory && in_memory->IsResizableByUserJavaScript()) ||
        out_memory->IsResizableByUserJavaScript()) {
      codec_->Work();
      return env().SetImmediate([this](Env&) { AfterWork(0); });
    }
    in_memory_ = std::move(in_memory);
    out_memory_ = std::move(out_memory);
    CHECK(uv_queue_work(
              env().loop, &work_,
              [](uv_work_t* work) { static_cast<CompressionStream*>(work->data)->codec_->Work(); },
              [](uv_work_t* work, int status) {
                static_cast<CompressionStream*>(work->data)->AfterWork(status);
              }) == 0);
  }
}

int ToInt(v8::Local<v8::Value> value) {
  return value->IsNumber() ? Saturate<int>(value.As<v8::Number>()->Value()) : 0;
}

class ZlibStream final : public CompressionStream {
 public:
  ZlibStream(Env& env, const Args& args)
      : CompressionStream(env), mode_(ZlibMode(ToInt(args[0]))) {}

  // init(window bits, level, memory level, strategy, results, callback, dictionary,
  //      reject garbage)
  void Init(const Args& args) {
    if (!SetResults(args[4], args[5])) return;
    ZlibOptions options{mode_,          ToInt(args[1]),      ToInt(args[0]),   ToInt(args[2]),
                        ToInt(args[3]), Dictionary(args[6]), args[7]->IsTrue()};
    if (!options.Valid()) return ThrowBadArgument(env(), 0);
    std::unique_ptr<ZlibCodec> codec = NewZlibCodec(std::move(options));
    zlib_ = codec.get();
    SetCodec(std::move(codec));
  }
  void Params(const Args& args) {
    if (!codec_ || !Idle("set the parameters of")) return;
    if (CodecError error = zlib_->SetLevel(ToInt(args[0]), ToInt(args[1]))) Emit(error);
  }

 private:
  ZlibMode mode_;
  ZlibCodec* zlib_ = nullptr;  // codec_ with its static type; not owned
};

class BrotliStream final : public CompressionStream {
 public:
  BrotliStream(Env& env, const Args& args)
      : CompressionStream(env), mode_(ZlibMode(ToInt(args[0]))) {}

  // init(parameters, results, callback, dictionary)
  void Init(const Args& args) {
    if (!SetResults(args[1], args[2])) return;
    bool encode = mode_ == ZlibMode::kBrotliEncode;
    OptionalComponent component =
        encode ? OptionalComponent::kBrotliEncoder : OptionalComponent::kBrotliDecoder;
    auto make = encode ? NewBrotliEncoder : NewBrotliDecoder;
    if (!make || !SelectedComponents().Has(component))
      return Unavailable(component, encode ? "zlib.BrotliCompress" : "zlib.BrotliDecompress")
          .Throw(env());
    Start(make(Dictionary(args[3])), args[0]);
  }
  void Params(const Args&) {}

 protected:
  std::string InitFailure(const CodecError&) const override { return "Initialization failed"; }

 private:
  ZlibMode mode_;
};

template <ZlibMode mode>
class ZstdStream final : public CompressionStream {
 public:
  ZstdStream(Env& env, const Args&) : CompressionStream(env) {}

  // init(parameters, pledged size, results, callback, dictionary)
  void Init(const Args& args) {
    if (!SetResults(args[2], args[3])) return;
    uint64_t pledged = uint64_t(-1);  // unknown
    if (!args[1]->IsUndefined()) {
      if (!args[1]->IsNumber())
        return Error::Type("ERR_INVALID_ARG_TYPE", "pledgedSrcSize must be a number").Throw(env());
      double size = args[1].As<v8::Number>()->Value();
      if (size != std::trunc(size) || std::abs(size) > 9007199254740991)
        return Error::Range("ERR_OUT_OF_RANGE", "pledgedSrcSize must be a safe integer")
            .Throw(env());
      if (size < 0)
        return Error::Range("ERR_OUT_OF_RANGE", "pledgedSrcSize must be non-negative").Throw(env());
      pledged = uint64_t(size);
    }
    if constexpr (mode == ZlibMode::kZstdDecompress) {
      Start(NewZstdDecoder(Dictionary(args[4])), args[0]);
    } else {
      if (!NewZstdEncoder || !SelectedComponents().Has(OptionalComponent::kZstdEncoder))
        return Unavailable(OptionalComponent::kZstdEncoder, "zlib.ZstdCompress").Throw(env());
      Start(NewZstdEncoder(pledged, Dictionary(args[4])), args[0]);
    }
  }
  void Params(const Args&) {}
};

void Crc32(Env& env, const Args& args) {
  uint32_t seed = args[1]->IsUint32() ? args[1].As<v8::Uint32>()->Value() : 0;
  std::string storage;
  std::string_view data;
  ReadBytes bytes(args[0]);
  if (bytes.ok()) {
    data = bytes.view();
  } else if (args[0]->IsString()) {
    storage = ToUtf8(env.isolate, args[0]);
    data = storage;
  } else {
    return ThrowBadArgument(env, 0);
  }
  uLong value = crc32_z(seed, reinterpret_cast<const Bytef*>(data.data()), data.size());
  args.GetReturnValue().Set(uint32_t(value));
}

template <class C>
constexpr Entry kMethods[] = {
    Method<&CompressionStream::Write<true>>("write"),
    Method<&CompressionStream::Write<false>>("writeSync"),
    Method<&CompressionStream::Close>("close"),
    Method<&C::Init>("init"),
    Method<&C::Params>("params"),
    Method<&CompressionStream::Reset>("reset"),
};

template <class C>
constexpr ClassEntry MakeClass(const char* name) {
  return {.name = name,
          .construct = Construct<C>,
          .parent = &kAsyncWrapClass,
          .methods = kMethods<C>,
          .fields = C::kFields};
}

// One C++ class each, but two JavaScript classes: encoder and decoder differ in their mode.
const ClassEntry kZlibClass = MakeClass<ZlibStream>("Zlib");
const ClassEntry kBrotliEncoderClass = MakeClass<BrotliStream>("BrotliEncoder");
const ClassEntry kBrotliDecoderClass = MakeClass<BrotliStream>("BrotliDecoder");
const ClassEntry kZstdCompressClass =
    MakeClass<ZstdStream<ZlibMode::kZstdCompress>>("ZstdCompress");
const ClassEntry kZstdDecompressClass =
    MakeClass<ZstdStream<ZlibMode::kZstdDecompress>>("ZstdDecompress");

constexpr Entry kFunctions[] = {Method<Crc32>("crc32")};
const ClassEntry* const kClasses[] = {&kZlibClass, &kBrotliEncoderClass, &kBrotliDecoderClass,
                                      &kZstdCompressClass, &kZstdDecompressClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "ZLIB_VERSION", env.Str(ZLIB_VERSION));
}

}  // namespace

extern const Binding kZlibBinding;
const Binding kZlibBinding = {
    .name = "zlib", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
