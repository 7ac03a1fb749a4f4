// Node's encodings: bytes to JavaScript strings and back, and creation of Buffers. simdutf converts
// valid input; the lenient loops here convert what it rejects.
#include "runtime-stub/binding/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/env/error.h"
#include "runtime-stub/platform/simdutf.h"
#include "support/text.h"

namespace kiln::runtime {
namespace {

struct EncodingName {
  std::string_view name;
  Encoding encoding;
};
constexpr EncodingName kNames[] = {
    {"utf8", Encoding::kUtf8},           {"utf-8", Encoding::kUtf8},
    {"latin1", Encoding::kLatin1},       {"binary", Encoding::kLatin1},
    {"base64", Encoding::kBase64},       {"hex", Encoding::kHex},
    {"ascii", Encoding::kAscii},         {"ucs2", Encoding::kUcs2},
    {"ucs-2", Encoding::kUcs2},          {"utf16le", Encoding::kUcs2},
    {"utf-16le", Encoding::kUcs2},       {"buffer", Encoding::kBuffer},
    {"base64url", Encoding::kBase64Url},
};

// The value of a base64 digit of either alphabet; 64 for anything else.
constexpr auto kBase64Digits = [] {
  struct {
    uint8_t at[256];
  } table = {};
  for (auto& v : table.at) v = 64;
  for (int i = 0; i < 26; i++) {
    table.at['A' + i] = uint8_t(i);
    table.at['a' + i] = uint8_t(26 + i);
  }
  for (int i = 0; i < 10; i++) table.at['0' + i] = uint8_t(52 + i);
  table.at['+'] = table.at['-'] = 62;
  table.at['/'] = table.at['_'] = 63;
  return table;
}();

constexpr auto kHexValues = [] {
  struct {
    int8_t at[256];
  } table = {};
  for (auto& v : table.at) v = -1;
  for (int i = 0; i < 10; i++) table.at['0' + i] = int8_t(i);
  for (int i = 0; i < 6; i++) table.at['a' + i] = table.at['A' + i] = int8_t(10 + i);
  return table;
}();

constexpr auto kHexPairs = [] {
  struct {
    char at[256][2];
  } table = {};
  for (int i = 0; i < 256; i++) {
    table.at[i][0] = kHexDigits[i >> 4];
    table.at[i][1] = kHexDigits[i & 15];
  }
  return table;
}();

// As in Node, only the low byte of a two-byte character counts.
template <class C>
uint8_t Base64Digit(C c) {
  return kBase64Digits.at[uint8_t(c)];
}
template <class C>
int HexDigit(C c) {
  return kHexValues.at[uint8_t(c)];
}

// Decodes the digits up to a "=" and skips all other characters.
template <class C>
size_t LenientBase64(const C* from, size_t length, char* to, size_t capacity) {
  size_t written = 0;
  uint32_t bits = 0;
  int count = 0;  // digits of the current group of four
  for (size_t i = 0; i < length && written < capacity; i++) {
    uint8_t digit = Base64Digit(from[i]);
    if (digit == 64) {
      if (uint8_t(from[i]) == '=') break;
      continue;
    }
    bits = bits << 6 | digit;
    if (count > 0) to[written++] = char(bits >> (6 - 2 * count));
    count = (count + 1) & 3;
  }
  return written;
}

template <class C>
size_t WriteBase64(const C* from, size_t length, char* to, size_t capacity, bool url) {
  size_t written = capacity;
  simdutf::result r = simdutf::base64_to_binary_safe(
      from, length, to, written, url ? simdutf::base64_url : simdutf::base64_default,
      simdutf::loose);
  if (r.error == simdutf::SUCCESS) return written;
  return LenientBase64(from, length, to, capacity);
}

template <class C>
size_t WriteHex(const C* from, size_t length, char* to, size_t capacity) {
  size_t pairs = std::min(length / 2, capacity);
  for (size_t i = 0; i < pairs; i++) {
    int high = HexDigit(from[2 * i]);
    int low = HexDigit(from[2 * i + 1]);
    if (high < 0 || low < 0) return i;
    to[i] = char(high << 4 | low);
  }
  return pairs;
}

size_t Base64Bound(size_t length) { return (length / 4) * 3 + (length % 4 + 1) / 2 + 1; }

void FreeMemory(void* data, size_t, void*) { std::free(data); }

v8::MaybeLocal<v8::Value> Utf8String(Env& env, const char* data, size_t size) {
  if (simdutf::validate_ascii(data, size)) {
    v8::Local<v8::String> string;
    if (!Latin1String(env, {data, size}).ToLocal(&string)) return {};
    return string;
  }
  // Valid text is converted by simdutf, because V8's decoder works byte by byte. (V8 also checks
  // the number of bytes, not of characters, against its limit.)
  if (size >= 48 && simdutf::validate_utf8(data, size)) {
    size_t units = simdutf::utf16_length_from_utf8(data, size);
    if (units <= size_t(v8::String::kMaxLength)) {
      alignas(char16_t) char small[2048];
      std::unique_ptr<char16_t[]> large;
      auto* text = reinterpret_cast<char16_t*>(small);
      if (size > sizeof small / sizeof *text) {
        large = std::make_unique_for_overwrite<char16_t[]>(size);
        text = large.get();
      }
      v8::Local<v8::String> string;
      // Most Western text fits Latin-1; the attempt ends at the first character that does not.
      auto* latin1 = reinterpret_cast<char*>(text);
      if (size_t length = simdutf::convert_utf8_to_latin1(data, size, latin1)) {
        if (!Latin1String(env, {latin1, length}).ToLocal(&string)) return {};
        return string;
      }
      simdutf::convert_valid_utf8_to_utf16le(data, size, text);
      if (!v8::String::NewFromTwoByte(env.isolate, reinterpret_cast<uint16_t*>(text),
                                      v8::NewStringType::kNormal, int(units))
               .ToLocal(&string))
        return {};
      return string;
    }
  } else if (size <= size_t(v8::String::kMaxLength)) {
    v8::Local<v8::String> string;
    v8::TryCatch refused(env.isolate);
    if (v8::String::NewFromUtf8(env.isolate, data, v8::NewStringType::kNormal, int(size))
            .ToLocal(&string))
      return string;
  }
  ThrowStringTooLong(env);
  return {};
}

v8::MaybeLocal<v8::Value> Ucs2String(Env& env, const char* data, size_t size) {
  size_t units = size / 2;
  if (units > size_t(v8::String::kMaxLength)) {
    ThrowStringTooLong(env);
    return {};
  }
  const auto* from = reinterpret_cast<const uint16_t*>(data);
  std::unique_ptr<uint16_t[]> aligned;
  if (reinterpret_cast<uintptr_t>(data) % 2 != 0) {
    aligned = std::make_unique_for_overwrite<uint16_t[]>(units);
    std::memcpy(aligned.get(), data, units * 2);
    from = aligned.get();
  }
  v8::Local<v8::String> string;
  if (!v8::String::NewFromTwoByte(env.isolate, from, v8::NewStringType::kNormal, int(units))
           .ToLocal(&string))
    return {};
  return string;
}

// V8 writes and counts UTF-8 character by character; for more than a few characters simdutf is
// faster. V8 still converts what does not fit the memory and what is not well-formed.
constexpr size_t kShort = 32;

size_t Utf8Size(Env& env, v8::Local<v8::String> string) {
  const size_t length = size_t(string->Length());
  if (length > kShort) {
    v8::String::ValueView view(env.isolate, string);
    if (view.is_one_byte())
      return simdutf::utf8_length_from_latin1(reinterpret_cast<const char*>(view.data8()), length);
    auto* text = reinterpret_cast<const char16_t*>(view.data16());
    if (simdutf::validate_utf16le(text, length))
      return simdutf::utf8_length_from_utf16le(text, length);
  }
  return string->Utf8LengthV2(env.isolate);
}

size_t WriteUtf8(Env& env, char* to, size_t capacity, v8::Local<v8::String> string,
                 size_t* characters) {
  const size_t length = size_t(string->Length());
  if (length > kShort) {
    v8::String::ValueView view(env.isolate, string);
    if (view.is_one_byte()) {
      auto* text = reinterpret_cast<const char*>(view.data8());
      if (capacity / 2 >= length || capacity >= simdutf::utf8_length_from_latin1(text, length)) {
        if (characters) *characters = length;
        return simdutf::convert_latin1_to_utf8(text, length, to);
      }
    } else {
      auto* text = reinterpret_cast<const char16_t*>(view.data16());
      if (simdutf::validate_utf16le(text, length) &&
          (capacity / 3 >= length || capacity >= simdutf::utf8_length_from_utf16le(text, length))) {
        if (characters) *characters = length;
        return simdutf::convert_utf16le_to_utf8(text, length, to);
      }
    }
  }
  return string->WriteUtf8V2(env.isolate, to, capacity, v8::String::WriteFlags::kReplaceInvalidUtf8,
                             characters);
}

// A string of `length` Latin-1 characters, which `fill` writes.
template <class F>
v8::MaybeLocal<v8::Value> NewLatin1String(Env& env, size_t length, F fill) {
  if (length > size_t(v8::String::kMaxLength)) {
    ThrowStringTooLong(env);
    return {};
  }
  char small[1024];
  std::unique_ptr<char[]> large;
  char* out = small;
  if (length > sizeof small) {
    large = std::make_unique_for_overwrite<char[]>(length);
    out = large.get();
  }
  fill(out);
  v8::Local<v8::String> string;
  if (!Latin1String(env, {out, length}).ToLocal(&string)) return {};
  return string;
}

}  // namespace

Encoding ParseEncoding(std::string_view name, Encoding fallback) {
  if (name.empty() || name.size() > 9) return fallback;
  char lower[9];
  for (size_t i = 0; i < name.size(); i++)
    lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? char(name[i] + 32) : name[i];
  std::string_view wanted(lower, name.size());
  for (const EncodingName& known : kNames)
    if (known.name == wanted) return known.encoding;
  return fallback;
}

Encoding ParseEncoding(Env& env, v8::Local<v8::Value> value, Encoding fallback) {
  if (value->IsInt32()) {
    int32_t number = value.As<v8::Int32>()->Value();
    return number >= 0 && number <= int(Encoding::kBase64Url) ? Encoding(number) : fallback;
  }
  if (!value->IsString()) return fallback;
  auto string = value.As<v8::String>();
  if (string->Length() > 9) return fallback;
  v8::String::ValueView view(env.isolate, string);
  if (!view.is_one_byte()) return fallback;
  return ParseEncoding(std::string_view(reinterpret_cast<const char*>(view.data8()), view.length()),
                       fallback);
}

// Buffer.prototype. The module that makes it is loaded now if nothing has needed it yet; undefined if
// that fails, since the thread is being ended.
static v8::Local<v8::Value> BufferPrototype(Env& env) {
  v8::Local<v8::Value> known = env.Get(Slot::kBufferPrototype);
  v8::Local<v8::Function> require = env.GetFunction(Slot::kRequire);
  if (known->IsObject() || require.IsEmpty()) return known;
  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Value> id = env.Name("buffer");
  (void)require->Call(env.context(), v8::Null(env.isolate), 1, &id);
  return env.Get(Slot::kBufferPrototype);
}

v8::Local<v8::Uint8Array> NewBufferView(Env& env, v8::Local<v8::ArrayBuffer> buffer, size_t offset,
                                        size_t length) {
  auto array = v8::Uint8Array::New(buffer, offset, length);
  v8::Local<v8::Value> prototype = BufferPrototype(env);
  if (prototype->IsObject())
    array->SetPrototypeV2(env.isolate->GetCurrentContext(), prototype).Check();
  return array;
}

v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, std::unique_ptr<v8::BackingStore> store) {
  size_t size = store->ByteLength();
  return NewBufferView(env, v8::ArrayBuffer::New(env.isolate, std::move(store)), 0, size);
}

