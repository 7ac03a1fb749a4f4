// DatabaseSync.prototype.limits: an object whose properties are the limits of the connection.
#include <climits>
#include <cmath>

#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/sqlite/database.h"

namespace kiln::runtime::sqlite {

namespace {

class Limits final : public Wrapped {
 public:
  Limits(Env& env, std::shared_ptr<Connection> connection)
      : Wrapped(env), connection(std::move(connection)) {}
  const char* type_name() const override { return "DatabaseSyncLimits"; }
  const std::shared_ptr<Connection> connection;
};

const Limit* Find(v8::Isolate* isolate, v8::Local<v8::Name> property) {
  const std::string name = ToUtf8(isolate, property);
  for (const Limit& limit : kLimits)
    if (name == limit.name) return &limit;
  return nullptr;
}

// The connection of the object; null with an exception pending if it is closed.
sqlite3* OpenConnection(v8::Isolate* isolate, v8::Local<v8::Object> holder) {
  auto* self = Unwrap<Limits>(holder);
  if (self && self->connection->is_open()) return self->connection->db();
  BadState("database is not open").Throw(Env::From(isolate));
  return nullptr;
}

v8::Intercepted Get(v8::Local<v8::Name> property, const v8::PropertyCallbackInfo<v8::Value>& info) {
  const Limit* limit = Find(info.GetIsolate(), property);
  if (!limit) return v8::Intercepted::kNo;
  if (sqlite3* db = OpenConnection(info.GetIsolate(), info.HolderV2()))
    info.GetReturnValue().Set(sqlite3_limit(db, limit->id, -1));
  return v8::Intercepted::kYes;
}

v8::Intercepted Set(v8::Local<v8::Name> property, v8::Local<v8::Value> value,
                    const v8::PropertyCallbackInfo<void>& info) {
  Env& env = Env::From(info.GetIsolate());
  const Limit* limit = Find(env.isolate, property);
  if (!limit) return v8::Intercepted::kNo;
  sqlite3* db = OpenConnection(env.isolate, info.HolderV2());
  if (!db) return v8::Intercepted::kYes;
  int chosen = INT_MAX;  // SQLite takes the most that it was compiled for
  const bool infinite = value->IsNumber() && value.As<v8::Number>()->Value() == HUGE_VAL;
  if (!infinite && !value->IsInt32()) {
    BadType("Limit value must be a non-negative integer or Infinity.").Throw(env);
    return v8::Intercepted::kYes;
  }
  if (!infinite) chosen = value.As<v8::Int32>()->Value();
  if (chosen < 0) {
    Error::Range("ERR_OUT_OF_RANGE", "Limit value must be non-negative.").Throw(env);
    return v8::Intercepted::kYes;
  }
  sqlite3_limit(db, limit->id, chosen);
  return v8::Intercepted::kYes;
}

v8::Intercepted Query(v8::Local<v8::Name> property,
                      const v8::PropertyCallbackInfo<v8::Integer>& info) {
  if (!Find(info.GetIsolate(), property)) return v8::Intercepted::kNo;
  info.GetReturnValue().Set(v8::DontDelete);
  return v8::Intercepted::kYes;
}

void List(const v8::PropertyCallbackInfo<v8::Array>& info) {
  Env& env = Env::From(info.GetIsolate());
  std::vector<v8::Local<v8::Value>> names;
  for (const Limit& limit : kLimits) names.push_back(env.Name(limit.name));
  info.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

void Customize(Env&, v8::Local<v8::FunctionTemplate> made) {
  made->InstanceTemplate()->SetHandler(v8::NamedPropertyHandlerConfiguration(
      Get, Set, Query, nullptr, List, nullptr, nullptr, {},
      v8::PropertyHandlerFlags(int(v8::PropertyHandlerFlags::kHasNoSideEffect) |
                               int(v8::PropertyHandlerFlags::kOnlyInterceptStrings))));
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Get));
  out.push_back(Reference(Set));
  out.push_back(Reference(Query));
  out.push_back(Reference(List));
}

}  // namespace

const ClassEntry kLimitsClass = {
    .name = "", .construct = Illegal, .customize = Customize, .references = References};

v8::Local<v8::Object> NewLimits(Env& env, std::shared_ptr<Connection> connection) {
  return NewWrapped<Limits>(env, kLimitsClass, std::move(connection))->object();
}

}  // namespace kiln::runtime::sqlite
