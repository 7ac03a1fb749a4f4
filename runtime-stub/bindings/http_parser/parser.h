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
// removal, which happen with every message, need no search. Parsers are borrowed: the destructor of
// HttpParser removes it. Insertion and removal invalidate iterators.
class ParserList {
 public:
  // `which`: 0 or 1, a different number for each list that a parser can be in.
  explicit ParserList(int which) : which_(which) {}
  // Have no effect if the parser is, or is not, in the list. Erase() changes the order.
  void Insert(HttpParser* parser);
  void Erase(HttpParser* parser);
  auto begin() const { return parsers_.begin(); }
  auto end() const { return parsers_.end(); }

 private:
  std::vector<HttpParser*> parsers_;
  const int which_;  // index into HttpParser::places
};

// The parsers of one server. Owned jointly by its ConnectionsList and the parsers themselves, so
// either may be collected first.
struct Connections {
  ParserList all{0};
  // Within a message, or waiting for the first: those that headersTimeout and requestTimeout can
  // end.
  ParserList active{1};
};

// Each Env has one of both. ReadBuffer is defined in parser.cc.
struct ReadBuffer;
class TextCache;

extern const ClassEntry kConnectionsListClass;
extern const ClassEntry kHttpParserClass;
// Returns the connections of a ConnectionsList object; null for any other value.
std::shared_ptr<Connections> ConnectionsOf(Env& env, v8::Local<v8::Value> value);

// The native part of an HTTPParser object. JavaScript takes one from a pool (_http_common.js),
// calls initialize() for each connection, and passes input with execute(), or lets it read a stream
// after consume(). free() ends its use for a connection, so that it can return to the pool; close()
// deletes the native part, at once or when the callback that called it has returned. Input that a
// callback passes to its own parser is parsed after the current input.
class HttpParser final : public AsyncWrap, public StreamListener {
 public:
  // Initialized for requests, so that input before initialize() does not crash.
  explicit HttpParser(Env& env);
  ~HttpParser() override { Forget(); }

  // When the current message began, in nanoseconds of uv_hrtime(); for a new connection, when it
  // was initialized; 0 while it is idle.
  uint64_t message_start() const { return message_start_; }  // nanoseconds of uv_hrtime; 0: idle
  // Whether the headers of the current message are complete.
  bool headers_completed() const { return headers_completed_; }
  // free(), close() or initialize() was called by a callback: the rest of the input is not parsed.
  bool freed() const { return freed_; }
  // Stores the reason, "CODE:text" with static storage, and returns the value with which a callback
  // stops llhttp. JavaScript receives an Error with these as `code` and `reason`.
  int Fail(const char* reason);

  static constexpr size_t kNoPlace = ~size_t{0};
  // The positions in `all` and `active` of Connections. Used only by ParserList.
  size_t places[2] = {kNoPlace, kNoPlace};

  // The functions that JavaScript sets at the indexes 0 to 6 (HTTPParser.kOnMessageBegin to
  // kOnTimeout) are stored in internal fields.
  static constexpr int kFirstCallbackField = 1;
  static constexpr uint32_t kCallbacks = 7;

  // Must be called for every value that is set at an index less than kCallbacks.
  void NoteCallback(uint32_t index, v8::Local<v8::Value> value) {
    const uint8_t bit = uint8_t(1u << index);
    functions_ = uint8_t(value->IsFunction() ? functions_ | bit : functions_ & ~bit);
  }

  // Methods.
  void Close(const Args&);
  // The async resource ends, and may be collected.
  void Free();
  // Removes the parser from its server's list.
  void Remove() { Forget(); }
  // (bytes): returns the number of bytes parsed, which is less than given after an upgrade, or an
  // Error with the properties bytesParsed, code and reason. Undefined if a callback threw (the
  // exception is pending or was reported) or freed the parser. Inside of a callback it only stores
  // the bytes.
  void Execute(const Args& args);
  // The connection has ended: returns an Error if a message is incomplete, otherwise undefined.
  void Finish(const Args& args);
  // (REQUEST or RESPONSE, async resource, limit for the bytes of a header section (0: that of
  // --max-http-header-size), lenient flags, ConnectionsList or undefined).
  void Initialize(const Args& args);
  // Input after this is refused with HPE_PAUSED until Resume().
  void Pause() { llhttp_pause(&parser_); }
  void Resume() { llhttp_resume(&parser_); }
  // (stream handle): reads it from now on, without JavaScript; the results go to kOnExecute.
  // Unconsume() leaves the stream to its previous listener.
  void Consume(const Args& args);
  void Unconsume();
  // In a callback: a Buffer with a copy of the input that is being parsed.
  void GetCurrentBuffer(const Args& args);

