// internalBinding("http_parser"): HTTPParser. It parses the bytes given to execute(), or reads
// them directly from a socket's stream after consume(), and calls the functions that JavaScript
// has set at its indexes 0 to 6 (kOnMessageBegin and so on). Headers are collected and passed to
// JavaScript as one array, [name, value, name, value, ...], whose strings come from a cache
// (text_cache.h).
#include "runtime-stub/bindings/http_parser/parser.h"

#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/http_parser/text_cache.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {
namespace {

enum Index : uint32_t {
  kOnMessageBegin,
  kOnHeaders,
  kOnHeadersComplete,
  kOnBody,
  kOnMessageComplete,
  kOnExecute,
  kOnTimeout,
};

constexpr size_t kMaxChunkExtensions = 16384;
constexpr size_t kFewHeaders = 16;
constexpr int64_t kTooManyHeaders = -431;

enum Lenient : uint32_t {
  kLenientNone = 0,
  kLenientHeaders = 1 << 0,
  kLenientChunkedLength = 1 << 1,
  kLenientKeepAlive = 1 << 2,
  kLenientTransferEncoding = 1 << 3,
  kLenientVersion = 1 << 4,
  kLenientDataAfterClose = 1 << 5,
  kLenientOptionalLFAfterCR = 1 << 6,
  kLenientOptionalCRLFAfterChunk = 1 << 7,
  kLenientOptionalCRBeforeLF = 1 << 8,
  kLenientSpacesAfterChunkSize = 1 << 9,
  kLenientHeaderValueRelaxed = 1 << 10,
  kLenientAll = (1 << 10) - 1,  // kLenientHeaders includes what kLenientHeaderValueRelaxed allows
};

HttpParser* From(llhttp_t* raw) { return static_cast<HttpParser*>(raw->data); }

// A callback may have freed the parser (freeParser in _http_common); then the rest is not parsed.
template <int (HttpParser::*F)()>
int Event(llhttp_t* raw) {
  HttpParser* parser = From(raw);
  int result = parser->freed() ? 0 : (parser->*F)();
  return parser->freed() ? parser->Fail("HPE_USER:Parser was freed") : result;
}
template <int (HttpParser::*F)(const char*, size_t)>
int Data(llhttp_t* raw, const char* at, size_t length) {
  HttpParser* parser = From(raw);
  int result = parser->freed() ? 0 : (parser->*F)(at, length);
  return parser->freed() ? parser->Fail("HPE_USER:Parser was freed") : result;
}

const llhttp_settings_t& Settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_message_begin = Event<&HttpParser::OnMessageBegin>;
    s.on_url = Data<&HttpParser::OnUrl>;
    s.on_status = Data<&HttpParser::OnStatus>;
    s.on_header_field = Data<&HttpParser::OnHeaderField>;
    s.on_header_value = Data<&HttpParser::OnHeaderValue>;
    s.on_chunk_extension_name = Data<&HttpParser::OnChunkExtension>;
    s.on_chunk_extension_value = Data<&HttpParser::OnChunkExtension>;
    s.on_headers_complete = Event<&HttpParser::OnHeadersComplete>;
    s.on_body = Data<&HttpParser::OnBody>;
    s.on_message_complete = Event<&HttpParser::OnMessageComplete>;
    s.on_chunk_header = Event<&HttpParser::OnChunkHeader>;
    s.on_chunk_complete = Event<&HttpParser::OnChunkComplete>;
    return s;
  }();
  return settings;
}

// The backing store of a value that GetBytes() accepts.
std::shared_ptr<v8::BackingStore> MemoryOf(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView())
    return value.As<v8::ArrayBufferView>()->Buffer()->GetBackingStore();
  if (value->IsArrayBuffer()) return value.As<v8::ArrayBuffer>()->GetBackingStore();
  return value.As<v8::SharedArrayBuffer>()->GetBackingStore();
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

// One buffer for all reads of a thread: the bytes are parsed before the next read.
struct ReadBuffer {
  explicit ReadBuffer(Env&) {}
  static constexpr size_t kSize = 64 * 1024;
  std::unique_ptr<char[]> memory;
  bool in_use = false;
};

HttpParser::HttpParser(Env& env)
    : AsyncWrap(env, Provider::kNONE),
      reads_(env.State<ReadBuffer>()),
      texts_(env.State<TextCache>()) {
  Start();
}

// ---------------------------------------------------------------- pieces of text