v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, void* malloced, size_t size) {
  if (size == 0) {  // V8 does not call the deleter of an empty store
    std::free(malloced);
    return NewBuffer(env, nullptr, 0);
  }
  return NewBufferOwning(env,
                         v8::ArrayBuffer::NewBackingStore(malloced, size, FreeMemory, nullptr));
}

std::unique_ptr<v8::BackingStore> NewUninitializedStore(Env& env, size_t size) {
  return v8::ArrayBuffer::NewBackingStore(env.isolate, size,
                                          v8::BackingStoreInitializationMode::kUninitialized);
}

v8::Local<v8::Uint8Array> NewBuffer(Env& env, const void* data, size_t size) {
  if (!data || size == 0)
    return NewBufferView(env, v8::ArrayBuffer::New(env.isolate, size), 0, size);
  auto store = NewUninitializedStore(env, size);
  std::memcpy(store->Data(), data, size);
  return NewBufferOwning(env, std::move(store));
}

void ThrowStringTooLong(Env& env) {
  char message[80];
  std::snprintf(message, sizeof message, "Cannot create a string longer than 0x%x characters",
                v8::String::kMaxLength);
  Error::Plain("ERR_STRING_TOO_LONG", message).Throw(env);
}

v8::MaybeLocal<v8::String> Latin1String(Env& env, std::string_view characters) {
  if (characters.size() > size_t(v8::String::kMaxLength)) {
    ThrowStringTooLong(env);
    return {};
  }
  return v8::String::NewFromOneByte(env.isolate,
                                    reinterpret_cast<const uint8_t*>(characters.data()),
                                    v8::NewStringType::kNormal, int(characters.size()));
}

