// internalBinding("url_pattern"): the URLPattern class (urlpattern.spec.whatwg.org). ada parses and
// matches; regular expressions in patterns are V8's.
#include <ada.h>

#include <optional>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {
namespace {

// The interface that ada requires of a regular expression engine.
struct V8Regex {
  using regex_type = v8::Global<v8::RegExp>;

  static std::optional<regex_type> create_instance(std::string_view pattern, bool ignore_case) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    v8::TryCatch refused(isolate);  // ada reports an invalid pattern itself
    int flags = v8::RegExp::kUnicodeSets | v8::RegExp::kDotAll;
    if (ignore_case) flags |= v8::RegExp::kIgnoreCase;
    v8::Local<v8::RegExp> regexp;
    if (!v8::RegExp::New(isolate->GetCurrentContext(), Env::From(isolate).Str(pattern),
                         v8::RegExp::Flags(flags))
             .ToLocal(&regexp))
      return std::nullopt;
    return regex_type(isolate, regexp);
  }

  static v8::MaybeLocal<v8::Object> Exec(std::string_view input, const regex_type& regexp) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    return regexp.Get(isolate)->Exec(isolate->GetCurrentContext(), Env::From(isolate).Str(input));
  }

  static bool regex_match(std::string_view input, const regex_type& regexp) {
    v8::HandleScope scope(v8::Isolate::GetCurrent());
    v8::Local<v8::Object> match;
    return Exec(input, regexp).ToLocal(&match) && !match->IsNull();
  }

  // The capture groups of the first match, without the match itself.
  static std::optional<std::vector<std::optional<std::string>>> regex_search(
      std::string_view input, const regex_type& regexp) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    v8::HandleScope scope(isolate);
    v8::Local<v8::Object> match;
    if (!Exec(input, regexp).ToLocal(&match) || !match->IsArray()) return std::nullopt;
    auto groups = match.As<v8::Array>();
    std::vector<std::optional<std::string>> out;
    for (uint32_t i = 1; i < groups->Length(); i++) {
      v8::Local<v8::Value> group;
      if (!groups->Get(isolate->GetCurrentContext(), i).ToLocal(&group)) return std::nullopt;
      if (group->IsString())
        out.push_back(ToUtf8(isolate, group));
      else
        out.push_back(std::nullopt);
    }
    return out;
  }
};

using Pattern = ada::url_pattern<V8Regex>;
using Part = std::optional<std::string> ada::url_pattern_init::*;

// The members of a URLPatternInit.
constexpr struct {
  const char* name;
  Part part;
} kParts[] = {
    {"protocol", &ada::url_pattern_init::protocol}, {"username", &ada::url_pattern_init::username},
    {"password", &ada::url_pattern_init::password}, {"hostname", &ada::url_pattern_init::hostname},
    {"port", &ada::url_pattern_init::port},         {"pathname", &ada::url_pattern_init::pathname},
    {"search", &ada::url_pattern_init::search},     {"hash", &ada::url_pattern_init::hash},
    {"baseURL", &ada::url_pattern_init::base_url},
};

// False if a getter threw.
bool ReadInit(Env& env, v8::Local<v8::Object> object, ada::url_pattern_init* init) {
  for (auto& [name, part] : kParts) {
    v8::Local<v8::Value> value;
    if (!object->Get(env.isolate->GetCurrentContext(), env.Name(name)).ToLocal(&value))
      return false;
    if (value->IsString()) init->*part = ToUtf8(env.isolate, value);
  }
  return true;
}

v8::Local<v8::Object> InitToJs(Env& env, const ada::url_pattern_init& init) {
  v8::Local<v8::Object> object = v8::Object::New(env.isolate);
  for (auto& [name, part] : kParts) {
    const std::optional<std::string>& value = init.*part;
    env.Set(object, name, value ? v8::Local<v8::Value>(env.Str(*value)) : env.Undefined());
  }
  return object;
}