void HttpParser::Piece::Add(const char* data, size_t size) {
  if (!data_) {
    data_ = data;
    size_ = size;
  } else if (kept_.empty() && data_ + size_ == data) {
    size_ += size;
  } else {
    Keep();
    kept_.append(data, size);
    data_ = kept_.data();
    size_ = kept_.size();
  }
}

void HttpParser::Piece::Keep() {
  if (!data_ || !kept_.empty() || size_ == 0) return;
  kept_.assign(data_, size_);
  data_ = kept_.data();
}

v8::Local<v8::String> HttpParser::Piece::ToJs(Env& env, TextCache& cache, bool trim) const {
  size_t size = size_;
  while (trim && size > 0 && IsBlank(data_[size - 1])) size--;
  return cache.ToJs(env, {data_, size});
}

// ---------------------------------------------------------------- connections

void ParserList::Insert(HttpParser* parser) {
  size_t& place = parser->places[which_];
  if (place != HttpParser::kNoPlace) return;
  place = parsers_.size();
  parsers_.push_back(parser);
}

void ParserList::Erase(HttpParser* parser) {
  size_t place = std::exchange(parser->places[which_], HttpParser::kNoPlace);
  if (place == HttpParser::kNoPlace) return;
  parsers_[place] = parsers_.back();
  parsers_.pop_back();
  if (place < parsers_.size()) parsers_[place]->places[which_] = place;
}

void HttpParser::Forget() {
  if (!connections_) return;
  connections_->all.Erase(this);
  connections_->active.Erase(this);
}

void HttpParser::Enlist(bool active) {
  if (!connections_) return;
  connections_->all.Insert(this);
  if (active)
    connections_->active.Insert(this);
  else
    connections_->active.Erase(this);
}

// ---------------------------------------------------------------- calls into JavaScript

v8::MaybeLocal<v8::Value> HttpParser::CallQuietly(v8::Local<v8::Function> function,
                                                  std::span<v8::Local<v8::Value>> args) {
  v8::EscapableHandleScope handles(env().isolate);
  v8::MaybeLocal<v8::Value> result;
  env().callback_depth++;  // so that the scope below is not the outermost and runs no ticks
  {
    CallbackScope scope(*this);
    v8::Local<v8::Value> value;
    if (function->Call(env().isolate, env().context(), object(), int(args.size()), args.data())
            .ToLocal(&value))
      result = handles.Escape(value);  // before the scope's handles are released
    else
      scope.MarkFailed();
  }
  env().callback_depth--;
  return result;
}

int HttpParser::Fail(const char* reason) {
  llhttp_set_error_reason(&parser_, reason);
  return HPE_USER;
}

v8::Local<v8::Array> HttpParser::HeadersToJs() {
  v8::Local<v8::Value> list[2 * kMaxHeaders];
  for (size_t i = 0; i < value_count_; i++) {
    list[2 * i] = fields_[i].ToJs(env(), texts_);
    list[2 * i + 1] = values_[i].ToJs(env(), texts_, true);
  }
  return v8::Array::New(env().isolate, list, 2 * value_count_);
}

// Passes the headers so far (or trailers), and the URL, to JavaScript.
void HttpParser::Flush() {
  v8::HandleScope scope(env().isolate);
  v8::Local<v8::Function> callback = CallbackFunction(kOnHeaders);
  if (callback.IsEmpty()) return;
  v8::Local<v8::Value> args[] = {HeadersToJs(), url_.ToJs(env(), texts_)};
  if (MakeCallback(callback, args).IsEmpty()) threw_ = true;
  url_.Reset();
  flushed_ = true;
}

// ---------------------------------------------------------------- what llhttp reports

int HttpParser::OnMessageBegin() {
  field_count_ = value_count_ = 0;
  max_pairs_ = -1;
  section_headers_ = 0;
  headers_completed_ = false;
  extension_bytes_ = 0;
  message_start_ = uv_hrtime();
  url_.Reset();
  status_.Reset();
  Enlist(true);
  if (!HasCallback(kOnMessageBegin)) return 0;
  v8::HandleScope scope(env().isolate);
  v8::Local<v8::Function> callback = CallbackFunction(kOnMessageBegin);
  if (!callback.IsEmpty()) (void)CallQuietly(callback, {});
  return 0;
}

int HttpParser::CountHeader(size_t length) {
  header_bytes_ += length;
  return header_bytes_ >= max_header_bytes_ ? Fail("HPE_HEADER_OVERFLOW:Header overflow") : 0;
}

