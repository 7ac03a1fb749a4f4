// Bytes and strings: conversion between JavaScript strings and bytes in Node's encodings, and
// functions that create Buffers. All native code (Buffer, fs, streams, crypto, string_decoder) uses
// these functions, so that every API treats malformed input in the same way.
//
// Decoding is as lenient as Node's: base64 accepts both alphabets, skips other characters and ends
// at "="; hex stops at the first invalid pair; invalid UTF-8 becomes U+FFFD.
// Everything here is for the Env's thread.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// The numbers are Node's and visible to JavaScript (string_decoder.encodings). kUcs2 is UTF-16 in
// little-endian order.
enum class Encoding : int { kAscii, kUtf8, kBase64, kUcs2, kLatin1, kHex, kBuffer, kBase64Url };

// An encoding by its name, in upper or lower case, or by its number. `fallback` if the value is
// neither, or the name is unknown.
Encoding ParseEncoding(Env& env, v8::Local<v8::Value> value, Encoding fallback);
Encoding ParseEncoding(std::string_view name, Encoding fallback);

// ---- Buffers. The results are instances of Buffer; before the library has defined Buffer, plain
// Uint8Arrays.

// Copies the bytes; zero-filled if `data` is null.
v8::Local<v8::Uint8Array> NewBuffer(Env& env, const void* data, size_t size);
inline v8::Local<v8::Uint8Array> NewBuffer(Env& env, std::string_view bytes) {
  return NewBuffer(env, bytes.data(), bytes.size());
}
// Take ownership of the memory without a copy. `malloced` must come from malloc(), and is freed by
// free() when the buffer is collected, on any thread.
v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, std::unique_ptr<v8::BackingStore> store);
v8::Local<v8::Uint8Array> NewBufferOwning(Env& env, void* malloced, size_t size);
// A Buffer on a range of an ArrayBuffer, in bytes; the range must be inside of it.
v8::Local<v8::Uint8Array> NewBufferView(Env& env, v8::Local<v8::ArrayBuffer> buffer, size_t offset,
                                        size_t length);
// Uninitialized memory of `size` bytes.
std::unique_ptr<v8::BackingStore> NewUninitializedStore(Env& env, size_t size);

// ---- strings

// Bytes to a string in the encoding (for kBuffer, to a Buffer with a copy). If the string would be
// longer than V8 allows, throws ERR_STRING_TOO_LONG and returns empty.
v8::MaybeLocal<v8::Value> EncodeString(Env& env, const void* data, size_t size, Encoding e);
inline v8::MaybeLocal<v8::Value> EncodeString(Env& env, std::string_view bytes, Encoding e) {
  return EncodeString(env, bytes.data(), bytes.size(), e);
}
// Latin-1 characters to a string; throws ERR_STRING_TOO_LONG as above.
v8::MaybeLocal<v8::String> Latin1String(Env& env, std::string_view characters);
void ThrowStringTooLong(Env& env);

// A string to bytes in the encoding (kBuffer: UTF-8).
std::string DecodeString(Env& env, v8::Local<v8::String> string, Encoding e);
// A string to bytes in the encoding, or a copy of the bytes of a buffer or view. False for other
// values.
bool DecodeValue(Env& env, v8::Local<v8::Value> value, Encoding e, std::string* out);
// Writes at most `capacity` bytes, complete characters only, and returns the number of bytes.
// `characters`, if not null, receives the number of UTF-16 units consumed (kUtf8 and kUcs2 only).
size_t WriteString(Env& env, void* to, size_t capacity, v8::Local<v8::String> string, Encoding e,
                   size_t* characters = nullptr);
// The number of bytes that DecodeString() returns; for base64 and hex an upper bound.
size_t DecodedSize(Env& env, v8::Local<v8::String> string, Encoding e);

// The result of GetBufferList(). kThrew: an exception is pending.
enum class ListResult { kDone, kNotABuffer, kThrew };
// Appends the elements of `list`, which must be views or buffers. Reading an element can run
// JavaScript (an accessor, a Proxy as prototype), which can detach or shrink the buffers that were
// read before. So this reads all elements; take addresses (GetBytes, HoldBytes) only afterwards.
ListResult GetBufferList(Env& env, v8::Local<v8::Array> list,
                         std::vector<v8::Local<v8::Value>>* out);

// The bytes of a view or buffer for an operation during which JavaScript runs. Read-only. The
// address is valid as long as `owner` lives, even if JavaScript detaches the buffer. The bytes of a
// resizable buffer are copied, because shrinking it unmaps its pages.
struct HeldBytes {
  const char* data = nullptr;
  size_t size = 0;
  std::shared_ptr<const void> owner;
};
// {} if the value is not a view or buffer.
HeldBytes HoldBytes(v8::Local<v8::Value> value);
// The memory of a view or buffer, for a system call. Detaching the buffer does not free the memory
// while the result lives. If JavaScript shrinks the buffer, the system call reports EFAULT.
std::shared_ptr<v8::BackingStore> StoreOf(v8::Local<v8::Value> buffer);

// The bytes of a view or buffer, read-only, valid until JavaScript runs again. Unlike GetBytes(),
// does not move a small on-heap array out of the heap: its bytes are copied to the stack.
class ReadBytes {
 public:
  explicit ReadBytes(v8::Local<v8::Value> value);
  ReadBytes(const ReadBytes&) = delete;
  bool ok() const { return ok_; }  // false: the value is not a buffer or view
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  uint8_t storage_[64];
  const uint8_t* data_ = storage_;
  size_t size_ = 0;
  bool ok_ = false;
};

// A string as UTF-8; short ones need no allocation. Lone surrogates become U+FFFD.
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
