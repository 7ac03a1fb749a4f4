// internalBinding("buffer"): slicing, writing, comparing, filling, swapping and searching of
// Buffers. The encodings are in binding/buffer.h, the search in search.h. JavaScript has converted
// and mostly checked the arguments, but every range is checked again, because a wrong one would
// access other memory.
//
// The hot functions have a second version for optimized code. It must not allocate while it holds a
// pointer into a string, so FastWrite copies first.
#include "runtime-stub/binding/buffer.h"

#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/buffer/search.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime {
namespace {

using Options = v8::FastApiCallbackOptions;

void ThrowNotBuffer(Env& env) {
  Error::Type("ERR_INVALID_ARG_TYPE", "argument must be a buffer").Throw(env);
}
void ThrowNotString(Env& env) {
  Error::Type("ERR_INVALID_ARG_TYPE", "argument must be a string").Throw(env);
}
void ThrowIndex(Env& env, const char* message = "Index out of range") {
  Error::Range("ERR_OUT_OF_RANGE", message).Throw(env);
}
void ThrowOffset(Env& env, const char* name) {
  Error::Range("ERR_BUFFER_OUT_OF_BOUNDS",
               "\"" + std::string(name) + "\" is outside of buffer bounds")
      .Throw(env);
}

// The bytes of a view for writing; false after throwing.
bool WritableView(Env& env, v8::Local<v8::Value> value, Bytes* out) {
  if (value->IsArrayBufferView()) return GetBytes(value, out);
  ThrowNotBuffer(env);
  return false;
}

// The bytes of a view for reading.
struct View : ReadBytes {
  View(Env& env, v8::Local<v8::Value> value)
      : ReadBytes(value->IsArrayBufferView() ? value
                                             : v8::Local<v8::Value>(v8::Null(env.isolate))) {
    if (!ok()) ThrowNotBuffer(env);
  }
};

// An index argument; `fallback` for undefined. False after throwing.
bool Index(Env& env, v8::Local<v8::Value> value, size_t fallback, size_t* out) {
  if (value->IsUndefined()) {
    *out = fallback;
    return true;
  }
  int64_t index;
  if (!value->IntegerValue(env.context()).To(&index)) return false;
  if (index < 0) {
    ThrowIndex(env);
    return false;
  }
  *out = size_t(index);
  return true;
}

// ---------------------------------------------------------------- strings

// slice(buffer, start, end)
template <Encoding kEncoding>
void Slice(Env& env, const Args& args) {
  if (!args[0]->IsArrayBufferView()) return ThrowNotBuffer(env);
  const size_t size = args[0].As<v8::ArrayBufferView>()->ByteLength();
  if (size == 0) return args.GetReturnValue().SetEmptyString();
  size_t start, end;
  if (!Index(env, args[1], 0, &start) || !Index(env, args[2], size, &end)) return;
  end = std::max(start, end);
  View view(env, args[0]);  // after valueOf() of the indices, which may detach the buffer
  if (end > view.size()) return ThrowIndex(env);
  v8::Local<v8::Value> string;
  if (EncodeString(env, view.data() + start, end - start, kEncoding).ToLocal(&string))
    args.GetReturnValue().Set(string);
}

// write(buffer, string, offset, length): bytes written
template <Encoding kEncoding>
void Write(Env& env, const Args& args) {
  Bytes bytes;
  if (!args[0]->IsArrayBufferView()) return ThrowNotBuffer(env);
  if (!args[1]->IsString()) return ThrowNotString(env);
  size_t size = args[0].As<v8::ArrayBufferView>()->ByteLength();
  size_t offset, length;
  if (!Index(env, args[2], 0, &offset)) return;
  if (offset > size) return ThrowOffset(env, "offset");
  if (!Index(env, args[3], size - offset, &length)) return;
  length = std::min(size - offset, length);
  GetBytes(args[0], &bytes);  // valueOf() of the numbers may shrink or detach the buffer
  if (offset >= bytes.size) return args.GetReturnValue().Set(0);
  length = std::min(bytes.size - offset, length);
  if (length == 0) return args.GetReturnValue().Set(0);
  size_t written =
      WriteString(env, bytes.data + offset, length, args[1].As<v8::String>(), kEncoding);
  args.GetReturnValue().Set(double(written));
}

// The same for one-byte strings, called from optimized code.
template <Encoding kEncoding>
double FastWrite(v8::Local<v8::Value>, v8::Local<v8::Value> target,
                 const v8::FastOneByteString& source, double offset, double length,
                 Options& options) {
  Env& env = Env::From(options.isolate);
  v8::HandleScope scope(options.isolate);
  if (!target->IsArrayBufferView()) {
    ThrowNotBuffer(env);
    return 0;
  }
  auto view = target.As<v8::ArrayBufferView>();
  double size = double(view->ByteLength());
  if (!(offset >= 0 && offset <= size)) {
    ThrowOffset(env, "offset");
    return 0;
  }
  if (!(length >= 0)) {
    ThrowIndex(env);
    return 0;
  }
  // Only what fits the buffer matters, so the temporary memory is limited to that.
  size_t capacity = size_t(std::min(length, size - offset));
  if (capacity == 0) return 0;
  const char* from = source.data;
  size_t from_length = std::min(size_t(source.length), capacity);
  char aside[64];
  if (!view->HasBuffer()) {  // on-heap, at most 64 bytes: Buffer() allocates and moves it
    std::memcpy(aside, from, std::min(from_length, sizeof aside));
    from = aside;
  }
  Bytes bytes;
  GetBytes(target, &bytes);
  uint8_t* to = bytes.data + size_t(offset);
  auto convert = [&] {
    return double(simdutf::convert_latin1_to_utf8(from, from_length, reinterpret_cast<char*>(to)));
  };
  constexpr bool kUtf8 = kEncoding == Encoding::kUtf8;
  if (kUtf8 && capacity / 2 >= from_length) return convert();  // fits, whatever the characters are
  const size_t needed = kUtf8 ? simdutf::utf8_length_from_latin1(from, from_length) : from_length;
  if (needed == from_length) {
    std::memcpy(to, from, from_length);
    return double(from_length);
  }
  if (needed <= capacity) return convert();
  size_t written = 0;
  for (size_t i = 0; i < from_length; i++) {
    uint8_t c = uint8_t(from[i]);
    if (c < 0x80) {
      if (written + 1 > capacity) break;
      to[written++] = c;
    } else {
      if (written + 2 > capacity) break;
      to[written++] = uint8_t(0xC0 | c >> 6);
      to[written++] = uint8_t(0x80 | (c & 0x3F));
    }
  }
  return double(written);
}

void ByteLengthUtf8(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowNotString(env);
  args.GetReturnValue().Set(double(DecodedSize(env, args[0].As<v8::String>(), Encoding::kUtf8)));
}
double FastByteLengthUtf8(v8::Local<v8::Value>, const v8::FastOneByteString& string, Options&) {
  return double(simdutf::utf8_length_from_latin1(string.data, string.length));
}

// ---------------------------------------------------------------- comparing and copying

int Order(const uint8_t* a, size_t a_size, const uint8_t* b, size_t b_size) {
  size_t common = std::min(a_size, b_size);
  int order = common ? std::memcmp(a, b, common) : 0;
  if (order != 0) return order > 0 ? 1 : -1;
  return a_size == b_size ? 0 : a_size > b_size ? 1 : -1;
}

void Compare(Env& env, const Args& args) {
  View a(env, args[0]);
  if (!a.ok()) return;
  View b(env, args[1]);
  if (!b.ok()) return;
  args.GetReturnValue().Set(Order(a.data(), a.size(), b.data(), b.size()));
}
int32_t FastCompare(v8::Local<v8::Value>, v8::Local<v8::Value> left, v8::Local<v8::Value> right,
                    Options& options) {
  v8::HandleScope scope(options.isolate);
  Env& env = Env::From(options.isolate);
  View a(env, left);
  if (!a.ok()) return 0;
  View b(env, right);
  if (!b.ok()) return 0;
  return Order(a.data(), a.size(), b.data(), b.size());
}

// compareOffset(source, target, targetStart, sourceStart, targetEnd, sourceEnd)
void CompareOffset(Env& env, const Args& args) {
  if (!args[0]->IsArrayBufferView() || !args[1]->IsArrayBufferView()) return ThrowNotBuffer(env);
  size_t target_start, source_start, target_end, source_end;
  if (!Index(env, args[2], 0, &target_start) || !Index(env, args[3], 0, &source_start) ||
      !Index(env, args[4], args[1].As<v8::ArrayBufferView>()->ByteLength(), &target_end) ||
      !Index(env, args[5], args[0].As<v8::ArrayBufferView>()->ByteLength(), &source_end))
    return;
  // Read after valueOf() of the indices, which may detach the buffers.
  View source(env, args[0]), target(env, args[1]);
  if (source_start > source.size())
    return ThrowIndex(env, "The value of \"sourceStart\" is out of range.");
  if (target_start > target.size())
    return ThrowIndex(env, "The value of \"targetStart\" is out of range.");
  source_end = std::clamp(source_end, source_start, source.size());
  target_end = std::clamp(target_end, target_start, target.size());
  args.GetReturnValue().Set(Order(source.data() + source_start, source_end - source_start,
                                  target.data() + target_start, target_end - target_start));
}

// Copies `count` bytes; the views may overlap. False if the range is invalid.
bool CopyBytes(v8::Local<v8::Value> source, v8::Local<v8::Value> target, double target_start,
               double source_start, double count) {
  ReadBytes from(source);
  Bytes to;
  GetBytes(target, &to);
  // Buffer() of the target may have moved the source's bytes, if both views are on one array.
  if (source == target) {
    return [&] {
      if (!(target_start >= 0 && source_start >= 0 && count >= 0 &&
            target_start + count <= double(to.size) && source_start + count <= double(to.size)))
        return false;
      std::memmove(to.data + size_t(target_start), to.data + size_t(source_start), size_t(count));
      return true;
    }();
  }
  if (!(target_start >= 0 && source_start >= 0 && count >= 0 &&
        target_start + count <= double(to.size) && source_start + count <= double(from.size())))
    return false;
  std::memmove(to.data + size_t(target_start), from.data() + size_t(source_start), size_t(count));
  return true;
}

// copy(source, target, targetStart, sourceStart, count): the count
void Copy(Env& env, const Args& args) {
  if (!args[0]->IsArrayBufferView() || !args[1]->IsArrayBufferView()) return ThrowNotBuffer(env);
  if (!args[2]->IsNumber() || !args[3]->IsNumber() || !args[4]->IsNumber()) return ThrowIndex(env);
  if (!CopyBytes(args[0], args[1], args[2].As<v8::Number>()->Value(),
                 args[3].As<v8::Number>()->Value(), args[4].As<v8::Number>()->Value()))
    return ThrowIndex(env);
  args.GetReturnValue().Set(args[4]);
}
double FastCopy(v8::Local<v8::Value>, v8::Local<v8::Value> source, v8::Local<v8::Value> target,
                double target_start, double source_start, double count, Options& options) {
  v8::HandleScope scope(options.isolate);
  if (!source->IsArrayBufferView() || !target->IsArrayBufferView()) {
    ThrowNotBuffer(Env::From(options.isolate));
    return 0;
  }
  if (!CopyBytes(source, target, target_start, source_start, count))
    ThrowIndex(Env::From(options.isolate));
  return count;
}

// copyArrayBuffer(destination, offset, source, offset, count)
Result<Ok> CopyArrayBuffer(Env& env, v8::Local<v8::Value> destination, double to_offset,
                           v8::Local<v8::Value> source, double from_offset, double count) {
  Bytes to, from;
  if (destination->IsArrayBufferView() || source->IsArrayBufferView() ||
      !GetBytes(destination, &to) || !GetBytes(source, &from))
    return Error::Type("ERR_INVALID_ARG_TYPE", "argument must be an ArrayBuffer");
  if (!(to_offset >= 0 && from_offset >= 0 && count >= 0 && to_offset + count <= double(to.size) &&
        from_offset + count <= double(from.size)))
    return Error::Range("ERR_OUT_OF_RANGE", "Index out of range");
  if (count > 0)
    std::memmove(to.data + size_t(to_offset), from.data + size_t(from_offset), size_t(count));
  return Ok{};
}

// ---------------------------------------------------------------- searching

double EndArgument(const Args& args, int index, size_t size) {
  return args[index]->IsNumber() ? args[index].As<v8::Number>()->Value() : double(size);
}

// indexOfString(buffer, string, offset, encoding, forward, end)
void IndexOfString(Env& env, const Args& args) {
  View view(env, args[0]);
  if (!view.ok()) return;
  if (!args[1]->IsString()) return ThrowNotString(env);
  if (!args[2]->IsNumber() || !args[3]->IsInt32()) return ThrowIndex(env);
  Encoding encoding = ParseEncoding(env, args[3], Encoding::kUtf8);
  std::string needle = DecodeString(env, args[1].As<v8::String>(), encoding);
  size_t size = encoding == Encoding::kUcs2 ? view.size() & ~size_t(1) : view.size();
  args.GetReturnValue().Set(
      double(SearchBytes(view.view().substr(0, size), needle, args[2].As<v8::Number>()->Value(),
                         encoding, args[4]->IsTrue(), EndArgument(args, 5, view.size()))));
}

// indexOfBuffer(buffer, needle, offset, encoding, forward, end)
void IndexOfBuffer(Env& env, const Args& args) {
  View view(env, args[0]);
  if (!view.ok()) return;
  View needle(env, args[1]);
  if (!needle.ok()) return;
  if (!args[2]->IsNumber() || !args[3]->IsInt32()) return ThrowIndex(env);
  Encoding encoding = ParseEncoding(env, args[3], Encoding::kUtf8);
  args.GetReturnValue().Set(
      double(SearchBytes(view.view(), needle.view(), args[2].As<v8::Number>()->Value(), encoding,
                         args[4]->IsTrue(), EndArgument(args, 5, view.size()))));
}

// indexOfNumber(buffer, byte, offset, forward, end)
void IndexOfNumber(Env& env, const Args& args) {
  View view(env, args[0]);
  if (!view.ok()) return;
  if (!args[1]->IsUint32() || !args[2]->IsNumber()) return ThrowIndex(env);
  args.GetReturnValue().Set(double(SearchByte(view.view(), args[1].As<v8::Uint32>()->Value(),
                                              args[2].As<v8::Number>()->Value(), args[3]->IsTrue(),
                                              EndArgument(args, 4, view.size()))));
}
double FastIndexOfNumber(v8::Local<v8::Value>, v8::Local<v8::Value> buffer, uint32_t byte,
                         double offset, bool forward, double end, Options& options) {
  v8::HandleScope scope(options.isolate);
  View view(Env::From(options.isolate), buffer);
  return view.ok() ? double(SearchByte(view.view(), byte, offset, forward, end)) : -1;
}

// ---------------------------------------------------------------- filling and swapping

// fill(buffer, value, start, end, encoding): undefined; -1 for a value without bytes; -2 for an
// invalid range. JavaScript throws for both numbers.
void Fill(Env& env, const Args& args) {
  Bytes bytes;
  size_t start, end;
  if (!WritableView(env, args[0], &bytes)) return;
  if (!Index(env, args[2], 0, &start) || !Index(env, args[3], 0, &end)) return;
  std::string pattern;
  if (args[1]->IsString()) {
    pattern =
        DecodeString(env, args[1].As<v8::String>(), ParseEncoding(env, args[4], Encoding::kUtf8));
  } else if (args[1]->IsArrayBufferView()) {
    pattern = ReadBytes(args[1]).view();
  } else {
    uint32_t number;  // valueOf may run JavaScript: the bytes are fetched again below
    if (!args[1]->Uint32Value(env.context()).To(&number)) return;
    pattern.assign(1, char(number & 0xFF));
  }
  GetBytes(args[0], &bytes);
  if (start > end || end > bytes.size) return args.GetReturnValue().Set(-2);
  size_t length = end - start;
  if (length == 0) return;
  if (pattern.empty()) return args.GetReturnValue().Set(-1);
  uint8_t* to = bytes.data + start;
  if (pattern.size() == 1) {
    std::memset(to, uint8_t(pattern[0]), length);
    return;
  }
  size_t done = std::min(pattern.size(), length);
  std::memcpy(to, pattern.data(), done);
  while (done < length) {  // copies the filled part, which doubles it
    size_t more = std::min(done, length - done);
    std::memcpy(to + done, to, more);
    done += more;
  }
}

template <class T>
T Reverse(T value) {
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

template <class T>
void SwapBytes(Bytes bytes) {
  for (size_t i = 0; i + sizeof(T) <= bytes.size; i += sizeof(T)) {
    T unit;
    std::memcpy(&unit, bytes.data + i, sizeof unit);
    unit = Reverse(unit);
    std::memcpy(bytes.data + i, &unit, sizeof unit);
  }
}
template <class T>
void Swap(Env& env, const Args& args) {
  Bytes bytes;
  if (!WritableView(env, args[0], &bytes)) return;
  SwapBytes<T>(bytes);
  args.GetReturnValue().Set(args[0]);
}

// ---------------------------------------------------------------- validation and base64

// isUtf8 and isAscii. A detached buffer has no bytes, so it is valid.
template <bool (*kValid)(const char*, size_t)>
Result<bool> IsValid(Env& env, v8::Local<v8::Value> value) {
  ReadBytes bytes(value);
  if (!bytes.ok()) return Error::Type("ERR_INVALID_ARG_TYPE", "argument must be a buffer");
  return kValid(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// btoa(string): base64 of its characters, or -1 if one is above U+00FF.
void Btoa(Env& env, const Args& args) {
  if (!args[0]->IsString()) return ThrowNotString(env);
  auto string = args[0].As<v8::String>();
  if (!string->ContainsOnlyOneByte()) return args.GetReturnValue().Set(-1);
  std::string characters = DecodeString(env, string, Encoding::kLatin1);
  v8::Local<v8::Value> result;
  if (EncodeString(env, characters, Encoding::kBase64).ToLocal(&result))
    args.GetReturnValue().Set(result);
}

// atob(string): the characters; -2 for an invalid character, -1 for a remainder of one digit, -3
// for other errors.
void Atob(Env& env, const Args& args) {
  constexpr int kInvalidCharacter = 7, kRemainder = 8;  // simdutf::error_code
  if (!args[0]->IsString()) return ThrowNotString(env);
  std::string out;
  simdutf::result r;
  {
    v8::String::ValueView view(env.isolate, args[0].As<v8::String>());
    size_t size = view.length() / 4 * 3 + 3;
    out.resize(size);
    r = view.is_one_byte()
            ? simdutf::base64_to_binary_safe(reinterpret_cast<const char*>(view.data8()),
                                             view.length(), out.data(), size,
                                             simdutf::base64_default, simdutf::loose)
            : simdutf::base64_to_binary_safe(reinterpret_cast<const char16_t*>(view.data16()),
                                             view.length(), out.data(), size,
                                             simdutf::base64_default, simdutf::loose);
    if (r.error == simdutf::SUCCESS) out.resize(size);
  }
  if (r.error != simdutf::SUCCESS) {
    int code = int(r.error);
    return args.GetReturnValue().Set(code == kInvalidCharacter ? -2 : code == kRemainder ? -1 : -3);
  }
  v8::Local<v8::String> result;
  if (Latin1String(env, out).ToLocal(&result)) args.GetReturnValue().Set(result);
}

// ---------------------------------------------------------------- memory

struct BufferState {
  // A snapshot must not contain uninitialized memory.
  explicit BufferState(Env& env)
      : zero_fill(env.building_snapshot ||
                  (env.options && env.options->GetBool("--zero-fill-buffers"))) {}
  bool zero_fill;
};

void CreateUnsafeArrayBuffer(Env& env, const Args& args) {
  double size = args[0]->IsNumber() ? args[0].As<v8::Number>()->Value() : -1;
  if (!(size >= 0 && size <= double(v8::Uint8Array::kMaxLength))) return ThrowIndex(env);
  auto mode = env.State<BufferState>().zero_fill
                  ? v8::BackingStoreInitializationMode::kZeroInitialized
                  : v8::BackingStoreInitializationMode::kUninitialized;
  auto store = v8::ArrayBuffer::NewBackingStore(env.isolate, size_t(size), mode,
                                                v8::BackingStoreOnFailureMode::kReturnNull);
  if (!store)
    return Error::Plain("ERR_MEMORY_ALLOCATION_FAILED", "Failed to allocate memory").Throw(env);
  args.GetReturnValue().Set(v8::ArrayBuffer::New(env.isolate, std::move(store)));
}

void RefuseTransfer(Env& env, const Args& args) {
  env.isolate->ThrowException(
      v8::Exception::TypeError(env.Str("ArrayBuffer is not detachable and could not be cloned.")));
}

// Prevents that the buffer's own methods transfer it; postMessage checks a private symbol. (V8's
// detach key is meant for this, but transfer() of a buffer with a detach key aborts the process in
// this version of V8.)
void SetDetachKey(Env& env, v8::Local<v8::ArrayBuffer> buffer, v8::Local<v8::Value> key) {
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  // One function for all buffers, in a slot, so that a snapshot contains it.
  v8::Local<v8::Value> refuse;
  v8::Local<v8::Value> holder = env.Get(Slot::kBufferPrototype);
  auto hidden = v8::Private::ForApi(env.isolate, env.Name("kiln:refuse_transfer"));
  if (!holder->IsObject() ||
      !holder.As<v8::Object>()->GetPrivate(context, hidden).ToLocal(&refuse) ||
      !refuse->IsFunction()) {
    refuse = NewFunction(env, Thunk<RefuseTransfer>::Call, "transfer");
    if (holder->IsObject()) (void)holder.As<v8::Object>()->SetPrivate(context, hidden, refuse);
  }
  for (const char* name : {"transfer", "transferToFixedLength"})
    (void)buffer->DefineOwnProperty(context, env.Name(name), refuse, v8::DontEnum);
}

void SetBufferPrototype(Env& env, v8::Local<v8::Object> prototype) {
  env.Set(Slot::kBufferPrototype, prototype);
}

template <auto F>
const v8::CFunction& FastForm() {
  static const v8::CFunction function = v8::CFunction::Make(F);
  return function;
}
template <auto Slow, auto Quick>
constexpr Entry WithFast(const char* name) {
  return {name, Thunk<Slow>::Call, FastForm<Quick>};
}

constexpr Entry kFunctions[] = {
    Method<SetBufferPrototype>("setBufferPrototype"),
    MethodNoSideEffect<Atob>("atob"),
    MethodNoSideEffect<Btoa>("btoa"),
    WithFast<ByteLengthUtf8, FastByteLengthUtf8>("byteLengthUtf8"),
    WithFast<Copy, FastCopy>("copy"),
    WithFast<Compare, FastCompare>("compare"),
    MethodNoSideEffect<CompareOffset>("compareOffset"),
    Method<Fill>("fill"),
    MethodNoSideEffect<IndexOfBuffer>("indexOfBuffer"),
    WithFast<IndexOfNumber, FastIndexOfNumber>("indexOfNumber"),
    MethodNoSideEffect<IndexOfString>("indexOfString"),
    Method<CopyArrayBuffer>("copyArrayBuffer"),
    Method<CreateUnsafeArrayBuffer>("createUnsafeArrayBuffer"),
    Method<Swap<uint16_t>>("swap16"),
    Method<Swap<uint32_t>>("swap32"),
    Method<Swap<uint64_t>>("swap64"),
    MethodNoSideEffect<IsValid<simdutf::validate_utf8>>("isUtf8"),
    MethodNoSideEffect<IsValid<simdutf::validate_ascii>>("isAscii"),
    MethodNoSideEffect<Slice<Encoding::kAscii>>("asciiSlice"),
    MethodNoSideEffect<Slice<Encoding::kBase64>>("base64Slice"),
    MethodNoSideEffect<Slice<Encoding::kBase64Url>>("base64urlSlice"),
    MethodNoSideEffect<Slice<Encoding::kLatin1>>("latin1Slice"),
    MethodNoSideEffect<Slice<Encoding::kHex>>("hexSlice"),
    MethodNoSideEffect<Slice<Encoding::kUcs2>>("ucs2Slice"),
    MethodNoSideEffect<Slice<Encoding::kUtf8>>("utf8Slice"),
    Method<Write<Encoding::kBase64>>("base64Write"),
    Method<Write<Encoding::kBase64Url>>("base64urlWrite"),
    Method<Write<Encoding::kHex>>("hexWrite"),
    Method<Write<Encoding::kUcs2>>("ucs2Write"),
    WithFast<Write<Encoding::kAscii>, FastWrite<Encoding::kAscii>>("asciiWriteStatic"),
    WithFast<Write<Encoding::kLatin1>, FastWrite<Encoding::kLatin1>>("latin1WriteStatic"),
    WithFast<Write<Encoding::kUtf8>, FastWrite<Encoding::kUtf8>>("utf8WriteStatic"),
    Method<SetDetachKey>("setDetachKey"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "kMaxLength", double(v8::Uint8Array::kMaxLength));
  env.Set(exports, "kStringMaxLength", double(v8::String::kMaxLength));
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(&Thunk<RefuseTransfer>::Call));
}

}  // namespace

extern const Binding kBufferBinding;
const Binding kBufferBinding = {
    .name = "buffer", .functions = kFunctions, .init = Init, .references = References};

}  // namespace kiln::runtime
