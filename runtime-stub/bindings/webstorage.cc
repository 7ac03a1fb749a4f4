// internalBinding('webstorage'): Storage, the class of localStorage and sessionStorage. Its items are
// the rows of a database of SQLite with the tables of Node's, so that both use the same files. Keys and
// values are stored as their UTF-16 units. Symbols are kept in a Map of the object. The database is
// opened when the first item is used.
#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime {
namespace {

using sqlite::BadState;
using sqlite::OpenConnections;

constexpr int kSymbolsField = 1;
constexpr int kFields = 2;
constexpr int kSchemaVersion = 1;

// A quota of 10 MiB, which triggers keep: they add up the sizes of all items in total_size.
constexpr char kSchema[] = R"(
PRAGMA encoding = 'UTF-16le';
PRAGMA busy_timeout = 3000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = memory;
PRAGMA optimize;
CREATE TABLE IF NOT EXISTS nodejs_webstorage(
  key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY(key)) STRICT;
CREATE TABLE IF NOT EXISTS nodejs_webstorage_state(
  max_size INTEGER NOT NULL DEFAULT 10485760, total_size INTEGER NOT NULL,
  schema_version INTEGER NOT NULL DEFAULT 0,
  single_row_ INTEGER NOT NULL DEFAULT 1 CHECK(single_row_ = 1),
  PRIMARY KEY(single_row_)) STRICT;
CREATE TRIGGER IF NOT EXISTS nodejs_quota_insert AFTER INSERT ON nodejs_webstorage FOR EACH ROW BEGIN
  UPDATE nodejs_webstorage_state
    SET total_size = total_size + OCTET_LENGTH(NEW.key) + OCTET_LENGTH(NEW.value);
  SELECT RAISE(ABORT, 'QuotaExceeded')
    WHERE EXISTS (SELECT 1 FROM nodejs_webstorage_state WHERE total_size > max_size);
END;
CREATE TRIGGER IF NOT EXISTS nodejs_quota_update AFTER UPDATE ON nodejs_webstorage FOR EACH ROW BEGIN
  UPDATE nodejs_webstorage_state
    SET total_size = total_size + ((OCTET_LENGTH(NEW.key) + OCTET_LENGTH(NEW.value)) -
                                   (OCTET_LENGTH(OLD.key) + OCTET_LENGTH(OLD.value)));
  SELECT RAISE(ABORT, 'QuotaExceeded')
    WHERE EXISTS (SELECT 1 FROM nodejs_webstorage_state WHERE total_size > max_size);
END;
CREATE TRIGGER IF NOT EXISTS nodejs_quota_delete AFTER DELETE ON nodejs_webstorage FOR EACH ROW BEGIN
  UPDATE nodejs_webstorage_state
    SET total_size = total_size - (OCTET_LENGTH(OLD.key) + OCTET_LENGTH(OLD.value));
END;
INSERT OR IGNORE INTO nodejs_webstorage_state (total_size) VALUES (0);
)";

using Units = std::vector<uint16_t>;

Units ReadUnits(v8::Isolate* isolate, v8::Local<v8::String> text) {
  Units units(static_cast<size_t>(text->Length()));
  text->WriteV2(isolate, 0, uint32_t(units.size()), units.data());
  return units;
}