v8::MaybeLocal<v8::Value> EncodeString(Env& env, const void* bytes, size_t size, Encoding e) {
  const char* data = static_cast<const char*>(bytes);
  if (e == Encoding::kBuffer) return NewBuffer(env, data, size);
  if (size == 0) return v8::String::Empty(env.isolate);
  switch (e) {
    case Encoding::kAscii:
      if (!simdutf::validate_ascii(data, size))
        return NewLatin1String(env, size, [&](char* out) {
          for (size_t i = 0; i < size; i++) out[i] = data[i] & 0x7F;
        });
      [[fallthrough]];
    case Encoding::kLatin1: {
      v8::Local<v8::String> string;
      if (!Latin1String(env, {data, size}).ToLocal(&string)) return {};
      return string;
    }
    case Encoding::kBase64:
    case Encoding::kBase64Url: {
      auto alphabet = e == Encoding::kBase64 ? simdutf::base64_default : simdutf::base64_url;
      return NewLatin1String(
          env, simdutf::base64_length_from_binary(size, alphabet),
          [&](char* out) { simdutf::binary_to_base64(data, size, out, alphabet); });
    }
    case Encoding::kHex:
      return NewLatin1String(env, size * 2, [&](char* out) {
        for (size_t i = 0; i < size; i++)
          std::memcpy(out + 2 * i, kHexPairs.at[uint8_t(data[i])], 2);
      });
    case Encoding::kUcs2:
      return Ucs2String(env, data, size);
    case Encoding::kUtf8:
    case Encoding::kBuffer:
      break;
  }
  return Utf8String(env, data, size);
}

