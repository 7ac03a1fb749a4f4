// internalBinding("string_decoder"): decodes a sequence of chunks without splitting characters. The
// state of a decoder is a small Buffer that JavaScript owns: up to four bytes of an incomplete
// character, how many these are, how many are missing, and the encoding.
#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {
namespace {

enum Field : int {
  kIncompleteCharactersStart = 0,
  kIncompleteCharactersEnd = 4,
  kMissingBytes = 4,
  kBufferedBytes = 5,
  kEncodingField = 6,
  kNumFields = 7,
};

// The state of a decoder, in the memory of its Buffer.
class Decoder {
 public:
  Decoder(Env& env, uint8_t* state) : env_(env), state_(state) {
    // JavaScript can modify the Buffer: impossible counts are treated as 0.
    if (missing() > 4 || buffered() > 4 || missing() + buffered() > 4) Clear();
  }

  v8::MaybeLocal<v8::Value> Decode(const uint8_t* data, size_t size);
  v8::MaybeLocal<v8::Value> Flush();

 private:
  Encoding encoding() const {
    return state_[kEncodingField] <= int(Encoding::kBase64Url) ? Encoding(state_[kEncodingField])
                                                               : Encoding::kUtf8;
  }
  uint8_t& missing() { return state_[kMissingBytes]; }
  uint8_t& buffered() { return state_[kBufferedBytes]; }
  void Clear() { missing() = buffered() = 0; }
  void Append(const uint8_t* data, size_t count) {
    std::memcpy(state_ + buffered(), data, count);
    buffered() += uint8_t(count);
  }
  // Consumes bytes of an incomplete character at the start of the chunk, and returns their number.
  // If the character is complete, its string is appended to `out`.
  bool Finish(const uint8_t** data, size_t* size, v8::Local<v8::String>* out);
  // Sets the counts for an incomplete character at the end of the chunk.
  void FindIncomplete(const uint8_t* data, size_t size);
  bool AddString(const uint8_t* data, size_t size, v8::Local<v8::String>* out);

