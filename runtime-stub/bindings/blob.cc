// internalBinding("blob"): the native handle of a Blob, the reader that returns its bytes, and the
// blobs that URL.createObjectURL has registered.
//
// A reader processes the pieces in order. Memory is returned as one chunk per piece, without a
// copy. A file is opened when its piece is reached, must not have changed since the blob was
// created, and is read in chunks on the thread pool.
#include "runtime-stub/bindings/blob.h"

#include <ada.h>
#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <unordered_map>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/request.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {
namespace {

extern const ClassEntry kBlobClass;
extern const ClassEntry kReaderClass;

// Status values for a reader's callback; negative values are libuv codes.
enum Status { kEnd = 0, kContinue = 1 };

int64_t Nanoseconds(const uv_timespec_t& t) { return int64_t(t.tv_sec) * 1000000000 + t.tv_nsec; }

// A handle that is sent to another thread or cloned.
class BlobInTransit final : public TransferData {
 public:
  explicit BlobInTransit(BlobPieces pieces) : pieces_(std::move(pieces)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context>) override {
    return NewBlobHandle(env, pieces_);
  }

 private:
  BlobPieces pieces_;
};

class BlobHandle final : public Wrapped, public Transferable {
 public:
  BlobHandle(Env& env, BlobPieces pieces) : Wrapped(env), pieces_(std::move(pieces)) {}
  const char* type_name() const override { return "Blob"; }
  const BlobPieces& pieces() const { return pieces_; }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override {
    return std::make_unique<BlobInTransit>(pieces_);
  }

  v8::Local<v8::Object> GetReader();
  v8::Local<v8::Object> Slice(double start, double end);

 private:
  BlobPieces pieces_;
};

// Reads the pieces of one blob. Its libuv request is used for one operation at a time.
class BlobReader final : public Request<uv_fs_t> {
 public:
  BlobReader(Env& env, BlobPieces pieces)
      : Request(env, Provider::kBLOBREADER), pieces_(std::move(pieces)) {}
  ~BlobReader() override { CloseFile(); }

  // pull(callback): calls back with a status and, if that is kContinue, an ArrayBuffer.
  void Pull(const Args& args);
  // setWakeup(callback) is for sources whose data is not available yet. Memory and files always
  // are, so it does nothing.
  void SetWakeup(const Args& args) {}

 private:
  struct Finished;
  static constexpr size_t kChunk = 64 * 1024;

  // The next chunk of memory, or the end; false if a file has to be read first.
  bool PullMemory(int* status, v8::Local<v8::Value>* chunk);
  void StartFile();
  void Start(int rc);
  static void OnOpen(uv_fs_t* raw);
  static void OnStat(uv_fs_t* raw);
  static void OnRead(uv_fs_t* raw);
  // Calls back the pull that is in progress and continues with the next.
  void Complete(int status, v8::Local<v8::Value> chunk);
  void CloseFile();

  const BlobPiece& piece() const { return (*pieces_)[index_]; }

