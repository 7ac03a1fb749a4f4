// SQLTagStore: runs template literals as statements with parameters, and keeps the prepared
// statements of the texts that were used last.
#include <list>
#include <unordered_map>

#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/sqlite/database.h"
#include "runtime-stub/bindings/sqlite/statement.h"

namespace kiln::runtime::sqlite {

namespace {

class TagStore final : public Wrapped {
 public:
  TagStore(Env& env, std::shared_ptr<Connection> connection, ReadOptions options, size_t capacity)
      : Wrapped(env), connection_(std::move(connection)), options_(options), capacity_(capacity) {}
  const char* type_name() const override { return "SQLTagStore"; }

  void Get(const Args& args) { Execute(args, RunGet); }
  void All(const Args& args) { Execute(args, RunAll); }
  void RunOnce(const Args& args) { Execute(args, RunWrite); }
  void Iterate(const Args& args);
  void Clear(const Args&) {
    by_text_.clear();
    statements_.clear();
  }
  void Capacity(const Args& args) { args.GetReturnValue().Set(double(capacity_)); }
  void Size(const Args& args) { args.GetReturnValue().Set(double(statements_.size())); }
  void GetDatabase(const Args& args) {
    args.GetReturnValue().Set(object()->GetInternalField(kDatabaseField).As<v8::Value>());
  }

 private:
  using Item = std::pair<std::string, std::shared_ptr<Prepared>>;
  // Null with an exception pending.
  std::shared_ptr<Prepared> Find(const Args& args);
  bool BindAll(const Args& args, Prepared& prepared);
  void Execute(const Args& args, v8::MaybeLocal<v8::Value> (*run)(Env&, Prepared&));
  const std::shared_ptr<Connection> connection_;
  const ReadOptions options_;
  const size_t capacity_;
  std::list<Item> statements_;  // that used last first
  std::unordered_map<std::string, std::list<Item>::iterator> by_text_;
};

// The text of a template literal with a parameter for each value. False: an exception is pending.
bool ReadTemplate(Env& env, const Args& args, std::string* out) {
  if (!args[0]->IsArray()) {
    BadType("First argument must be an array of strings (template literal).").Throw(env);
    return false;
  }
  auto parts = args[0].As<v8::Array>();
  for (uint32_t i = 0; i < parts->Length(); i++) {
    v8::Local<v8::Value> part;
    if (!parts->Get(env.context(), i).ToLocal(&part)) return false;
    if (!part->IsString()) {
      BadType("Template literal parts must be strings.").Throw(env);
      return false;
    }
    *out += ToUtf8(env.isolate, part);
    if (int(i) < args.Length() - 1) *out += "?";
  }
  return true;
}

std::shared_ptr<Prepared> TagStore::Find(const Args& args) {
  if (!connection_->is_open()) {
    BadState("database is not open").Throw(env());
    return nullptr;
  }
  std::string sql;
  if (!ReadTemplate(env(), args, &sql)) return nullptr;
  auto found = by_text_.find(sql);
  if (found != by_text_.end() && !found->second->second->statement) {  // the database was closed
    statements_.erase(found->second);
    by_text_.erase(found);
    found = by_text_.end();
  }
  if (found != by_text_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    std::shared_ptr<Prepared> prepared = found->second->second;
    if (!prepared->running) return prepared;
    BadState("statement is currently in use").Throw(env());
    return nullptr;
  }
  if (!connection_->is_open()) {
    BadState("database is not open").Throw(env());
    return nullptr;
  }
  std::shared_ptr<Prepared> prepared = connection_->Prepare(sql, options_);
  if (!prepared || by_text_.contains(sql)) return prepared;  // an authorizer may have added it
  statements_.emplace_front(sql, prepared);
  by_text_[sql] = statements_.begin();
  if (statements_.size() > capacity_) {
    by_text_.erase(statements_.back().first);
    statements_.pop_back();
  }
  return prepared;
}

bool TagStore::BindAll(const Args& args, Prepared& prepared) {
  if (!Reset(prepared)) return false;
  const int count = sqlite3_bind_parameter_count(prepared.statement);
  if (count != args.Length() - 1) {
    Error::Type("ERR_INVALID_ARG_VALUE",
                "SQLite parameters must be bound using template literal placeholders.")
        .Throw(env());
    return false;
  }
  for (int i = 1; i <= count; i++)
    if (!Bind(prepared, i, args[i])) return false;
  return true;
}

void TagStore::Execute(const Args& args, v8::MaybeLocal<v8::Value> (*run)(Env&, Prepared&)) {
  std::shared_ptr<Prepared> prepared = Find(args);
  if (!prepared) return;
  Run running(prepared, true);
  v8::Local<v8::Value> result;
  if (BindAll(args, *prepared) && run(env(), *prepared).ToLocal(&result))
    args.GetReturnValue().Set(result);
}

void TagStore::Iterate(const Args& args) {
  std::shared_ptr<Prepared> prepared = Find(args);
  if (!prepared) return;
  {
    Run running(prepared, false);
    if (!BindAll(args, *prepared)) return;
  }
  args.GetReturnValue().Set(
      NewIterator(env(), prepared, object()->GetInternalField(kDatabaseField).As<v8::Value>()));
}

constexpr Entry kMethods[] = {
    Method<&TagStore::Get>("get"),         Method<&TagStore::All>("all"),
    Method<&TagStore::Iterate>("iterate"), Method<&TagStore::RunOnce>("run"),
    Method<&TagStore::Clear>("clear"),
};

void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  SetOwnGetter(env, made, "capacity", Thunk<&TagStore::Capacity>::Call);
  SetOwnGetter(env, made, "db", Thunk<&TagStore::GetDatabase>::Call);
  SetOwnGetter(env, made, "size", Thunk<&TagStore::Size>::Call);
}
void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<&TagStore::Capacity>::Call));
  out.push_back(Reference(Thunk<&TagStore::GetDatabase>::Call));
  out.push_back(Reference(Thunk<&TagStore::Size>::Call));
}

}  // namespace

const ClassEntry kTagStoreClass = {.name = "SQLTagStore",
                                   .construct = Illegal,
                                   .methods = kMethods,
                                   .fields = kFieldsWithDatabase,
                                   .customize = Customize,
                                   .references = References};

v8::Local<v8::Object> NewTagStore(Env& env, std::shared_ptr<Connection> connection,
                                  ReadOptions options, size_t capacity,
                                  v8::Local<v8::Object> database) {
  auto* store = NewWrapped<TagStore>(env, kTagStoreClass, std::move(connection), options, capacity);
  store->object()->SetInternalField(kDatabaseField, database);
  return store->object();
}

}  // namespace kiln::runtime::sqlite
