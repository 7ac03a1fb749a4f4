// Bytes and strings. This is the one door between JavaScript strings and bytes in Node's
// encodings, used by Buffer, fs, streams, crypto and string_decoder alike, and the place
// where native code makes Buffers.
//
// Decoding is as lenient as Node's: base64 takes both alphabets, skips what is
// neither and ends at "=", hex stops at the first bad pair, UTF-8 turns garbage into U+FFFD.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// The order is Node's and known to JavaScript (string_decoder.encodings).
enum class Encoding : int { kAscii, kUtf8, kBase64, kUcs2, kLatin1, kHex, kBuffer, kBase64Url };

// An encoding by its name in any case, as users write it, or by its number. `fallback`
// when the value is neither or the name is unknown.
Encoding ParseEncoding(Env& env, v8::Local<v8::Value> value, Encoding fallback);
Encoding ParseEncoding(std::string_view name, Encoding fallback);

// ---- Buffers. The results are instances of Buffer (Uint8Array before it exists).

// A copy of the bytes; with a null pointer, zeroes.
v8::Local<v8::Uint8Array> NewBuffer(Env& env, const void* data, size_t size);
inline v8::Local<v8::Uint8Array> NewBuffer(Env& env, std::string_view bytes) {
  return NewBuffer(env, bytes.data(), bytes.size());
}
// Takes the memory over without a copy. `malloced` is freed by free().
v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, std::unique_ptr<v8::BackingStore> store);
v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, void* malloced, size_t size);
// A Buffer on part of an ArrayBuffer.
v8::Local<v8::Uint8Array> NewBufferView(Env& env, v8::Local<v8::ArrayBuffer> buffer, size_t offset,
                                        size_t length);
// Memory with unspecified content; truncate it by giving NewBufferOwning a smaller one.
std::unique_ptr<v8::BackingStore> NewUninitializedStore(Env& env, size_t size);

// ---- strings

// Bytes to a string in the encoding (to a Buffer for kBuffer). Empty, with an exception
// pending (ERR_STRING_TOO_LONG), when the string would be longer than V8 allows.
v8::MaybeLocal<v8::Value> EncodeString(Env& env, const void* data, size_t size, Encoding e);
inline v8::MaybeLocal<v8::Value> EncodeString(Env& env, std::string_view bytes, Encoding e) {
  return EncodeString(env, bytes.data(), bytes.size(), e);
}
// Latin-1 characters to a string.
v8::MaybeLocal<v8::String> Latin1String(Env& env, std::string_view characters);
void ThrowStringTooLong(Env& env);

// A string's bytes in the encoding (kBuffer is UTF-8).
std::string DecodeString(Env& env, v8::Local<v8::String> string, Encoding e);
// The bytes of a string in the encoding, or of a buffer or view as they are. False for
// other values.
bool DecodeValue(Env& env, v8::Local<v8::Value> value, Encoding e, std::string* out);
// Writes at most `capacity` bytes, whole characters only; returns how many bytes. `characters`,
// when given, gets the number of UTF-16 units that were consumed (kUtf8 and kUcs2).
size_t WriteString(Env& env, void* to, size_t capacity, v8::Local<v8::String> string, Encoding e,
                   size_t* characters = nullptr);
// How many bytes DecodeString yields: exact, except an upper bound for base64 and hex.
size_t DecodedSize(Env& env, v8::Local<v8::String> string, Encoding e);

// How reading a list of buffers ended.
enum class ListResult { kDone, kNotABuffer, kThrew };
// The elements of `list`, which must be views or buffers. Reading an element can run JavaScript (an
// accessor, a Proxy as prototype), and that can detach or shrink the buffers that were read before
// it. So all elements are read first; take addresses (GetBytes, HoldBytes) only afterwards.
ListResult GetBufferList(Env& env, v8::Local<v8::Array> list,
                         std::vector<v8::Local<v8::Value>>* out);

// Bytes of a view or buffer for an operation that goes on while JavaScript runs. The address stays
// valid as long as `owner` lives, whatever JavaScript does with the buffer. A buffer that JavaScript
// may shrink is copied, because shrinking unmaps its pages. For reading only.
struct HeldBytes {
  const char* data = nullptr;
  size_t size = 0;
  std::shared_ptr<const void> owner;
};
// Nothing ({}) for other values.
HeldBytes HoldBytes(v8::Local<v8::Value> value);
// The memory of a view or buffer, for an operation of the kernel. Detaching the buffer does not
// free it while this lives. If JavaScript shrinks the buffer, the kernel reports EFAULT.
std::shared_ptr<v8::BackingStore> StoreOf(v8::Local<v8::Value> buffer);

// Reads the bytes of a view or buffer without moving a small on-heap array outside, as
// GetBytes does. For reading only, and only until JavaScript runs again.
class ReadBytes {
 public:
  explicit ReadBytes(v8::Local<v8::Value> value);
  ReadBytes(const ReadBytes&) = delete;
  bool ok() const { return ok_; }  // it was a buffer or view
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  uint8_t storage_[64];
  const uint8_t* data_ = storage_;
  size_t size_ = 0;
  bool ok_ = false;
};

// A string as UTF-8, with room for short ones on the stack. Lone surrogates become U+FFFD.
class Utf8Text {
 public:
  Utf8Text(Env& env, v8::Local<v8::String> string);
  Utf8Text(const Utf8Text&) = delete;
  std::string_view view() const { return {data_, size_}; }

 private:
  char inline_[512];
  std::unique_ptr<char[]> large_;
  char* data_ = inline_;
  size_t size_ = 0;
};

}  // namespace kiln::runtime
