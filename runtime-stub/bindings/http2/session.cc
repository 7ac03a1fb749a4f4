// Http2Session: its options, its connection to the stream below it, and the steps in which it
// closes. Bytes in and out are in transfer.cc, what nghttp2 reports in callbacks.cc, and the
// methods for JavaScript in session_methods.cc.
//
// Closing takes these steps, each of which waits until no send and no receive is under way:
// what streams have queued is sent, then GOAWAY, then JavaScript's `ondone` is called.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "runtime-stub/bindings/http2/stream.h"
#include "runtime-stub/bindings/performance/performance.h"

namespace kiln::runtime {

// An allocator that counts nghttp2's memory for maxSessionMemory. Each block is preceded by its
// size.
nghttp2_mem Http2Allocator(Http2Session* session) {
  struct alignas(std::max_align_t) Block {
    size_t size;
  };
  auto resize = [](void* memory, size_t size, void* data) -> void* {
    uint64_t& total = static_cast<Http2Session*>(data)->nghttp2_memory_;
    Block* block = memory ? static_cast<Block*>(memory) - 1 : nullptr;
    size_t before = block ? block->size : 0;
    if (size > SIZE_MAX - sizeof(Block)) return nullptr;
    auto* made = static_cast<Block*>(std::realloc(block, sizeof(Block) + size));
    if (!made) return nullptr;
    made->size = size;
    total = total - before + size;
    return made + 1;
  };
  static constexpr auto kResize = resize;
  nghttp2_mem mem = {};
  mem.mem_user_data = session;
  mem.malloc = [](size_t size, void* data) { return kResize(nullptr, size, data); };
  mem.realloc = kResize;
  mem.calloc = [](size_t count, size_t size, void* data) -> void* {
    if (size != 0 && count > SIZE_MAX / size) return nullptr;
    void* made = kResize(nullptr, count * size, data);
    if (made) std::fill_n(static_cast<char*>(made), count * size, 0);
    return made;
  };
  mem.free = [](void* memory, void* data) {
    if (!memory) return;
    Block* block = static_cast<Block*>(memory) - 1;
    static_cast<Http2Session*>(data)->nghttp2_memory_ -= block->size;
    std::free(block);
  };
  return mem;
}

const nghttp2_session_callbacks* Http2Callbacks(bool padding);  // callbacks.cc

Http2Session::Http2Session(Env& env, bool client)
    : AsyncWrap(env, Provider::kHTTP2SESSION), client_(client) {
  fields_store_ = v8::ArrayBuffer::NewBackingStore(env.isolate, sizeof(Http2SessionFields));
  fields_ = static_cast<Http2SessionFields*>(fields_store_->Data());
  *fields_ = {.max_invalid_frames = 1000, .max_rejected_streams = 100};

  ReadLimits();
  nghttp2_option* option;
  CHECK(nghttp2_option_new(&option) == 0);
  ReadOptions(option);
  nghttp2_mem mem = Http2Allocator(this);
  auto make = client ? nghttp2_session_client_new3 : nghttp2_session_server_new3;
  // Can only fail for lack of memory.
  CHECK(make(&handle_, Http2Callbacks(padding_ != Http2Padding::kNone), this, option, &mem) == 0);
  nghttp2_option_del(option);
}

void Http2Session::OnAttach() {
  AsyncWrap::OnAttach();
  auto buffer = v8::ArrayBuffer::New(env().isolate, fields_store_);
  env().Set(object(), "fields", v8::Uint8Array::New(buffer, 0, sizeof(Http2SessionFields)));
}

// This may run during garbage collection, so the objects that the session holds are released
// afterwards. A stream that JavaScript knows keeps the session alive, but others may be left.
Http2Session::~Http2Session() {
  DropInput();
  std::vector<Http2Stream*> streams = std::move(destroyed_streams_);
  for (auto& [id, stream] : streams_) streams.push_back(stream);
  for (Http2Stream* stream : streams) stream->Detach();
  nghttp2_session_del(handle_);
  if (streams.empty() && pings_.empty() && settings_.empty()) return;
  env().SetImmediate(
      [streams = std::move(streams), pings = std::move(pings_),
       settings = std::move(settings_)](Env&) {
        for (Http2Stream* stream : streams) stream->End();
        for (Http2Ping* ping : pings) ping->Unpin();
        for (Http2Settings* request : settings) request->Unpin();
      },
      false);
}

namespace {

// An option of optionsBuffer; empty if JavaScript has not set it.
std::optional<uint32_t> Option(const Http2Shared& shared, Http2OptionIndex index) {
  if (!(shared.options[kOptionFlags] & (1u << index))) return {};
  return shared.options[index];
}

}  // namespace

void Http2Session::ReadOptions(nghttp2_option* option) const {
  // Closed streams are only needed for the priority tree, and RFC 9113 has no priorities.
  nghttp2_option_set_no_closed_streams(option, 1);
  // Windows are enlarged when JavaScript reads the data, so it can slow a sender down.
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_peer_max_concurrent_streams(option, 100);
  if (client_) {
    nghttp2_option_set_builtin_recv_extension_type(option, NGHTTP2_ALTSVC);
    nghttp2_option_set_builtin_recv_extension_type(option, NGHTTP2_ORIGIN);
  }

  const auto& shared = env().State<Http2Shared>();
  auto apply = [&](Http2OptionIndex index, void (*set)(nghttp2_option*, size_t)) {
    if (auto value = Option(shared, index)) set(option, *value);
  };
  apply(kOptionMaxDeflateDynamicTableSize, nghttp2_option_set_max_deflate_dynamic_table_size);
  apply(kOptionMaxSendHeaderBlockLength, nghttp2_option_set_max_send_header_block_length);
  apply(kOptionMaxSettings, nghttp2_option_set_max_settings);
  if (auto count = Option(shared, kOptionMaxReservedRemoteStreams))
    nghttp2_option_set_max_reserved_remote_streams(option, *count);
  if (auto count = Option(shared, kOptionPeerMaxConcurrentStreams))
    nghttp2_option_set_peer_max_concurrent_streams(option, *count);
  auto rate = Option(shared, kOptionStreamResetRate);
  auto burst = Option(shared, kOptionStreamResetBurst);
  if (rate && burst) nghttp2_option_set_stream_reset_rate_limit(option, *burst, *rate);
  if (auto off = Option(shared, kOptionNoWhitespaceValidation))
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, int(*off));
}

