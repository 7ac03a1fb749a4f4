// Running prepared statements: what StatementSync and SQLTagStore share, and their classes.
#pragma once

#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

// Each runs a statement whose parameters are bound, and throws what goes wrong.
v8::MaybeLocal<v8::Value> RunAll(Env& env, Prepared& prepared);
v8::MaybeLocal<v8::Value> RunGet(Env& env, Prepared& prepared);
v8::MaybeLocal<v8::Value> RunWrite(Env& env, Prepared& prepared);
// A StatementSyncIterator; `database` is the object that it keeps alive.
v8::Local<v8::Object> NewIterator(Env& env, std::shared_ptr<Prepared> prepared,
                                  v8::Local<v8::Value> database);

// Resets the statement before it is bound anew. False: an exception is pending.
bool Reset(Prepared& prepared);
// Binds one value. False: an exception is pending.
bool Bind(Prepared& prepared, int index, v8::Local<v8::Value> value);

class Statement final : public Wrapped {
 public:
  Statement(Env& env, std::shared_ptr<Prepared> prepared)
      : Wrapped(env), prepared_(std::move(prepared)) {}
  const char* type_name() const override { return "StatementSync"; }

  void Iterate(const Args& args);
  void All(const Args& args);
  void Get(const Args& args);
  void RunOnce(const Args& args);
  void Columns(const Args& args);
  void SourceSql(const Args& args);
  void ExpandedSql(const Args& args);
  void SetBareNames(const Args& args);
  void SetUnknownNames(const Args& args);
  void SetBigInts(const Args& args);
  void SetArrays(const Args& args);

 private:
  // Whether it can be used, and is not in use; false: an exception is pending.
  bool Check();
  bool BindAll(const Args& args);
  bool BindNames(v8::Local<v8::Object> values);
  void Execute(const Args& args, v8::MaybeLocal<v8::Value> (*run)(Env&, Prepared&), bool reset);
  void SetOption(const Args& args, const char* name, bool ReadOptions::* option);
  const std::shared_ptr<Prepared> prepared_;
};

}  // namespace kiln::runtime::sqlite
