// StatementSync: binds parameters, and runs a prepared statement.
#include "runtime-stub/bindings/sqlite/statement.h"

#include "runtime-stub/bindings/sqlite/classes.h"

namespace kiln::runtime::sqlite {

bool Reset(Prepared& prepared) {
  prepared.resets++;
  if (sqlite3_reset(prepared.statement) == SQLITE_OK &&
      sqlite3_clear_bindings(prepared.statement) == SQLITE_OK)
    return true;
  prepared.connection->Throw();
  return false;
}

bool Bind(Prepared& prepared, int index, v8::Local<v8::Value> value) {
  Env& env = prepared.connection->env;
  sqlite3_stmt* statement = prepared.statement;
  int result = SQLITE_OK;
  Bytes bytes;
  if (value->IsNumber()) {
    result = sqlite3_bind_double(statement, index, value.As<v8::Number>()->Value());
  } else if (value->IsString()) {
    std::string text = ToUtf8(env.isolate, value);
    result = sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
  } else if (value->IsNull()) {
    result = sqlite3_bind_null(statement, index);
  } else if (GetBlob(value, &bytes)) {
    result = sqlite3_bind_blob64(statement, index, bytes.data, bytes.size, SQLITE_TRANSIENT);
  } else if (value->IsBoolean()) {
    result = sqlite3_bind_int(statement, index, value->IsTrue());
  } else if (value->IsBigInt()) {
    bool lossless;
    int64_t integer = value.As<v8::BigInt>()->Int64Value(&lossless);
    if (!lossless) {
      Error::Type("ERR_INVALID_ARG_VALUE", "BigInt value is too large to bind.").Throw(env);
      return false;
    }
    result = sqlite3_bind_int64(statement, index, integer);
  } else {
    BadType("Provided value cannot be bound to SQLite parameter " + std::to_string(index) + ".")
        .Throw(env);
    return false;
  }
  if (result != SQLITE_OK) prepared.connection->Throw();
  return result == SQLITE_OK;
}

// ---------------------------------------------------------------------------- parameters

// Reading a property can run JavaScript; Run keeps that from using the statement.
bool Statement::BindNames(v8::Local<v8::Object> values) {
  v8::Local<v8::Context> context = env().context();
  v8::Local<v8::Array> keys;
  if (!values->GetOwnPropertyNames(context).ToLocal(&keys)) return false;
  const bool bare = prepared_->options.bare_names;
  if (bare && !prepared_->ReadBareNames()) return false;
  for (uint32_t i = 0; i < keys->Length(); i++) {
    v8::Local<v8::Value> key, value;
    if (!keys->Get(context, i).ToLocal(&key)) return false;
    std::string name = ToUtf8(env().isolate, key);
    int index = sqlite3_bind_parameter_index(prepared_->statement, name.c_str());
    if (index == 0 && bare) {
      auto full = prepared_->bare_names->find(name.c_str());
      if (full != prepared_->bare_names->end())
        index = sqlite3_bind_parameter_index(prepared_->statement, full->second.c_str());
    }
    if (index == 0 && prepared_->options.unknown_names) continue;
    if (index == 0) {
      BadState("Unknown named parameter '" + name + "'").Throw(env());
      return false;
    }
    if (!values->Get(context, key).ToLocal(&value) || !Bind(*prepared_, index, value)) return false;
  }
  return true;
}

// An object first gives the named parameters; the others follow in the order of the text.
bool Statement::BindAll(const Args& args) {
  int first = 0, index = 1;
  if (args[0]->IsObject() && !IsBlob(args[0])) {
    if (!BindNames(args[0].As<v8::Object>())) return false;
    first = 1;
  }
  for (int i = first; i < args.Length(); i++, index++) {
    while (const char* name = sqlite3_bind_parameter_name(prepared_->statement, index)) {
      if (name[0] == '?') break;
      index++;
    }
    if (!Bind(*prepared_, index, args[i])) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------- methods

bool Statement::Check() {
  const char* problem = !prepared_->statement ? "statement has been finalized"
                        : prepared_->running  ? "statement is currently in use"
                                              : nullptr;
  if (problem) BadState(problem).Throw(env());
  return !problem;
}

void Statement::Execute(const Args& args, v8::MaybeLocal<v8::Value> (*run)(Env&, Prepared&),
                        bool reset) {
  if (!Check()) return;
  Run running(prepared_, reset);
  v8::Local<v8::Value> result;
  if (Reset(*prepared_) && BindAll(args) && run(env(), *prepared_).ToLocal(&result))
    args.GetReturnValue().Set(result);
}

void Statement::All(const Args& args) { Execute(args, RunAll, true); }
void Statement::Get(const Args& args) { Execute(args, RunGet, true); }
void Statement::RunOnce(const Args& args) { Execute(args, RunWrite, true); }

void Statement::Iterate(const Args& args) {
  if (!Check()) return;
  {
    Run running(prepared_, false);
    if (!Reset(*prepared_) || !BindAll(args)) return;
  }
  args.GetReturnValue().Set(
      NewIterator(env(), prepared_, object()->GetInternalField(kDatabaseField).As<v8::Value>()));
}

void Statement::Columns(const Args& args) {
  if (!Check()) return;
  sqlite3_stmt* statement = prepared_->statement;
  std::vector<v8::Local<v8::Value>> columns;
  for (int i = 0, count = sqlite3_column_count(statement); i < count; i++) {
    v8::Local<v8::Name> names[] = {env().Name("column"), env().Name("database"), env().Name("name"),
                                   env().Name("table"), env().Name("type")};
    v8::Local<v8::Value> values[] = {
        TextOrNull(env(), sqlite3_column_origin_name(statement, i)),
        TextOrNull(env(), sqlite3_column_database_name(statement, i)),
        TextOrNull(env(), sqlite3_column_name(statement, i)),
        TextOrNull(env(), sqlite3_column_table_name(statement, i)),
        TextOrNull(env(), sqlite3_column_decltype(statement, i)),
    };
    columns.push_back(
        v8::Object::New(env().isolate, v8::Null(env().isolate), names, values, std::size(names)));
  }
  args.GetReturnValue().Set(v8::Array::New(env().isolate, columns.data(), columns.size()));
}

void Statement::SourceSql(const Args& args) {
  if (!prepared_->statement) return BadState("statement has been finalized").Throw(env());
  args.GetReturnValue().Set(TextOrNull(env(), sqlite3_sql(prepared_->statement)));
}

void Statement::ExpandedSql(const Args& args) {
  if (!prepared_->statement) return BadState("statement has been finalized").Throw(env());
  char* text = sqlite3_expanded_sql(prepared_->statement);
  if (!text) {
    env().isolate->ThrowException(
        SqliteError(env(), "Expanded SQL text would exceed configured limits"));
    return;
  }
  args.GetReturnValue().Set(env().Str(text));
  sqlite3_free(text);
}

void Statement::SetOption(const Args& args, const char* name, bool ReadOptions::* option) {
  if (!prepared_->statement) return BadState("statement has been finalized").Throw(env());
  if (!args[0]->IsBoolean()) return (void)ThrowMustBe(env(), name, "a boolean");
  prepared_->options.*option = args[0]->IsTrue();
}

void Statement::SetBareNames(const Args& args) {
  SetOption(args, "allowBareNamedParameters", &ReadOptions::bare_names);
}
void Statement::SetUnknownNames(const Args& args) {
  SetOption(args, "enabled", &ReadOptions::unknown_names);
}
void Statement::SetBigInts(const Args& args) {
  SetOption(args, "readBigInts", &ReadOptions::big_ints);
}
void Statement::SetArrays(const Args& args) {
  SetOption(args, "returnArrays", &ReadOptions::arrays);
}

namespace {

constexpr Entry kMethods[] = {
    Method<&Statement::Iterate>("iterate"),
    Method<&Statement::All>("all"),
    Method<&Statement::Get>("get"),
    Method<&Statement::RunOnce>("run"),
    MethodNoSideEffect<&Statement::Columns>("columns"),
    Method<&Statement::SetBareNames>("setAllowBareNamedParameters"),
    Method<&Statement::SetUnknownNames>("setAllowUnknownNamedParameters"),
    Method<&Statement::SetBigInts>("setReadBigInts"),
    Method<&Statement::SetArrays>("setReturnArrays"),
};

void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  SetOwnGetter(env, made, "sourceSQL", Thunk<&Statement::SourceSql>::Call);
  SetOwnGetter(env, made, "expandedSQL", Thunk<&Statement::ExpandedSql>::Call);
}
void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<&Statement::SourceSql>::Call));
  out.push_back(Reference(Thunk<&Statement::ExpandedSql>::Call));
}

}  // namespace

const ClassEntry kStatementClass = {.name = "StatementSync",
                                    .construct = Illegal,
                                    .methods = kMethods,
                                    .fields = kFieldsWithDatabase,
                                    .customize = Customize,
                                    .references = References};

}  // namespace kiln::runtime::sqlite
