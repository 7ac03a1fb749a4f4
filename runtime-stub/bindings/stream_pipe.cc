// internalBinding("stream_pipe"): moves bytes from one native stream to another without JavaScript
// (such as a file to an HTTP/2 stream). It has one listener on each stream. Reading pauses while a
// write is in flight and continues when it is done. The end of the data shuts down the sink; errors
// are passed to the listeners below, which report them to JavaScript.
//
// A started pipe is pinned until it is disconnected. Its wrapper refers to both streams, so garbage
// collection cannot destroy one of them, when JavaScript could not be notified.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {
namespace {

class StreamPipe final : public AsyncWrap {
 public:
  // (source, sink), both checked by ConstructPipe.
  StreamPipe(Env& env, StreamBase* source, StreamBase* sink)
      : AsyncWrap(env, Provider::kSTREAMPIPE),
        source_(source),
        sink_(sink),
        reader_(*this),
        writer_(*this),
        sink_requests_data_(sink->HasWantsWrite()) {
    source->PushListener(&reader_);
    sink->PushListener(&writer_);
  }
  ~StreamPipe() override { Disconnect(); }

  void Unpipe();
  void JsUnpipe() {
    if (connected_ && !std::exchange(started_, true)) Pin();
    Unpipe();
  }
  void Start() {
    if (!source_ || !sink_ || !connected_) return;
    closed_ = false;
    if (!std::exchange(started_, true)) Pin();
    writer_.OnStreamWantsWrite(kChunk);
  }
  bool IsClosed() { return closed_; }
  int32_t PendingWrites() { return int32_t(pending_writes_); }

 private:
  static constexpr size_t kChunk = 65536;

  class Reader final : public StreamListener {
   public:
    explicit Reader(StreamPipe& pipe) : pipe_(pipe) {}
    uv_buf_t OnStreamAlloc(size_t suggested_size) override {
      return StreamListener::OnStreamAlloc(std::min(suggested_size, pipe_.wanted_));
    }
    void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
    void OnStreamDestroy() override;

   private:
    StreamPipe& pipe_;
  };

  class Writer final : public StreamListener {
   public:
    explicit Writer(StreamPipe& pipe) : pipe_(pipe) {}
    // Another listener may read from the sink.
    uv_buf_t OnStreamAlloc(size_t suggested_size) override {
      return previous_listener()->OnStreamAlloc(suggested_size);
    }
    void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override {
      previous_listener()->OnStreamRead(nread, buf);
    }
    void OnStreamAfterWrite(WriteWrap* req, int status) override;
    void OnStreamAfterShutdown(ShutdownWrap* req, int status) override;
    void OnStreamWantsWrite(size_t suggested_size) override;
    void OnStreamDestroy() override;

   private:
    StreamPipe& pipe_;
  };

  // Removes the listeners; false if that was done before.
  bool Disconnect();
  void Forward(ssize_t nread, const uv_buf_t& buf);

  StreamBase* source_;  // null after it was destroyed
  StreamBase* sink_;
  Reader reader_;
  Writer writer_;
  bool sink_requests_data_;
  bool reading_ = false;
  bool eof_ = false;
  bool closed_ = true;
  bool connected_ = true;
  bool started_ = false;
  size_t pending_writes_ = 0;
  size_t wanted_ = 0;
};

bool StreamPipe::Disconnect() {
  if (!connected_) return false;
  connected_ = false;
  closed_ = true;
  if (source_) {
    if (started_) source_->ReadStop();
    source_->RemoveListener(&reader_);
  }
  reading_ = false;
  // A write in flight is still reported to its writer.
  if (sink_ && pending_writes_ == 0) sink_->RemoveListener(&writer_);
  return true;
}

void StreamPipe::Unpipe() {
  if (!Disconnect()) return;
  // A pipe that was never started may be in garbage collection now, with its streams.
  if (!started_) return;
  env().SetImmediate([this](Env& env) {
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    v8::Local<v8::Object> self = object();
    v8::Local<v8::Value> callback = env.Get(self, "onunpipe");
    if (callback->IsFunction()) (void)MakeCallback(callback.As<v8::Function>(), {});
    // Undo the references that the constructor created.
    v8::Local<v8::Value> source = env.Get(self, "source"), sink = env.Get(self, "sink");
    v8::Local<v8::Value> null = v8::Null(env.isolate);
    if (source->IsObject()) env.Set(source.As<v8::Object>(), "pipeTarget", null);
    if (sink->IsObject()) env.Set(sink.As<v8::Object>(), "pipeSource", null);
    env.Set(self, "source", null);
    env.Set(self, "sink", null);
    Unpin();
  });
}

void StreamPipe::Reader::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  if (nread >= 0) return pipe_.Forward(nread, buf);
  std::free(buf.base);
  pipe_.eof_ = true;
  StreamBase* sink = pipe_.sink_;  // the listener below may call unpipe()
  StreamListener* below = previous_listener();
  if (stream()) stream()->ReadStop();
  if (below) below->OnStreamRead(nread, uv_buf_init(nullptr, 0));
  // If a write is in flight, the sink is shut down after it.
  if (pipe_.pending_writes_ == 0) {
    if (sink && pipe_.sink_) sink->Shutdown();
    pipe_.Unpipe();
  }
}

