// internalBinding('sqlite'), which is also what node:sqlite exports: databases of SQLite, used
// synchronously. This folder has a file for each class; connection.h has what they share. SQLite is an
// optional component (snapshot/format/optional_components.h).
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/unavailable.h"

namespace kiln::runtime {

namespace sqlite {

void Illegal(const Args& args) {
  Error::Plain("ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor")
      .Throw(Env::From(args.GetIsolate()));
}

// Its function has no name, as in Node.
void SetDispose(Env& env, v8::Local<v8::FunctionTemplate> made, v8::FunctionCallback dispose) {
  made->PrototypeTemplate()->Set(
      v8::Symbol::GetDispose(env.isolate),
      v8::FunctionTemplate::New(env.isolate, dispose, {}, v8::Signature::New(env.isolate, made), 0,
                                v8::ConstructorBehavior::kThrow));
}

void SetOwnGetter(Env& env, v8::Local<v8::FunctionTemplate> made, const char* name,
                  v8::FunctionCallback get) {
  made->InstanceTemplate()->SetAccessorProperty(
      env.Name(name),
      v8::FunctionTemplate::New(env.isolate, get, {}, v8::Signature::New(env.isolate, made), 0,
                                v8::ConstructorBehavior::kThrow,
                                v8::SideEffectType::kHasNoSideEffect),
      {}, v8::DontDelete);
}

namespace {

// clang-format off
#define KILN_SQLITE_CONSTANTS(V) \
  /* what onConflict() returns, and what it is called with */ \
  V(CHANGESET_OMIT) V(CHANGESET_REPLACE) V(CHANGESET_ABORT) \
  V(CHANGESET_DATA) V(CHANGESET_NOTFOUND) V(CHANGESET_CONFLICT) V(CHANGESET_CONSTRAINT) \
  V(CHANGESET_FOREIGN_KEY) \
  /* what an authorizer returns, and what it is called with */ \
  V(OK) V(DENY) V(IGNORE) \
  V(CREATE_INDEX) V(CREATE_TABLE) V(CREATE_TEMP_INDEX) V(CREATE_TEMP_TABLE) \
  V(CREATE_TEMP_TRIGGER) V(CREATE_TEMP_VIEW) V(CREATE_TRIGGER) V(CREATE_VIEW) V(DELETE) \
  V(DROP_INDEX) V(DROP_TABLE) V(DROP_TEMP_INDEX) V(DROP_TEMP_TABLE) V(DROP_TEMP_TRIGGER) \
  V(DROP_TEMP_VIEW) V(DROP_TRIGGER) V(DROP_VIEW) V(INSERT) V(PRAGMA) V(READ) V(SELECT) \
  V(TRANSACTION) V(UPDATE) V(ATTACH) V(DETACH) V(ALTER_TABLE) V(REINDEX) V(ANALYZE) \
  V(CREATE_VTABLE) V(DROP_VTABLE) V(FUNCTION) V(SAVEPOINT) V(COPY) V(RECURSIVE)
// clang-format on

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
#define V(name) SetConstant(env, constants, "SQLITE_" #name, SQLITE_##name);
  KILN_SQLITE_CONSTANTS(V)
#undef V
  env.Set(exports, "constants", constants);
  auto backup = v8::Function::New(env.context(), Backup, {}, 2).ToLocalChecked();
  backup->SetName(env.Name("backup"));
  env.Set(exports, "backup", backup);
}

void References(std::vector<intptr_t>& out) { out.push_back(Reference(Backup)); }

const ClassEntry* const kClasses[] = {&kDatabaseClass, &kStatementClass, &kSessionClass};
const ClassEntry* const kHiddenClasses[] = {&kIteratorClass, &kTagStoreClass, &kLimitsClass,
                                            &kBackupClass};

}  // namespace
}  // namespace sqlite

extern const Binding kSqliteBinding;
const Binding kSqliteBinding = {.name = "sqlite",
                                .classes = sqlite::kClasses,
                                .hidden_classes = sqlite::kHiddenClasses,
                                .init = sqlite::Init,
                                .references = sqlite::References};

}  // namespace kiln::runtime
