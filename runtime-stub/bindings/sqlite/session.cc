// Session, and the application of changesets to a database.
#include "runtime-stub/bindings/sqlite/session.h"

#include <climits>

#include "runtime-stub/bindings/sqlite/classes.h"

namespace kiln::runtime::sqlite {

namespace {

// The callbacks of applyChangeset(); empty if not given.
struct Handlers {
  Env& env;
  v8::Local<v8::Function> conflict, filter;
};

int OnConflict(void* data, int type, sqlite3_changeset_iter*) {
  auto& [env, conflict, filter] = *static_cast<Handlers*>(data);
  if (conflict.IsEmpty() || env.isolate->HasPendingException()) return SQLITE_CHANGESET_ABORT;
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Value> argument = v8::Integer::New(env.isolate, type), result;
  if (!conflict->Call(env.context(), v8::Null(env.isolate), 1, &argument).ToLocal(&result))
    return SQLITE_CHANGESET_ABORT;
  return result->IsInt32() ? result.As<v8::Int32>()->Value() : -1;  // SQLite refuses -1
}

int OnFilter(void* data, const char* table) {
  auto& [env, conflict, filter] = *static_cast<Handlers*>(data);
  if (env.isolate->HasPendingException()) return 0;
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Value> argument = env.Str(table), result;
  if (!filter->Call(env.context(), v8::Null(env.isolate), 1, &argument).ToLocal(&result)) return 0;
  return result->BooleanValue(env.isolate);
}

// An own property that must be a string if it exists.
bool ReadOwnText(Env& env, v8::Local<v8::Object> options, const char* name, std::string* out) {
  bool has;
  v8::Local<v8::Value> value;
  if (!options->HasOwnProperty(env.context(), env.Name(name)).To(&has)) return false;
  if (!has) return true;
  if (!options->Get(env.context(), env.Name(name)).ToLocal(&value)) return false;
  if (!value->IsString()) return ThrowMustBe(env, std::string("options.") + name, "a string");
  *out = ToUtf8(env.isolate, value);
  return true;
}

}  // namespace

Session::Session(Env& env, std::shared_ptr<Connection> connection, sqlite3_session* session)
    : Wrapped(env), connection_(std::move(connection)), session_(session) {
  connection_->sessions_.insert(this);
}

void Session::Delete() {
  if (!session_) return;
  sqlite3session_delete(std::exchange(session_, nullptr));
  connection_->sessions_.erase(this);
}

bool Session::Check() {
  const char* problem = !connection_->is_open() ? "database is not open"
                        : !session_             ? "session is not open"
                                                : nullptr;
  if (problem) BadState(problem).Throw(env());
  return !problem;
}

void Session::Write(const Args& args, int (*write)(sqlite3_session*, int*, void**)) {
  if (!Check()) return;
  if (writing_) return BadState("session is currently in use").Throw(env());
  int size = 0;
  void* data = nullptr;
  writing_ = true;
  int result;
  {
    Call call(connection_);
    result = write(session_, &size, &data);
  }
  writing_ = false;
  if (result != SQLITE_OK) {
    sqlite3_free(data);
    return connection_->Throw();
  }
  args.GetReturnValue().Set(NewBytes(env(), data, size_t(size)));
  sqlite3_free(data);
}

void Session::Changeset(const Args& args) { Write(args, sqlite3session_changeset); }
void Session::Patchset(const Args& args) { Write(args, sqlite3session_patchset); }

void Session::Close(const Args&) {
  if (!Check()) return;
  if (writing_) return BadState("session is currently in use").Throw(env());
  Delete();
}

void Session::Dispose(const Args&) {
  if (connection_->is_open() && !writing_) Delete();
}

void CreateSession(Env& env, const std::shared_ptr<Connection>& connection,
                   v8::Local<v8::Object> database, const Args& args) {
  std::string table, name = "main";
  if (args.Length() > 0) {
    if (!args[0]->IsObject()) return (void)ThrowMustBe(env, "options", "an object");
    auto options = args[0].As<v8::Object>();
    if (!ReadOwnText(env, options, "table", &table) || !ReadOwnText(env, options, "db", &name))
      return;
  }
  if (!connection->is_open()) return BadState("database is not open").Throw(env);
  sqlite3_session* session = nullptr;
  if (sqlite3session_create(connection->db(), name.c_str(), &session) != SQLITE_OK)
    return connection->Throw();
  if (sqlite3session_attach(session, table.empty() ? nullptr : table.c_str()) != SQLITE_OK) {
    sqlite3session_delete(session);
    return connection->Throw();
  }
  auto* made = NewWrapped<Session>(env, kSessionClass, connection, session);
  made->object()->SetInternalField(kDatabaseField, database);
  args.GetReturnValue().Set(made->object());
}

void ApplyChangeset(Env& env, const std::shared_ptr<Connection>& connection, const Args& args) {
  if (!args[0]->IsUint8Array()) return (void)ThrowMustBe(env, "changeset", "a Uint8Array");
  Handlers handlers{env, {}, {}};
  if (!args[1]->IsUndefined()) {
    if (!args[1]->IsObject()) return (void)ThrowMustBe(env, "options", "an object");
    auto options = args[1].As<v8::Object>();
    if (!ReadFunction(env, options, "onConflict", &handlers.conflict)) return;
    bool has;
    v8::Local<v8::Value> filter;
    if (!options->HasOwnProperty(env.context(), env.Name("filter")).To(&has)) return;
    if (has && !options->Get(env.context(), env.Name("filter")).ToLocal(&filter)) return;
    if (has && !filter->IsFunction()) return (void)ThrowMustBe(env, "options.filter", "a function");
    if (has) handlers.filter = filter.As<v8::Function>();
  }
  if (!connection->is_open()) return BadState("database is not open").Throw(env);
  Bytes bytes;
  GetBytes(args[0], &bytes);
  if (bytes.size > INT_MAX)
    return Error::Range("ERR_OUT_OF_RANGE", "The changeset is too large").Throw(env);
  std::string changes(bytes.view());  // the handlers may detach the array
  Call call(connection);
  int result =
      sqlite3changeset_apply(connection->db(), int(changes.size()), changes.data(),
                             handlers.filter.IsEmpty() ? nullptr : OnFilter, OnConflict, &handlers);
  if (env.isolate->HasPendingException()) return;
  if (result == SQLITE_OK || result == SQLITE_ABORT)
    return args.GetReturnValue().Set(result == SQLITE_OK);
  v8::Local<v8::Object> error = SqliteError(env, sqlite3_errstr(result));
  env.Set(error, "errcode", result);
  env.isolate->ThrowException(error);
}

namespace {

constexpr Entry kMethods[] = {
    Method<&Session::Changeset>("changeset"),
    Method<&Session::Patchset>("patchset"),
    Method<&Session::Close>("close"),
};

void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  SetDispose(env, made, Thunk<&Session::Dispose>::Call);
}
void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<&Session::Dispose>::Call));
}

}  // namespace

const ClassEntry kSessionClass = {.name = "Session",
                                  .construct = Illegal,
                                  .methods = kMethods,
                                  .fields = kFieldsWithDatabase,
                                  .customize = Customize,
                                  .references = References};

}  // namespace kiln::runtime::sqlite