size_t DecodedSize(Env& env, v8::Local<v8::String> string, Encoding e) {
  size_t length = size_t(string->Length());
  switch (e) {
    case Encoding::kAscii:
    case Encoding::kLatin1:
      return length;
    case Encoding::kUcs2:
      return length * 2;
    case Encoding::kBase64:
    case Encoding::kBase64Url:
      return Base64Bound(length);
    case Encoding::kHex:
      return length / 2;
    case Encoding::kUtf8:
    case Encoding::kBuffer:
      break;
  }
  return Utf8Size(env, string);
}

size_t WriteString(Env& env, void* to, size_t capacity, v8::Local<v8::String> string, Encoding e,
                   size_t* characters) {
  size_t length = size_t(string->Length());
  char* out = static_cast<char*>(to);
  if (characters) *characters = 0;
  if (capacity == 0 || length == 0) return 0;
  switch (e) {
    case Encoding::kAscii:
    case Encoding::kLatin1: {
      size_t count = std::min(length, capacity);
      string->WriteOneByteV2(env.isolate, 0, uint32_t(count), static_cast<uint8_t*>(to));
      if (characters) *characters = count;
      return count;
    }
    case Encoding::kUcs2: {
      size_t count = std::min(length, capacity / 2);
      if (reinterpret_cast<uintptr_t>(to) % 2 == 0) {
        string->WriteV2(env.isolate, 0, uint32_t(count), static_cast<uint16_t*>(to));
      } else {
        v8::String::ValueView view(env.isolate, string);
        if (view.is_one_byte()) {
          for (size_t i = 0; i < count; i++) {
            out[2 * i] = char(view.data8()[i]);
            out[2 * i + 1] = 0;
          }
        } else {
          std::memcpy(out, view.data16(), count * 2);
        }
      }
      if (characters) *characters = count;
      return count * 2;
    }
    case Encoding::kBase64:
    case Encoding::kBase64Url: {
      v8::String::ValueView view(env.isolate, string);
      bool url = e == Encoding::kBase64Url;
      return view.is_one_byte() ? WriteBase64(reinterpret_cast<const char*>(view.data8()), length,
                                              out, capacity, url)
                                : WriteBase64(reinterpret_cast<const char16_t*>(view.data16()),
                                              length, out, capacity, url);
    }
    case Encoding::kHex: {
      v8::String::ValueView view(env.isolate, string);
      return view.is_one_byte() ? WriteHex(view.data8(), length, out, capacity)
                                : WriteHex(view.data16(), length, out, capacity);
    }
    case Encoding::kUtf8:
    case Encoding::kBuffer:
      break;
  }
  return WriteUtf8(env, out, capacity, string, characters);
}