int HttpParser::OnUrl(const char* at, size_t length) {
  if (int err = CountHeader(length)) return err;
  url_.Add(at, length);
  return 0;
}

int HttpParser::OnStatus(const char* at, size_t length) {
  if (int err = CountHeader(length)) return err;
  status_.Add(at, length);
  return 0;
}

int HttpParser::OnHeaderField(const char* at, size_t length) {
  if (int err = CountHeader(length)) return err;
  SetRelaxedValue(at + length);
  if (field_count_ == value_count_) {
    if (int err = CheckHeaderCount()) return err;
    field_count_++;
    if (field_count_ == kMaxHeaders) {
      Flush();
      field_count_ = 1;
      value_count_ = 0;
    }
    fields_[field_count_ - 1].Reset();
  }
  fields_[field_count_ - 1].Add(at, length);
  return 0;
}

// llhttp 9.4.3 never returns from a value with a NUL when the relaxed flag is set alone (node
// 24.21 hangs). The flag is cleared for such a value, so that llhttp rejects it as in strict mode.
// `value`: where a value may begin, or continue, in the current input.
void HttpParser::SetRelaxedValue(const char* value) {
  if (!(lenient_ & kLenientHeaderValueRelaxed)) return;
  size_t size = size_t(current_ + current_size_ - value);
  if (const void* end = std::memchr(value, '\n', size))
    size = size_t(static_cast<const char*>(end) - value);
  llhttp_set_lenient_header_value_relaxed(&parser_, !std::memchr(value, 0, size));
}

// parser.maxHeaderPairs limits the number of names and values in one section: the headers of a
// request, or its trailers. (Surplus headers of a response are dropped by JavaScript.) Reading a
// property takes 600 instructions, so it is not read for a message with few headers if all earlier
// limits of the connection allowed that many. Should a program lower the limit of a connection in
// use, parserOnHeadersComplete() returns kTooManyHeaders (library/http_patches.js).
int HttpParser::CheckHeaderCount() {
  if (parser_.type != HTTP_REQUEST) return 0;
  if (max_pairs_ < 0) {
    if (section_headers_ < kFewHeaders && few_headers_allowed_) {
      section_headers_++;
      return 0;
    }
    v8::HandleScope scope(env().isolate);
    v8::Local<v8::Value> limit;
    if (!object()->Get(env().context(), texts_.MaxHeaderPairs(env())).ToLocal(&limit)) {
      threw_ = true;
      return HPE_USER;
    }
    double value = limit->IsNumber() ? limit.As<v8::Number>()->Value() : 0;
    max_pairs_ = value > 0 ? value : 0;
    few_headers_allowed_ = max_pairs_ == 0 || max_pairs_ >= 2 * kFewHeaders;
  }
  section_headers_++;
  if (max_pairs_ > 0 && double(2 * section_headers_) > max_pairs_)
    return Fail("HPE_HEADER_OVERFLOW:Header overflow");
  return 0;
}

int HttpParser::OnHeaderValue(const char* at, size_t length) {
  if (int err = CountHeader(length)) return err;
  if (value_count_ != field_count_) {
    value_count_++;
    values_[value_count_ - 1].Reset();
  }
  values_[value_count_ - 1].Add(at, length);
  return 0;
}

int HttpParser::OnChunkExtension(const char*, size_t length) {
  extension_bytes_ += length;
  if (extension_bytes_ > kMaxChunkExtensions)
    return Fail("HPE_CHUNK_EXTENSIONS_OVERFLOW:Chunk extensions overflow");
  return 0;
}

int HttpParser::OnChunkHeader() {
  header_bytes_ = 0;
  extension_bytes_ = 0;
  return 0;
}

int HttpParser::OnChunkComplete() {
  header_bytes_ = 0;
  return 0;
}