  Env& env_;
  uint8_t* state_;
};

bool Decoder::AddString(const uint8_t* data, size_t size, v8::Local<v8::String>* out) {
  v8::Local<v8::Value> value;
  if (!EncodeString(env_, data, size, encoding()).ToLocal(&value)) return false;
  auto string = value.As<v8::String>();
  *out = out->IsEmpty() ? string : v8::String::Concat(env_.isolate, *out, string);
  return true;
}

bool Decoder::Finish(const uint8_t** data, size_t* size, v8::Local<v8::String>* out) {
  if (encoding() == Encoding::kUtf8) {
    // A byte that should continue the character but does not starts a new one. V8 decodes the
    // incomplete bytes, which are invalid.
    for (size_t i = 0; i < *size && i < missing(); i++) {
      if (((*data)[i] & 0xC0) == 0x80) continue;
      missing() = 0;
      Append(*data, i);
      *data += i;
      *size -= i;
      break;
    }
  }
  size_t found = std::min(size_t(missing()), *size);
  Append(*data, found);
  *data += found;
  *size -= found;
  missing() -= uint8_t(found);
  if (missing() > 0) return true;
  if (!AddString(state_, buffered(), out)) return false;
  buffered() = 0;
  return true;
}

void Decoder::FindIncomplete(const uint8_t* data, size_t size) {
  switch (encoding()) {
    case Encoding::kUtf8: {
      if (!(data[size - 1] & 0x80)) return;
      // Goes back to the first byte of the last character.
      size_t count = 1;
      size_t at = size - 1;
      while ((data[at] & 0xC0) == 0x80) {
        // Longer than a character, or without a first byte: invalid, which V8 handles.
        if (count >= 4 || at == 0) return;
        count++;
        at--;
      }
      size_t needed = (data[at] & 0xE0) == 0xC0   ? 2
                      : (data[at] & 0xF0) == 0xE0 ? 3
                      : (data[at] & 0xF8) == 0xF0 ? 4
                                                  : 0;
      if (count >= needed) return;
      missing() = uint8_t(needed - count);
      buffered() = uint8_t(count);
      return;
    }
    case Encoding::kUcs2:
      if (size % 2 == 1) {
        missing() = buffered() = 1;
      } else if ((data[size - 1] & 0xFC) == 0xD8) {
        missing() = buffered() = 2;
      }
      return;
    case Encoding::kBase64:
    case Encoding::kBase64Url:
      buffered() = uint8_t(size % 3);
      if (buffered() > 0) missing() = uint8_t(3 - buffered());
      return;
    default:
      return;
  }
}

v8::MaybeLocal<v8::Value> Decoder::Decode(const uint8_t* data, size_t size) {
  v8::Local<v8::String> out;
  while (missing() > 0 && size > 0)
    if (!Finish(&data, &size, &out)) return {};
  if (size > 0) {
    FindIncomplete(data, size);
    size -= buffered();
    std::memcpy(state_, data + size, buffered());
    if (size > 0 && !AddString(data, size, &out)) return {};
  }
  return out.IsEmpty() ? v8::String::Empty(env_.isolate) : out;
}

v8::MaybeLocal<v8::Value> Decoder::Flush() {
  if (encoding() == Encoding::kUcs2 && buffered() % 2 == 1) buffered()--;  // half a unit
  size_t size = buffered();
  Clear();
  return EncodeString(env_, state_, size, encoding());
}

// The decoder in args[0]; false after throwing.
bool StateOf(Env& env, const Args& args, Bytes* state) {
  if (args[0]->IsArrayBufferView() && GetBytes(args[0], state) && state->size >= kNumFields)
    return true;
  Error::Type("ERR_INVALID_ARG_TYPE", "argument must be a buffer").Throw(env);
  return false;
}

void Decode(Env& env, const Args& args) {
  Bytes state;
  if (!StateOf(env, args, &state)) return;
  ReadBytes chunk(args[1]);
  if (!args[1]->IsArrayBufferView())
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "The \"buf\" argument must be an instance of Buffer, TypedArray, or "
                       "DataView.")
        .Throw(env);
  v8::Local<v8::Value> result;
  if (Decoder(env, state.data).Decode(chunk.data(), chunk.size()).ToLocal(&result))
    args.GetReturnValue().Set(result);
}

void Flush(Env& env, const Args& args) {
  Bytes state;
  if (!StateOf(env, args, &state)) return;
  v8::Local<v8::Value> result;
  if (Decoder(env, state.data).Flush().ToLocal(&result)) args.GetReturnValue().Set(result);
}

constexpr Entry kFunctions[] = {
    Method<Decode>("decode"),
    Method<Flush>("flush"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  // In the order of enum Encoding.
  static constexpr const char* kNames[] = {"ascii",  "utf8", "base64", "utf16le",
                                           "latin1", "hex",  "buffer", "base64url"};
  v8::Local<v8::Value> names[std::size(kNames)];
  for (size_t i = 0; i < std::size(kNames); i++) names[i] = env.Name(kNames[i]);
  env.Set(exports, "encodings", v8::Array::New(env.isolate, names, std::size(names)));
  env.Set(exports, "kIncompleteCharactersStart", double(kIncompleteCharactersStart));
  env.Set(exports, "kIncompleteCharactersEnd", double(kIncompleteCharactersEnd));
  env.Set(exports, "kMissingBytes", double(kMissingBytes));
  env.Set(exports, "kBufferedBytes", double(kBufferedBytes));
  env.Set(exports, "kEncodingField", double(kEncodingField));
  env.Set(exports, "kNumFields", double(kNumFields));
  env.Set(exports, "kSize", double(kNumFields));
}

}  // namespace

extern const Binding kStringDecoderBinding;
const Binding kStringDecoderBinding = {
    .name = "string_decoder", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