void Http2Session::ReadLimits() {
  auto& shared = env().State<Http2Shared>();
  auto padding = Option(shared, kOptionPaddingStrategy);
  if (padding && *padding <= uint32_t(Http2Padding::kMax)) padding_ = Http2Padding(*padding);
  max_header_pairs_ = Option(shared, kOptionMaxHeaderListPairs).value_or(max_header_pairs_);
  // At least the number of pseudo headers that every message has.
  max_header_pairs_ = std::max(max_header_pairs_, client_ ? 1u : 4u);
  if (auto count = Option(shared, kOptionMaxOutstandingPings)) max_pings_ = *count;
  if (auto count = Option(shared, kOptionMaxOutstandingSettings)) max_settings_ = *count;
  if (auto megabytes = Option(shared, kOptionMaxSessionMemory))
    max_memory_ = uint64_t(*megabytes) * 1000000;

  // The ids of custom settings that the peer may send.
  size_t count = std::min<size_t>(shared.settings[kSettingCustomCount], kMaxCustomSettings);
  for (size_t i = 0; i < count; i++)
    remote_custom_.push_back({int32_t(shared.settings[kSettingCustom + 2 * i] & 0xffff), 0, false});
  shared.settings[kSettingCustomCount] = 0;
}

v8::MaybeLocal<v8::Value> Http2Session::Call(Http2Callback which,
                                             std::initializer_list<v8::Local<v8::Value>> args) {
  v8::Local<v8::Function> function = env().State<Http2Shared>().Callback(env(), which);
  if (function.IsEmpty()) return {};
  std::vector<v8::Local<v8::Value>> list(args);
  return MakeCallback(function, list);
}

// JavaScript destroys the session.
void Http2Session::Fail(int error, const char* code) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Value> text = v8::Null(env().isolate);
  if (code) text = env().Str(code);
  (void)Call(Http2Callback::kError, {v8::Integer::New(env().isolate, error), text});
}

bool Http2Session::HasMemory(size_t amount) const {
  uint64_t used = sizeof(*this) + memory_ + nghttp2_memory_ + copied_.size();
  return used + amount <= max_memory_;
}

// ---------------------------------------------------------------- streams

void Http2Session::AddStream(Http2Stream* stream) {
  stream->Pin();
  streams_[stream->id()] = stream;
  stream_count_++;
  max_concurrent_streams_ = std::max(max_concurrent_streams_, streams_.size());
  AddMemory(sizeof(Http2Stream));
}

