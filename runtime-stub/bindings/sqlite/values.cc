// Values of SQLite to values of JavaScript and back.
#include <cstring>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

namespace {

// A column of a row, and an argument of a function, have the same kinds of values and accessors of
// different names.
struct Column {
  sqlite3_stmt* statement;
  int index;
  int type() const { return sqlite3_column_type(statement, index); }
  int64_t integer() const { return sqlite3_column_int64(statement, index); }
  double number() const { return sqlite3_column_double(statement, index); }
  const void* text() const { return sqlite3_column_text(statement, index); }
  const void* blob() const { return sqlite3_column_blob(statement, index); }
  int size() const { return sqlite3_column_bytes(statement, index); }
};
struct Argument {
  sqlite3_value* value;
  int type() const { return sqlite3_value_type(value); }
  int64_t integer() const { return sqlite3_value_int64(value); }
  double number() const { return sqlite3_value_double(value); }
  const void* text() const { return sqlite3_value_text(value); }
  const void* blob() const { return sqlite3_value_blob(value); }
  int size() const { return sqlite3_value_bytes(value); }
};

constexpr int64_t kMaxSafeInteger = (int64_t(1) << 53) - 1;

v8::MaybeLocal<v8::Value> IntegerToJs(Env& env, int64_t value, bool big_ints) {
  if (big_ints) return v8::BigInt::New(env.isolate, value).As<v8::Value>();
  // Node lets the smallest integer through, whose absolute value does not exist.
  if ((value <= kMaxSafeInteger && value >= -kMaxSafeInteger) || value == INT64_MIN)
    return v8::Number::New(env.isolate, double(value)).As<v8::Value>();
  Error::Range("ERR_OUT_OF_RANGE", "Value is too large to be represented as a JavaScript number: " +
                                       std::to_string(value))
      .Throw(env);
  return {};
}

v8::MaybeLocal<v8::Value> TextToJs(Env& env, const void* text, int size) {
  if (text) return EncodeString(env, text, size_t(size), Encoding::kUtf8);
  Error::Plain("ERR_MEMORY_ALLOCATION_FAILED", "Failed to allocate memory").Throw(env);
  return {};
}

template <class Source>
v8::MaybeLocal<v8::Value> ToJs(Env& env, Source source, bool big_ints) {
  switch (source.type()) {
    case SQLITE_INTEGER:
      return IntegerToJs(env, source.integer(), big_ints);
    case SQLITE_FLOAT:
      return v8::Number::New(env.isolate, source.number()).template As<v8::Value>();
    case SQLITE_TEXT: {
      const void* text = source.text();  // before size(): it may convert
      return TextToJs(env, text, source.size());
    }
    case SQLITE_BLOB: {
      const void* blob = source.blob();
      return NewBytes(env, blob, size_t(source.size())).template As<v8::Value>();
    }
    default:
      return v8::Null(env.isolate).As<v8::Value>();
  }
}

void Fail(sqlite3_context* context, const char* message) {
  sqlite3_result_error(context, message, -1);
}

}  // namespace

v8::Local<v8::Uint8Array> NewBytes(Env& env, const void* data, size_t size) {
  std::unique_ptr<v8::BackingStore> store = NewUninitializedStore(env, size);
  if (data && size) std::memcpy(store->Data(), data, size);
  return v8::Uint8Array::New(v8::ArrayBuffer::New(env.isolate, std::move(store)), 0, size);
}

bool GetBlob(v8::Local<v8::Value> value, Bytes* out) {
  static uint8_t none;
  if (value->IsArrayBufferView() && !value.As<v8::ArrayBufferView>()->HasBuffer() &&
      value.As<v8::ArrayBufferView>()->ByteLength() == 0) {
    *out = {&none, 0};
    return true;
  }
  return GetBytes(value, out);
}

v8::Local<v8::Value> TextOrNull(Env& env, const char* text) {
  if (!text) return v8::Null(env.isolate);
  return env.Str(text);
}

v8::MaybeLocal<v8::Value> ColumnToJs(Env& env, sqlite3_stmt* statement, int column, bool big_ints) {
  return ToJs(env, Column{statement, column}, big_ints);
}

v8::MaybeLocal<v8::Value> ValueToJs(Env& env, sqlite3_value* value, bool big_ints) {
  return ToJs(env, Argument{value}, big_ints);
}

void SetResult(Env& env, sqlite3_context* context, v8::Local<v8::Value> value) {
  Bytes bytes;
  if (value->IsNullOrUndefined()) {
    sqlite3_result_null(context);
  } else if (value->IsNumber()) {
    sqlite3_result_double(context, value.As<v8::Number>()->Value());
  } else if (value->IsString()) {
    std::string text = ToUtf8(env.isolate, value);
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else if (GetBlob(value, &bytes)) {
    sqlite3_result_blob64(context, bytes.data, bytes.size, SQLITE_TRANSIENT);
  } else if (value->IsBigInt()) {
    bool lossless;
    int64_t integer = value.As<v8::BigInt>()->Int64Value(&lossless);
    if (!lossless) return Fail(context, "BigInt value is too large for SQLite");
    sqlite3_result_int64(context, integer);
  } else if (value->IsPromise()) {
    Fail(context, "Asynchronous user-defined functions are not supported");
  } else {
    Fail(context, "Returned JavaScript value cannot be converted to a SQLite value");
  }
}

}  // namespace kiln::runtime::sqlite
