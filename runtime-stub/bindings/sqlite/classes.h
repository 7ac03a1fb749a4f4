// The classes of internalBinding('sqlite'), and what their tables share.
#pragma once

#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

extern const ClassEntry kDatabaseClass, kStatementClass, kIteratorClass, kSessionClass,
    kTagStoreClass, kLimitsClass, kBackupClass;

// The internal field in which an object keeps its DatabaseSync alive, whose fields the callbacks are
// in. The garbage collector knows these references, so a cycle of them is collected.
constexpr int kDatabaseField = 1;
constexpr int kFieldsWithDatabase = 2;

// The constructor of a class whose objects only native code creates.
void Illegal(const Args& args);
// Adds [Symbol.dispose]() to the prototype.
void SetDispose(Env& env, v8::Local<v8::FunctionTemplate> made, v8::FunctionCallback dispose);
// Adds a read-only accessor that each instance has itself.
void SetOwnGetter(Env& env, v8::Local<v8::FunctionTemplate> made, const char* name,
                  v8::FunctionCallback get);

// backup(): copies a database on the thread pool.
void Backup(const Args& args);

}  // namespace kiln::runtime::sqlite