// A statement that runs once.
class Query {
 public:
  Query(sqlite3* db, const char* sql) {
    result_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  ~Query() { sqlite3_finalize(statement_); }
  Query(const Query&) = delete;

  // The bytes must outlive the query.
  void BindUnits(int index, const Units& units) {
    if (result_ != SQLITE_OK) return;
    const void* data = units.empty() ? static_cast<const void*>("") : units.data();
    result_ = sqlite3_bind_blob64(statement_, index, data, units.size() * sizeof(uint16_t),
                                  SQLITE_STATIC);
  }
  void BindInteger(int index, int value) {
    if (result_ == SQLITE_OK) result_ = sqlite3_bind_int(statement_, index, value);
  }
  // SQLITE_ROW, SQLITE_DONE, or an error, also of the functions before.
  int Step() {
    if (result_ == SQLITE_OK || result_ == SQLITE_ROW) result_ = sqlite3_step(statement_);
    return result_;
  }
  int Integer() { return sqlite3_column_int(statement_, 0); }
  v8::MaybeLocal<v8::String> Text(v8::Isolate* isolate) {
    const void* data = sqlite3_column_blob(statement_, 0);
    const int length = sqlite3_column_bytes(statement_, 0) / int(sizeof(uint16_t));
    if (length == 0) return v8::String::Empty(isolate);
    return v8::String::NewFromTwoByte(isolate, static_cast<const uint16_t*>(data),
                                      v8::NewStringType::kNormal, length);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int result_;
};

class Storage final : public Wrapped {
 public:
  Storage(Env& env, std::string location) : Wrapped(env), location_(std::move(location)) {}
  ~Storage() override {
    if (!db_ || !env().State<OpenConnections>().all.erase(db_)) return;
    sqlite3_close_v2(db_);
  }
  const char* type_name() const override { return "Storage"; }

  static void New(const Args& args);
  void Clear(const Args& args);
  void GetItem(const Args& args);
  void Key(const Args& args);
  void RemoveItem(const Args& args);
  void SetItem(const Args& args);
  void Length(const Args& args);

  // Each returns false, or nothing, with an exception pending. Load() is null if there is no such
  // item, undefined for a symbol that was not set.
  v8::MaybeLocal<v8::Value> Load(v8::Local<v8::Name> key);
  bool Store(v8::Local<v8::Name> key, v8::Local<v8::Value> value);
  bool Remove(v8::Local<v8::Name> key);
  v8::MaybeLocal<v8::Array> Keys();

 private:
  bool Open();
  bool Fail(int result);
  v8::Local<v8::Map> Symbols() {
    return object()->GetInternalField(kSymbolsField).As<v8::Value>().As<v8::Map>();
  }
  const std::string location_;
  sqlite3* db_ = nullptr;  // null: not opened yet
};

// ---------------------------------------------------------------------------- the database

bool Storage::Fail(int result) {
  if (env().isolate->HasPendingException()) return false;  // permissions refuse it
  BadState(sqlite3_errstr(result)).Throw(env());
  return false;
}

bool Storage::Open() {
  if (db_) return true;
  sqlite::UseFileSystem(env());
  sqlite3* db = nullptr;
  int result = sqlite3_open(location_.c_str(), &db);
  if (result == SQLITE_OK) result = sqlite3_exec(db, kSchema, nullptr, nullptr, nullptr);
  int version = 0;
  if (result == SQLITE_OK) {
    Query query(db, "SELECT schema_version FROM nodejs_webstorage_state");
    result = query.Step();
    if (result == SQLITE_ROW) {
      version = query.Integer();
      result = SQLITE_OK;
    }
  }
  if (result == SQLITE_OK && version < kSchemaVersion)
    result = sqlite3_exec(db, "UPDATE nodejs_webstorage_state SET schema_version = 1", nullptr,
                          nullptr, nullptr);
  if (result == SQLITE_OK && version <= kSchemaVersion) {
    env().State<OpenConnections>().all[db] = nullptr;
    db_ = db;
    return true;
  }
  sqlite3_close_v2(db);
  if (result != SQLITE_OK) return Fail(result);
  BadState("localStorage was created with a newer version of Node.js").Throw(env());
  return false;
}

v8::MaybeLocal<v8::Value> Storage::Load(v8::Local<v8::Name> key) {
  if (key->IsSymbol()) return Symbols()->Get(env().context(), key);
  if (!Open()) return {};
  const Units units = ReadUnits(env().isolate, key.As<v8::String>());
  Query query(db_, "SELECT value FROM nodejs_webstorage WHERE key = ? LIMIT 1");
  query.BindUnits(1, units);
  int result = query.Step();
  if (result == SQLITE_DONE) return v8::Null(env().isolate).As<v8::Value>();
  v8::Local<v8::String> value;
  if (result == SQLITE_ROW && query.Text(env().isolate).ToLocal(&value))
    return value.As<v8::Value>();
  if (result != SQLITE_ROW) Fail(result);
  return {};
}

bool Storage::Store(v8::Local<v8::Name> key, v8::Local<v8::Value> value) {
  if (key->IsSymbol()) return !Symbols()->Set(env().context(), key, value).IsEmpty();
  v8::Local<v8::String> text;
  if (!value->ToString(env().context()).ToLocal(&text) || !Open()) return false;
  const Units key_units = ReadUnits(env().isolate, key.As<v8::String>());
  const Units value_units = ReadUnits(env().isolate, text);
  Query query(db_,
              "INSERT INTO nodejs_webstorage (key, value) VALUES (?, ?)"
              " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value WHERE EXCLUDED.key = key");
  query.BindUnits(1, key_units);
  query.BindUnits(2, value_units);
  int result = query.Step();
  if (result == SQLITE_DONE) return true;
  if (result != SQLITE_CONSTRAINT) return Fail(result);
  v8::Local<v8::Value> arguments[] = {env().Name("Setting the value exceeded the quota"),
                                      env().Name("QuotaExceededError")};
  v8::Local<v8::Object> error;
  if (env()
          .GetFunction(Slot::kDomException)
          ->NewInstance(env().context(), 2, arguments)
          .ToLocal(&error))
    env().isolate->ThrowException(error);
  return false;
}

bool Storage::Remove(v8::Local<v8::Name> key) {
  if (key->IsSymbol()) return Symbols()->Delete(env().context(), key).IsJust();
  if (!Open()) return false;
  const Units units = ReadUnits(env().isolate, key.As<v8::String>());
  Query query(db_, "DELETE FROM nodejs_webstorage WHERE key = ?");
  query.BindUnits(1, units);
  int result = query.Step();
  return result == SQLITE_DONE || Fail(result);
}

v8::MaybeLocal<v8::Array> Storage::Keys() {
  if (!Open()) return {};
  Query query(db_, "SELECT key FROM nodejs_webstorage");
  std::vector<v8::Local<v8::Value>> keys;
  int result;
  while ((result = query.Step()) == SQLITE_ROW) {
    v8::Local<v8::String> key;
    if (!query.Text(env().isolate).ToLocal(&key)) return {};
    keys.push_back(key);
  }
  if (result != SQLITE_DONE) {
    Fail(result);
    return {};
  }
  return v8::Array::New(env().isolate, keys.data(), keys.size());
}

// ---------------------------------------------------------------------------- methods

// new Storage(key, location), where `key` is the symbol that only the library has.
void Storage::New(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!args[0]->StrictEquals(env.Symbol("constructor_key_symbol")))
    return Error::Plain("ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor").Throw(env);
  if (!RequireNew(env, args)) return;
  if (!args[1]->IsString()) return ThrowBadArgument(env, 1);
  (new Storage(env, ToUtf8(env.isolate, args[1])))->Attach(args.This());
  args.This()->SetInternalField(kSymbolsField, v8::Map::New(env.isolate));
}

// Whether there are `count` arguments; false: an exception is pending.
bool Require(Env& env, const Args& args, int count, const char* method) {
  if (args.Length() >= count) return true;
  Error::Type("ERR_MISSING_ARGS", std::string("Failed to execute '") + method +
                                      "' on 'Storage': " + std::to_string(count) +
                                      (count == 1 ? " argument" : " arguments") + " required")
      .Throw(env);
  return false;
}

void Storage::Clear(const Args&) {
  if (!Open()) return;
  Query query(db_, "DELETE FROM nodejs_webstorage");
  int result = query.Step();
  if (result != SQLITE_DONE) Fail(result);
}

void Storage::GetItem(const Args& args) {
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (Require(env(), args, 1, "getItem") && args[0]->ToString(env().context()).ToLocal(&key) &&
      Load(key).ToLocal(&value))
    args.GetReturnValue().Set(value);
}

void Storage::Key(const Args& args) {
  int index;
  if (!Require(env(), args, 1, "key") || !args[0]->Int32Value(env().context()).To(&index)) return;
  if (index < 0) return args.GetReturnValue().SetNull();
  if (!Open()) return;
  Query query(db_, "SELECT key FROM nodejs_webstorage LIMIT 1 OFFSET ?");
  query.BindInteger(1, index);
  int result = query.Step();
  v8::Local<v8::String> key;
  if (result == SQLITE_DONE) return args.GetReturnValue().SetNull();
  if (result != SQLITE_ROW) return (void)Fail(result);
  if (query.Text(env().isolate).ToLocal(&key)) args.GetReturnValue().Set(key);
}

void Storage::RemoveItem(const Args& args) {
  v8::Local<v8::String> key;
  if (Require(env(), args, 1, "removeItem") && args[0]->ToString(env().context()).ToLocal(&key))
    (void)Remove(key);
}

void Storage::SetItem(const Args& args) {
  v8::Local<v8::String> key;
  if (Require(env(), args, 2, "setItem") && args[0]->ToString(env().context()).ToLocal(&key))
    (void)Store(key, args[1]);
}

void Storage::Length(const Args& args) {
  if (!Open()) return;
  Query query(db_, "SELECT count(*) FROM nodejs_webstorage");
  int result = query.Step();
  if (result != SQLITE_ROW) return (void)Fail(result);
  args.GetReturnValue().Set(query.Integer());
}

// ---------------------------------------------------------------------------- properties

// What the prototype has is no item; null then, and if the object is no Storage.
Storage* FindForItem(v8::Local<v8::Name> property, v8::Local<v8::Object> holder) {
  auto* self = Unwrap<Storage>(holder);
  v8::Local<v8::Value> prototype = holder->GetPrototypeV2();
  bool has = false;
  if (self && prototype->IsObject() &&
      !prototype.As<v8::Object>()->Has(self->env().context(), property).To(&has))
    return nullptr;
  return has ? nullptr : self;
}

v8::Intercepted Get(v8::Local<v8::Name> property, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Storage* self = FindForItem(property, info.HolderV2());
  if (!self) return v8::Intercepted::kNo;
  v8::Local<v8::Value> value;
  if (self->Load(property).ToLocal(&value) && !value->IsNull()) info.GetReturnValue().Set(value);
  return v8::Intercepted::kYes;
}

v8::Intercepted Set(v8::Local<v8::Name> property, v8::Local<v8::Value> value,
                    const v8::PropertyCallbackInfo<void>& info) {
  auto* self = Unwrap<Storage>(info.HolderV2());
  if (!self) return v8::Intercepted::kNo;
  (void)self->Store(property, value);
  return v8::Intercepted::kYes;
}

v8::Intercepted HasItem(v8::Local<v8::Name> property,
                        const v8::PropertyCallbackInfo<v8::Integer>& info) {
  Storage* self = FindForItem(property, info.HolderV2());
  v8::Local<v8::Value> value;
  if (!self || !self->Load(property).ToLocal(&value) || value->IsNull())
    return v8::Intercepted::kNo;
  info.GetReturnValue().Set(v8::None);
  return v8::Intercepted::kYes;
}

v8::Intercepted Delete(v8::Local<v8::Name> property,
                       const v8::PropertyCallbackInfo<v8::Boolean>& info) {
  auto* self = Unwrap<Storage>(info.HolderV2());
  if (!self) return v8::Intercepted::kNo;
  info.GetReturnValue().Set(self->Remove(property));
  return v8::Intercepted::kYes;
}

void List(const v8::PropertyCallbackInfo<v8::Array>& info) {
  auto* self = Unwrap<Storage>(info.HolderV2());
  v8::Local<v8::Array> keys;
  if (self && self->Keys().ToLocal(&keys)) info.GetReturnValue().Set(keys);
}

v8::Intercepted Define(v8::Local<v8::Name> property, const v8::PropertyDescriptor& descriptor,
                       const v8::PropertyCallbackInfo<void>& info) {
  if (descriptor.has_value()) return Set(property, descriptor.value(), info);
  return Unwrap<Storage>(info.HolderV2()) ? v8::Intercepted::kYes : v8::Intercepted::kNo;
}

// Indices are keys too: localStorage[0].
v8::Local<v8::Name> KeyOf(v8::Isolate* isolate, uint32_t index) {
  return Env::From(isolate).Name(std::to_string(index));
}
v8::Intercepted GetIndex(uint32_t index, const v8::PropertyCallbackInfo<v8::Value>& info) {
  return Get(KeyOf(info.GetIsolate(), index), info);
}
v8::Intercepted SetIndex(uint32_t index, v8::Local<v8::Value> value,
                         const v8::PropertyCallbackInfo<void>& info) {
  return Set(KeyOf(info.GetIsolate(), index), value, info);
}
v8::Intercepted QueryIndex(uint32_t index, const v8::PropertyCallbackInfo<v8::Integer>& info) {
  return HasItem(KeyOf(info.GetIsolate(), index), info);
}
v8::Intercepted DeleteIndex(uint32_t index, const v8::PropertyCallbackInfo<v8::Boolean>& info) {
  return Delete(KeyOf(info.GetIsolate(), index), info);
}
v8::Intercepted DefineIndex(uint32_t index, const v8::PropertyDescriptor& descriptor,
                            const v8::PropertyCallbackInfo<void>& info) {
  return Define(KeyOf(info.GetIsolate(), index), descriptor, info);
}

constexpr Entry kMethods[] = {
    Method<&Storage::Clear>("clear"),         MethodNoSideEffect<&Storage::GetItem>("getItem"),
    MethodNoSideEffect<&Storage::Key>("key"), Method<&Storage::RemoveItem>("removeItem"),
    Method<&Storage::SetItem>("setItem"),
};
constexpr Accessor kAccessors[] = {kiln::runtime::Get<&Storage::Length>("length")};

void Customize(Env&, v8::Local<v8::FunctionTemplate> made) {
  constexpr auto kFlags = v8::PropertyHandlerFlags::kHasNoSideEffect;
  v8::Local<v8::ObjectTemplate> instance = made->InstanceTemplate();
  instance->SetHandler(v8::NamedPropertyHandlerConfiguration(Get, Set, HasItem, Delete, List,
                                                             Define, nullptr, {}, kFlags));
  instance->SetHandler(v8::IndexedPropertyHandlerConfiguration(
      GetIndex, SetIndex, QueryIndex, DeleteIndex, nullptr, DefineIndex, nullptr, {}, kFlags));
}

void References(std::vector<intptr_t>& out) {
  for (intptr_t one : {Reference(Get), Reference(Set), Reference(HasItem), Reference(Delete),
                       Reference(List), Reference(Define), Reference(GetIndex), Reference(SetIndex),
                       Reference(QueryIndex), Reference(DeleteIndex), Reference(DefineIndex)})
    out.push_back(one);
}

const ClassEntry kStorageClass = {.name = "Storage",
                                  .construct = Storage::New,
                                  .methods = kMethods,
                                  .accessors = kAccessors,
                                  .fields = kFields,
                                  .customize = Customize,
                                  .references = References};
const ClassEntry* const kClasses[] = {&kStorageClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  exports
      ->DefineOwnProperty(env.context(), env.Name("kConstructorKey"),
                          env.Symbol("constructor_key_symbol"), v8::ReadOnly)
      .Check();
}

}  // namespace

extern const Binding kWebstorageBinding;
const Binding kWebstorageBinding = {.name = "webstorage", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
