// internalBinding("heap_utils"): heap snapshots as a stream or a file. V8 serializes a snapshot in
// one call, so a stream emits everything from its first readStart().
#include "runtime-stub/bindings/v8/heap_snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "runtime-stub/binding/stream.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {

namespace {

HeapSnapshotPointer Take(Env& env, const uint8_t* options, size_t size) {
  v8::HeapProfiler::HeapSnapshotOptions wanted;
  if (size >= 2) {
    if (options[0]) wanted.snapshot_mode = v8::HeapProfiler::HeapSnapshotMode::kExposeInternals;
    if (options[1]) wanted.numerics_mode = v8::HeapProfiler::NumericsMode::kExposeNumericValues;
  }
  return HeapSnapshotPointer(env.isolate->GetHeapProfiler()->TakeHeapSnapshot(wanted));
}

class TextOutput final : public v8::OutputStream {
 public:
  int GetChunkSize() override { return 65536; }
  void EndOfStream() override {}
  WriteResult WriteAsciiChunk(char* data, int size) override {
    text.append(data, size_t(size));
    return kContinue;
  }
  std::string text;
};

class FileOutput final : public v8::OutputStream {
 public:
  explicit FileOutput(int fd) : fd_(fd) {}
  int GetChunkSize() override { return 65536; }
  void EndOfStream() override {}
  WriteResult WriteAsciiChunk(char* data, int size) override {
    while (size > 0) {
      ssize_t written = write(fd_, data, size_t(size));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = uv_translate_sys_error(errno);
        return kAbort;
      }
      data += written;
      size -= int(written);
    }
    return kContinue;
  }
  int error() const { return error_; }

 private:
  int fd_;
  int error_ = 0;
};

}  // namespace

HeapSnapshotPointer TakeHeapSnapshot(Env& env, v8::Local<v8::Value> options) {
  Bytes bytes;
  if (options.IsEmpty() || !GetBytes(options, &bytes)) return Take(env, nullptr, 0);
  return Take(env, bytes.data, bytes.size);
}

std::string HeapSnapshotText(Env& env, const std::vector<uint8_t>& options) {
  TextOutput output;
  Take(env, options.data(), options.size())->Serialize(&output, v8::HeapSnapshot::kJSON);
  return std::move(output.text);
}

int WriteHeapSnapshot(const v8::HeapSnapshot& snapshot, const std::string& path) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return uv_translate_sys_error(errno);
  FileOutput output(fd);
  snapshot.Serialize(&output, v8::HeapSnapshot::kJSON);
  close(fd);
  return output.error();
}

std::string HeapSnapshotName() {
  static std::atomic<int> sequence = 0;
  time_t now = time(nullptr);
  struct tm local;
  localtime_r(&now, &local);
  char when[32];
  strftime(when, sizeof(when), "%Y%m%d.%H%M%S", &local);
  char name[96];
  std::snprintf(name, sizeof(name), "Heap.%s.%d.0.%03d.heapsnapshot", when, int(uv_os_getpid()),
                ++sequence);
  return name;
}

namespace {

class HeapSnapshotStream final : public AsyncWrap, public StreamBase, public v8::OutputStream {
 public:
  HeapSnapshotStream(Env& env, HeapSnapshotPointer snapshot)
      : AsyncWrap(env, Provider::kHEAPSNAPSHOT),
        StreamBase(*static_cast<AsyncWrap*>(this)),
        snapshot_(std::move(snapshot)) {}
  HeapSnapshotStream(Env& env, std::string text) : HeapSnapshotStream(env, HeapSnapshotPointer()) {
    text_ = std::move(text);
  }

  bool IsAlive() override { return !ended_; }
  bool IsClosing() override { return ended_; }
  int ReadStart() override {
    if (ended_ || std::exchange(serializing_, true)) return 0;
    if (snapshot_) {
      snapshot_->Serialize(this, v8::HeapSnapshot::kJSON);
    } else {
      WriteAsciiChunk(text_.data(), int(text_.size()));
      EndOfStream();
    }
    ended_ = true;
    snapshot_.reset();
    text_.clear();
    return 0;
  }
  int ReadStop() override { return 0; }
  int DoShutdown(ShutdownWrap*) override { return UV_ENOTSUP; }
  int DoWrite(WriteWrap*, uv_buf_t*, size_t, uv_stream_t*) override { return UV_ENOTSUP; }