std::string DecodeString(Env& env, v8::Local<v8::String> string, Encoding e) {
  std::string out;
  size_t size = DecodedSize(env, string, e);
  out.resize(size);
  out.resize(WriteString(env, out.data(), size, string, e));
  return out;
}

bool DecodeValue(Env& env, v8::Local<v8::Value> value, Encoding e, std::string* out) {
  if (value->IsString()) {
    *out = DecodeString(env, value.As<v8::String>(), e);
    return true;
  }
  ReadBytes bytes(value);
  if (!bytes.ok()) return false;
  out->assign(bytes.view());
  return true;
}

ListResult GetBufferList(Env& env, v8::Local<v8::Array> list,
                         std::vector<v8::Local<v8::Value>>* out) {
  // An accessor may lengthen the list; elements that it adds are ignored.
  for (uint32_t i = 0, length = list->Length(); i < length; i++) {
    v8::Local<v8::Value> element;
    if (!list->Get(env.isolate->GetCurrentContext(), i).ToLocal(&element))
      return ListResult::kThrew;
    if (!element->IsArrayBufferView() && !element->IsArrayBuffer() &&
        !element->IsSharedArrayBuffer())
      return ListResult::kNotABuffer;
    out->push_back(element);
  }
  return ListResult::kDone;
}

std::shared_ptr<v8::BackingStore> StoreOf(v8::Local<v8::Value> buffer) {
  if (buffer->IsArrayBufferView())
    return buffer.As<v8::ArrayBufferView>()->Buffer()->GetBackingStore();
  if (buffer->IsArrayBuffer()) return buffer.As<v8::ArrayBuffer>()->GetBackingStore();
  return buffer.As<v8::SharedArrayBuffer>()->GetBackingStore();
}

HeldBytes HoldBytes(v8::Local<v8::Value> value) {
  Bytes bytes;
  if (!GetBytes(value, &bytes)) return {};
  auto* data = reinterpret_cast<const char*>(bytes.data);
  std::shared_ptr<v8::BackingStore> store = StoreOf(value);
  if (!store || !store->IsResizableByUserJavaScript()) return {data, bytes.size, std::move(store)};
  auto copy = std::make_shared_for_overwrite<char[]>(bytes.size);
  if (bytes.size > 0) std::memcpy(copy.get(), data, bytes.size);
  const char* copied = copy.get();
  return {copied, bytes.size, std::move(copy)};
}

ReadBytes::ReadBytes(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView()) {
    auto contents = value.As<v8::ArrayBufferView>()->GetContents(v8::MemorySpan<uint8_t>(storage_));
    data_ = contents.data();
    size_ = contents.size();
    ok_ = true;
    return;
  }
  Bytes bytes;
  ok_ = GetBytes(value, &bytes);
  data_ = bytes.data;
  size_ = bytes.size;
}

Utf8Text::Utf8Text(Env& env, v8::Local<v8::String> string) {
  size_t length = size_t(string->Length());
  size_t capacity = sizeof inline_;
  if (length * 3 > capacity) {
    capacity = Utf8Size(env, string);
    if (capacity > sizeof inline_) {
      large_ = std::make_unique_for_overwrite<char[]>(capacity);
      data_ = large_.get();
    }
  }
  size_ = WriteUtf8(env, data_, capacity, string, nullptr);
}

}  // namespace kiln::runtime
