// The options of new DatabaseSync(), in the order in which Node reads and checks them.
#include "runtime-stub/bindings/sqlite/database.h"

namespace kiln::runtime::sqlite {

namespace {

bool ReadTimeout(Env& env, v8::Local<v8::Object> options, int* out) {
  v8::Local<v8::Value> value;
  if (!options->Get(env.context(), env.Name("timeout")).ToLocal(&value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsInt32()) return ThrowMustBe(env, "options.timeout", "an integer");
  *out = value.As<v8::Int32>()->Value();
  return true;
}

bool ReadLimits(Env& env, v8::Local<v8::Object> options, DatabaseOptions* out) {
  v8::Local<v8::Value> value;
  if (!options->Get(env.context(), env.Name("limits")).ToLocal(&value)) return false;
  if (value->IsUndefined()) return true;
  if (!value->IsObject()) return ThrowMustBe(env, "options.limits", "an object");
  for (const Limit& limit : kLimits) {
    const std::string name = std::string("options.limits.") + limit.name;
    v8::Local<v8::Value> number;
    if (!value.As<v8::Object>()->Get(env.context(), env.Name(limit.name)).ToLocal(&number))
      return false;
    if (number->IsUndefined()) continue;
    if (!number->IsInt32()) return ThrowMustBe(env, name, "an integer");
    const int chosen = number.As<v8::Int32>()->Value();
    if (chosen < 0) {
      Error::Range("ERR_OUT_OF_RANGE", "The \"" + name + "\" argument must be non-negative.")
          .Throw(env);
      return false;
    }
    out->limits[size_t(&limit - kLimits)] = chosen;
  }
  return true;
}

}  // namespace

bool ReadDatabaseOptions(Env& env, const Args& args, DatabaseOptions* out) {
  if (!ReadPath(env, args[0], "path", &out->location)) return false;
  if (args.Length() < 2) return true;
  if (!args[1]->IsObject()) return ThrowMustBe(env, "options", "an object");
  auto options = args[1].As<v8::Object>();
  return ReadFlag(env, options, "open", &out->open) &&
         ReadFlag(env, options, "readOnly", &out->read_only) &&
         ReadFlag(env, options, "enableForeignKeyConstraints", &out->foreign_keys) &&
         ReadFlag(env, options, "enableDoubleQuotedStringLiterals", &out->double_quoted_strings) &&
         ReadFlag(env, options, "allowExtension", &out->extensions) &&
         ReadTimeout(env, options, &out->timeout) &&
         ReadFlag(env, options, "readBigInts", &out->reading.big_ints) &&
         ReadFlag(env, options, "returnArrays", &out->reading.arrays) &&
         ReadFlag(env, options, "allowBareNamedParameters", &out->reading.bare_names) &&
         ReadFlag(env, options, "allowUnknownNamedParameters", &out->reading.unknown_names) &&
         ReadFlag(env, options, "defensive", &out->defensive) && ReadLimits(env, options, out);
}

}  // namespace kiln::runtime::sqlite
