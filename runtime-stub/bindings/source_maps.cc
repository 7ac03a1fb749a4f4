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

// (number, line, column, line and column of the function): of a frame [source, original line and
// column, counted from 1, name at the function's position, name at the frame's position]. The source
// is an index, and -1 if the map does not contain the position.
v8::Local<v8::Value> Frame(Env& env, int32_t number, double line, double column,
                           double function_line, double function_column) {
  PositionTable table(BytesOf(env, number));
  auto integer = [&](double value) { return v8::Number::New(env.isolate, value); };
  v8::Local<v8::Value> values[5] = {integer(-1), integer(0), integer(0), env.Undefined(),
                                    env.Undefined()};
  std::optional<PositionTable::Entry> entry = table.Find(line, column);
  if (entry && entry->has_source) {
    values[0] = integer(int32_t(entry->source));
    values[1] = integer(entry->original_line + 1.0);
    values[2] = integer(entry->original_column + 1.0);
    if (entry->has_name) values[4] = Text(env, table.Name(entry->name));
  }
  entry = table.Find(function_line, function_column);
  if (entry && entry->has_name) values[3] = Text(env, table.Name(entry->name));
  return v8::Array::New(env.isolate, values, std::size(values));
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

// The number in decimal digits that ends at `end` of a text, whose first character is at `begin`;
// nothing if there is no such number below 2^31, or if no colon is in front of it.
template <class Char>
std::optional<int32_t> NumberBehindColon(const Char* text, size_t end, size_t* begin) {
  size_t at = end;
  int64_t value = 0;
  for (int64_t power = 1; at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9'; power *= 10) {
    if (end - at >= 10) return std::nullopt;
    value += power * (text[--at] - '0');
  }
  if (at == end || at == 0 || text[at - 1] != ':' || value > INT32_MAX) return std::nullopt;
  *begin = at;
  return int32_t(value);
}

// The frame of a stack trace in `text`, which ends with ":LINE:COLUMN" or ":LINE:COLUMN)", with the
// original position. Nothing if it remains as it is.
template <class Char>
std::optional<std::basic_string<Char>> PlaceText(const PositionTable& table, const Char* text,
                                                 size_t size) {
  size_t end = size > 0 && text[size - 1] == ')' ? size - 1 : size;
  size_t begin = 0;
  std::optional<int32_t> column = NumberBehindColon(text, end, &begin);
  if (!column) return std::nullopt;
  std::optional<int32_t> line = NumberBehindColon(text, begin - 1, &begin);
  if (!line) return std::nullopt;
  std::optional<PositionTable::Entry> entry = table.Find(*line - 1.0, *column - 1.0);
  if (!entry || !entry->has_source || entry->source == format::kNoIndex) return std::nullopt;
  int64_t to_line = int64_t(entry->original_line) + 1;
  int64_t to_column = int64_t(entry->original_column) + 1;
  if (to_line == *line && to_column == *column) return std::nullopt;
  std::string position = std::to_string(to_line) + ":" + std::to_string(to_column);
  std::basic_string<Char> out;
  out.reserve(size + position.size());
  out.append(text, begin).append(position.begin(), position.end()).append(text + end, size - end);
  return out;
}

// (number, text): the frame `text` of a module's function with the original position, or `text`.
void Place(Env& env, const Args& args) {
  args.GetReturnValue().Set(args[1]);
  if (!args[0]->IsInt32() || !args[1]->IsString()) return;
  PositionTable table(BytesOf(env, args[0].As<v8::Int32>()->Value()));
  std::optional<std::string> latin1;
  std::optional<std::u16string> utf16;
  {
    v8::String::ValueView text(env.isolate, args[1].As<v8::String>());
    size_t size = size_t(text.length());
    if (text.is_one_byte())
      latin1 = PlaceText(table, reinterpret_cast<const char*>(text.data8()), size);
    else
      utf16 = PlaceText(table, reinterpret_cast<const char16_t*>(text.data16()), size);
  }
  v8::Local<v8::String> placed;
  if (latin1 &&
      v8::String::NewFromOneByte(env.isolate, reinterpret_cast<const uint8_t*>(latin1->data()),
                                 v8::NewStringType::kNormal, int(latin1->size()))
          .ToLocal(&placed))
    args.GetReturnValue().Set(placed);
  if (utf16 &&
      v8::String::NewFromTwoByte(env.isolate, reinterpret_cast<const uint16_t*>(utf16->data()),
                                 v8::NewStringType::kNormal, int(utf16->size()))
          .ToLocal(&placed))
    args.GetReturnValue().Set(placed);
}

// The URL that the comment sourceMappingURL of a function's script has, or undefined.
void MappingUrl(Env&, const Args& args) {
  if (!args[0]->IsFunction()) return;
  v8::Local<v8::Value> url = args[0].As<v8::Function>()->GetScriptOrigin().SourceMapUrl();
  if (!url.IsEmpty()) args.GetReturnValue().Set(url);
}

// The whole map as JSON text.
std::string Json(Env& env, int32_t number) { return PositionTable(BytesOf(env, number)).Json(); }

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "kScript", kScript);
}

constexpr Entry kFunctions[] = {
    Method<Has>("has"),
    Method<Find>("find"),
    Method<Frame>("frame"),
    Method<Source>("source"),
    Method<FindSource>("findSource"),
    Method<Content>("content"),
    Method<Json>("json"),
    Method<Place>("place"),
    Method<MappingUrl>("mappingURL"),
};

}  // namespace

extern const Binding kSourceMapsBinding;
const Binding kSourceMapsBinding = {.name = "source_maps", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
