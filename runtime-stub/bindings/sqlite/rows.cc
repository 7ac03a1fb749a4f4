// Running a statement: all rows, the first, none, or one after the other (StatementSyncIterator).
#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/sqlite/statement.h"

namespace kiln::runtime::sqlite {

namespace {

using Names = std::vector<v8::Local<v8::Name>>;

bool ReadNames(Env& env, sqlite3_stmt* statement, Names* out) {
  for (int i = 0, count = sqlite3_column_count(statement); i < count; i++) {
    const char* name = sqlite3_column_name(statement, i);
    if (!name) {
      BadState("Cannot get name of column " + std::to_string(i)).Throw(env);
      return false;
    }
    v8::Local<v8::String> key;
    if (!v8::String::NewFromUtf8(env.isolate, name, v8::NewStringType::kInternalized).ToLocal(&key))
      return false;
    out->push_back(key);
  }
  return true;
}

// The current row. `names` is filled for the first one.
v8::MaybeLocal<v8::Value> ReadRow(Env& env, const Prepared& prepared, Names* names) {
  v8::EscapableHandleScope scope(env.isolate);
  sqlite3_stmt* statement = prepared.statement;
  const int count = sqlite3_column_count(statement);
  std::vector<v8::Local<v8::Value>> values(static_cast<size_t>(count));
  for (int i = 0; i < count; i++)
    if (!ColumnToJs(env, statement, i, prepared.options.big_ints).ToLocal(&values[size_t(i)]))
      return {};
  if (prepared.options.arrays)
    return scope.Escape(v8::Array::New(env.isolate, values.data(), values.size()).As<v8::Value>());
  return scope.Escape(v8::Object::New(env.isolate, v8::Null(env.isolate), names->data(),
                                      values.data(), size_t(count))
                          .As<v8::Value>());
}

bool NeedsNames(const Prepared& prepared, const Names& names) {
  return !prepared.options.arrays && names.empty();
}

v8::Local<v8::Value> Count(Env& env, const Prepared& prepared, sqlite3_int64 value) {
  if (prepared.options.big_ints) return v8::BigInt::New(env.isolate, value);
  return v8::Number::New(env.isolate, double(value));
}

}  // namespace

v8::MaybeLocal<v8::Value> RunAll(Env& env, Prepared& prepared) {
  std::vector<v8::Local<v8::Value>> rows;
  Names names;
  int result;
  while ((result = sqlite3_step(prepared.statement)) == SQLITE_ROW) {
    v8::Local<v8::Value> row;
    if (NeedsNames(prepared, names) && !ReadNames(env, prepared.statement, &names)) return {};
    if (!ReadRow(env, prepared, &names).ToLocal(&row)) return {};
    rows.push_back(row);
  }
  if (result != SQLITE_DONE) prepared.connection->Throw();
  if (env.isolate->HasPendingException()) return {};
  return v8::Array::New(env.isolate, rows.data(), rows.size()).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> RunGet(Env& env, Prepared& prepared) {
  int result = sqlite3_step(prepared.statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE) prepared.connection->Throw();
  if (env.isolate->HasPendingException()) return {};
  if (result == SQLITE_DONE || sqlite3_column_count(prepared.statement) == 0)
    return env.Undefined();
  Names names;
  if (NeedsNames(prepared, names) && !ReadNames(env, prepared.statement, &names)) return {};
  return ReadRow(env, prepared, &names);
}

v8::MaybeLocal<v8::Value> RunWrite(Env& env, Prepared& prepared) {
  sqlite3_step(prepared.statement);
  if (sqlite3_reset(prepared.statement) != SQLITE_OK) prepared.connection->Throw();
  if (env.isolate->HasPendingException()) return {};
  sqlite3* db = prepared.connection->db();
  v8::Local<v8::Object> made = v8::Object::New(env.isolate);
  env.Set(made, "changes", Count(env, prepared, sqlite3_changes64(db)));
  env.Set(made, "lastInsertRowid", Count(env, prepared, sqlite3_last_insert_rowid(db)));
  return made.As<v8::Value>();
}

// ---------------------------------------------------------------------------- the iterator

namespace {

class Iterator final : public Wrapped {
 public:
  Iterator(Env& env, std::shared_ptr<Prepared> prepared)
      : Wrapped(env), prepared_(std::move(prepared)), resets_(prepared_->resets) {}
  const char* type_name() const override { return "StatementSyncIterator"; }

  void Next(const Args& args);
  void Return(const Args& args);

 private:
  bool Check();
  void SetItem(const Args& args, v8::Local<v8::Value> row);
  void Finish(const Args& args);
  const std::shared_ptr<Prepared> prepared_;
  const uint32_t resets_;  // another number: the statement has been run anew
  bool done_ = false;
  // The names of the columns, and how often SQLite had prepared the statement anew by then.
  std::vector<v8::Global<v8::Name>> names_;
  int names_of_ = -1;
};

bool Iterator::Check() {
  const char* problem = !prepared_->statement ? "statement has been finalized"
                        : prepared_->running  ? "statement is currently in use"
                                              : nullptr;
  if (problem) BadState(problem).Throw(env());
  return !problem;
}

// { done, value }, done without a row.
void Iterator::SetItem(const Args& args, v8::Local<v8::Value> row) {
  v8::Isolate* isolate = env().isolate;
  v8::Local<v8::Name> names[] = {env().Name("done"), env().Name("value")};
  v8::Local<v8::Value> values[] = {v8::Boolean::New(isolate, row.IsEmpty()), row};
  if (row.IsEmpty()) values[1] = v8::Null(isolate);
  args.GetReturnValue().Set(v8::Object::New(isolate, v8::Null(isolate), names, values, 2));
}

void Iterator::Finish(const Args& args) {
  done_ = true;
  SetItem(args, {});
}

void Iterator::Next(const Args& args) {
  if (!Check()) return;
  if (done_) return Finish(args);
  if (resets_ != prepared_->resets) return BadState("iterator was invalidated").Throw(env());
  sqlite3_stmt* statement = prepared_->statement;
  Run running(prepared_, false);
  int result = sqlite3_step(statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE) prepared_->connection->Throw();
  if (env().isolate->HasPendingException()) return;
  if (result == SQLITE_DONE) {
    sqlite3_reset(statement);
    return Finish(args);
  }
  Names names;
  const int prepares = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, false);
  if (!prepared_->options.arrays && prepares != names_of_) {
    if (!ReadNames(env(), statement, &names)) return;
    names_.clear();
    for (v8::Local<v8::Name> name : names) names_.emplace_back(env().isolate, name);
    names_of_ = prepares;
  } else if (!prepared_->options.arrays) {
    for (v8::Global<v8::Name>& name : names_) names.push_back(name.Get(env().isolate));
  }
  v8::Local<v8::Value> row;
  if (ReadRow(env(), *prepared_, &names).ToLocal(&row)) SetItem(args, row);
}

void Iterator::Return(const Args& args) {
  if (!Check()) return;
  {
    Run running(prepared_, true);
  }
  if (!env().isolate->HasPendingException()) Finish(args);
}

constexpr Entry kMethods[] = {
    Method<&Iterator::Next>("next"),
    Method<&Iterator::Return>("return"),
};

}  // namespace

const ClassEntry kIteratorClass = {.name = "StatementSyncIterator",
                                   .construct = Illegal,
                                   .methods = kMethods,
                                   .fields = kFieldsWithDatabase};

v8::Local<v8::Object> NewIterator(Env& env, std::shared_ptr<Prepared> prepared,
                                  v8::Local<v8::Value> database) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Object> object =
      NewWrapped<Iterator>(env, kIteratorClass, std::move(prepared))->object();
  object->SetInternalField(kDatabaseField, database);
  // The prototype inherits from Iterator.prototype, which V8's interface does not name.
  v8::Local<v8::Value> iterator = env.Get(context->Global(), "Iterator");
  if (iterator->IsObject()) {
    v8::Local<v8::Value> parent = env.Get(iterator.As<v8::Object>(), "prototype");
    if (parent->IsObject())
      (void)object->GetPrototypeV2().As<v8::Object>()->SetPrototypeV2(context, parent);
  }
  return object;
}

}  // namespace kiln::runtime::sqlite