  int GetChunkSize() override { return 65536; }
  void EndOfStream() override { EmitRead(UV_EOF); }
  WriteResult WriteAsciiChunk(char* data, int size) override {
    while (size > 0) {
      uv_buf_t buffer = EmitAlloc(size_t(size));
      int part = std::min(size, int(buffer.len));
      std::memcpy(buffer.base, data, size_t(part));
      data += part;
      size -= part;
      EmitRead(part, buffer);
    }
    return kContinue;
  }

 protected:
  void OnAttach() override {
    AsyncWrap::OnAttach();
    AttachStream();
  }

 private:
  HeapSnapshotPointer snapshot_;
  std::string text_;  // instead of a snapshot: one of another thread
  bool ended_ = false;
  bool serializing_ = false;  // JavaScript may call readStart() again while it receives chunks
};

const ClassEntry kHeapSnapshotStreamClass = {.name = "HeapSnapshotStream",
                                             .parent = &kAsyncWrapClass,
                                             .more_methods = kStreamMethods,
                                             .more_accessors = kStreamAccessors,
                                             .fields = StreamBase::kFields,
                                             .customize = StreamBase::Customize};

}  // namespace

v8::Local<v8::Object> NewHeapSnapshotStream(Env& env, std::string text) {
  return NewWrapped<HeapSnapshotStream>(env, kHeapSnapshotStreamClass, std::move(text))->object();
}

namespace {

void CreateHeapSnapshotStream(Env& env, const Args& args) {
  args.GetReturnValue().Set(
      NewWrapped<HeapSnapshotStream>(env, kHeapSnapshotStreamClass, TakeHeapSnapshot(env, args[0]))
          ->object());
}

// triggerHeapSnapshot(path or undefined, options): writes the file and returns its path.
void TriggerHeapSnapshot(Env& env, const Args& args) {
  std::string path;
  if (args[0]->IsUndefined()) {
    path = HeapSnapshotName();
  } else if (!GetPath(env, args[0], &path)) {
    return ThrowBadArgument(env, 0);
  }
  if (Refuses(env, Permission::kFileSystemWrite, path)) return;
  if (int err = WriteHeapSnapshot(*TakeHeapSnapshot(env, args[1]), path))
    return Error::Uv(err, "open", path).Throw(env);
  args.GetReturnValue().Set(args[0]->IsUndefined() ? env.Str(path).As<v8::Value>() : args[0]);
}

// buildEmbedderGraph(...values): native objects add no nodes to heap snapshots, so the graph has
// one node for each of the given values.
void BuildEmbedderGraph(Env& env, const Args& args) {
  v8::LocalVector<v8::Value> values(env.isolate);
  v8::LocalVector<v8::Value> nodes(env.isolate);
  for (int i = 0; i < args.Length(); i++) {
    bool known = std::any_of(values.begin(), values.end(), [&](v8::Local<v8::Value> value) {
      return value->StrictEquals(args[i]);
    });
    if (known) continue;
    values.push_back(args[i]);
    v8::Local<v8::Object> node = v8::Object::New(env.isolate);
    env.Set(node, "value", args[i]);
    env.Set(node, "name", env.Name("<JS Node>"));
    env.Set(node, "isRoot", v8::False(env.isolate));
    env.Set(node, "size", 0);
    env.Set(node, "edges", v8::Array::New(env.isolate, 0));
    nodes.push_back(node);
  }
  args.GetReturnValue().Set(v8::Array::New(env.isolate, nodes.data(), nodes.size()));
}

constexpr Entry kFunctions[] = {
    Method<BuildEmbedderGraph>("buildEmbedderGraph"),
    Method<TriggerHeapSnapshot>("triggerHeapSnapshot"),
    Method<CreateHeapSnapshotStream>("createHeapSnapshotStream"),
};
const ClassEntry* const kHiddenClasses[] = {&kHeapSnapshotStreamClass};

}  // namespace

extern const Binding kHeapUtilsBinding;
const Binding kHeapUtilsBinding = {
    .name = "heap_utils", .functions = kFunctions, .hidden_classes = kHiddenClasses};

}  // namespace kiln::runtime
