// internalBinding("source_maps"): the position tables of the app's modules and script, for
// internal/kiln/source_maps. A table is identified by the number of its module, or kScript.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/payload/position_table.h"

namespace kiln::runtime {
namespace {

constexpr int32_t kScript = -1;  // the script of a linked bundle

std::string_view BytesOf(Env& env, int32_t number) {
  if (number == kScript) return env.payload ? env.payload->source_map : std::string_view();
  if (number < 0 || uint32_t(number) >= bundled::Count()) return {};
  return bundled::At(uint32_t(number)).map;
}

v8::Local<v8::Value> Text(Env& env, std::optional<std::string_view> text) {
  return text ? v8::Local<v8::Value>(env.Str(*text)) : env.Undefined();
}

bool Has(Env& env, int32_t number) { return !BytesOf(env, number).empty(); }

// (number, line, column): the last entry at or before a position, as [line, column] or [line,
// column, source, original line, original column, name]; undefined if there is none. The source is
// an index, and -1 if the map does not contain it. The name may be undefined.
v8::Local<v8::Value> Find(Env& env, int32_t number, double line, double column) {
  PositionTable table(BytesOf(env, number));
  std::optional<PositionTable::Entry> entry = table.Find(line, column);
  if (!entry) return env.Undefined();
  auto integer = [&](int32_t value) { return v8::Integer::New(env.isolate, value); };
  v8::Local<v8::Value> values[6] = {integer(entry->line), integer(entry->column)};
  if (!entry->has_source) return v8::Array::New(env.isolate, values, 2);
  values[2] = integer(int32_t(entry->source));
  values[3] = integer(entry->original_line);
  values[4] = integer(entry->original_column);
  values[5] = entry->has_name ? Text(env, table.Name(entry->name)) : env.Undefined();
  return v8::Array::New(env.isolate, values, 6);
}

// The path of a source, null if the map has null there, or undefined if there is none.
v8::Local<v8::Value> Source(Env& env, int32_t number, int32_t source) {
  PositionTable table(BytesOf(env, number));
  if (source < 0 || uint32_t(source) >= table.source_count()) return env.Undefined();
  std::optional<std::string_view> path = table.Path(uint32_t(source));
  if (!path) return v8::Null(env.isolate);
  return env.Str(*path);
}

// The index of the first source of a path; -1 if there is none.
int32_t FindSource(Env& env, int32_t number, std::string path) {
  PositionTable table(BytesOf(env, number));
  for (uint32_t i = 0; i < table.source_count(); i++)
    if (table.Path(i) == path) return int32_t(i);
  return -1;
}

// The text of a source, or undefined if the map does not contain it.
v8::Local<v8::Value> Content(Env& env, int32_t number, int32_t source) {
  return Text(env, PositionTable(BytesOf(env, number)).Content(uint32_t(source)));
}

// The whole map as JSON text.
std::string Json(Env& env, int32_t number) { return PositionTable(BytesOf(env, number)).Json(); }

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "kScript", kScript);
}

constexpr Entry kFunctions[] = {
    Method<Has>("has"),         Method<Find>("find"),
    Method<Source>("source"),   Method<FindSource>("findSource"),
    Method<Content>("content"), Method<Json>("json"),
};

}  // namespace

extern const Binding kSourceMapsBinding;
const Binding kSourceMapsBinding = {.name = "source_maps", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