  // Callbacks of llhttp (llhttp_settings_t of <llhttp.h>). A result other than 0 stops the parser;
  // for OnHeadersComplete() 1 and 2 mean that no body follows. `at` is borrowed for the call, and a
  // text may come in several pieces. Each may run JavaScript.
  int OnMessageBegin();
  int OnUrl(const char* at, size_t length);
  int OnStatus(const char* at, size_t length);
  int OnHeaderField(const char* at, size_t length);
  int OnHeaderValue(const char* at, size_t length);
  int OnChunkExtension(const char* at, size_t length);
  int OnHeadersComplete();
  int OnBody(const char* at, size_t length);
  int OnMessageComplete();
  // Reset the counts for the limits.
  int OnChunkHeader();
  int OnChunkComplete();

  // The buffer that all parsers of the Env share; from malloc() while that is in use.
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
    // Appends; without a copy if the bytes continue those before in memory.
    void Add(const char* data, size_t size);
    // Copies the text. Must be called before the input is freed.
    void Keep();
    // As Latin-1. `trim`: without the spaces and tabs at the end (RFC 9112, 5).
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

  // Leave and join the lists of the server. `active`: within a message.
  void Forget();
  void Enlist(bool active);
  // Return 0, or stop llhttp with HPE_HEADER_OVERFLOW.
  int CountHeader(size_t length);
  int CheckHeaderCount();
  // Resets llhttp for a new connection.
  void Start();
  // What JavaScript has set at `index`, which must be less than kCallbacks.
  v8::Local<v8::Data> Callback(uint32_t index) {
    return object()->GetInternalField(kFirstCallbackField + int(index));
  }
  bool HasCallback(uint32_t index) const { return functions_ >> index & 1; }
  // The function at that index; empty when JavaScript has set none.
  v8::Local<v8::Function> CallbackFunction(uint32_t index) {
    if (!HasCallback(index)) return {};
    return Callback(index).As<v8::Value>().As<v8::Function>();
  }
  // Calls without running ticks afterwards: the parser is in the middle of a message.
  v8::MaybeLocal<v8::Value> CallQuietly(v8::Local<v8::Function> function,
                                        std::span<v8::Local<v8::Value>> args);
  // [name, value, name, value, ...] of the headers that were not flushed.
  v8::Local<v8::Array> HeadersToJs();
  // Calls kOnHeaders(headers, URL) with what there is; sets threw_ if that throws.
  void Flush();
  // Parses the input; null finishes the connection. Returns the number of bytes parsed, an error
  // object, or empty (an exception is pending, or the parser was freed, or finish() succeeded).
  v8::Local<v8::Value> Run(const char* data, size_t length);
  // Works around a hang of llhttp (parser.cc).
  void SetRelaxedValue(const char* value);
  // Runs llhttp over one piece of input, which need not outlive the call.
  llhttp_errno_t Parse(const char* data, size_t length);

  ReadBuffer& reads_;
  TextCache& texts_;
  // `parser_.data` points to this object.
  llhttp_t parser_ = {};
  // Headers field_count_ and value_count_ of them are in use; the counts differ by at most 1.
  Piece fields_[kMaxHeaders];
  Piece values_[kMaxHeaders];
  Piece url_;
  Piece status_;
  // When a value has begun both counts are equal; the next name then starts a new header.
  size_t field_count_ = 0;
  size_t value_count_ = 0;
  // Some headers of this message have gone to kOnHeaders, so the rest go there as well.
  bool flushed_ = false;
  // A callback threw; Run() then returns no result.
  bool threw_ = false;
  uint8_t functions_ = 0;  // bit i: a function is set at index i
  bool headers_completed_ = false;
  int entered_ = 0;  // number of live Entered objects
  // close() was called: the outermost Entered deletes the parser.
  bool closed_ = false;
  // Inside of Run(): llhttp_execute() must not be called.
  bool running_ = false;
  bool freed_ = false;          // while running: stop
  bool reinitialized_ = false;  // and serve another connection
  std::string later_;           // input that arrived while running
  // Type and lenient flags (kLenient... in parser.cc) from initialize(), for Start().
  llhttp_type_t type_ = HTTP_REQUEST;
  uint32_t lenient_ = 0;
  // `maxHeaderPairs` of the JavaScript object counts names and values; 0: no limit.
  double max_pairs_ = -1;  // limit for a section of headers; -1 until read from JavaScript
  // Headers of the current section, and the bytes that count for the limits of headers (of llhttp's
  // texts) and of chunk extensions.
  size_t section_headers_ = 0;
  // The limit of the connection's last message that was examined allows kFewHeaders (parser.cc).
  bool few_headers_allowed_ = false;
  bool too_many_headers_ = false;  // kOnHeadersComplete has returned kTooManyHeaders
  uint64_t header_bytes_ = 0;
  uint64_t extension_bytes_ = 0;
  // The limit for header_bytes_, from initialize().
  uint64_t max_header_bytes_ = 0;
  uint64_t message_start_ = 0;
  // The input of the innermost Run() or kOnExecute, borrowed; null outside.
  const char* current_ = nullptr;
  size_t current_size_ = 0;
  // Null for clients.
  std::shared_ptr<Connections> connections_;
};

}  // namespace kiln::runtime
