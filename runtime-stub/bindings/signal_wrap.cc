// internalBinding("signal_wrap"): process.on("SIGxxx") with uv_signal_t.
#include <signal.h>

#include "runtime-stub/binding/handle.h"
#include "runtime-stub/platform/lazy_heap.h"

namespace kiln::runtime {
namespace {

class Signal final : public HandleWrap {
 public:
  Signal(Env& env, const Args&)
      : HandleWrap(env, Provider::kSIGNALWRAP, reinterpret_cast<uv_handle_t*>(&handle_)) {
    CHECK(uv_signal_init(env.loop, &handle_) == 0);
    handle_.data = static_cast<HandleWrap*>(this);
  }

  int Start(int32_t number) {
    if (is_closing()) return UV_EBADF;
    if (number == SIGSEGV) FillLazyHeap();  // libuv replaces the handler
    return uv_signal_start(
        &handle_,
        [](uv_signal_t* handle, int number) {
          auto* self = static_cast<Signal*>(static_cast<HandleWrap*>(handle->data));
          v8::HandleScope scope(self->env().isolate);
          v8::Context::Scope entered(self->env().context());
          (void)self->MakeCallback("onsignal", {v8::Integer::New(self->env().isolate, number)});
        },
        number);
  }
  int Stop() { return is_closing() ? UV_EBADF : uv_signal_stop(&handle_); }

 private:
  uv_signal_t handle_;
};

constexpr Entry kMethods[] = {Method<&Signal::Start>("start"), Method<&Signal::Stop>("stop")};
const ClassEntry kSignalClass = {.name = "Signal",
                                 .construct = Construct<Signal>,
                                 .parent = &kHandleWrapClass,
                                 .methods = kMethods};
const ClassEntry* const kClasses[] = {&kSignalClass};

}  // namespace

extern const Binding kSignalWrapBinding;
const Binding kSignalWrapBinding = {.name = "signal_wrap", .classes = kClasses};

}  // namespace kiln::runtime
