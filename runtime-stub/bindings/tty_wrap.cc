// internalBinding("tty_wrap"): terminals. The original mode of the terminal is restored when the
// process ends (uv_tty_reset_mode), also by SIGINT or SIGTERM.
#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {
namespace {

// libuv 1.51 added UV_TTY_MODE_RAW_VT, which differs from raw mode on Windows only.
constexpr int kTtyModeRawVt = 3;

class Tty final : public LibuvStream {
 public:
  // (fd, ctx): stores an error in ctx.
  Tty(Env& env, const Args& args)
      : LibuvStream(env, Provider::kTTYWRAP, reinterpret_cast<uv_stream_t*>(&handle_)) {
    int fd = args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : -1;
    int err = fd < 0 ? UV_EBADF : uv_tty_init(env.loop, &handle_, fd, 0);
    handle_.data = static_cast<HandleWrap*>(this);
    if (err == 0) return;
    MarkUninitialized();
    if (!args[1]->IsObject()) return;
    auto context = args[1].As<v8::Object>();
    env.Set(context, "errno", double(err));
    env.Set(context, "code", env.Str(uv_err_name(err)));
    env.Set(context, "message", env.Str(uv_strerror(err)));
    env.Set(context, "syscall", env.Str("uv_tty_init"));
  }

  int GetWindowSize(v8::Local<v8::Array> size) {
    if (!is_alive()) return UV_EBADF;
    int width, height;
    int err = uv_tty_get_winsize(&handle_, &width, &height);
    if (err != 0) return err;
    v8::Local<v8::Context> context = env().context();
    (void)size->Set(context, 0, v8::Integer::New(env().isolate, width));
    (void)size->Set(context, 1, v8::Integer::New(env().isolate, height));
    return 0;
  }

  int SetRawMode(int32_t mode) {
    if (!is_alive()) return UV_EBADF;
    if (mode == kTtyModeRawVt) mode = UV_TTY_MODE_RAW;
    return uv_tty_set_mode(&handle_, uv_tty_mode_t(mode));
  }

 private:
  uv_tty_t handle_;
};

bool IsTty(Env&, int32_t fd) { return fd >= 0 && uv_guess_handle(fd) == UV_TTY; }

constexpr Entry kFunctions[] = {Method<IsTty>("isTTY")};
constexpr Entry kMethods[] = {
    Method<&Tty::GetWindowSize>("getWindowSize"),
    Method<&Tty::SetRawMode>("setRawMode"),
};
const ClassEntry kTtyClass = {.name = "TTY",
                              .construct = Construct<Tty>,
                              .parent = &kLibuvStreamClass,
                              .methods = kMethods,
                              .fields = StreamBase::kFields};
const ClassEntry* const kClasses[] = {&kTtyClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "UV_TTY_MODE_NORMAL", UV_TTY_MODE_NORMAL);
  SetConstant(env, exports, "UV_TTY_MODE_IO", UV_TTY_MODE_IO);
  SetConstant(env, exports, "UV_TTY_MODE_RAW_VT", kTtyModeRawVt);
}

}  // namespace

extern const Binding kTtyWrapBinding;
const Binding kTtyWrapBinding = {
    .name = "tty_wrap", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
