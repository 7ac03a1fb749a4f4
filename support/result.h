// Result<T>: a value, or the Diagnostic that explains the failure.
//
// Functions that can fail because of the user's files or machine return one by value;
// exceptions are off. Both a T and a Diagnostic convert to it, so bodies just return:
//
//   Result<std::string> text = ReadFile(path);
//   TRY(std::string text, ReadFile(path));   // or return the error to the caller
//   TRY_OK(WriteFileAtomically(path, text)); // the same without a value
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "support/diagnostics.h"

// A failed check is a bug in Kiln, so the process prints the condition with its place and aborts.
// It is checked in all builds. Problems of the user's files or machine are Errors instead.
#define KILN_CHECK(cond)                                                                   \
  ((cond) ? (void)0                                                                        \
          : (std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #cond), \
             std::abort()))

namespace kiln {

// Where it happened (`location`) and what to do (`notes`) are part of it, so that a caller can just
// print it.
using Error = Diagnostic;

// The value of a Result<> that succeeded: `return {};`.
struct Ok {};

// Owns its value or error; a moved-from one must not be read. Ignoring one that a function returns
// is a warning of the compiler.
template <class T = Ok>
class [[nodiscard]] Result {
 public:
  Result()
    requires std::is_same_v<T, Ok>
      : state_(std::in_place_index<0>) {}
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  // True if there is a value. The conversion to bool is the same, also for a Result<bool>.
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // The value, borrowed from this object or moved out of a temporary one. operator* and -> are the
  // same. REQUIRES: ok(); the process aborts otherwise.
  T& value() & { return *Value(); }
  const T& value() const& { return *const_cast<Result*>(this)->Value(); }
  T&& value() && { return std::move(*Value()); }
  T& operator*() & { return *Value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*Value()); }
  T* operator->() { return Value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok(); the process aborts otherwise.
  Error& error() & { return *Failure(); }
  const Error& error() const& { return *const_cast<Result*>(this)->Failure(); }
  Error&& error() && { return std::move(*Failure()); }

 private:
  T* Value() {
    T* value = std::get_if<0>(&state_);
    KILN_CHECK(value != nullptr);
    return value;
  }
  Error* Failure() {
    Error* error = std::get_if<1>(&state_);
    KILN_CHECK(error != nullptr);
    return error;
  }

  std::variant<T, Error> state_;
};

}  // namespace kiln

#define KILN_JOIN_(a, b) a##b
#define KILN_JOIN(a, b) KILN_JOIN_(a, b)
#define KILN_TRY_(result, declaration, ...)           \
  auto result = (__VA_ARGS__);                        \
  if (!result.ok()) return std::move(result).error(); \
  declaration = std::move(result).value()

// TRY(declaration, expression): declares and fills a variable, or returns the error from the
// enclosing function. It is several statements: not for the body of an `if` without braces.
#define TRY(declaration, ...) \
  KILN_TRY_(KILN_JOIN(try_result_, __COUNTER__), declaration, __VA_ARGS__)

// TRY_OK(expression): continues, or returns the error.
#define TRY_OK(...)                                                                              \
  do {                                                                                           \
    if (auto try_result = (__VA_ARGS__); !try_result.ok()) return std::move(try_result).error(); \
  } while (false)
