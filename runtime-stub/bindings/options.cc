// internalBinding("options"): the command line for the library. The library calls
// getCLIOptionsValues at every start and then reads only a few of its 300 names. So the result is
// an object whose interceptor looks up a name when it is first read and caches the value, because
// some names are read often (createHash() reads one).
#include "runtime-stub/command_line/options.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"

namespace kiln::runtime {
namespace {

using Info = v8::PropertyCallbackInfo<v8::Value>;

const RunOptions& OptionsOf(Env& env) {
  static const RunOptions kNone;  // without a command line all options have their defaults
  return env.options ? *env.options : kNone;
}

v8::Local<v8::Array> StringArray(Env& env, const std::vector<std::string>& list) {
  std::vector<v8::Local<v8::Value>> values;
  for (const std::string& item : list) values.push_back(env.Str(item));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

v8::Local<v8::Value> OptionToJs(Env& env, int index) {
  const RunOptions& options = OptionsOf(env);
  const OptionInfo& info = kOptions[index];
  switch (info.type) {
    case OptionType::kNoOp:
      break;
    case OptionType::kV8Option:
      if (std::string_view(info.name) == "--abort-on-uncaught-exception")
        return v8::Boolean::New(env.isolate, options.abort_on_uncaught);
      break;
    case OptionType::kBoolean:
      return v8::Boolean::New(env.isolate, options.GetBool(info.name));
    case OptionType::kInteger:
      return v8::Number::New(env.isolate, double(options.ValueAt(index).number));
    case OptionType::kUInteger:
      return v8::Number::New(env.isolate, double(uint64_t(options.ValueAt(index).number)));
    case OptionType::kString: {
      const OptionValue* value = options.SetAt(index);
      return env.Str(value ? value->text : info.default_value);
    }
    case OptionType::kStringList: {
      const OptionValue* value = options.SetAt(index);
      return value ? StringArray(env, value->list) : v8::Array::New(env.isolate);
    }
    case OptionType::kHostPort: {
      const HostPort& value = options.ValueAt(index).host_port;
      v8::Local<v8::Name> names[] = {env.Name("host"), env.Name("port")};
      v8::Local<v8::Value> values[] = {env.Str(value.host),
                                       v8::Integer::New(env.isolate, value.port)};
      return v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, 2);
    }
  }
  return env.Undefined();
}

// The option for a property, which is "--x" or the negated "--no-x"; -1 if there is none.
int FindProperty(Env& env, v8::Local<v8::Name> property, bool* negated) {
  *negated = false;
  char text[96];  // longer than every name
  if (!property->IsString()) return -1;
  auto string = property.As<v8::String>();
  const uint32_t length = uint32_t(string->Length());
  if (length >= sizeof text || !string->ContainsOnlyOneByte()) return -1;
  string->WriteOneByteV2(env.isolate, 0, length, reinterpret_cast<uint8_t*>(text));
  std::string_view name(text, length);
  if (int index = FindOption(name); index >= 0) return index;
  if (!name.starts_with("--no-")) return -1;
  text[3] = text[4] = '-';  // "--no-x" is "--x" from its fourth character
  int index = FindOption(name.substr(3));
  if (index < 0 || kOptions[index].type != OptionType::kBoolean) return -1;
  *negated = true;
  return index;
}

v8::Intercepted GetValue(v8::Local<v8::Name> property, const Info& info) {
  Env& env = Env::From(info.GetIsolate());
  bool negated;
  int index = FindProperty(env, property, &negated);
  if (index < 0) return v8::Intercepted::kNo;
  v8::Local<v8::Value> value = OptionToJs(env, index);
  if (negated) value = v8::Boolean::New(env.isolate, !value->IsTrue());
  info.GetReturnValue().Set(value);
  // The process that restores a snapshot has another command line.
  if (v8::Local<v8::Object> asked = info.This(); !env.building_snapshot && !asked->IsProxy())
    (void)asked->CreateDataProperty(env.context(), property, value);
  return v8::Intercepted::kYes;
}

v8::Intercepted QueryValue(v8::Local<v8::Name> property,
                           const v8::PropertyCallbackInfo<v8::Integer>& info) {
  bool negated;
  if (FindProperty(Env::From(info.GetIsolate()), property, &negated) < 0)
    return v8::Intercepted::kNo;
  info.GetReturnValue().Set(v8::None);
  return v8::Intercepted::kYes;
}

void ListValues(const v8::PropertyCallbackInfo<v8::Array>& info) {
  Env& env = Env::From(info.GetIsolate());
  std::vector<v8::Local<v8::Value>> names;
  for (int i = 0; i < kOptionCount; i++) {
    std::string_view name = kOptions[i].name;
    if (kOptions[i].type == OptionType::kBoolean && name.starts_with("--"))
      names.push_back(env.Str("--no" + std::string(name.substr(1))));
    names.push_back(env.Str(name));
  }
  info.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

void CustomizeValues(Env& env, v8::Local<v8::FunctionTemplate> made) {
  made->InstanceTemplate()->SetHandler(v8::NamedPropertyHandlerConfiguration(
      GetValue, nullptr, QueryValue, nullptr, ListValues, nullptr, nullptr, {},
      v8::PropertyHandlerFlags(int(v8::PropertyHandlerFlags::kHasNoSideEffect) |
                               int(v8::PropertyHandlerFlags::kOnlyInterceptStrings))));
}

void ValuesReferences(std::vector<intptr_t>& out) {
  out.push_back(Reference(GetValue));
  out.push_back(Reference(QueryValue));
  out.push_back(Reference(ListValues));
}

const ClassEntry kValuesClass = {
    .name = "OptionValues", .customize = CustomizeValues, .references = ValuesReferences};

v8::Local<v8::Value> GetCLIOptionsValues(Env& env) {
  v8::Local<v8::Object> source = env.NewInstance(kValuesClass);
  source->SetPrototypeV2(env.context(), v8::Null(env.isolate)).Check();
  return v8::Object::New(env.isolate, source, nullptr, nullptr, 0);
}

// Maps that the library passes to users: they have the prototype of the library's SafeMap, which
// user code cannot modify.
v8::Local<v8::Map> NewSafeMap(Env& env) {
  v8::Local<v8::Map> map = v8::Map::New(env.isolate);
  v8::Local<v8::Value> primordials = env.Get(Slot::kPrimordials);
  if (!primordials->IsObject()) return map;
  v8::Local<v8::Value> safe = env.Get(primordials.As<v8::Object>(), "SafeMap");
  if (!safe->IsObject()) return map;
  v8::Local<v8::Value> prototype = env.Get(safe.As<v8::Object>(), "prototype");
  if (prototype->IsObject()) (void)map->SetPrototypeV2(env.context(), prototype);
  return map;
}

void SetEntry(Env& env, v8::Local<v8::Map> map, std::string_view key, v8::Local<v8::Value> value) {
  (void)map->Set(env.context(), env.Str(key), value);
}

v8::Local<v8::Value> GetCLIOptionsInfo(Env& env) {
  v8::Isolate* isolate = env.isolate;
  v8::Local<v8::Map> options = NewSafeMap(env);
  for (int i = 0; i < kOptionCount; i++) {
    const OptionInfo& info = kOptions[i];
    if (info.needs_inspector && !HasInspectorOptions()) continue;
    v8::Local<v8::Name> names[] = {env.Name("helpText"), env.Name("envVarSettings"),
                                   env.Name("type"), env.Name("defaultIsTrue")};
    v8::Local<v8::Value> values[] = {
        env.Str(info.help), v8::Integer::New(isolate, info.allowed_in_env ? 0 : 1),
        v8::Integer::New(isolate, int(info.type)), v8::Boolean::New(isolate, info.default_is_true)};
    SetEntry(env, options, info.name,
             v8::Object::New(isolate, v8::Null(isolate), names, values, std::size(names)));
  }
  v8::Local<v8::Map> aliases = NewSafeMap(env);
  for (int i = 0; i < kOptionAliasCount; i++) {
    std::vector<std::string> expansion;
    for (const char* const* word = kOptionAliases[i].expansion; *word; word++)
      expansion.push_back(*word);
    int target = FindOption(expansion[0]);
    if (target >= 0 && kOptions[target].needs_inspector && !HasInspectorOptions()) continue;
    SetEntry(env, aliases, kOptionAliases[i].name, StringArray(env, expansion));
  }
  v8::Local<v8::Name> names[] = {env.Name("options"), env.Name("aliases")};
  v8::Local<v8::Value> values[] = {options, aliases};
  return v8::Object::New(isolate, v8::Null(isolate), names, values, std::size(names));
}

v8::Local<v8::Value> GetEmbedderOptions(Env& env) {
  v8::Local<v8::Value> no = v8::False(env.isolate);
  v8::Local<v8::Name> names[] = {env.Name("shouldNotRegisterESMLoader"),
                                 env.Name("noGlobalSearchPaths"), env.Name("noBrowserGlobals"),
                                 env.Name("hasEmbedderPreload")};
  v8::Local<v8::Value> values[] = {
      no, v8::Boolean::New(env.isolate, !OptionsOf(env).GetBool("--global-search-paths")), no, no};
  return v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, std::size(names));
}

// The type names in the JSON schema of a configuration file; null: the type does not occur there.
const char* InputType(OptionType type) {
  switch (type) {
    case OptionType::kNoOp:
    case OptionType::kV8Option:
      return nullptr;
    case OptionType::kBoolean:
      return "boolean";
    case OptionType::kInteger:
    case OptionType::kUInteger:
    case OptionType::kHostPort:
      return "number";
    case OptionType::kString:
      return "string";
    case OptionType::kStringList:
      return "array";
  }
  return nullptr;
}

v8::Local<v8::Value> InputDetail(Env& env, const OptionInfo& info) {
  v8::Local<v8::Name> names[] = {env.Name("type"), env.Name("description")};
  v8::Local<v8::Value> values[] = {env.Str(InputType(info.type)), env.Str(info.help)};
  return v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, std::size(names));
}

v8::Local<v8::Value> GetEnvOptionsInputType(Env& env) {
  v8::Local<v8::Object> result = v8::Object::New(env.isolate);
  for (int i = 0; i < kOptionCount; i++) {
    const OptionInfo& info = kOptions[i];
    if (info.needs_inspector && !HasInspectorOptions()) continue;
    if (!info.allowed_in_env || !InputType(info.type)) continue;
    env.Set(result, info.name, InputDetail(env, info));
  }
  return result;
}

v8::Local<v8::Value> GetNamespaceOptionsInputType(Env& env) {
  v8::Local<v8::Map> result = NewSafeMap(env);
  for (const char* group : {"permission", "watch", "test"}) {
    v8::Local<v8::Object> members = v8::Object::New(env.isolate);
    for (int i = 0; i < kOptionCount; i++)
      if (std::string_view(kOptions[i].name_space) == group && InputType(kOptions[i].type))
        env.Set(members, kOptions[i].name, InputDetail(env, kOptions[i]));
    SetEntry(env, result, group, members);
  }
  return result;
}

// Builds a command line, for processes that the test runner starts: booleans that differ from their
// default, and all other values.
v8::Local<v8::Value> GetOptionsAsFlags(Env& env) {
  const RunOptions& options = OptionsOf(env);
  std::vector<std::string> flags;
  for (int i = 0; i < kOptionCount; i++) {
    const OptionInfo& info = kOptions[i];
    if (info.name[0] == '[' || (info.needs_inspector && !HasInspectorOptions())) continue;
    const std::string name = info.name;
    const OptionValue& value = options.ValueAt(i);
    switch (info.type) {
      case OptionType::kNoOp:
      case OptionType::kV8Option:
        break;
      case OptionType::kBoolean:
        if (value.boolean && !info.default_is_true) flags.push_back(name);
        if (!value.boolean && info.default_is_true) flags.push_back("--no-" + name.substr(2));
        break;
      case OptionType::kInteger:
      case OptionType::kUInteger:
        flags.push_back(name + "=" + std::to_string(value.number));
        break;
      case OptionType::kString:
        if (!value.text.empty()) flags.push_back(name + "=" + value.text);
        break;
      case OptionType::kStringList:
        for (const std::string& item : value.list) flags.push_back(name + "=" + item);
        break;
      case OptionType::kHostPort:
        flags.push_back(name + "=" + value.host_port.host + ":" +
                        std::to_string(value.host_port.port));
        break;
    }
  }
  return StringArray(env, flags);
}

constexpr Entry kFunctions[] = {
    Method<GetCLIOptionsValues>("getCLIOptionsValues"),
    Method<GetCLIOptionsInfo>("getCLIOptionsInfo"),
    Method<GetOptionsAsFlags>("getOptionsAsFlags"),
    Method<GetEmbedderOptions>("getEmbedderOptions"),
    Method<GetEnvOptionsInputType>("getEnvOptionsInputType"),
    Method<GetNamespaceOptionsInputType>("getNamespaceOptionsInputType"),
};
const ClassEntry* const kHidden[] = {&kValuesClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> settings = v8::Object::New(env.isolate);
  SetConstant(env, settings, "kAllowedInEnvvar", 0);
  SetConstant(env, settings, "kDisallowedInEnvvar", 1);
  env.Set(exports, "envSettings", settings);
  v8::Local<v8::Object> types = v8::Object::New(env.isolate);
  int number = 0;
  for (const char* name : {"kNoOp", "kV8Option", "kBoolean", "kInteger", "kUInteger", "kString",
                           "kHostPort", "kStringList"})
    SetConstant(env, types, name, number++);
  env.Set(exports, "types", types);
}

}  // namespace

extern const Binding kOptionsBinding;
const Binding kOptionsBinding = {.name = "options",
                                 .functions = kFunctions,
                                 .hidden_classes = kHidden,
                                 .init = Init,
                                 .references = DisableProtoReferences};

}  // namespace kiln::runtime
