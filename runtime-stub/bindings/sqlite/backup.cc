// backup(): copies a database into another file, a number of pages at a time, on the thread pool. The
// source can be used, and even closed, meanwhile: SQLite locks it for each step, and keeps a closed
// connection until its backups are finished.
#include "runtime-stub/binding/request.h"
#include "runtime-stub/bindings/sqlite/classes.h"
#include "runtime-stub/bindings/sqlite/database.h"

namespace kiln::runtime::sqlite {

namespace {

struct BackupOptions {
  int rate = 100;  // pages of a step
  std::string source = "main", target = "main";
  v8::Local<v8::Function> progress;
};

// No async resource in Node, so it has no ids.
class BackupJob final : public Request<uv_work_t> {
 public:
  BackupJob(Env& env, v8::Local<v8::Object> database, const std::shared_ptr<Connection>& source,
            const BackupOptions& options, v8::Local<v8::Promise::Resolver> promise)
      : Request(env, Provider::kNONE),
        source_(source),
        database_(env.isolate, database),
        promise_(env.isolate, promise),
        progress_(env.isolate, options.progress),
        rate_(options.rate) {}
  ~BackupJob() override { Finish(); }
  const char* type_name() const override { return "BackupJob"; }
  bool is_listed() const override { return false; }

  void Start(const std::string& path, const BackupOptions& options);

 private:
  void OnAttach() override {}
  void Step();
  void AfterStep();
  bool ReportProgress(int total, int remaining);
  void Reject(v8::Local<v8::Value> error);
  void Finish();
  const std::shared_ptr<Connection> source_;
  v8::Global<v8::Object> database_;  // kept until the end
  v8::Global<v8::Promise::Resolver> promise_;
  v8::Global<v8::Function> progress_;
  const int rate_;
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  int result_ = SQLITE_OK;  // of the last step
};

void BackupJob::Finish() {
  if (backup_) sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (target_) sqlite3_close_v2(std::exchange(target_, nullptr));
  database_.Reset();
}

void BackupJob::Reject(v8::Local<v8::Value> error) {
  Finish();
  (void)promise_.Get(env().isolate)->Reject(env().context(), error);
}

void BackupJob::Start(const std::string& path, const BackupOptions& options) {
  UseFileSystem(env());
  v8::TryCatch refused(env().isolate);  // by the permission model
  result_ = sqlite3_open_v2(path.c_str(), &target_,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
  if (result_ == SQLITE_OK)
    backup_ =
        sqlite3_backup_init(target_, options.target.c_str(), source_->db(), options.source.c_str());
  if (backup_)
    Step();
  else if (refused.HasCaught())
    Reject(refused.Exception());
  else
    Reject(SqliteError(env(), target_));
}

void BackupJob::Step() {
  int rc = DispatchOnLoop(
      uv_queue_work,
      +[](uv_work_t* raw) {
        auto* self = static_cast<BackupJob*>(static_cast<Request<uv_work_t>*>(raw->data));
        self->result_ = sqlite3_backup_step(self->backup_, self->rate_);
      },
      +[](uv_work_t* raw, int status) {
        auto* self = static_cast<BackupJob*>(Done(raw));
        Env& env = self->env();
        v8::HandleScope scope(env.isolate);
        [[maybe_unused]] v8::Local<v8::Object> keep = self->object();
        if (status == UV_ECANCELED || !env.can_call_into_js()) return;
        CallbackScope callback(env, v8::Object::New(env.isolate), {0, 0});
        self->AfterStep();
      });
  CHECK(rc == 0);
}

void BackupJob::AfterStep() {
  if (result_ != SQLITE_OK && result_ != SQLITE_DONE && result_ != SQLITE_BUSY &&
      result_ != SQLITE_LOCKED)
    return Reject(SqliteError(env(), result_));
  const int total = sqlite3_backup_pagecount(backup_);
  const int remaining = sqlite3_backup_remaining(backup_);
  if (remaining != 0) {
    if (ReportProgress(total, remaining)) Step();
    return;
  }
  if (result_ != SQLITE_DONE) return Reject(SqliteError(env(), target_));
  Finish();
  (void)promise_.Get(env().isolate)
      ->Resolve(env().context(), v8::Integer::New(env().isolate, total));
}

// False: the callback threw, and the promise is rejected.
bool BackupJob::ReportProgress(int total, int remaining) {
  if (progress_.IsEmpty()) return true;
  v8::Isolate* isolate = env().isolate;
  v8::Local<v8::Object> progress = v8::Object::New(isolate);
  env().Set(progress, "totalPages", total);
  env().Set(progress, "remainingPages", remaining);
  v8::Local<v8::Value> argument = progress;
  v8::TryCatch caught(isolate);
  if (!progress_.Get(isolate)->Call(env().context(), v8::Null(isolate), 1, &argument).IsEmpty())
    return true;
  if (caught.HasTerminated()) return false;
  Reject(caught.Exception());
  return false;
}

bool ReadRate(Env& env, v8::Local<v8::Object> options, int* out) {
  v8::Local<v8::Value> value;
  if (!options->Get(env.context(), env.Name("rate")).ToLocal(&value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsInt32()) return ThrowMustBe(env, "options.rate", "an integer");
  *out = value.As<v8::Int32>()->Value();
  if (*out > 0) return true;
  Error::Range("ERR_OUT_OF_RANGE", "The \"options.rate\" argument must be a positive integer.")
      .Throw(env);
  return false;
}

}  // namespace

const ClassEntry kBackupClass = {.name = "BackupJob", .construct = Illegal};

// backup(sourceDb, path, options?)
void Backup(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!args[0]->IsObject()) return (void)ThrowMustBe(env, "sourceDb", "an object");
  auto* database = UnwrapArgument<Database>(env, kDatabaseClass, args[0]);
  if (!database) return (void)ThrowMustBe(env, "sourceDb", "an instance of DatabaseSync");
  const std::shared_ptr<Connection>& source = database->connection();
  if (!source->is_open()) return BadState("database is not open").Throw(env);
  std::string path;
  if (!ReadPath(env, args[1], "path", &path)) return;
  BackupOptions options;
  if (args.Length() > 2) {
    if (!args[2]->IsObject()) return (void)ThrowMustBe(env, "options", "an object");
    auto given = args[2].As<v8::Object>();
    if (!ReadRate(env, given, &options.rate) || !ReadText(env, given, "source", &options.source) ||
        !ReadText(env, given, "target", &options.target) ||
        !ReadFunction(env, given, "progress", &options.progress))
      return;
    if (!source->is_open()) return BadState("database is not open").Throw(env);
  }
  v8::Local<v8::Promise::Resolver> promise;
  if (!v8::Promise::Resolver::New(env.context()).ToLocal(&promise)) return;
  args.GetReturnValue().Set(promise->GetPromise());
  NewWrapped<BackupJob>(env, kBackupClass, database->object(), source, options, promise)
      ->Start(path, options);
}

}  // namespace kiln::runtime::sqlite
