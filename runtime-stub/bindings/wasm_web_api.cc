// internalBinding("wasm_web_api"): WebAssembly.compileStreaming and instantiateStreaming. V8 passes
// a WasmStreaming to OnWasmStreaming; the library reads the response and pushes its bytes through
// the wrapper defined here.
#include "runtime-stub/bindings/wasm_web_api.h"

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

class WasmStreaming final : public Wrapped {
 public:
  WasmStreaming(Env& env, std::shared_ptr<v8::WasmStreaming> streaming)
      : Wrapped(env), streaming_(std::move(streaming)) {}
  const char* type_name() const override { return "WasmStreamingObject"; }

  // Finish() and Abort() must be the last calls to V8.
  void Push(Bytes bytes) {
    if (streaming_) streaming_->OnBytesReceived(bytes.data, bytes.size);
  }
  void Finish() {
    if (auto streaming = std::exchange(streaming_, nullptr)) streaming->Finish();
  }
  void Abort(const Args& args) {
    auto streaming = std::exchange(streaming_, nullptr);
    if (!streaming) return;
    if (args[0]->IsUndefined())
      streaming->Abort({});
    else
      streaming->Abort(args[0]);
  }
  void SetUrl(std::string url) {
    if (streaming_) streaming_->SetUrl(url.data(), url.size());
  }

 private:
  std::shared_ptr<v8::WasmStreaming> streaming_;  // null after Finish() or Abort()
};

constexpr Entry kMethods[] = {
    Method<&WasmStreaming::SetUrl>("setURL"),
    Method<&WasmStreaming::Push>("push"),
    Method<&WasmStreaming::Finish>("finish"),
    Method<&WasmStreaming::Abort>("abort"),
};
const ClassEntry kStreamingClass = {.name = "WasmStreamingObject", .methods = kMethods};
constexpr const ClassEntry* kHidden[] = {&kStreamingClass};

void SetImplementation(Env& env, v8::Local<v8::Function> f) { env.Set(Slot::kWasmStreaming, f); }

constexpr Entry kFunctions[] = {Method<SetImplementation>("setImplementation")};

}  // namespace

void OnWasmStreaming(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  auto* wrapped = NewWrapped<WasmStreaming>(env, kStreamingClass,
                                            v8::WasmStreaming::Unpack(env.isolate, args.Data()));
  v8::Local<v8::Function> implementation = env.GetFunction(Slot::kWasmStreaming);
  if (implementation.IsEmpty()) return;
  v8::Local<v8::Value> call_args[] = {wrapped->object(), args[0]};
  (void)implementation->Call(env.context(), env.Undefined(), 2, call_args);
}

extern const Binding kWasmWebApiBinding;
const Binding kWasmWebApiBinding = {
    .name = "wasm_web_api", .functions = kFunctions, .hidden_classes = kHidden};

}  // namespace kiln::runtime
