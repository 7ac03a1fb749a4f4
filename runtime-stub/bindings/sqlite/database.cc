// DatabaseSync, without what has a file of its own: functions, sessions, tag stores, limits, backups.
#include "runtime-stub/bindings/sqlite/database.h"

#include <climits>
#include <cmath>
#include <cstring>

#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/sqlite/functions.h"
#include "runtime-stub/bindings/sqlite/session.h"
#include "runtime-stub/bindings/sqlite/statement.h"

namespace kiln::runtime::sqlite {

// ---------------------------------------------------------------------------- open and close

void Database::New(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  DatabaseOptions options;
  if (!ReadDatabaseOptions(env, args, &options)) return;
  const bool open = options.open;
  auto* self = new Database(env, std::move(options));
  self->Attach(args.This());
  if (open) self->OpenConnection();
}

// SQLite makes a handle even if it fails, which has the error.
bool Database::OpenConnection() {
  const int flags =
      SQLITE_OPEN_URI |
      (options_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  int result = connection_->Open(options_.location, flags);
  auto set = [&](int what, bool value) {
    if (result == SQLITE_OK)
      result = sqlite3_db_config(connection_->db(), what, int(value), nullptr);
  };
  set(SQLITE_DBCONFIG_DQS_DML, options_.double_quoted_strings);
  set(SQLITE_DBCONFIG_DQS_DDL, options_.double_quoted_strings);
  set(SQLITE_DBCONFIG_ENABLE_FKEY, options_.foreign_keys);
  set(SQLITE_DBCONFIG_DEFENSIVE, options_.defensive);
  if (options_.extensions && env().permissions && result == SQLITE_OK) {
    Error::Plain("ERR_LOAD_SQLITE_EXTENSION",
                 "Cannot load SQLite extensions when the permission model is enabled.")
        .Throw(env());
    connection_->Abandon();
    return false;
  }
  if (options_.extensions) set(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, true);
  if (result != SQLITE_OK) {
    connection_->Throw();
    connection_->Abandon();
    return false;
  }
  extensions_enabled_ = options_.extensions;
  sqlite3_busy_timeout(connection_->db(), options_.timeout);
  for (size_t i = 0; i < std::size(kLimits); i++)
    if (options_.limits[i]) sqlite3_limit(connection_->db(), kLimits[i].id, *options_.limits[i]);
  return true;
}

bool Database::CheckOpen() {
  if (!connection_->is_open()) BadState("database is not open").Throw(env());
  return connection_->is_open();
}

bool Database::CheckIdle() {
  if (!CheckOpen()) return false;
  if (connection_->is_busy()) BadState("database is currently in use").Throw(env());
  return !connection_->is_busy();
}

void Database::Open(const Args&) {
  if (connection_->db()) return BadState("database is already open").Throw(env());
  OpenConnection();
}

void Database::Close(const Args&) {
  if (CheckIdle() && connection_->Close() != SQLITE_OK) connection_->Throw();
}

void Database::Dispose(const Args&) {
  if (connection_->is_open() && !connection_->is_busy()) (void)connection_->Close();
}

// ---------------------------------------------------------------------------- statements

void Database::Prepare(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsString()) return (void)ThrowMustBe(env(), "sql", "a string");
  ReadOptions reading = options_.reading;
  if (!args[1]->IsUndefined()) {
    if (!args[1]->IsObject()) return (void)ThrowMustBe(env(), "options", "an object");
    auto options = args[1].As<v8::Object>();
    if (!ReadFlag(env(), options, "returnArrays", &reading.arrays) ||
        !ReadFlag(env(), options, "readBigInts", &reading.big_ints) ||
        !ReadFlag(env(), options, "allowBareNamedParameters", &reading.bare_names) ||
        !ReadFlag(env(), options, "allowUnknownNamedParameters", &reading.unknown_names) ||
        !CheckOpen())
      return;
  }
  std::shared_ptr<Prepared> prepared =
      connection_->Prepare(ToUtf8(env().isolate, args[0]), reading);
  if (!prepared || env().isolate->HasPendingException()) return;
  auto* statement = NewWrapped<Statement>(env(), kStatementClass, std::move(prepared));
  statement->object()->SetInternalField(kDatabaseField, object());
  args.GetReturnValue().Set(statement->object());
}

void Database::Exec(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsString()) return (void)ThrowMustBe(env(), "sql", "a string");
  std::string sql = ToUtf8(env().isolate, args[0]);
  Call call(connection_);
  if (sqlite3_exec(connection_->db(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    connection_->Throw();
}

void Database::Function(const Args& args) {
  if (CheckOpen()) AddFunction(env(), connection_, args);
}

void Database::Aggregate(const Args& args) {
  if (CheckOpen()) AddAggregate(env(), connection_, args);
}

void Database::CreateTagStore(const Args& args) {
  if (!CheckOpen()) return;
  size_t capacity = 1000;
  if (!args[0]->IsUndefined()) {
    if (!args[0]->IsNumber()) return (void)ThrowMustBe(env(), "maxSize", "a positive integer");
    const double size = args[0].As<v8::Number>()->Value();
    if (std::floor(size) != size || size <= 0 || size > INT_MAX)
      return Error::Range("ERR_OUT_OF_RANGE",
                          "The \"maxSize\" argument must be a positive integer.")
          .Throw(env());
    capacity = size_t(size);
  }
  args.GetReturnValue().Set(NewTagStore(env(), connection_, options_.reading, capacity, object()));
}

// ---------------------------------------------------------------------------- sessions

void Database::CreateSession(const Args& args) {
  sqlite::CreateSession(env(), connection_, object(), args);
}

void Database::ApplyChangeset(const Args& args) {
  if (CheckOpen()) sqlite::ApplyChangeset(env(), connection_, args);
}

// ---------------------------------------------------------------------------- the whole database

// A name of an attached database, in an argument. False: an exception is pending.
static bool ReadDatabaseName(Env& env, v8::Local<v8::Value> value, std::string* out) {
  if (value->IsUndefined()) return true;
  if (!value->IsString()) return ThrowMustBe(env, "dbName", "a string");
  *out = ToUtf8(env.isolate, value);
  return true;
}

void Database::Location(const Args& args) {
  std::string name = "main";
  if (!CheckOpen() || !ReadDatabaseName(env(), args[0], &name)) return;
  const char* file = sqlite3_db_filename(connection_->db(), name.c_str());
  args.GetReturnValue().Set(TextOrNull(env(), file && *file ? file : nullptr));
}

void Database::Serialize(const Args& args) {
  std::string name = "main";
  if (!CheckOpen() || !ReadDatabaseName(env(), args[0], &name)) return;
  Call call(connection_);
  sqlite3_int64 size = 0;
  unsigned char* data = sqlite3_serialize(connection_->db(), name.c_str(), &size, 0);
  if (!data && size != 0) return connection_->Throw();
  args.GetReturnValue().Set(NewBytes(env(), data, size_t(size)));
  sqlite3_free(data);
}

void Database::Deserialize(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsUint8Array()) return (void)ThrowMustBe(env(), "buffer", "a Uint8Array");
  auto buffer = args[0].As<v8::Uint8Array>();
  if (buffer->ByteLength() == 0)
    return Error::Type("ERR_INVALID_ARG_VALUE", "The \"buffer\" argument must not be empty.")
        .Throw(env());
  std::string name = "main";
  if (!args[1]->IsUndefined()) {
    if (!args[1]->IsObject()) return (void)ThrowMustBe(env(), "options", "an object");
    if (!ReadText(env(), args[1].As<v8::Object>(), "dbName", &name)) return;
  }
  if (!CheckIdle()) return;
  const size_t size = buffer->ByteLength();  // an option's getter may have detached it
  auto* data = static_cast<unsigned char*>(sqlite3_malloc64(size + 1));
  if (!data)
    return Error::Plain("ERR_MEMORY_ALLOCATION_FAILED", "Failed to allocate memory").Throw(env());
  buffer->CopyContents(data, size);
  Call call(connection_);
  connection_->FinalizeStatements();
  // SQLite owns `data` from here on.
  if (sqlite3_deserialize(
          connection_->db(), name.c_str(), data, sqlite3_int64(size), sqlite3_int64(size),
          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK)
    connection_->Throw();
}

// ---------------------------------------------------------------------------- extensions

void Database::EnableLoadExtension(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsBoolean()) return (void)ThrowMustBe(env(), "allow", "a boolean");
  const bool enable = args[0]->IsTrue();
  if (enable && !options_.extensions)
    return BadState("Cannot enable extension loading because it was disabled at database creation.")
        .Throw(env());
  extensions_enabled_ = enable;
  if (sqlite3_db_config(connection_->db(), SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, int(enable),
                        nullptr) != SQLITE_OK)
    connection_->Throw();
}

// The message is that of the runtime's dlopen() (platform/no_shared_libraries.cc): a static
// executable cannot load shared libraries.
void Database::LoadExtension(const Args& args) {
  if (!CheckOpen()) return;
  if (!extensions_enabled_) return BadState("extension loading is not allowed").Throw(env());
  if (!args[0]->IsString()) return (void)ThrowMustBe(env(), "path", "a string");
  std::string path = ToUtf8(env().isolate, args[0]);
  Call call(connection_);
  char* message = nullptr;
  if (sqlite3_load_extension(connection_->db(), path.c_str(), nullptr, &message) != SQLITE_OK)
    Error::Plain("ERR_LOAD_SQLITE_EXTENSION", message ? message : "").Throw(env());
  sqlite3_free(message);
}

void Database::EnableDefensive(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsBoolean()) return (void)ThrowMustBe(env(), "active", "a boolean");
  if (sqlite3_db_config(connection_->db(), SQLITE_DBCONFIG_DEFENSIVE, int(args[0]->IsTrue()),
                        nullptr) != SQLITE_OK)
    connection_->Throw();
}

// ---------------------------------------------------------------------------- the authorizer

// The callback is in an internal field, where the garbage collector sees a cycle with the database.
// Every object from which a statement can run keeps the database alive.
void Database::SetAuthorizer(const Args& args) {
  if (!CheckOpen()) return;
  if (!args[0]->IsNull() && !args[0]->IsFunction())
    return (void)ThrowMustBe(env(), "callback", "a function or null");
  object()->SetInternalField(kAuthorizerField, args[0]);
  if (sqlite3_set_authorizer(connection_->db(), args[0]->IsNull() ? nullptr : Authorize, this) !=
      SQLITE_OK)
    connection_->Throw();
}

int Database::Authorize(void* data, int action, const char* a, const char* b, const char* c,
                        const char* d) {
  auto* self = static_cast<Database*>(data);
  Env& env = self->env();
  if (!self->connection_->CanCallJavaScript()) return SQLITE_DENY;
  v8::HandleScope scope(env.isolate);
  auto callback = self->object()->GetInternalField(kAuthorizerField).As<v8::Value>();
  if (!callback->IsFunction()) return SQLITE_DENY;
  v8::Local<v8::Value> arguments[] = {v8::Integer::New(env.isolate, action), TextOrNull(env, a),
                                      TextOrNull(env, b), TextOrNull(env, c), TextOrNull(env, d)};
  v8::Local<v8::Value> result;
  if (!callback.As<v8::Function>()
           ->Call(env.context(), env.Undefined(), int(std::size(arguments)), arguments)
           .ToLocal(&result))
    return SQLITE_DENY;
  if (!result->IsInt32()) {
    Error::Type({}, "Authorizer callback must return an integer authorization code").Throw(env);
    return SQLITE_DENY;
  }
  const int code = result.As<v8::Int32>()->Value();
  if (code == SQLITE_OK || code == SQLITE_DENY || code == SQLITE_IGNORE) return code;
  Error::Range({}, "Authorizer callback returned a invalid authorization code").Throw(env);
  return SQLITE_DENY;
}

// ---------------------------------------------------------------------------- properties

void Database::IsOpen(const Args& args) { args.GetReturnValue().Set(connection_->is_open()); }

void Database::IsTransaction(const Args& args) {
  if (CheckOpen()) args.GetReturnValue().Set(sqlite3_get_autocommit(connection_->db()) == 0);
}

void Database::Limits(const Args& args) {
  auto limits = object()->GetInternalField(kLimitsField).As<v8::Value>();
  if (!limits->IsObject()) {
    limits = NewLimits(env(), connection_);
    object()->SetInternalField(kLimitsField, limits);
  }
  args.GetReturnValue().Set(limits);
}

namespace {

constexpr Entry kMethods[] = {
    Method<&Database::Open>("open"),
    Method<&Database::Close>("close"),
    Method<&Database::Prepare>("prepare"),
    Method<&Database::Exec>("exec"),
    Method<&Database::Function>("function"),
    Method<&Database::CreateTagStore>("createTagStore"),
    MethodNoSideEffect<&Database::Location>("location"),
    Method<&Database::Aggregate>("aggregate"),
    Method<&Database::CreateSession>("createSession"),
    Method<&Database::ApplyChangeset>("applyChangeset"),
    Method<&Database::EnableLoadExtension>("enableLoadExtension"),
    Method<&Database::EnableDefensive>("enableDefensive"),
    Method<&Database::LoadExtension>("loadExtension"),
    Method<&Database::Serialize>("serialize"),
    Method<&Database::Deserialize>("deserialize"),
    Method<&Database::SetAuthorizer>("setAuthorizer"),
};

void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  SetDispose(env, made, Thunk<&Database::Dispose>::Call);
  SetOwnGetter(env, made, "isOpen", Thunk<&Database::IsOpen>::Call);
  SetOwnGetter(env, made, "isTransaction", Thunk<&Database::IsTransaction>::Call);
  SetOwnGetter(env, made, "limits", Thunk<&Database::Limits>::Call);
  made->InstanceTemplate()->Set(v8::Symbol::For(env.isolate, env.Name("sqlite-type")),
                                env.Name("node:sqlite"));
}
void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<&Database::Dispose>::Call));
  out.push_back(Reference(Thunk<&Database::IsOpen>::Call));
  out.push_back(Reference(Thunk<&Database::IsTransaction>::Call));
  out.push_back(Reference(Thunk<&Database::Limits>::Call));
}

}  // namespace

const ClassEntry kDatabaseClass = {.name = "DatabaseSync",
                                   .construct = Database::New,
                                   .methods = kMethods,
                                   .fields = kDatabaseFields,
                                   .customize = Customize,
                                   .references = References};

}  // namespace kiln::runtime::sqlite
