// HTTP/1 messages: HTTPParser, which wraps llhttp, and the list of a server's connections. Used on
// the Env's thread only. See parser.cc.
#pragma once

#include <llhttp.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {

class HttpParser;

// A set of parsers, unordered. A parser stores its index in each list, so that insertion and
// removal, which happen with every message, need no search. Parsers are borrowed: the destructor
// of HttpParser removes it.
class ParserList {
 public:
  explicit ParserList(int which) : which_(which) {}
  void Insert(HttpParser* parser);
  void Erase(HttpParser* parser);
  auto begin() const { return parsers_.begin(); }
  auto end() const { return parsers_.end(); }

 private:
  std::vector<HttpParser*> parsers_;
  const int which_;  // index into HttpParser::places
};

// The parsers of one server. Owned jointly by its ConnectionsList and the parsers themselves.
struct Connections {
  ParserList all{0};
  ParserList active{1};  // within a message
};

struct ReadBuffer;
class TextCache;

extern const ClassEntry kConnectionsListClass;
extern const ClassEntry kHttpParserClass;
// Returns the connections of a ConnectionsList object; null for any other value.
std::shared_ptr<Connections> ConnectionsOf(Env& env, v8::Local<v8::Value> value);

class HttpParser final : public AsyncWrap, public StreamListener {
 public:
  // Initialized for requests, so that input before initialize() does not crash.
  explicit HttpParser(Env& env);
  ~HttpParser() override { Forget(); }

  uint64_t message_start() const { return message_start_; }  // nanoseconds of uv_hrtime; 0: idle
  bool headers_completed() const { return headers_completed_; }
  bool freed() const { return freed_; }
  // Stores the reason, "CODE:text", and returns the value with which a callback stops llhttp.
  int Fail(const char* reason);

  static constexpr size_t kNoPlace = ~size_t{0};
  size_t places[2] = {kNoPlace, kNoPlace};  // used only by ParserList

  // The functions that JavaScript sets at the indexes 0 to 6 are stored in internal fields.
  static constexpr int kFirstCallbackField = 1;
  static constexpr uint32_t kCallbacks = 7;

  // Methods.
  void Close(const Args&);
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

  // Callbacks of llhttp. A result other than 0 stops the parser.
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
  // The async id is assigned by initialize(), not here.
  void OnAttach() override {}

 private:
  static constexpr size_t kMaxHeaders = 32;  // when there are more, Flush() passes these on

  // Text that arrives in pieces. It points into the input until Keep() copies it.
  class Piece {
   public:
    void Reset() {
      data_ = nullptr;
      size_ = 0;
      kept_.clear();
    }
    void Add(const char* data, size_t size);
    void Keep();
    v8::Local<v8::String> ToJs(Env& env, TextCache& cache, bool trim = false) const;

   private:
    const char* data_ = nullptr;
    size_t size_ = 0;
    std::string kept_;
  };

  // Scope around calls into JavaScript, which may close the parser: the outermost scope deletes it.
  class Entered {
   public:
    explicit Entered(HttpParser& parser) : parser_(parser) { parser_.entered_++; }
    ~Entered() {
      if (--parser_.entered_ == 0 && parser_.closed_) delete &parser_;
    }
    Entered(const Entered&) = delete;

   private:
    HttpParser& parser_;
  };

  void Forget();
  void Enlist(bool active);
  int CountHeader(size_t length);
  int CheckHeaderCount();
  void Start();
  v8::Local<v8::Data> Callback(uint32_t index) {
    return object()->GetInternalField(kFirstCallbackField + int(index));
  }
  // The function at that index; empty when JavaScript has set none.
  v8::Local<v8::Function> CallbackFunction(uint32_t index) {
    v8::Local<v8::Data> callback = Callback(index);
    if (!callback->IsValue() || !callback.As<v8::Value>()->IsFunction()) return {};
    return callback.As<v8::Value>().As<v8::Function>();
  }
  // Calls without running ticks afterwards: the parser is in the middle of a message.
  v8::MaybeLocal<v8::Value> CallQuietly(v8::Local<v8::Function> function,
                                        std::span<v8::Local<v8::Value>> args);
  v8::Local<v8::Array> HeadersToJs();
  void Flush();
  // Returns the number of bytes parsed, an error object, or empty (an exception is pending, or the
  // parser was freed, or finish() succeeded).
  v8::Local<v8::Value> Run(const char* data, size_t length);
  void SetRelaxedValue(const char* value);
  // Runs llhttp over one piece of input, which need not outlive the call.
  llhttp_errno_t Parse(const char* data, size_t length);

  ReadBuffer& reads_;
  TextCache& texts_;
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
  int entered_ = 0;  // number of live Entered objects
  bool closed_ = false;
  bool running_ = false;
  bool freed_ = false;          // while running: stop
  bool reinitialized_ = false;  // and serve another connection
  std::string later_;           // input that arrived while running
  llhttp_type_t type_ = HTTP_REQUEST;
  uint32_t lenient_ = 0;
  double max_pairs_ = -1;  // limit for a section of headers; -1 until read from JavaScript
  size_t section_headers_ = 0;
  uint64_t header_bytes_ = 0;
  uint64_t extension_bytes_ = 0;
  uint64_t max_header_bytes_ = 0;
  uint64_t message_start_ = 0;
  const char* current_ = nullptr;
  size_t current_size_ = 0;
  std::shared_ptr<Connections> connections_;
};

}  // namespace kiln::runtime
