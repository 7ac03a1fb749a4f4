// How native code fails. A binding returns Result<T>; the error becomes a JavaScript
// exception in one place, Error::Throw, on the way out. Error::Uv is the only door for
// operating-system errors: it makes what Node calls a UVException (errno, code, syscall,
// path, dest and Node's message).
#pragma once

#include <v8.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// Node's JavaScript has validated arguments before it calls down, and Convert refuses the
// rest with a TypeError, so a failed CHECK is a bug in Kiln: the process stops right there.
#define CHECK(cond)                                                                              \
  ((cond) ? (void)0                                                                              \
          : (std::fprintf(stderr, "kiln: %s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #cond), \
             std::abort()))

namespace kiln::runtime {

class Env;

class [[nodiscard]] Error {
 public:
  enum class Kind { kUv, kErrno, kError, kTypeError, kRangeError, kSyntaxError, kPending };

  // `rc` is a negative libuv code. `path` and `dest` are added to the message when given.
  static Error Uv(int rc, std::string_view syscall, std::string_view path = {},
                  std::string_view dest = {});
  // The same with a text of the caller's own instead of libuv's ("ENOENT: TEXT, syscall").
  static Error UvMessage(int rc, std::string_view syscall, std::string_view text);
  // A failed system call by its errno, as process.setuid and related functions report it: "EPERM,
  // Operation not permitted" with a positive errno.
  static Error Errno(int error, std::string_view syscall);
  // Errors with a Node code such as "ERR_OUT_OF_RANGE".
  static Error Type(std::string_view code, std::string_view message);
  static Error Range(std::string_view code, std::string_view message);
  static Error Syntax(std::string_view code, std::string_view message);
  static Error Plain(std::string_view code, std::string_view message);
  // A native function that Kiln does not have yet; names it.
  static Error Missing(std::string_view name);
  // JavaScript has thrown already: there is nothing more to throw.
  static Error Pending();

  bool pending() const { return kind_ == Kind::kPending; }
  v8::Local<v8::Value> ToJs(Env& env) const;  // REQUIRES: !pending()
  void Throw(Env& env) const;

 private:
  static Error Coded(Kind kind, std::string_view code, std::string_view message);
  Kind kind_ = Kind::kError;
  int uv_ = 0;
  std::string code_;
  std::string message_;  // or the syscall of a UVException
  std::string path_;
  std::string dest_;
  std::string text_;
};

// A UVException as a value, for callbacks that hand errors over instead of throwing.
v8::Local<v8::Value> UvException(Env& env, int rc, std::string_view syscall,
                                 std::string_view path = {}, std::string_view dest = {});

struct Ok {};

// A value or an Error, made from either, so that functions simply return.
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
