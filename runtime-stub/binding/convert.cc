// The functions of convert.h that are not inline.
#include "runtime-stub/binding/convert.h"

namespace kiln::runtime {

bool GetBytes(v8::Local<v8::Value> value, Bytes* out) {
  if (value->IsArrayBufferView()) {
    auto view = value.As<v8::ArrayBufferView>();
    // Buffer() moves a small on-heap array out of the heap, so that the address is stable.
    out->data = static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset();
    out->size = view->ByteLength();
    return true;
  }
  if (value->IsArrayBuffer()) {
    auto buffer = value.As<v8::ArrayBuffer>();
    *out = {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()};
    return true;
  }
  if (value->IsSharedArrayBuffer()) {
    auto buffer = value.As<v8::SharedArrayBuffer>();
    *out = {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()};
    return true;
  }
  return false;
}

bool GetPath(Env& env, v8::Local<v8::Value> value, std::string* out) {
  Bytes bytes;
  if (value->IsString()) {
    *out = ToUtf8(env.isolate, value);
    return true;
  }
  if (!GetBytes(value, &bytes)) return false;
  out->assign(bytes.view());
  return true;
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  v8::Local<v8::String> string;
  if (!value->ToString(isolate->GetCurrentContext()).ToLocal(&string)) return {};
  std::string out(string->Utf8LengthV2(isolate), '\0');
  string->WriteUtf8V2(isolate, out.data(), out.size(), v8::String::WriteFlags::kReplaceInvalidUtf8);
  return out;
}

}  // namespace kiln::runtime