v8::Local<v8::Object> ComponentToJs(Env& env, const ada::url_pattern_component_result& c) {
  v8::Local<v8::Object> groups = v8::Object::New(env.isolate);
  for (auto& [name, value] : c.groups)
    (void)groups->CreateDataProperty(
        env.isolate->GetCurrentContext(), env.Str(name),
        value ? v8::Local<v8::Value>(env.Str(*value)) : env.Undefined());
  v8::Local<v8::Object> object = v8::Object::New(env.isolate);
  env.Set(object, "groups", groups);
  env.Set(object, "input", env.Str(c.input));
  return object;
}

v8::Local<v8::Object> ResultToJs(Env& env, const ada::url_pattern_result& result) {
  std::vector<v8::Local<v8::Value>> inputs;
  for (const ada::url_pattern_input& input : result.inputs) {
    if (auto* text = std::get_if<std::string_view>(&input))
      inputs.push_back(env.Str(*text));
    else
      inputs.push_back(InitToJs(env, std::get<ada::url_pattern_init>(input)));
  }
  v8::Local<v8::Object> object = NewNullProtoObject(env);
  env.Set(object, "hash", ComponentToJs(env, result.hash));
  env.Set(object, "hostname", ComponentToJs(env, result.hostname));
  env.Set(object, "inputs", v8::Array::New(env.isolate, inputs.data(), inputs.size()));
  env.Set(object, "password", ComponentToJs(env, result.password));
  env.Set(object, "pathname", ComponentToJs(env, result.pathname));
  env.Set(object, "port", ComponentToJs(env, result.port));
  env.Set(object, "protocol", ComponentToJs(env, result.protocol));
  env.Set(object, "search", ComponentToJs(env, result.search));
  env.Set(object, "username", ComponentToJs(env, result.username));
  return object;
}

Error BadArgument(std::string_view message) { return Error::Type("ERR_INVALID_ARG_TYPE", message); }

class UrlPattern final : public Wrapped {
 public:
  UrlPattern(Env& env, Pattern&& pattern) : Wrapped(env), pattern_(std::move(pattern)) {}
  const char* type_name() const override { return "URLPattern"; }

  void Exec(const Args& args);
  void Test(const Args& args);
  template <std::string_view (Pattern::*kGet)() const>
  std::string Component() {
    return std::string((pattern_.*kGet)());
  }
  bool HasRegExpGroups() { return pattern_.has_regexp_groups(); }

 private:
  Pattern pattern_;
};

// The arguments of exec() and test(): a string or init object, and a base URL.
struct MatchInput {
  std::string text;
  ada::url_pattern_input input;
  std::string base_text;
  std::string_view base;
  bool has_base = false;

  const std::string_view* base_url() const { return has_base ? &base : nullptr; }

  bool Read(Env& env, const Args& args) {
    if (args[0]->IsNullOrUndefined()) {
      input = ada::url_pattern_init{};
    } else if (args[0]->IsString()) {
      text = ToUtf8(env.isolate, args[0]);
      input = std::string_view(text);
    } else if (args[0]->IsObject()) {
      ada::url_pattern_init init;
      if (!ReadInit(env, args[0].As<v8::Object>(), &init)) return false;
      input = std::move(init);
    } else {
      BadArgument("URLPattern input needs to be a string or an object").Throw(env);
      return false;
    }
    if (args.Length() < 2 || args[1]->IsUndefined()) return true;
    if (!args[1]->IsString() && !args[1]->IsNull()) {  // null becomes "null", as WebIDL requires
      BadArgument("baseURL must be a string").Throw(env);
      return false;
    }
    base_text = ToUtf8(env.isolate, args[1]);
    base = base_text;
    has_base = true;
    return true;
  }
};

void UrlPattern::Exec(const Args& args) {
  MatchInput match;
  if (!match.Read(env(), args)) return;
  auto result = pattern_.exec(match.input, match.base_url());
  if (!result) return Error::Type("ERR_OPERATION_FAILED", "Failed to exec URLPattern").Throw(env());
  if (result->has_value())
    args.GetReturnValue().Set(ResultToJs(env(), **result));
  else
    args.GetReturnValue().SetNull();
}

