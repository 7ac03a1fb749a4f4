// StatWatcher: fs.watchFile, which checks a file at intervals and reports changes.
#include <climits>

#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

class StatWatcher final : public HandleWrap {
 public:
  StatWatcher(Env& env, const Args& args)
      : HandleWrap(env, Provider::kSTATWATCHER, reinterpret_cast<uv_handle_t*>(&poll_)),
        bigint_(args[0]->IsTrue()) {
    CHECK(uv_fs_poll_init(env.loop, &poll_) == 0);
  }

  void Start(const Args& args) {  // (path, interval in ms)
    PathArg path(env(), args[0]);
    if (!path.ok() || CannotRead(env(), args, -1, path)) return;
    double interval;
    if (!GetNumber(env(), args[1], "interval", &interval)) return;
    if (!is_alive() || is_active()) return args.GetReturnValue().Set(0);
    const char* watched = path.c_str();
    unsigned milliseconds = Saturate<unsigned>(interval);
    if (path.embedded()) {
      // It never changes. What is watched in its place exists or does not exist as it does.
      uv_stat_t stat;
      constant_ = embedded::Stat(path.view(), &stat) == 0;
      watched = constant_ ? "/" : "";
      milliseconds = UINT_MAX;
    }
    int rc = uv_fs_poll_start(&poll_, OnChange, watched, milliseconds);
    args.GetReturnValue().Set(rc);
  }

 private:
  static void OnChange(uv_fs_poll_t* handle, int status, const uv_stat_t* before,
                       const uv_stat_t* now) {
    auto* self = static_cast<StatWatcher*>(static_cast<HandleWrap*>(handle->data));
    if (self->constant_) return;
    Env& env = self->env();
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    v8::Local<v8::Value> stats = FillStats(env, *now, self->bigint_);
    FillStats(env, *before, self->bigint_, /*second=*/true);
    self->MakeCallback("onchange", {v8::Integer::New(env.isolate, status), stats});
  }

  uv_fs_poll_t poll_;
  bool bigint_;
  bool constant_ = false;  // an embedded file
};

constexpr Entry kMethods[] = {Method<&StatWatcher::Start>("start")};

}  // namespace

const ClassEntry kStatWatcherClass = {.name = "StatWatcher",
                                      .construct = Construct<StatWatcher>,
                                      .parent = &kHandleWrapClass,
                                      .methods = kMethods};

}  // namespace kiln::runtime::fs