  BlobPieces pieces_;
  size_t index_ = 0;
  uint64_t done_ = 0;  // bytes of the current piece that were returned
  int file_ = -1;
  bool busy_ = false;  // libuv uses the request
  std::unique_ptr<v8::BackingStore> chunk_;
  std::deque<v8::Global<v8::Function>> pulls_;  // the front one is in progress
};

bool BlobReader::PullMemory(int* status, v8::Local<v8::Value>* chunk) {
  // A file is checked even if none of its bytes are wanted: it may have changed.
  while (index_ < pieces_->size() && done_ >= piece().length && (piece().memory || file_ >= 0)) {
    CloseFile();
    index_++;
    done_ = 0;
  }
  if (index_ == pieces_->size()) {
    *status = kEnd;
    *chunk = env().Undefined();
    return true;
  }
  const BlobPiece& p = piece();
  if (!p.memory) return false;
  auto copy = NewUninitializedStore(env(), p.length);
  std::memcpy(copy->Data(), static_cast<const char*>(p.memory->Data()) + p.offset, p.length);
  done_ = p.length;
  *status = kContinue;
  *chunk = v8::ArrayBuffer::New(env().isolate, std::move(copy));
  return true;
}

void BlobReader::Pull(const Args& args) {
  if (!args[0]->IsFunction()) return ThrowBadArgument(env(), 0);
  auto callback = args[0].As<v8::Function>();
  if (pulls_.empty()) {
    v8::Local<v8::Value> answer[2];
    int status;
    if (PullMemory(&status, &answer[1])) {
      answer[0] = v8::Integer::New(env().isolate, status);
      (void)callback->Call(env().isolate->GetCurrentContext(), env().Undefined(), 2, answer);
      return;
    }
  }
  pulls_.emplace_back(env().isolate, callback);
  if (!busy_) StartFile();
}

void BlobReader::StartFile() {
  if (file_ < 0) {
    Start(DispatchOnLoop(uv_fs_open, piece().path.c_str(), O_RDONLY | O_CLOEXEC, 0, OnOpen));
    return;
  }
  size_t size = size_t(std::min<uint64_t>(kChunk, piece().length - done_));
  chunk_ = NewUninitializedStore(env(), size);
  uv_buf_t buffer = uv_buf_init(static_cast<char*>(chunk_->Data()), unsigned(size));
  Start(DispatchOnLoop(uv_fs_read, uv_file(file_), &buffer, 1u, int64_t(piece().offset + done_),
                       OnRead));
}

void BlobReader::Start(int rc) {
  busy_ = rc >= 0;
  if (rc < 0) Complete(rc, env().Undefined());
}

// The result of the request and its reader; the request can then be used again.
struct BlobReader::Finished {
  explicit Finished(uv_fs_t* raw)
      : scope(Env::From(v8::Isolate::GetCurrent()).isolate),
        result(int64_t(raw->result)),
        stat(raw->statbuf),
        reader(static_cast<BlobReader*>(BlobReader::Done(raw))) {
    uv_fs_req_cleanup(raw);
    reader->busy_ = false;
  }
  v8::HandleScope scope;
  int64_t result;
  uv_stat_t stat;
  BlobReader* reader;
};

void BlobReader::OnOpen(uv_fs_t* raw) {
  Finished done(raw);
  BlobReader* self = done.reader;
  if (done.result < 0) return self->Complete(int(done.result), self->env().Undefined());
  self->file_ = int(done.result);
  self->Start(self->DispatchOnLoop(uv_fs_fstat, uv_file(self->file_), OnStat));
}

void BlobReader::OnStat(uv_fs_t* raw) {
  Finished done(raw);
  BlobReader* self = done.reader;
  if (done.result < 0) return self->Complete(int(done.result), self->env().Undefined());
  if (Nanoseconds(done.stat.st_mtim) != self->piece().modified_ns ||
      done.stat.st_size != self->piece().file_size)
    return self->Complete(UV_EACCES, self->env().Undefined());  // the file has changed
  if (self->piece().length > 0) return self->StartFile();
  int status;
  v8::Local<v8::Value> chunk;
  v8::Context::Scope context(self->env().context());
  if (self->PullMemory(&status, &chunk))
    self->Complete(status, chunk);
  else
    self->StartFile();
}

void BlobReader::OnRead(uv_fs_t* raw) {
  Finished done(raw);
  BlobReader* self = done.reader;
  Env& env = self->env();
  std::unique_ptr<v8::BackingStore> chunk = std::move(self->chunk_);
  if (done.result < 0) return self->Complete(int(done.result), env.Undefined());
  if (done.result == 0)
    return self->Complete(UV_EOF, env.Undefined());  // the file is shorter than it was
  size_t size = size_t(done.result);
  self->done_ += size;
  if (size < chunk->ByteLength()) {
    auto shorter = NewUninitializedStore(env, size);
    std::memcpy(shorter->Data(), chunk->Data(), size);
    chunk = std::move(shorter);
  }
  v8::Context::Scope context(env.context());
  self->Complete(kContinue, v8::ArrayBuffer::New(env.isolate, std::move(chunk)));
}

void BlobReader::Complete(int status, v8::Local<v8::Value> chunk) {
  v8::Context::Scope context(env().context());
  [[maybe_unused]] v8::Local<v8::Object> alive =
      object();  // the callback may drop the last reference
  do {
    v8::Local<v8::Function> callback = pulls_.front().Get(env().isolate);
    pulls_.pop_front();
    v8::Local<v8::Value> answer[] = {v8::Integer::New(env().isolate, status), chunk};
    MakeCallback(callback, answer);
  } while (!pulls_.empty() && env().can_call_into_js() && PullMemory(&status, &chunk));
  // The rest waits for a file, unless a pull that the callback made has started it.
  if (!pulls_.empty() && !busy_ && env().can_call_into_js()) StartFile();
}

void BlobReader::CloseFile() {
  if (file_ < 0) return;
  uv_fs_t request;
  uv_fs_close(nullptr, &request, file_, nullptr);
  uv_fs_req_cleanup(&request);
  file_ = -1;
}

v8::Local<v8::Object> BlobHandle::GetReader() {
  return NewWrapped<BlobReader>(env(), kReaderClass, pieces_)->object();
}

v8::Local<v8::Object> BlobHandle::Slice(double from, double to) {
  uint64_t start = Saturate<uint64_t>(from);
  uint64_t end = to > from ? Saturate<uint64_t>(to) : start;
  auto slice = std::make_shared<std::vector<BlobPiece>>();
  uint64_t at = 0;  // offset of the piece in the blob
  for (const BlobPiece& p : *pieces_) {
    uint64_t first = std::max(at, start);
    uint64_t last = std::min(at + p.length, end);
    if (first < last) {
      BlobPiece part = p;
      part.offset += first - at;
      part.length = last - first;
      slice->push_back(std::move(part));
    }
    at += p.length;
  }
  return NewBlobHandle(env(), std::move(slice));
}

constexpr Entry kBlobMethods[] = {
    Method<&BlobHandle::GetReader>("getReader"),
    Method<&BlobHandle::Slice>("slice"),
};
constexpr Entry kReaderMethods[] = {
    Method<&BlobReader::Pull>("pull"),
    Method<&BlobReader::SetWakeup>("setWakeup"),
};
const ClassEntry kBlobClass = {.name = "Blob", .methods = kBlobMethods};
const ClassEntry kReaderClass = {
    .name = "BlobReader", .parent = &kAsyncWrapClass, .methods = kReaderMethods};

// ---------------------------------------------------------------- functions

// createBlob(sources, length): views, whose memory the blob shares, and blob handles.
void CreateBlob(Env& env, const Args& args) {
  if (!args[0]->IsArray()) return ThrowBadArgument(env, 0);
  auto sources = args[0].As<v8::Array>();
  auto pieces = std::make_shared<std::vector<BlobPiece>>();
  for (uint32_t i = 0; i < sources->Length(); i++) {
    v8::Local<v8::Value> source;
    if (!sources->Get(env.isolate->GetCurrentContext(), i).ToLocal(&source)) return;
    if (BlobPieces other = BlobPiecesOf(env, source)) {
      pieces->insert(pieces->end(), other->begin(), other->end());
      continue;
    }
    BlobPiece piece;
    v8::Local<v8::ArrayBuffer> buffer;
    if (source->IsArrayBufferView()) {
      auto view = source.As<v8::ArrayBufferView>();
      buffer = view->Buffer();
      piece.offset = view->ByteOffset();
      piece.length = view->ByteLength();
    } else if (source->IsArrayBuffer()) {
      buffer = source.As<v8::ArrayBuffer>();
      piece.length = buffer->ByteLength();
    } else {
      return ThrowBadArgument(env, 0);
    }
    piece.memory = buffer->GetBackingStore();
    if (buffer->IsDetachable() && buffer->Detach(v8::Local<v8::Value>()).IsNothing()) return;
    if (piece.length > 0) pieces->push_back(std::move(piece));
  }
  args.GetReturnValue().Set(NewBlobHandle(env, std::move(pieces)));
}

// [handle, size], or undefined if the file cannot be opened.
Result<v8::Local<v8::Value>> CreateBlobFromFilePath(Env& env, v8::Local<v8::Value> file) {
  std::string path;
  if (Bytes bytes; GetBytes(file, &bytes))
    path.assign(reinterpret_cast<const char*>(bytes.data), bytes.size);
  else if (file->IsString())
    path = ToUtf8(env.isolate, file);
  else
    return Error::Type("ERR_INVALID_ARG_TYPE", "The \"path\" argument must be of type string");
  if (Refuses(env, Permission::kFileSystemRead, path)) return Error::Pending();
  BlobPiece piece;
  if (std::string content; embedded::ReadFile(path, &content)) {
    piece.memory = NewUninitializedStore(env, content.size());
    std::copy(content.begin(), content.end(), static_cast<char*>(piece.memory->Data()));
    piece.length = content.size();
  } else {
    uv_fs_t request;
    int rc = uv_fs_stat(nullptr, &request, path.c_str(), nullptr);
    uv_stat_t stat = request.statbuf;
    uv_fs_req_cleanup(&request);
    if (rc < 0) return env.Undefined();
    piece.path = std::move(path);
    piece.modified_ns = Nanoseconds(stat.st_mtim);
    piece.file_size = piece.length = stat.st_size;
  }
  double length = double(piece.length);
  auto pieces = std::make_shared<std::vector<BlobPiece>>(1, std::move(piece));
  v8::Local<v8::Value> result[] = {NewBlobHandle(env, std::move(pieces)),
                                   v8::Number::New(env.isolate, length)};
  return v8::Array::New(env.isolate, result, 2).As<v8::Value>();
}

// concat(buffers): one ArrayBuffer with the bytes of all.
void Concat(Env& env, const Args& args) {
  if (!args[0]->IsArray()) return ThrowBadArgument(env, 0);
  std::vector<v8::Local<v8::Value>> values;
  ListResult read = GetBufferList(env, args[0].As<v8::Array>(), &values);
  if (read == ListResult::kThrew) return;
  if (read == ListResult::kNotABuffer) return ThrowBadArgument(env, 0);
  std::vector<Bytes> parts(values.size());
  size_t size = 0;
  for (size_t i = 0; i < parts.size(); i++) {
    GetBytes(values[i], &parts[i]);
    size += parts[i].size;
  }
  auto store = NewUninitializedStore(env, size);
  auto* to = static_cast<uint8_t*>(store->Data());
  for (const Bytes& part : parts) {
    if (part.size > 0) std::memcpy(to, part.data, part.size);
    to += part.size;
  }
  args.GetReturnValue().Set(v8::ArrayBuffer::New(env.isolate, std::move(store)));
}

// ---------------------------------------------------------------- blob: URLs

struct BlobUrls {
  explicit BlobUrls(Env&) {}
  struct Stored {
    v8::Global<v8::Object> handle;
    double length;
    std::string type;
  };
  std::unordered_map<std::string, Stored> by_id;
};

void StoreDataObject(Env& env, std::string id, v8::Local<v8::Object> handle, double length,
                     std::string type) {
  BlobUrls::Stored& stored = env.State<BlobUrls>().by_id[id];
  stored.handle.Reset(env.isolate, handle);
  stored.length = length;
  stored.type = std::move(type);
}

// [handle, length, type], or undefined.
v8::Local<v8::Value> GetDataObject(Env& env, std::string id) {
  auto& all = env.State<BlobUrls>().by_id;
  auto it = all.find(id);
  if (it == all.end()) return env.Undefined();
  v8::Local<v8::Value> result[] = {it->second.handle.Get(env.isolate),
                                   v8::Number::New(env.isolate, it->second.length),
                                   env.Str(it->second.type)};
  return v8::Array::New(env.isolate, result, 3);
}

// "blob:nodedata:ID"; other addresses are not registered here.
void RevokeObjectUrl(Env& env, std::string input) {
  auto url = ada::parse<ada::url_aggregator>(input);
  if (!url || url->get_protocol() != "blob:") return;
  std::string_view path = url->get_pathname();
  size_t colon = path.find(':');
  if (colon == std::string_view::npos || path.find(':', colon + 1) != std::string_view::npos)
    return;
  env.State<BlobUrls>().by_id.erase(std::string(path.substr(colon + 1)));
}

constexpr Entry kFunctions[] = {
    Method<CreateBlob>("createBlob"),
    Method<StoreDataObject>("storeDataObject"),
    Method<GetDataObject>("getDataObject"),
    Method<RevokeObjectUrl>("revokeObjectURL"),
    Method<Concat>("concat"),
    Method<CreateBlobFromFilePath>("createBlobFromFilePath"),
};
constexpr const ClassEntry* kHidden[] = {&kBlobClass, &kReaderClass};

}  // namespace

BlobPieces BlobPiecesOf(Env& env, v8::Local<v8::Value> handle) {
  auto* blob = UnwrapArgument<BlobHandle>(env, kBlobClass, handle);
  return blob ? blob->pieces() : nullptr;
}

v8::Local<v8::Object> NewBlobHandle(Env& env, BlobPieces pieces) {
  return NewWrapped<BlobHandle>(env, kBlobClass, std::move(pieces))->object();
}

extern const Binding kBlobBinding;
const Binding kBlobBinding = {.name = "blob", .functions = kFunctions, .hidden_classes = kHidden};

}  // namespace kiln::runtime
