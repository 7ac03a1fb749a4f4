// Opening, closing and preparing; errors, options and the path of a database.
#include "runtime-stub/bindings/sqlite/connection.h"

#include <algorithm>

#include "runtime-stub/bindings/sqlite/session.h"

namespace kiln::runtime::sqlite {

namespace {

// At the end of the process: what is left is written (the log of a database in WAL mode), and its
// temporary files are deleted.
void CloseConnections(Env& env) {
  for (auto [db, connection] : std::exchange(env.State<OpenConnections>().all, {}))
    if (connection)
      connection->End();
    else
      sqlite3_close_v2(db);
}

v8::Local<v8::Object> WithResult(Env& env, v8::Local<v8::Object> error, int result) {
  env.Set(error, "errcode", result);
  env.Set(error, "errstr", env.Str(sqlite3_errstr(result)));
  return error;
}

bool ReadOption(Env& env, v8::Local<v8::Object> options, const char* name,
                v8::Local<v8::Value>* out) {
  return options->Get(env.context(), env.Name(name)).ToLocal(out);
}

bool HasZero(std::string_view text) { return text.find('\0') != text.npos; }

}  // namespace

OpenConnections::OpenConnections(Env& env) { env.at_end.push_back(CloseConnections); }

// ---------------------------------------------------------------------------- statements

Prepared::Prepared(std::shared_ptr<Connection> of, sqlite3_stmt* statement, ReadOptions options)
    : connection(std::move(of)), statement(statement), options(options) {
  connection->statements_.insert(this);
}

// Also in a garbage collection, in which nothing may call JavaScript.
Prepared::~Prepared() {
  if (!statement) return;
  connection->statements_.erase(this);
  bool dying = std::exchange(connection->dying_, true);
  sqlite3_finalize(statement);
  connection->dying_ = dying;
}

bool Prepared::ReadBareNames() {
  if (bare_names) return true;
  bare_names.emplace();  // what conflicts is reported once, as in Node
  int count = sqlite3_bind_parameter_count(statement);
  for (int i = 1; i <= count; i++) {
    const char* full = sqlite3_bind_parameter_name(statement, i);
    if (!full) continue;
    auto [it, is_new] = bare_names->emplace(full + 1, full);
    if (is_new || it->second == full) continue;
    BadState("Cannot create bare named parameter '" + it->first +
             "' because of conflicting names '" + it->second + "' and '" + full + "'.")
        .Throw(connection->env);
    return false;
  }
  return true;
}

Run::Run(std::shared_ptr<Prepared> prepared, bool reset)
    : prepared_(std::move(prepared)), call_(prepared_->connection), reset_(reset) {
  prepared_->running = true;
}

Run::~Run() {
  if (reset_ && prepared_->statement) sqlite3_reset(prepared_->statement);
  prepared_->running = false;
}

// ---------------------------------------------------------------------------- connections

Connection::~Connection() { End(); }

void Connection::End() {
  dying_ = true;
  if (db_) Close();
}

bool Connection::CanCallJavaScript() const {
  return !dying_ && env.can_call_into_js() && !env.isolate->HasPendingException();
}

int Connection::Open(const std::string& location, int flags) {
  UseFileSystem(env);
  int result = sqlite3_open_v2(location.c_str(), &db_, flags, nullptr);
  if (db_) env.State<OpenConnections>().all[db_] = this;
  return result;
}

void Connection::Abandon() {
  if (!db_) return;
  env.State<OpenConnections>().all.erase(db_);
  sqlite3_close_v2(db_);
  db_ = nullptr;
}

void Connection::FinalizeStatements() {
  while (!statements_.empty()) {
    Prepared* one = *statements_.begin();
    statements_.erase(one);
    sqlite3_finalize(std::exchange(one->statement, nullptr));
  }
}

int Connection::Close() {
  closing_ = true;  // what the end of an aggregate may run finds the database closed
  calls_++;
  FinalizeStatements();
  while (!sessions_.empty()) (*sessions_.begin())->Delete();
  calls_--;
  closing_ = false;
  int result = sqlite3_close_v2(db_);
  if (result != SQLITE_OK) return result;
  env.State<OpenConnections>().all.erase(db_);
  db_ = nullptr;
  return SQLITE_OK;
}

std::shared_ptr<Prepared> Connection::Prepare(const std::string& sql, ReadOptions options) {
  sqlite3_stmt* statement = nullptr;
  Call call(shared_from_this());
  if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    Throw();
    return nullptr;
  }
  if (statement) return std::make_shared<Prepared>(shared_from_this(), statement, options);
  Error::Type("ERR_INVALID_ARG_VALUE", "The SQL query contains no statements.").Throw(env);
  return nullptr;
}

