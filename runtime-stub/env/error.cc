// Error -> JavaScript exception. The shapes follow Node: a UVException has errno, code,
// syscall, path and dest as own properties, an argument error has its code.
#include "runtime-stub/env/error.h"

#include <uv.h>

#include <cstring>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

Error Error::Uv(int rc, std::string_view syscall, std::string_view path, std::string_view dest) {
  CHECK(rc < 0);
  Error e;
  e.kind_ = Kind::kUv;
  e.uv_ = rc;
  e.message_ = syscall;
  e.path_ = path;
  e.dest_ = dest;
  return e;
}

Error Error::UvMessage(int rc, std::string_view syscall, std::string_view text) {
  Error e = Uv(rc, syscall);
  e.text_ = text;
  return e;
}

Error Error::Errno(int error, std::string_view syscall) {
  Error e = Uv(-error, syscall);
  e.kind_ = Kind::kErrno;
  return e;
}

Error Error::Coded(Kind kind, std::string_view code, std::string_view message) {
  Error e;
  e.kind_ = kind;
  e.code_ = code;
  e.message_ = message;
  return e;
}

Error Error::Type(std::string_view code, std::string_view message) {
  return Coded(Kind::kTypeError, code, message);
}
Error Error::Range(std::string_view code, std::string_view message) {
  return Coded(Kind::kRangeError, code, message);
}
Error Error::Syntax(std::string_view code, std::string_view message) {
  return Coded(Kind::kSyntaxError, code, message);
}
Error Error::Plain(std::string_view code, std::string_view message) {
  return Coded(Kind::kError, code, message);
}

Error Error::Missing(std::string_view name) {
  return Plain("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
               std::string(name) + " is not available in this Kiln runtime");
}

Error Error::Pending() {
  Error e;
  e.kind_ = Kind::kPending;
  return e;
}

v8::Local<v8::Value> Error::ToJs(Env& env) const {
  v8::Local<v8::Object> error;
  switch (kind_) {
    case Kind::kPending:
      return env.Undefined();
    case Kind::kUv: {
      char name[64];
      uv_err_name_r(uv_, name, sizeof name);
      char text[256];
      uv_strerror_r(uv_, text, sizeof text);
      std::string message = std::string(name) + ": " + (text_.empty() ? text : text_.c_str());
      if (!message_.empty()) message += ", " + message_;
      if (!path_.empty()) message += " '" + path_ + "'";
      if (!dest_.empty()) message += " -> '" + dest_ + "'";
      error = v8::Exception::Error(env.Str(message)).As<v8::Object>();
      env.Set(error, "errno", double(uv_));
      env.Set(error, "code", env.Str(name));
      if (!message_.empty()) env.Set(error, "syscall", env.Str(message_));
      if (!path_.empty()) env.Set(error, "path", env.Str(path_));
      if (!dest_.empty()) env.Set(error, "dest", env.Str(dest_));
      return error;
    }
    case Kind::kErrno: {
      char name[64];
      uv_err_name_r(uv_, name, sizeof name);
      error = v8::Exception::Error(env.Str(std::string(name) + ", " + std::strerror(-uv_)))
                  .As<v8::Object>();
      env.Set(error, "errno", double(-uv_));
      env.Set(error, "code", env.Str(name));
      env.Set(error, "syscall", env.Str(message_));
      return error;
    }
    case Kind::kTypeError:
      error = v8::Exception::TypeError(env.Str(message_)).As<v8::Object>();
      break;
    case Kind::kRangeError:
      error = v8::Exception::RangeError(env.Str(message_)).As<v8::Object>();
      break;
    case Kind::kSyntaxError:
      error = v8::Exception::SyntaxError(env.Str(message_)).As<v8::Object>();
      break;
    case Kind::kError:
      error = v8::Exception::Error(env.Str(message_)).As<v8::Object>();
      break;
  }
  if (!code_.empty()) env.Set(error, "code", env.Str(code_));
  return error;
}

void Error::Throw(Env& env) const {
  if (!pending()) env.isolate->ThrowException(ToJs(env));
}

v8::Local<v8::Value> UvException(Env& env, int rc, std::string_view syscall, std::string_view path,
                                 std::string_view dest) {
  return Error::Uv(rc, syscall, path, dest).ToJs(env);
}

}  // namespace kiln::runtime