// The callback returns what follows the headers: 1, no body (a response to HEAD); 2, no body and
// another protocol.
int HttpParser::OnHeadersComplete() {
  headers_completed_ = true;
  header_bytes_ = 0;
  max_pairs_ = -1;  // trailers are counted separately
  section_headers_ = 0;
  v8::Isolate* isolate = env().isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Function> callback = CallbackFunction(kOnHeadersComplete);
  if (callback.IsEmpty()) return 0;

  v8::Local<v8::Value> headers = env().Undefined();
  v8::Local<v8::Value> url = env().Undefined();
  v8::Local<v8::Value> method = env().Undefined();
  v8::Local<v8::Value> status_code = env().Undefined();
  v8::Local<v8::Value> status_message = env().Undefined();
  if (flushed_) {
    Flush();
  } else {
    headers = HeadersToJs();
    if (parser_.type == HTTP_REQUEST) url = url_.ToJs(env(), texts_);
  }
  field_count_ = value_count_ = 0;
  if (parser_.type == HTTP_REQUEST) {
    method = v8::Integer::NewFromUnsigned(isolate, parser_.method);
  } else {
    status_code = v8::Integer::New(isolate, parser_.status_code);
    status_message = status_.ToJs(env(), texts_);
  }
  v8::Local<v8::Value> args[] = {v8::Integer::New(isolate, parser_.http_major),
                                 v8::Integer::New(isolate, parser_.http_minor),
                                 headers,
                                 method,
                                 url,
                                 status_code,
                                 status_message,
                                 v8::Boolean::New(isolate, parser_.upgrade),
                                 v8::Boolean::New(isolate, llhttp_should_keep_alive(&parser_))};
  v8::Local<v8::Value> result;
  int64_t next;
  if (!CallQuietly(callback, args).ToLocal(&result) ||
      !result->IntegerValue(env().context()).To(&next)) {
    threw_ = true;
    return HPE_USER;
  }
  too_many_headers_ = next == kTooManyHeaders;
  return too_many_headers_ ? HPE_USER : int(next);
}

int HttpParser::OnBody(const char* at, size_t length) {
  if (length == 0) return 0;
  v8::HandleScope scope(env().isolate);
  v8::Local<v8::Function> callback = CallbackFunction(kOnBody);
  if (callback.IsEmpty()) return 0;
  v8::Local<v8::Value> args[] = {NewBuffer(env(), at, length)};
  if (!MakeCallback(callback, args).IsEmpty()) return 0;
  threw_ = true;
  return Fail("HPE_JS_EXCEPTION:JS Exception");
}

int HttpParser::OnMessageComplete() {
  v8::HandleScope scope(env().isolate);
  message_start_ = 0;
  Enlist(false);
  if (field_count_) Flush();  // trailers
  v8::Local<v8::Function> callback = CallbackFunction(kOnMessageComplete);
  if (callback.IsEmpty()) return 0;
  if (!CallQuietly(callback, {}).IsEmpty()) return 0;
  threw_ = true;
  return HPE_USER;
}

// ---------------------------------------------------------------- parsing

llhttp_errno_t HttpParser::Parse(const char* data, size_t length) {
  SetRelaxedValue(data);
  llhttp_errno_t err = llhttp_execute(&parser_, data, length);
  // The input is not valid after this; text that points into it is copied.
  url_.Keep();
  status_.Keep();
  for (size_t i = 0; i < field_count_; i++) fields_[i].Keep();
  for (size_t i = 0; i < value_count_; i++) values_[i].Keep();
  return err;
}

v8::Local<v8::Value> HttpParser::Run(const char* data, size_t length) {
  v8::EscapableHandleScope scope(env().isolate);
  [[maybe_unused]] v8::Local<v8::Object> keep = object();
  // finish() may be called in a callback: llhttp then only checks the state of the last call.
  const bool nested = std::exchange(running_, true);
  const bool threw_before = std::exchange(threw_, false);
  const char* const outer = std::exchange(current_, data);
  const size_t outer_size = std::exchange(current_size_, length);
  llhttp_errno_t err;
  size_t parsed = length;
  if (data) {
    err = Parse(data, length);
    // After an error llhttp returns the same error, and the old position, from every call.
    const char* at = llhttp_get_error_pos(&parser_);
    if (err != HPE_OK) parsed = at >= data && at <= data + length ? size_t(at - data) : 0;
    while (err == HPE_OK && !freed_ && !later_.empty()) {
      std::string more = std::exchange(later_, {});
      current_ = more.data();
      current_size_ = more.size();
      err = Parse(more.data(), more.size());
    }
    later_.clear();
  } else {
    err = llhttp_finish(&parser_);
  }
  if (err == HPE_PAUSED_UPGRADE) {  // not an error: llhttp stopped before the end of the input
    err = HPE_OK;
    llhttp_resume_after_upgrade(&parser_);
  }
  running_ = nested;
  current_ = outer;
  current_size_ = outer_size;
  const bool threw = std::exchange(threw_, threw_before);
  if (nested) {
    if (freed_) return {};
  } else if (std::exchange(freed_, false)) {
    // The error that stopped llhttp belongs to the previous connection.
    if (std::exchange(reinitialized_, false)) Start();
    return {};
  }
  if (threw) return {};

  v8::Local<v8::Value> count = v8::Integer::New(env().isolate, int(parsed));
  if (!parser_.upgrade && err != HPE_OK) {
    v8::Local<v8::Object> error = v8::Exception::Error(env().Name("Parse Error")).As<v8::Object>();
    env().Set(error, "bytesParsed", count);
    std::string reason = llhttp_get_error_reason(&parser_) ? llhttp_get_error_reason(&parser_) : "";
    std::string code = llhttp_errno_name(err);
    size_t colon = reason.find(':');
    if (err == HPE_USER && colon != std::string::npos) {
      code = reason.substr(0, colon);
      reason = reason.substr(colon + 1);
    } else if (too_many_headers_) {  // llhttp replaces the error of this callback by its own
      code = "HPE_HEADER_OVERFLOW";
      reason = "Header overflow";
    }
    env().Set(error, "code", env().Str(code));
    env().Set(error, "reason", env().Str(reason));
    return scope.Escape(error);
  }
  if (!data) return {};
  return scope.Escape(count);
}

