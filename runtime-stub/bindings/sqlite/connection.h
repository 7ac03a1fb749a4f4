// A connection to a database, its prepared statements, and the rule for calls into SQLite that can
// run JavaScript. The objects of JavaScript (DatabaseSync, StatementSync, …) are collected in any
// order, so they share these through shared_ptr: a connection is closed when its last user is gone.
//
// SQLite calls back into JavaScript while it runs a statement (functions, authorizer, filters), and
// forbids to finalize or reset a statement that runs, or to close its connection. So who calls
// SQLite where it may call back holds a Call, and the functions that would break such a call fail
// with ERR_INVALID_STATE. A callback that throws leaves the exception pending; the code
// of SQLite that called it fails, and Connection::Throw() then reports nothing else.
// Everything here is for the Env's thread, except that a backup reads a connection on the pool.
#pragma once

// Without these the header leaves out the sessions, which the library has (scripts/parts/sqlite.py).
#define SQLITE_ENABLE_PREUPDATE_HOOK
#define SQLITE_ENABLE_SESSION
#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime::sqlite {

class Connection;
class Session;

// What DatabaseSync's options and StatementSync's setters choose for a statement.
struct ReadOptions {
  bool big_ints = false;       // integers are BigInts
  bool arrays = false;         // rows are arrays
  bool bare_names = true;      // { name } binds :name, @name and $name
  bool unknown_names = false;  // names without a parameter are ignored
};

// A prepared statement. It is finalized when its connection is closed, or when it is deleted.
class Prepared {
 public:
  Prepared(std::shared_ptr<Connection> connection, sqlite3_stmt* statement, ReadOptions options);
  ~Prepared();
  Prepared(const Prepared&) = delete;

  const std::shared_ptr<Connection> connection;
  sqlite3_stmt* statement;  // null: finalized
  ReadOptions options;
  uint32_t resets = 0;   // how often it was reset to run anew, which ends its iterators
  bool running = false;  // SQLite or the conversion of its parameters is running

  // The parameters by the names without their first character. False: two have the same, and an
  // exception is pending.
  bool ReadBareNames();
  std::optional<std::map<std::string, std::string>> bare_names;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Env& env) : env(env) {}
  ~Connection();
  Connection(const Connection&) = delete;

  Env& env;
  sqlite3* db() const { return db_; }  // null: closed
  bool is_open() const { return db_ && !closing_; }
  bool is_busy() const { return calls_ > 0; }
  // Whether callbacks may call JavaScript: not in a garbage collection, at the end of a thread, or
  // after a callback has thrown.
  bool CanCallJavaScript() const;

  // A result other than SQLITE_OK leaves the handle for Throw(); Abandon() must follow.
  int Open(const std::string& location, int flags);
  void Abandon();
  // Finalizes all statements, deletes all sessions and closes. Not while is_busy().
  int Close();
  // The same at the end of the thread, without a callback.
  void End();
  void FinalizeStatements();

  // The statement of `sql`; null with an exception pending.
  std::shared_ptr<Prepared> Prepare(const std::string& sql, ReadOptions options);

  // Throws the last error of SQLite, or nothing if an exception is pending already.
  void Throw();

 private:
  friend class Call;
  friend class Prepared;
  friend class Session;
  void Release();
  sqlite3* db_ = nullptr;
  bool closing_ = false;
  bool dying_ = false;
  int calls_ = 0;
  std::unordered_set<Prepared*> statements_;
  std::unordered_set<Session*> sessions_;
};

// Marks a call that may run JavaScript. Keeps the connection.
class Call {
 public:
  explicit Call(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {
    connection_->calls_++;
  }
  ~Call() { connection_->calls_--; }
  Call(const Call&) = delete;

 private:
  std::shared_ptr<Connection> connection_;
};

// A Call that runs a statement. Resets it at its end if `reset`.
class Run {
 public:
  Run(std::shared_ptr<Prepared> prepared, bool reset);
  ~Run();
  Run(const Run&) = delete;

 private:
  std::shared_ptr<Prepared> prepared_;
  Call call_;
  const bool reset_;
};

// The connections of a thread, closed at the end of the process (Env::at_end).
struct OpenConnections {
  explicit OpenConnections(Env& env);
  // Null for what has no Connection, and no statements: a Storage (bindings/webstorage.cc).
  std::unordered_map<sqlite3*, Connection*> all;
};

// ---- Errors: code ERR_SQLITE_ERROR.

// With errcode and errstr, of the last error of a connection.
v8::Local<v8::Value> SqliteError(Env& env, sqlite3* db);
// With errcode and errstr, of a result.
v8::Local<v8::Value> SqliteError(Env& env, int result);
// With the message only.
v8::Local<v8::Object> SqliteError(Env& env, const char* message);
inline Error BadType(const std::string& message) {
  return Error::Type("ERR_INVALID_ARG_TYPE", message);
}
inline Error BadState(const std::string& message) {
  return Error::Plain("ERR_INVALID_STATE", message);
}
// Throws that the argument or option `name` must be `what`; always false.
bool ThrowMustBe(Env& env, const std::string& name, const char* what);

// ---- Options. `name` is that of a property, which must be undefined or of the type; *out is
// unchanged if it is undefined. False: an exception is pending.
bool ReadFlag(Env& env, v8::Local<v8::Object> options, const char* name, bool* out);
bool ReadText(Env& env, v8::Local<v8::Object> options, const char* name, std::string* out);
bool ReadFunction(Env& env, v8::Local<v8::Object> options, const char* name,
                  v8::Local<v8::Function>* out);
// The path of a database: a string, bytes or a URL.
bool ReadPath(Env& env, v8::Local<v8::Value> value, const char* name, std::string* out);

// ---- Values

// The value of a column of the current row, or of an argument of a callback. Empty: an exception is
// pending.
v8::MaybeLocal<v8::Value> ColumnToJs(Env& env, sqlite3_stmt* statement, int column, bool big_ints);
v8::MaybeLocal<v8::Value> ValueToJs(Env& env, sqlite3_value* value, bool big_ints);
// The bytes of a buffer or view for SQLite, which takes those without an address for NULL: they are
// the empty ones, but for a view that has no buffer yet, as in Node. False for other values.
bool GetBlob(v8::Local<v8::Value> value, Bytes* out);
inline bool IsBlob(v8::Local<v8::Value> value) {
  return value->IsArrayBufferView() || value->IsArrayBuffer() || value->IsSharedArrayBuffer();
}
// The result of a callback.
void SetResult(Env& env, sqlite3_context* context, v8::Local<v8::Value> value);
// null for a null pointer.
v8::Local<v8::Value> TextOrNull(Env& env, const char* text);
v8::Local<v8::Uint8Array> NewBytes(Env& env, const void* data, size_t size);

// Registers Kiln's file system (file_system.cc) with SQLite, once, if there are embedded files or
// there is a permission model. Call it before a database is opened.
void UseFileSystem(Env& env);

}  // namespace kiln::runtime::sqlite
