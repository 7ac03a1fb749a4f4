// Errors of native code. A native function returns Result<T>, and its thunk (binding/binding.h)
// turns an Error into a JavaScript exception with Error::Throw(). An Error holds only C++ strings
// and numbers, so creating one needs no isolate and works on any thread; ToJs() and Throw() need
// the Env's thread. All errors of the operating system are made by Error::Uv(), which produces what
// Node calls a UVException: properties errno, code, syscall, path, dest, and Node's message.
#pragma once

#include <v8.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// For conditions that no call from JavaScript can violate: Node's library validates arguments, and
// Convert rejects other values with a TypeError. A failed CHECK is a bug in Kiln; it prints the
// condition and aborts, in release builds too.
#define CHECK(cond)                                                                              \
  ((cond) ? (void)0                                                                              \
          : (std::fprintf(stderr, "kiln: %s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #cond), \
             std::abort()))

namespace kiln::runtime {

class Env;

// A failure that has not become an exception yet. Copyable; owns its texts.
class [[nodiscard]] Error {
 public:
  // kUv and kErrno: an error of the operating system. kError to kSyntaxError: the JavaScript class.
  enum class Kind { kUv, kErrno, kError, kTypeError, kRangeError, kSyntaxError, kPending };

  // `rc` is a negative libuv code (otherwise a failed CHECK). `syscall` is the name in Node's
  // messages ("open", "connect"). The message is "CODE: text of libuv, syscall 'path' -> 'dest'";
  // empty parts are left out, and so are their properties.
  static Error Uv(int rc, std::string_view syscall, std::string_view path = {},
                  std::string_view dest = {});
  // The same with `text` in place of libuv's: "ENOENT: TEXT, syscall".
  static Error UvMessage(int rc, std::string_view syscall, std::string_view text);
  // A failed system call as process.setuid and related functions report it: `error` is a value of
  // errno, the message "EPERM, Operation not permitted", and the property errno is positive.
  static Error Errno(int error, std::string_view syscall);
  // A TypeError, RangeError, SyntaxError or plain Error. `code` is one of Node's codes, such as
  // "ERR_OUT_OF_RANGE" (nodejs.org/api/errors.html); with an empty one there is no property `code`.
  static Error Type(std::string_view code, std::string_view message);
  static Error Range(std::string_view code, std::string_view message);
  static Error Syntax(std::string_view code, std::string_view message);
  static Error Plain(std::string_view code, std::string_view message);
  // An unimplemented native function: ERR_FEATURE_UNAVAILABLE_ON_PLATFORM with `name` in the
  // message.
  static Error Missing(std::string_view name);
  // An exception is already pending in the isolate; Throw() does nothing.
  static Error Pending();

  bool pending() const { return kind_ == Kind::kPending; }
  // The error object, in the current context and HandleScope. If pending(): undefined, since the
  // exception is the isolate's.
  v8::Local<v8::Value> ToJs(Env& env) const;
  // Makes it the isolate's pending exception. The caller must return to JavaScript, or catch it,
  // before it runs other JavaScript.
  void Throw(Env& env) const;

 private:
  static Error Coded(Kind kind, std::string_view code, std::string_view message);
  Kind kind_ = Kind::kError;
  int uv_ = 0;  // negative libuv code, for kUv and kErrno
  std::string code_;
  std::string message_;  // for kUv and kErrno: the name of the system call
  std::string path_;
  std::string dest_;
  std::string text_;  // replaces libuv's text when not empty
};

// Error::Uv(...) as a value, for callbacks that receive errors as an argument. Nothing is thrown.
v8::Local<v8::Value> UvException(Env& env, int rc, std::string_view syscall,
                                 std::string_view path = {}, std::string_view dest = {});

// The value of an operation that only succeeds or fails; its thunk returns undefined.
struct Ok {};

// A value or an Error, implicitly constructed from either; without arguments, T{}. value() requires
// ok(), error() requires !ok(); neither is checked.
template <class T = Ok>
class [[nodiscard]] Result {
 public:
  Result() : state_(T{}) {}
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  T& value() { return *std::get_if<T>(&state_); }
  const Error& error() const { return *std::get_if<Error>(&state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace kiln::runtime
