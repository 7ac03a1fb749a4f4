// internalBinding("fs_event_wrap"): FSEvent, used by fs.watch. The libuv handle is initialized in
// start(); before that, closing does nothing.
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime {
namespace {

class FsEvent final : public HandleWrap {
 public:
  FsEvent(Env& env, const Args&)
      : HandleWrap(env, Provider::kFSEVENTWRAP, reinterpret_cast<uv_handle_t*>(&event_)) {
    MarkUninitialized();
  }

  void Start(const Args& args) {  // (path, persistent, recursive, encoding)
    if (started_) return args.GetReturnValue().Set(0);
    fs::PathArg path(env(), args[0]);
    if (!path.ok()) return;
    if (path.embedded())
      return Error::Plain("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                          "Cannot watch '" + path.str() +
                              "': files that are embedded in the executable never change")
          .Throw(env());
    unsigned flags = args[2]->IsTrue() ? UV_FS_EVENT_RECURSIVE : 0;
    encoding_ = ParseEncoding(env(), args[3], Encoding::kUtf8);
    int rc = uv_fs_event_init(env().loop, &event_);
    if (rc < 0) return args.GetReturnValue().Set(rc);
    event_.data = static_cast<HandleWrap*>(this);
    started_ = true;
    MarkInitialized();
    rc = uv_fs_event_start(&event_, OnEvent, path.c_str(), flags);
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

  uv_fs_event_t event_ = {};
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
