// Session: records the changes of a database, as changesets or patchsets.
#pragma once

#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

class Session final : public Wrapped {
 public:
  Session(Env& env, std::shared_ptr<Connection> connection, sqlite3_session* session);
  ~Session() override { Delete(); }
  const char* type_name() const override { return "Session"; }

  void Changeset(const Args& args);
  void Patchset(const Args& args);
  void Close(const Args& args);
  void Dispose(const Args& args);
  // Ends the recording; the database does it before it closes.
  void Delete();

 private:
  void Write(const Args& args, int (*write)(sqlite3_session*, int*, void**));
  // Whether it can be used; false: an exception is pending.
  bool Check();
  std::shared_ptr<Connection> connection_;
  sqlite3_session* session_;  // null: closed
  bool writing_ = false;      // SQLite reads the database for a changeset
};

extern const ClassEntry kSessionClass;

// DatabaseSync.prototype.createSession and applyChangeset.
void CreateSession(Env& env, const std::shared_ptr<Connection>& connection,
                   v8::Local<v8::Object> database, const Args& args);
void ApplyChangeset(Env& env, const std::shared_ptr<Connection>& connection, const Args& args);

}  // namespace kiln::runtime::sqlite