void StreamPipe::Forward(ssize_t nread, const uv_buf_t& buf) {
  std::unique_ptr<char[]> data(new char[size_t(nread) + 1]);
  std::copy(buf.base, buf.base + nread, data.get());
  std::free(buf.base);
  if (!sink_ || nread == 0) return;
  uv_buf_t out;
  out.base = data.get();
  out.len = size_t(nread);
  pending_writes_++;
  StreamWriteResult result = sink_->Write(&out, 1);
  if (!result.async) return writer_.OnStreamAfterWrite(nullptr, result.err);
  reading_ = false;
  if (result.wrap) result.wrap->KeepStorage(std::move(data));
  if (source_ && !closed_) source_->ReadStop();
}

void StreamPipe::Reader::OnStreamDestroy() {
  pipe_.source_ = nullptr;
  if (!pipe_.started_) return pipe_.Unpipe();
  if (pipe_.eof_) return;
  pipe_.eof_ = true;
  if (pipe_.pending_writes_ > 0) return;
  if (pipe_.sink_) pipe_.sink_->Shutdown();
  pipe_.Unpipe();
}

void StreamPipe::Writer::OnStreamAfterWrite(WriteWrap* req, int status) {
  pipe_.pending_writes_--;
  Env& env = pipe_.env();
  if (pipe_.closed_) {
    if (pipe_.pending_writes_ > 0) return;
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    [[maybe_unused]] v8::Local<v8::Object> keep = pipe_.object();
    (void)pipe_.MakeCallback("oncomplete", {});
    if (stream()) stream()->RemoveListener(this);
    return;
  }
  if (pipe_.eof_) {
    v8::HandleScope scope(env.isolate);
    if (pipe_.sink_) pipe_.sink_->Shutdown();
    pipe_.Unpipe();
    return;
  }
  if (status != 0) {
    StreamListener* below = previous_listener();
    pipe_.Unpipe();
    if (req) below->OnStreamAfterWrite(req, status);
    return;
  }
  if (!pipe_.sink_requests_data_) OnStreamWantsWrite(kChunk);
}

void StreamPipe::Writer::OnStreamAfterShutdown(ShutdownWrap* req, int status) {
  StreamListener* below = previous_listener();
  pipe_.Unpipe();
  below->OnStreamAfterShutdown(req, status);
}

void StreamPipe::Writer::OnStreamWantsWrite(size_t suggested_size) {
  pipe_.wanted_ = suggested_size;
  if (pipe_.reading_ || pipe_.closed_ || !pipe_.source_) return;
  pipe_.reading_ = true;
  v8::HandleScope scope(pipe_.env().isolate);
  pipe_.source_->ReadStart();
}

void StreamPipe::Writer::OnStreamDestroy() {
  pipe_.sink_ = nullptr;
  pipe_.eof_ = true;
  pipe_.pending_writes_ = 0;
  pipe_.Unpipe();
}

// new StreamPipe(source, sink)
void ConstructPipe(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  args.This()->SetAlignedPointerInInternalField(0, nullptr);
  StreamBase* source = StreamBase::FromValue(env, args[0]);
  StreamBase* sink = StreamBase::FromValue(env, args[1]);
  if (!source || !sink)
    return Error::Type("ERR_INVALID_ARG_TYPE", "source and sink must be native streams").Throw(env);
  (new StreamPipe(env, source, sink))->Attach(args.This());
  env.Set(args.This(), "source", args[0]);
  env.Set(args[0].As<v8::Object>(), "pipeTarget", args.This());
  env.Set(args.This(), "sink", args[1]);
  env.Set(args[1].As<v8::Object>(), "pipeSource", args.This());
}

constexpr Entry kMethods[] = {
    Method<&StreamPipe::JsUnpipe>("unpipe"),
    Method<&StreamPipe::Start>("start"),
    Method<&StreamPipe::IsClosed>("isClosed"),
    Method<&StreamPipe::PendingWrites>("pendingWrites"),
};
const ClassEntry kStreamPipeClass = {.name = "StreamPipe",
                                     .construct = ConstructPipe,
                                     .parent = &kAsyncWrapClass,
                                     .methods = kMethods};
const ClassEntry* const kClasses[] = {&kStreamPipeClass};

}  // namespace

extern const Binding kStreamPipeBinding;
const Binding kStreamPipeBinding = {.name = "stream_pipe", .classes = kClasses};

}  // namespace kiln::runtime