// The stream stays pinned: the caller must unpin it.
void Http2Session::RemoveStream(Http2Stream* stream) {
  if (streams_.erase(stream->id()) > 0) RemoveMemory(sizeof(Http2Stream));
}

Http2Stream* Http2Session::FindStream(int32_t id) const {
  auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second;
}

void Http2Session::DeferDestroy(Http2Stream* stream) {
  stream->Pin();
  destroyed_streams_.push_back(stream);
}

void Http2Session::FinishDestroyedStreams() {
  if (receiving_ || gathering_) return;
  std::vector<Http2Stream*> streams;
  streams.swap(destroyed_streams_);
  for (Http2Stream* stream : streams) {
    FlushReset(stream->id());
    stream->FinishDestroy();
    stream->Unpin();
  }
}

void Http2Session::NoteStreamDuration(uint64_t nanoseconds) {
  stream_average_duration_ = double(nanoseconds) / stream_count_ / 1e6;
}

// ---------------------------------------------------------------- closing

void Http2Session::Close(uint32_t code, bool socket_closed) {
  if (closing_) return;
  closing_ = true;
  Trace("closing session with code %u", code);
  close_code_ = code;
  socket_closed_ = socket_closed;
  if (stream()) {
    reading_stopped_ = true;
    stream()->ReadStop();
  }

  // The outstanding frames will not be acknowledged.
  for (Http2Settings* request : settings_) request->Unpin();
  settings_.clear();
  for (Http2Ping* ping : pings_)
    env().SetImmediate([ping](Env&) {
      ping->Done(false);
      ping->Unpin();
    });
  pings_.clear();

  ContinueClose();
  EmitStatistics();
}

void Http2Session::ContinueClose() {
  auto wait = [this] { return !closing_ || closed_ || receiving_ || sending_; };
  if (wait()) return;
  Http2Keep keep(*this);
  DropInput();
  if (!socket_closed_ && !purged_) {
    // nghttp2 refuses to send HEADERS and DATA once the session is terminated.
    purged_ = true;
    Send();
    FinishDestroyedStreams();
    if (wait()) return;
  }
  FinishDestroyedStreams();
  if (!socket_closed_ && !terminated_) {
    terminated_ = true;
    nghttp2_session_terminate_session(handle_, close_code_);
    Send();
    if (wait()) return;
  }
  closed_ = true;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  // JavaScript has already destroyed the streams that it knows.
  while (!streams_.empty()) streams_.begin()->second->FinishDestroy();
  StreamBase* below = stream();
  if (below && socket_closed_) below->RemoveListener(this);
  (void)MakeCallback("ondone", {});
  // Reading continues, for the listener below, so that the end of the stream is noticed.
  if (stream() && stream()->IsAlive()) {
    reading_stopped_ = false;
    stream()->ReadStart();
  }
}

// This may run during garbage collection, so the streams are notified later.
void Http2Session::OnStreamDestroy() {
  reading_stopped_ = true;
  if (!writing_) return;  // otherwise the write keeps this object alive
  env().SetImmediate([this](Env& env) {
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    writing_ = false;
    Sent();
    ContinueClose();
    Unpin();
  });
}

void Http2Session::NotifyIfGracefullyClosed() {
  if (!graceful_ || closing_ || HasPendingData()) return;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  (void)MakeCallback("ongracefulclosecomplete", {});
}

void Http2Session::EmitStatistics() {
  if (!IsObserved(env(), ObservedType::kHttp2)) return;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Object> details = v8::Object::New(env().isolate);
  env().Set(details, "bytesWritten", double(bytes_sent_));
  env().Set(details, "bytesRead", double(bytes_received_));
  env().Set(details, "framesReceived", double(frames_received_));
  env().Set(details, "framesSent", double(frames_sent_));
  env().Set(details, "maxConcurrentStreams", double(max_concurrent_streams_));
  env().Set(details, "pingRTT", double(ping_rtt_));
  env().Set(details, "streamAverageDuration", stream_average_duration_);
  env().Set(details, "streamCount", double(stream_count_));
  env().Set(details, "type", env().Name(client_ ? "client" : "server"));
  DeferObserve(env(), ObservedType::kHttp2, "Http2Session", start_, uv_hrtime(), details);
}

}  // namespace kiln::runtime
