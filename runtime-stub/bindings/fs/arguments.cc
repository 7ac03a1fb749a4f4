// Arguments of the fs functions: paths, descriptors, modes. Node's JavaScript has checked most of
// them; these functions reject other values with Node's own errors.
#include <cmath>
#include <cstring>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {

PathArg::PathArg(Env& env, v8::Local<v8::Value> value, const char* name) {
  if (value->IsString()) {
    auto string = value.As<v8::String>();
    // A UTF-16 unit has at most three bytes in UTF-8.
    size_t most = size_t(string->Length()) * 3;
    char* to = inline_;
    if (most >= sizeof inline_) {
      long_.resize(most);
      to = long_.data();
    }
    size_t size =
        string->WriteUtf8V2(env.isolate, to, most, v8::String::WriteFlags::kReplaceInvalidUtf8);
    to[size] = '\0';
    data_ = to;
    size_ = std::strlen(to);
    return;
  }
  ReadBytes bytes(value);
  if (!bytes.ok()) {
    Error::Type("ERR_INVALID_ARG_TYPE",
                "The \"" + std::string(name) +
                    "\" argument must be of type string or an instance of Buffer.")
        .Throw(env);
    return;
  }
  long_.assign(bytes.view());
  data_ = long_.c_str();
  size_ = std::strlen(data_);
}

namespace {

// The "Received ..." part of the message of ERR_INVALID_ARG_TYPE.
std::string Received(Env& env, v8::Local<v8::Value> value) {
  if (value->IsNullOrUndefined()) return value->IsNull() ? "null" : "undefined";
  if (value->IsFunction()) {
    std::string name = ToUtf8(env.isolate, value.As<v8::Function>()->GetName());
    return name.empty() ? "function" : "function " + name;
  }
  if (value->IsObject())
    return "an instance of " + ToUtf8(env.isolate, value.As<v8::Object>()->GetConstructorName());
  std::string type = ToUtf8(env.isolate, value->TypeOf(env.isolate));
  std::string text;
  if (value->IsSymbol()) {
    text = "Symbol(" + ToUtf8(env.isolate, value.As<v8::Symbol>()->Description(env.isolate)) + ")";
  } else {
    text = ToUtf8(env.isolate, value);
    if (value->IsString()) {
      if (text.size() > 28) text = text.substr(0, 25) + "...";
      text = "'" + text + "'";
    }
    if (value->IsBigInt()) text += "n";
  }
  return "type " + type + " (" + text + ")";
}

}  // namespace

bool GetFd(Env& env, v8::Local<v8::Value> value, int* out) {
  if (value->IsInt32() && value.As<v8::Int32>()->Value() >= 0) {
    *out = value.As<v8::Int32>()->Value();
    return true;
  }
  if (!value->IsNumber()) {
    Error::Type("ERR_INVALID_ARG_TYPE",
                "The \"fd\" argument must be of type number. Received " + Received(env, value))
        .Throw(env);
    return false;
  }
  double number = value.As<v8::Number>()->Value();
  if (number == 0) {  // -0, which is not an Int32
    *out = 0;
    return true;
  }
  bool integer = std::trunc(number) == number && std::isfinite(number);
  Error::Range("ERR_OUT_OF_RANGE", std::string("The value of \"fd\" is out of range. It must be ") +
                                       (integer ? ">= 0 && <= 2147483647" : "an integer") +
                                       ". Received " + ToUtf8(env.isolate, value))
      .Throw(env);
  return false;
}

bool GetInt(Env& env, v8::Local<v8::Value> value, const char* name, int* out) {
  if (value->IsInt32() || value->IsUint32()) {
    *out = int(value.As<v8::Integer>()->Value());
    return true;
  }
  if (value->IsNumber() && value.As<v8::Number>()->Value() == 0) {  // -0
    *out = 0;
    return true;
  }
  Error::Type("ERR_INVALID_ARG_TYPE", "The \"" + std::string(name) +
                                          "\" argument must be of type number. Received " +
                                          Received(env, value))
      .Throw(env);
  return false;
}

bool GetNumber(Env& env, v8::Local<v8::Value> value, const char* name, double* out) {
  if (value->IsNumber()) {
    *out = value.As<v8::Number>()->Value();
    return true;
  }
  Error::Type("ERR_INVALID_ARG_TYPE", "The \"" + std::string(name) +
                                          "\" argument must be of type number. Received " +
                                          Received(env, value))
      .Throw(env);
  return false;
}

bool GetMode(Env& env, v8::Local<v8::Value> value, int* out) {
  *out = 0;
  if (value->IsNullOrUndefined()) return true;
  if (!value->IsNumber()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "mode must be int32 or null/undefined").Throw(env);
    return false;
  }
  double mode = value.As<v8::Number>()->Value();
  if (!std::isfinite(mode)) {
    Error::Range("ERR_OUT_OF_RANGE", "mode is out of range").Throw(env);
    return false;
  }
  if (!(mode >= 0 && mode < 8)) {
    Error::Range("ERR_OUT_OF_RANGE", "mode is out of range: >= 0 && <= 7").Throw(env);
    return false;
  }
  *out = int(mode);
  return true;
}

int64_t GetPosition(v8::Local<v8::Value> value) {
  if (value->IsBigInt()) return value.As<v8::BigInt>()->Int64Value();
  if (!value->IsNumber()) return -1;
  double number = value.As<v8::Number>()->Value();
  if (std::trunc(number) != number || std::abs(number) > 9007199254740991.0) return -1;
  return int64_t(number);
}

}  // namespace kiln::runtime::fs
