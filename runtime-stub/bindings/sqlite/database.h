// DatabaseSync: a database, which can be closed and opened again.
#pragma once

#include <array>

#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

// The limits of a connection by the names of DatabaseSync's options and of its `limits`.
struct Limit {
  const char* name;
  int id;
};
inline constexpr Limit kLimits[] = {
    {"length", SQLITE_LIMIT_LENGTH},
    {"sqlLength", SQLITE_LIMIT_SQL_LENGTH},
    {"column", SQLITE_LIMIT_COLUMN},
    {"exprDepth", SQLITE_LIMIT_EXPR_DEPTH},
    {"compoundSelect", SQLITE_LIMIT_COMPOUND_SELECT},
    {"vdbeOp", SQLITE_LIMIT_VDBE_OP},
    {"functionArg", SQLITE_LIMIT_FUNCTION_ARG},
    {"attach", SQLITE_LIMIT_ATTACHED},
    {"likePatternLength", SQLITE_LIMIT_LIKE_PATTERN_LENGTH},
    {"variableNumber", SQLITE_LIMIT_VARIABLE_NUMBER},
    {"triggerDepth", SQLITE_LIMIT_TRIGGER_DEPTH},
};

// The options of new DatabaseSync().
struct DatabaseOptions {
  std::string location;
  bool open = true;
  bool read_only = false;
  bool foreign_keys = true;
  bool double_quoted_strings = false;
  bool extensions = false;
  bool defensive = true;
  int timeout = 0;  // in milliseconds
  ReadOptions reading;
  std::array<std::optional<int>, std::size(kLimits)> limits;
};

class Database final : public Wrapped {
 public:
  Database(Env& env, DatabaseOptions options)
      : Wrapped(env),
        options_(std::move(options)),
        connection_(std::make_shared<Connection>(env)) {}
  const char* type_name() const override { return "DatabaseSync"; }

  static void New(const Args& args);
  void Open(const Args& args);
  void Close(const Args& args);
  void Dispose(const Args& args);
  void Prepare(const Args& args);
  void Exec(const Args& args);
  void Function(const Args& args);
  void Aggregate(const Args& args);
  void CreateTagStore(const Args& args);
  void Location(const Args& args);
  void CreateSession(const Args& args);
  void ApplyChangeset(const Args& args);
  void EnableLoadExtension(const Args& args);
  void EnableDefensive(const Args& args);
  void LoadExtension(const Args& args);
  void Serialize(const Args& args);
  void Deserialize(const Args& args);
  void SetAuthorizer(const Args& args);
  void IsOpen(const Args& args);
  void IsTransaction(const Args& args);
  void Limits(const Args& args);

  const std::shared_ptr<Connection>& connection() const { return connection_; }
  const ReadOptions& reading() const { return options_.reading; }

 private:
  bool OpenConnection();
  // Whether the database is open, and not in a call that it must outlast; false: an exception is
  // pending.
  bool CheckOpen();
  bool CheckIdle();
  static int Authorize(void* data, int action, const char* a, const char* b, const char* c,
                       const char* d);
  const DatabaseOptions options_;
  const std::shared_ptr<Connection> connection_;
  bool extensions_enabled_ = false;
};

// Internal fields of a DatabaseSync, besides that of Wrapped.
enum DatabaseField { kAuthorizerField = 1, kLimitsField = 2, kDatabaseFields = 3 };

// Reads the arguments of new DatabaseSync(). False: an exception is pending.
bool ReadDatabaseOptions(Env& env, const Args& args, DatabaseOptions* out);

// The value of `limits`, and of createTagStore().
v8::Local<v8::Object> NewLimits(Env& env, std::shared_ptr<Connection> connection);
v8::Local<v8::Object> NewTagStore(Env& env, std::shared_ptr<Connection> connection,
                                  ReadOptions options, size_t capacity,
                                  v8::Local<v8::Object> database);

}  // namespace kiln::runtime::sqlite