// JavaScript that runs in callbacks may detach or shrink the buffer, so its backing store is kept,
// or copied. It may also pass the connection's next bytes (the streams of a duplexPair call each
// other synchronously); these are appended to `later_`, since llhttp_execute() is not reentrant.
void HttpParser::Execute(const Args& args) {
  Bytes bytes;
  if (!GetBytes(args[0], &bytes)) return ThrowBadArgument(env(), 0);
  if (running_) {
    if (!freed_) later_.append(bytes.view());
    return args.GetReturnValue().Set(double(bytes.size));
  }
  char few[1024];  // most messages fit, and keeping a backing store costs more than a copy
  std::shared_ptr<v8::BackingStore> memory;
  std::string copy;
  const char* data = reinterpret_cast<const char*>(bytes.data);
  if (bytes.size <= sizeof few) {
    std::copy_n(data, bytes.size, few);
    data = few;
  } else if (memory = MemoryOf(args[0]); memory->IsResizableByUserJavaScript()) {
    data = copy.assign(bytes.view()).data();
  }
  Entered inside(*this);
  v8::Local<v8::Value> result = Run(data, bytes.size);
  if (!result.IsEmpty()) args.GetReturnValue().Set(result);
}

void HttpParser::Finish(const Args& args) {
  Entered inside(*this);
  v8::Local<v8::Value> result = Run(nullptr, 0);
  if (!result.IsEmpty()) args.GetReturnValue().Set(result);
}

// Resets llhttp for a new connection.
void HttpParser::Start() {
  llhttp_init(&parser_, type_, &Settings());
  parser_.data = this;
  if (lenient_ & kLenientHeaders) llhttp_set_lenient_headers(&parser_, 1);
  if (lenient_ & kLenientChunkedLength) llhttp_set_lenient_chunked_length(&parser_, 1);
  if (lenient_ & kLenientKeepAlive) llhttp_set_lenient_keep_alive(&parser_, 1);
  if (lenient_ & kLenientTransferEncoding) llhttp_set_lenient_transfer_encoding(&parser_, 1);
  if (lenient_ & kLenientVersion) llhttp_set_lenient_version(&parser_, 1);
  if (lenient_ & kLenientDataAfterClose) llhttp_set_lenient_data_after_close(&parser_, 1);
  if (lenient_ & kLenientOptionalLFAfterCR) llhttp_set_lenient_optional_lf_after_cr(&parser_, 1);
  if (lenient_ & kLenientOptionalCRLFAfterChunk)
    llhttp_set_lenient_optional_crlf_after_chunk(&parser_, 1);
  if (lenient_ & kLenientOptionalCRBeforeLF) llhttp_set_lenient_optional_cr_before_lf(&parser_, 1);
  if (lenient_ & kLenientSpacesAfterChunkSize)
    llhttp_set_lenient_spaces_after_chunk_size(&parser_, 1);
  // kLenientHeaderValueRelaxed: see SetRelaxedValue().

  header_bytes_ = 0;
  url_.Reset();
  status_.Reset();
  field_count_ = value_count_ = section_headers_ = 0;
  max_pairs_ = -1;
  flushed_ = threw_ = headers_completed_ = few_headers_allowed_ = too_many_headers_ = false;
}

