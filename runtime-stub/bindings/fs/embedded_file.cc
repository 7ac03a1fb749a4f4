// internalBinding("embedded_files"): reading embedded files without a descriptor. Node's functions
// that read a whole file, and ReadStream, open embedded paths with open() and pass the object that
// they get where they would pass a descriptor: to read, fstat and close. These run where they would
// for a descriptor, on the thread pool or at once, and copy bytes in place of system calls. Code of
// an app never sees the object: a ReadStream has a lazy property `fd`, whose value is a real
// descriptor, opened when it is first read. Files that an app opens itself (fs.open) have real
// descriptors from the start.
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {

namespace {

v8::MaybeLocal<v8::Value> ToEmbeddedFile(Env& env, FsResult& outcome) {
  auto* file = NewWrapped<EmbeddedFile>(env, kEmbeddedFileClass, std::move(outcome.job->file),
                                        std::string(outcome.path));
  return file->object().As<v8::Value>();
}

}  // namespace

EmbeddedFile* EmbeddedFile::From(Env& env, v8::Local<v8::Value> value) {
  return UnwrapArgument<EmbeddedFile>(env, kEmbeddedFileClass, value);
}

const ClassEntry kEmbeddedFileClass = {.name = "EmbeddedFile"};

bool RunOnEmbedded(Env& env, const Args& args, int arg, const Op& op, EmbeddedJob job) {
  EmbeddedFile* file = EmbeddedFile::From(env, args[0]);
  if (!file) return false;
  RunJob(env, args, arg, op, {}, [open = file->file(), job = std::move(job)](JobResult& r) {
    if (open)
      job(*open, r);
    else
      r.rc = UV_EBADF;
  });
  return true;
}

}  // namespace kiln::runtime::fs

namespace kiln::runtime {
namespace {

using namespace fs;

// (path, flags, req): undefined if the path is not embedded; otherwise an EmbeddedFile, or true if
// `req` receives it.
void OpenToRead(Env& env, const Args& args) {
  PathArg path(env, args[0]);
  int flags;
  if (!path.ok() || !path.embedded() || !GetInt(env, args[1], "flags", &flags)) return;
  args.GetReturnValue().Set(true);
  RunJob(env, args, 2, {.syscall = "open", .to_js = ToEmbeddedFile}, path.view(),
         [p = path.str(), flags](JobResult& r) {
           r.rc = embedded::OpenFile::Open(p, flags, &r.file);
         });
}

// The getter of the lazy property; its data is the EmbeddedFile.
void GetDescriptor(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  EmbeddedFile* file = EmbeddedFile::From(env, info.Data());
  int fd = file && file->file() ? file->file()->Descriptor() : UV_EBADF;
  if (fd < 0) return Error::Uv(fd, "open", file ? file->path() : std::string_view()).Throw(env);
  info.GetReturnValue().Set(fd);
}

// Gives the stream a lazy property `fd`.
void DefineDescriptor(Env& env, v8::Local<v8::Object> stream, v8::Local<v8::Value> file) {
  (void)stream->SetLazyDataProperty(env.context(), env.Name("fd"), GetDescriptor, file);
}

// False until that property was read or replaced.
bool HasDescriptor(Env& env, v8::Local<v8::Object> stream) {
  return !stream->HasRealNamedCallbackProperty(env.context(), env.Name("fd")).FromMaybe(false);
}

const ClassEntry* const kHiddenClasses[] = {&kEmbeddedFileClass};

constexpr Entry kFunctions[] = {
    Method<OpenToRead>("open"),
    Method<DefineDescriptor>("defineDescriptor"),
    Method<HasDescriptor>("hasDescriptor"),
};

}  // namespace

extern const Binding kEmbeddedFilesBinding;
const Binding kEmbeddedFilesBinding = {
    .name = "embedded_files",
    .functions = kFunctions,
    .hidden_classes = kHiddenClasses,
    .references = [](std::vector<intptr_t>& list) { list.push_back(Reference(GetDescriptor)); }};

}  // namespace kiln::runtime
