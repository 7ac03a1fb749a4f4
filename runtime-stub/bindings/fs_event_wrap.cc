// internalBinding("fs_event_wrap"): FSEvent, used by fs.watch. The libuv handle is initialized in
// start(); before that, closing does nothing. Embedded files never change: for these the handle is a
// timer that never ends.
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime {
namespace {

class FsEvent final : public HandleWrap {
 public:
  FsEvent(Env& env, const Args&) : HandleWrap(env, Provider::kFSEVENTWRAP, &handle_.any) {
    MarkUninitialized();
  }

  void Start(const Args& args) {  // (path, persistent, recursive, encoding)
    if (started_) return args.GetReturnValue().Set(0);
    fs::PathArg path(env(), args[0]);
    if (!path.ok() || fs::CannotRead(env(), args, -1, path)) return;
    uv_stat_t stat;
    if (int rc = path.embedded() ? embedded::Stat(path.view(), &stat) : 0)
      return args.GetReturnValue().Set(rc);
    unsigned flags = args[2]->IsTrue() ? UV_FS_EVENT_RECURSIVE : 0;
    encoding_ = ParseEncoding(env(), args[3], Encoding::kUtf8);
    int rc = path.embedded() ? uv_timer_init(env().loop, &handle_.timer)
                             : uv_fs_event_init(env().loop, &handle_.event);
    if (rc < 0) return args.GetReturnValue().Set(rc);
    handle_.any.data = static_cast<HandleWrap*>(this);
    started_ = true;
    MarkInitialized();
    rc = path.embedded() ? uv_timer_start(
                               &handle_.timer, [](uv_timer_t*) {}, UINT64_MAX, 0)
                         : uv_fs_event_start(&handle_.event, OnEvent, path.c_str(), flags);
    if (rc < 0) {
      Close();
      return args.GetReturnValue().Set(rc);
    }
    if (!args[1]->IsTrue()) uv_unref(uv_handle());
    args.GetReturnValue().Set(0);
  }

  bool Initialized() { return started_ && !is_closing(); }

 private:
  static void OnEvent(uv_fs_event_t* handle, const char* filename, int events, int status) {
    auto* self = static_cast<FsEvent*>(static_cast<HandleWrap*>(handle->data));
    Env& env = self->env();
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    // libuv may report both at once; Node reports `rename`, which is more important.
    const char* what = status != 0 ? "" : events & UV_RENAME ? "rename" : "change";
    v8::Local<v8::Value> name = v8::Null(env.isolate);
    if (filename) {
      v8::TryCatch caught(env.isolate);
      if (!EncodeString(env, std::string_view(filename), self->encoding_).ToLocal(&name)) {
        self->MakeCallback("onchange", {v8::Integer::New(env.isolate, UV_EINVAL), env.Name(what),
                                        v8::Null(env.isolate)});
        return;
      }
    }
    self->MakeCallback("onchange", {v8::Integer::New(env.isolate, status), env.Name(what), name});
  }

  union {
    uv_handle_t any;
    uv_fs_event_t event;
    uv_timer_t timer;
  } handle_ = {};
  Encoding encoding_ = Encoding::kUtf8;
  bool started_ = false;
};

constexpr Entry kMethods[] = {Method<&FsEvent::Start>("start")};
constexpr Accessor kAccessors[] = {Get<&FsEvent::Initialized>("initialized", kNotEnumerable)};
const ClassEntry kFsEventClass = {.name = "FSEvent",
                                  .construct = Construct<FsEvent>,
                                  .parent = &kHandleWrapClass,
                                  .methods = kMethods,
                                  .accessors = kAccessors};
const ClassEntry* const kClasses[] = {&kFsEventClass};

}  // namespace

extern const Binding kFsEventWrapBinding;
const Binding kFsEventWrapBinding = {.name = "fs_event_wrap", .classes = kClasses};

}  // namespace kiln::runtime