// The parser returns to the library's pool. Its async resource may be collected.
void HttpParser::Free() {
  EmitDestroy();
  (void)object()->Set(env().context(), env().Symbol("resource_symbol"), object());
  if (running_) freed_ = true;
}

// Deletes the native object now, or after the callback that has called close().
void HttpParser::Close(const Args&) {
  closed_ = true;
  if (running_) freed_ = true;
  if (entered_ == 0) delete this;
}

// initialize(type, resource, max header size, lenient flags, ConnectionsList)
void HttpParser::Initialize(const Args& args) {
  int32_t type = args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : 0;
  if (type != HTTP_REQUEST && type != HTTP_RESPONSE) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsObject()) return ThrowBadArgument(env(), 1);
  max_header_bytes_ =
      args[2]->IsNumber() ? Saturate<uint64_t>(args[2].As<v8::Number>()->Value()) : 0;
  if (max_header_bytes_ == 0)
    max_header_bytes_ = uint64_t(env().options->GetNumber("--max-http-header-size"));
  lenient_ = args[3]->IsInt32() ? uint32_t(args[3].As<v8::Int32>()->Value()) : 0;
  type_ = llhttp_type_t(type);

  set_provider(type == HTTP_REQUEST ? Provider::kHTTPINCOMINGMESSAGE
                                    : Provider::kHTTPCLIENTREQUEST);
  Entered inside(*this);
  AsyncReset(args[1].As<v8::Object>());
  if (running_)
    freed_ = reinitialized_ = true;  // the current input belongs to the previous connection
  else
    Start();

  Forget();
  connections_ = ConnectionsOf(env(), args[4]);
  if (connections_) {
    // So headersTimeout also ends a connection that never sends anything.
    message_start_ = uv_hrtime();
    Enlist(true);
  }
}

// ---------------------------------------------------------------- reading a stream

void HttpParser::Consume(const Args& args) {
  StreamBase* source = StreamBase::FromValue(env(), args[0]);
  if (!source) return ThrowBadArgument(env(), 0);
  Unconsume();
  source->PushListener(this);
}

void HttpParser::Unconsume() {
  if (stream()) stream()->RemoveListener(this);
}

void HttpParser::GetCurrentBuffer(const Args& args) {
  args.GetReturnValue().Set(NewBuffer(env(), current_, current_size_));
}

uv_buf_t HttpParser::OnStreamAlloc(size_t suggested_size) {
  ReadBuffer& shared = reads_;
  if (shared.in_use) return StreamListener::OnStreamAlloc(suggested_size);
  if (!shared.memory) shared.memory = std::make_unique<char[]>(ReadBuffer::kSize);
  shared.in_use = true;
  return uv_buf_init(shared.memory.get(), ReadBuffer::kSize);
}

void HttpParser::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  struct Release {
    ReadBuffer& shared;
    char* memory;
    ~Release() {
      if (memory == shared.memory.get())
        shared.in_use = false;
      else
        std::free(memory);
    }
  } release{reads_, buf.base};
  if (nread < 0) return PassReadErrorToPrevious(nread);
  if (nread == 0) return;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  [[maybe_unused]] v8::Local<v8::Object> keep = object();
  if (running_) {  // a callback has written to a stream implemented in JavaScript
    if (!freed_) later_.append(buf.base, size_t(nread));
    return;
  }
  Entered inside(*this);
  v8::Local<v8::Value> result = Run(buf.base, size_t(nread));
  if (result.IsEmpty() || closed_) return;
  v8::Local<v8::Function> callback = CallbackFunction(kOnExecute);
  if (callback.IsEmpty()) return;
  current_ = buf.base;  // for getCurrentBuffer()
  current_size_ = size_t(nread);
  v8::Local<v8::Value> args[] = {result};
  (void)MakeCallback(callback, args);
  current_ = nullptr;
  current_size_ = 0;
}

// ---------------------------------------------------------------- table