void Connection::Throw() {
  if (env.isolate->HasPendingException()) return;
  env.isolate->ThrowException(SqliteError(env, db_));
}

// ---------------------------------------------------------------------------- errors

v8::Local<v8::Object> SqliteError(Env& env, const char* message) {
  auto error = v8::Exception::Error(env.Str(message)).As<v8::Object>();
  env.Set(error, "code", env.Name("ERR_SQLITE_ERROR"));
  return error;
}

v8::Local<v8::Value> SqliteError(Env& env, int result) {
  return WithResult(env, SqliteError(env, sqlite3_errstr(result)), result);
}

v8::Local<v8::Value> SqliteError(Env& env, sqlite3* db) {
  return WithResult(env, SqliteError(env, sqlite3_errmsg(db)), sqlite3_extended_errcode(db));
}

bool ThrowMustBe(Env& env, const std::string& name, const char* what) {
  BadType("The \"" + name + "\" argument must be " + what + ".").Throw(env);
  return false;
}

// ---------------------------------------------------------------------------- options

bool ReadFlag(Env& env, v8::Local<v8::Object> options, const char* name, bool* out) {
  v8::Local<v8::Value> value;
  if (!ReadOption(env, options, name, &value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsBoolean()) return ThrowMustBe(env, std::string("options.") + name, "a boolean");
  *out = value->IsTrue();
  return true;
}

bool ReadText(Env& env, v8::Local<v8::Object> options, const char* name, std::string* out) {
  v8::Local<v8::Value> value;
  if (!ReadOption(env, options, name, &value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsString()) return ThrowMustBe(env, std::string("options.") + name, "a string");
  *out = ToUtf8(env.isolate, value);
  return true;
}

bool ReadFunction(Env& env, v8::Local<v8::Object> options, const char* name,
                  v8::Local<v8::Function>* out) {
  v8::Local<v8::Value> value;
  if (!ReadOption(env, options, name, &value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsFunction()) return ThrowMustBe(env, std::string("options.") + name, "a function");
  *out = value.As<v8::Function>();
  return true;
}

bool ReadPath(Env& env, v8::Local<v8::Value> value, const char* name, std::string* out) {
  v8::Local<v8::Value> href;
  if (value->IsString()) {
    *out = ToUtf8(env.isolate, value);
    if (!HasZero(*out)) return true;
  } else if (Bytes bytes; value->IsUint8Array() && GetBytes(value, &bytes)) {
    *out = bytes.view();
    if (!HasZero(*out)) return true;
  } else if (value->IsObject()) {
    if (!value.As<v8::Object>()->Get(env.context(), env.Name("href")).ToLocal(&href)) return false;
    if (href->IsString()) *out = ToUtf8(env.isolate, href);
    if (href->IsString() && !HasZero(*out)) {
      if (out->starts_with("file:")) return true;
      Error::Type("ERR_INVALID_URL_SCHEME", "The URL must be of scheme file:").Throw(env);
      return false;
    }
  }
  return ThrowMustBe(env, name, "a string, Uint8Array, or URL without null bytes");
}

}  // namespace kiln::runtime::sqlite
