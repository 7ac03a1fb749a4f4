// HTTP/1 messages: a wrapper of llhttp, and the list of a server's connections. See
// parser.cc.
#pragma once

#include <llhttp.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime-stub/binding/stream.h"

namespace kiln {

class HttpParser;

// The parsers of one server, shared by its ConnectionsList and the parsers themselves.
struct Connections {
  std::set<HttpParser*> all;
  std::set<HttpParser*> active;  // within a message
};

extern const ClassEntry kConnectionsListClass;
extern const ClassEntry kHttpParserClass;
// The list behind a ConnectionsList object; null for any other value.
std::shared_ptr<Connections> ConnectionsOf(Env& env, v8::Local<v8::Value> value);

class HttpParser final : public AsyncWrap, public StreamListener {
 public:
  // Ready for a request, so that input before initialize() is no crash.
  explicit HttpParser(Env& env) : AsyncWrap(env, Provider::kNONE) { Start(); }
  ~HttpParser() override { Forget(); }

  uint64_t message_start() const { return message_start_; }  // 0: idle
  bool headers_completed() const { return headers_completed_; }
  bool freed() const { return freed_; }
  int Fail(const char* reason);  // the answer that stops llhttp

  // Methods.
  void Close(const Args&) { delete this; }
  void Free();
  void Remove() { Forget(); }
  void Execute(const Args& args);
  void Finish(const Args& args);
  void Initialize(const Args& args);
  void Pause() { llhttp_pause(&parser_); }
  void Resume() { llhttp_resume(&parser_); }
  void Consume(const Args& args);
  void Unconsume();
  void GetCurrentBuffer(const Args& args);

  // What llhttp reports; not 0 stops it.
  int OnMessageBegin();
  int OnUrl(const char* at, size_t length);
  int OnStatus(const char* at, size_t length);
  int OnHeaderField(const char* at, size_t length);
  int OnHeaderValue(const char* at, size_t length);
  int OnChunkExtension(const char* at, size_t length);
  int OnHeadersComplete();
  int OnBody(const char* at, size_t length);
  int OnMessageComplete();
  int OnChunkHeader();
  int OnChunkComplete();

  uv_buf_t OnStreamAlloc(size_t suggested_size) override;
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;

 protected:
  // The async id comes with initialize().
  void OnAttach() override {}

 private:
  static constexpr size_t kMaxHeaders = 32;  // more are passed on before the end

  // Text that arrives in pieces. It points into the input until that goes away.
  class Piece {
   public:
    void Reset() {
      data_ = nullptr;
      size_ = 0;
      kept_.clear();
    }
    void Add(const char* data, size_t size);
    void Keep();
    v8::Local<v8::String> ToJs(Env& env, bool trim = false) const;

   private:
    const char* data_ = nullptr;
    size_t size_ = 0;
    std::string kept_;
  };

  void Forget();
  void Enlist(bool active);
  int CountHeader(size_t length);
  int CheckHeaderCount();
  void Start();
  v8::Local<v8::Value> Callback(uint32_t index);
  // Calls without running ticks afterwards: the parser is in the middle of a message.
  v8::MaybeLocal<v8::Value> CallQuietly(v8::Local<v8::Function> function,
                                        std::span<v8::Local<v8::Value>> args);
  v8::Local<v8::Array> HeadersToJs();
  void Flush();
  // The bytes parsed, an error object, or empty (exception, or nothing to say).
  v8::Local<v8::Value> Run(const char* data, size_t length);

  llhttp_t parser_ = {};
  Piece fields_[kMaxHeaders];
  Piece values_[kMaxHeaders];
  Piece url_;
  Piece status_;
  size_t field_count_ = 0;
  size_t value_count_ = 0;
  bool flushed_ = false;
  bool threw_ = false;
  bool headers_completed_ = false;
  bool running_ = false;
  bool freed_ = false;         // while running: stop
  bool reinitialized_ = false;  // and serve another connection
  llhttp_type_t type_ = HTTP_REQUEST;
  uint32_t lenient_ = 0;
  double max_pairs_ = -1;      // of a section of headers; -1 until JavaScript was asked
  size_t section_headers_ = 0;
  uint64_t header_bytes_ = 0;
  uint64_t extension_bytes_ = 0;
  uint64_t max_header_bytes_ = 0;
  uint64_t message_start_ = 0;
  const char* current_ = nullptr;
  size_t current_size_ = 0;
  std::shared_ptr<Connections> connections_;
};

}  // namespace kiln
