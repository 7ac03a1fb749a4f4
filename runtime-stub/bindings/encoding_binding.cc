// internalBinding("encoding_binding"): UTF-8 for TextEncoder and TextDecoder, and the ASCII
// and Unicode forms of domain names.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/bindings/lenient_host.h"
#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime {
namespace {

struct EncodingState {
  explicit EncodingState(Env& env) : results(env, Slot::kEncodeIntoResults, 2) {}
  SharedArray<uint32_t> results;  // UTF-16 units read, bytes written
};

void EncodeInto(Env& env, v8::Local<v8::String> source, v8::Local<v8::Uint8Array> target) {
  Bytes bytes;
  GetBytes(target, &bytes);
  size_t read = 0;
  size_t written = WriteString(env, bytes.data, bytes.size, source, Encoding::kUtf8, &read);
  auto& results = env.State<EncodingState>().results;
  results[0] = uint32_t(read);
  results[1] = uint32_t(written);
}

// The result is a Uint8Array, not a Buffer.
v8::Local<v8::Uint8Array> EncodeUtf8String(Env& env, v8::Local<v8::String> string) {
  size_t size = DecodedSize(env, string, Encoding::kUtf8);
  auto store = NewUninitializedStore(env, size);
  WriteString(env, store->Data(), size, string, Encoding::kUtf8);
  return v8::Uint8Array::New(v8::ArrayBuffer::New(env.isolate, std::move(store)), 0, size);
}

// decodeUTF8(bytes, ignoreBOM, fatal)
void DecodeUtf8(Env& env, const Args& args) {
  ReadBytes bytes(args[0]);
  if (!bytes.ok())
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "The \"list\" argument must be an instance of SharedArrayBuffer, "
                       "ArrayBuffer or ArrayBufferView.")
        .Throw(env);
  std::string_view text = bytes.view();
  if (args[2]->IsTrue() && !simdutf::validate_utf8(text.data(), text.size()))
    return Error::Type("ERR_ENCODING_INVALID_ENCODED_DATA",
                       "The encoded data was not valid for encoding utf-8")
        .Throw(env);
  if (!args[1]->BooleanValue(env.isolate) && text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  v8::Local<v8::Value> string;
  if (EncodeString(env, text, Encoding::kUtf8).ToLocal(&string)) args.GetReturnValue().Set(string);
}

std::string ToAscii(Env&, std::string domain) { return LenientToAscii(domain); }
std::string ToUnicode(Env&, std::string domain) { return LenientToUnicode(domain); }

constexpr Entry kFunctions[] = {
    Method<EncodeInto>("encodeInto"),
    MethodNoSideEffect<EncodeUtf8String>("encodeUtf8String"),
    MethodNoSideEffect<DecodeUtf8>("decodeUTF8"),
    MethodNoSideEffect<ToAscii>("toASCII"),
    MethodNoSideEffect<ToUnicode>("toUnicode"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "encodeIntoResults", env.State<EncodingState>().results.js());
}

}  // namespace

extern const Binding kEncodingBinding;
const Binding kEncodingBinding = {
    .name = "encoding_binding", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