namespace {

void ConstructParser(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  (new HttpParser(env))->Attach(args.This());
}

constexpr Entry kMethods[] = {
    Method<&HttpParser::Close>("close"),
    Method<&HttpParser::Free>("free"),
    Method<&HttpParser::Remove>("remove"),
    Method<&HttpParser::Execute>("execute"),
    Method<&HttpParser::Finish>("finish"),
    Method<&HttpParser::Initialize>("initialize"),
    Method<&HttpParser::Pause>("pause"),
    Method<&HttpParser::Resume>("resume"),
    Method<&HttpParser::Consume>("consume"),
    Method<&HttpParser::Unconsume>("unconsume"),
    Method<&HttpParser::GetCurrentBuffer>("getCurrentBuffer"),
};

struct NamedNumber {
  const char* name;
  uint32_t value;
};
constexpr NamedNumber kConstants[] = {
    {"REQUEST", HTTP_REQUEST},
    {"RESPONSE", HTTP_RESPONSE},
#define KILN_CONSTANT(name) {#name, name},
    KILN_CONSTANT(kOnMessageBegin) KILN_CONSTANT(kOnHeaders) KILN_CONSTANT(kOnHeadersComplete)
        KILN_CONSTANT(kOnBody) KILN_CONSTANT(kOnMessageComplete) KILN_CONSTANT(kOnExecute)
            KILN_CONSTANT(kOnTimeout) KILN_CONSTANT(kLenientNone) KILN_CONSTANT(kLenientHeaders)
                KILN_CONSTANT(kLenientChunkedLength) KILN_CONSTANT(kLenientKeepAlive) KILN_CONSTANT(
                    kLenientTransferEncoding) KILN_CONSTANT(kLenientVersion)
                    KILN_CONSTANT(kLenientDataAfterClose) KILN_CONSTANT(kLenientOptionalLFAfterCR)
                        KILN_CONSTANT(kLenientOptionalCRLFAfterChunk) KILN_CONSTANT(
                            kLenientOptionalCRBeforeLF) KILN_CONSTANT(kLenientSpacesAfterChunkSize)
                            KILN_CONSTANT(kLenientHeaderValueRelaxed) KILN_CONSTANT(kLenientAll)
#undef KILN_CONSTANT
};

v8::Intercepted GetCallback(uint32_t index, const v8::PropertyCallbackInfo<v8::Value>& info) {
  if (index >= HttpParser::kCallbacks) return v8::Intercepted::kNo;
  int field = HttpParser::kFirstCallbackField + int(index);
  v8::Local<v8::Data> callback = info.HolderV2()->GetInternalField(field);
  if (callback->IsValue()) info.GetReturnValue().Set(callback.As<v8::Value>());
  return v8::Intercepted::kYes;
}

v8::Intercepted SetCallback(uint32_t index, v8::Local<v8::Value> value,
                            const v8::PropertyCallbackInfo<void>& info) {
  if (index >= HttpParser::kCallbacks) return v8::Intercepted::kNo;
  info.HolderV2()->SetInternalField(HttpParser::kFirstCallbackField + int(index), value);
  if (auto* parser = Unwrap<HttpParser>(info.HolderV2())) parser->NoteCallback(index, value);
  return v8::Intercepted::kYes;
}

void References(std::vector<intptr_t>& references) {
  references.push_back(Reference(GetCallback));
  references.push_back(Reference(SetCallback));
}

void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  made->InstanceTemplate()->SetHandler(
      v8::IndexedPropertyHandlerConfiguration(GetCallback, SetCallback));
  for (auto [name, value] : kConstants)
    made->Set(env.Name(name), v8::Integer::NewFromUnsigned(env.isolate, value));
}

const ClassEntry* const kClasses[] = {&kHttpParserClass, &kConnectionsListClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::LocalVector<v8::Value> methods(env.isolate);
#define KILN_METHOD(number, name, text) methods.push_back(env.Name(#text));
  HTTP_METHOD_MAP(KILN_METHOD)
  env.Set(exports, "methods", v8::Array::New(env.isolate, methods.data(), methods.size()));
  methods.clear();
  HTTP_ALL_METHOD_MAP(KILN_METHOD)
#undef KILN_METHOD
  env.Set(exports, "allMethods", v8::Array::New(env.isolate, methods.data(), methods.size()));
}

}  // namespace

const ClassEntry kHttpParserClass = {
    .name = "HTTPParser",
    .construct = ConstructParser,
    .parent = &kAsyncWrapClass,
    .methods = kMethods,
    .fields = HttpParser::kFirstCallbackField + int(HttpParser::kCallbacks),
    .customize = Customize,
    .references = References};

extern const Binding kHttpParserBinding;
const Binding kHttpParserBinding = {.name = "http_parser", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