void UrlPattern::Test(const Args& args) {
  MatchInput match;
  if (!match.Read(env(), args)) return;
  auto result = pattern_.test(match.input, match.base_url());
  if (!result) return Error::Type("ERR_OPERATION_FAILED", "Failed to test URLPattern").Throw(env());
  args.GetReturnValue().Set(*result);
}

// False if a getter threw, or the option has a wrong type.
bool ReadOptions(Env& env, v8::Local<v8::Object> object, ada::url_pattern_options* options) {
  v8::Local<v8::Value> value;
  if (!object->Get(env.isolate->GetCurrentContext(), env.Name("ignoreCase")).ToLocal(&value))
    return false;
  options->ignore_case = value->BooleanValue(env.isolate);
  return true;
}

// new URLPattern(), (input), (input, options), (input, baseURL), (input, baseURL, options)
void New(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  std::string text, base_text;
  std::variant<std::string_view, ada::url_pattern_init> input;
  if (args[0]->IsString()) {
    text = ToUtf8(env.isolate, args[0]);
    input = std::string_view(text);
  } else if (args[0]->IsNullOrUndefined()) {
    input = ada::url_pattern_init{};
  } else if (args[0]->IsObject()) {
    ada::url_pattern_init init;
    if (!ReadInit(env, args[0].As<v8::Object>(), &init)) return;
    input = std::move(init);
  } else {
    return BadArgument("Input must be an object or a string").Throw(env);
  }

  ada::url_pattern_options options;
  v8::Local<v8::Value> options_value = args[2];
  bool has_base = false;
  // With three arguments, null and undefined are converted to strings, as WebIDL requires.
  if (args[1]->IsString() || (args.Length() > 2 && args[1]->IsNullOrUndefined())) {
    base_text = ToUtf8(env.isolate, args[1]);
    has_base = true;
  } else if (args.Length() > 2) {
    return BadArgument("second argument must be a string").Throw(env);
  } else if (args[1]->IsObject()) {
    options_value = args[1];
  } else if (!args[1]->IsNullOrUndefined()) {
    return BadArgument("second argument must be a string or object").Throw(env);
  }
  if (options_value->IsObject()) {
    if (!ReadOptions(env, options_value.As<v8::Object>(), &options)) return;
  } else if (!options_value->IsNullOrUndefined()) {
    return BadArgument("options must be an object").Throw(env);
  }

  std::string_view base = base_text;
  auto pattern =
      ada::parse_url_pattern<V8Regex>(std::move(input), has_base ? &base : nullptr, &options);
  if (!pattern)
    return Error::Type("ERR_INVALID_URL_PATTERN", "Failed to construct URLPattern").Throw(env);
  (new UrlPattern(env, std::move(*pattern)))->Attach(args.This());
}

constexpr Entry kMethods[] = {
    MethodNoSideEffect<&UrlPattern::Exec>("exec"),
    MethodNoSideEffect<&UrlPattern::Test>("test"),
};
constexpr Accessor kAccessors[] = {
    Get<&UrlPattern::Component<&Pattern::get_protocol>>("protocol"),
    Get<&UrlPattern::Component<&Pattern::get_username>>("username"),
    Get<&UrlPattern::Component<&Pattern::get_password>>("password"),
    Get<&UrlPattern::Component<&Pattern::get_hostname>>("hostname"),
    Get<&UrlPattern::Component<&Pattern::get_port>>("port"),
    Get<&UrlPattern::Component<&Pattern::get_pathname>>("pathname"),
    Get<&UrlPattern::Component<&Pattern::get_search>>("search"),
    Get<&UrlPattern::Component<&Pattern::get_hash>>("hash"),
    Get<&UrlPattern::HasRegExpGroups>("hasRegExpGroups"),
};
constexpr ClassEntry kUrlPatternClass = {
    .name = "URLPattern", .construct = New, .methods = kMethods, .accessors = kAccessors};
constexpr const ClassEntry* kClasses[] = {&kUrlPatternClass};

}  // namespace

extern const Binding kUrlPatternBinding;
const Binding kUrlPatternBinding = {.name = "url_pattern", .classes = kClasses};

}  // namespace kiln::runtime
