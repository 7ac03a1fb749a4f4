// The option parser: one table of flags. A value may follow as `--flag=value` or as the
// next argument.
#include "compiler/options.h"

#include <algorithm>
#include <functional>

#include "support/file.h"

namespace kiln {
namespace {

using Setter = std::function<Result<>(Options&, std::string)>;

// An optional value only after "=". Any value may also be empty.
enum class Takes { kNothing, kValue, kOptionalValue, kAnyValue };

struct Flag {
  std::string_view name;
  Takes takes;
  Setter set;
};

Setter Append(std::vector<std::string> Options::* list) {
  return [list](Options& options, std::string value) -> Result<> {
    (options.*list).push_back(std::move(value));
    return {};
  };
}

Setter Turn(bool Options::* field, bool to) {
  return [=](Options& options, std::string) -> Result<> {
    options.*field = to;
    return {};
  };
}

Error NotOneOf(std::string_view flag, std::string_view value, std::string_view choices) {
  return Error{std::string(flag) + " cannot be \"" + std::string(value) + "\""}.Note(
      "Choose one of " + std::string(choices) + ".");
}

Result<> SetTarget(Options& options, std::string value) {
  options.target = FindTarget(value);
  if (options.target) return {};
  std::string names;
  for (const Target& target : AllTargets())
    names += (names.empty() ? "" : ", ") + std::string(target.name);
  return NotOneOf("--target", value, names);
}

Result<> SetIntl(Options& options, std::string value) {
  for (Intl intl : {Intl::kFull, Intl::kEn, Intl::kNone}) {
    if (value != NameOf(intl)) continue;
    options.intl = intl;
    return {};
  }
  return NotOneOf("--intl", value, "full, en, none");
}

Result<> SetHeap(Options& options, std::string value) {
  if (value != "read" && value != "image" && value != "verified")
    return NotOneOf("--heap", value, "read, image, verified");
  options.heap_images = value != "read";
  options.verify_heap_images = value == "verified";
  return {};
}

// A list of components, or "all".
Result<> AddComponents(Options& options, std::string value) {
  for (std::string_view rest = value; !rest.empty();) {
    std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (std::optional<OptionalComponent> component = FindOptionalComponent(name)) {
      options.components.Add(*component);
    } else if (name == "all") {
      options.components = OptionalComponents::All();
    } else {
      std::string names = "all";
      for (std::string_view known : kOptionalComponentNames) names += ", " + std::string(known);
      return NotOneOf("--with", name, names);
    }
  }
  return {};
}

Result<> SetLink(Options& options, std::string value) {
  if (value == "modules")
    options.link = LinkForm::kModules;
  else if (value == "scope")
    options.link = LinkForm::kScope;
  else
    return NotOneOf("--link", value, "modules, scope");
  return {};
}

Result<> SetSourceMap(Options& options, std::string value) {
  if (value == "none")
    options.source_map = SourceMapMode::kNone;
  else if (value == "inline")
    options.source_map = SourceMapMode::kInline;
  else if (value == "external")
    options.source_map = SourceMapMode::kExternal;
  else
    return NotOneOf("--sourcemap", value, "none, inline, external");
  return {};
}

// Without a value the whole app.
Result<> SetEvaluate(Options& options, std::string value) {
  if (value == "none")
    options.evaluate = Evaluate::kNone;
  else if (value == "auto")
    options.evaluate = Evaluate::kAuto;
  else if (value == "all" || value.empty())
    options.evaluate = Evaluate::kAll;
  else
    return NotOneOf("--evaluate", value, "none, auto, all");
  return {};
}

Result<> SetPackages(Options& options, std::string value) {
  if (value == "bundled")
    options.packages = PackageSearch::kBundled;
  else if (value == "disk")
    options.packages = PackageSearch::kDisk;
  else
    return NotOneOf("--packages", value, "bundled, disk");
  return {};
}

Result<> AddExternal(Options& options, std::string value) {
  if (value.find('\n') != std::string::npos) return Error{"--external must be one line"};
  options.externals.push_back(std::move(value));
  return {};
}

Result<> SetDefine(Options& options, std::string value) {
  size_t equals = value.find('=');
  if (equals == std::string::npos || equals == 0)
    return Error{"--define needs NAME=VALUE, not \"" + value + "\""}.Note(
        "For example --define process.env.NODE_ENV='\"production\"'.");
  options.defines.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  return {};
}

// "NAME=VALUE", or "NAME" for a variable that is absent.
Result<> AddBakeEnv(Options& options, std::string value) {
  if (value[0] == '=' || value.find('\n') != std::string::npos)
    return Error{"--bake-env needs NAME=VALUE or NAME on one line, not \"" + value + "\""}.Note(
        "For example --bake-env NODE_ENV=production.");
  options.assumed_environment.push_back(std::move(value));
  return {};
}

// Splits at white space as a shell does: '…' and "…" keep it, a backslash keeps the next character
// (not within '…'). Nothing is expanded.
Result<> AddTraining(Options& options, std::string value) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    bool space = c == ' ' || c == '\t' || c == '\n';
    if (space && !quote) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\\' && quote != '\'' && i + 1 < value.size())
      words.back() += value[++i];
    else if (quote ? c == quote : c == '\'' || c == '"')
      quote = quote ? 0 : c;
    else
      words.back() += c;
  }
  if (quote) return Error{"A quote is not closed in --train " + value};
  options.trainings.push_back(std::move(words));
  return {};
}

Result<> SetExecArgv(Options& options, std::string value) {
  if (value != "none" && value != "env" && value != "cli" && value != "node")
    return NotOneOf("--exec-argv-extension", value, "none, env, cli, node");
  options.exec_argv_extension = std::move(value);
  return {};
}

Result<> SetInspect(Options& options, std::string) {
  options.inspect = true;
  options.components.Add(OptionalComponent::kInspector);
  return {};
}

Result<> AddV8Flag(Options& options, std::string value) {
  if (!value.starts_with("--"))
    return Error{"--v8-flag needs a flag of V8, not \"" + value + "\""}.Note(
        "For example --v8-flag=--max-old-space-size=4096.");
  if (value.find('\n') != std::string::npos) return Error{"--v8-flag must be one line"};
  options.v8_flags.push_back(std::move(value));
  return {};
}

// An option of Node's permission model, which the executable has at every start.
Flag PermissionFlag(std::string_view name) {
  return {name, Takes::kNothing, [name](Options& options, std::string) -> Result<> {
            options.permission_flags.emplace_back(name);
            return {};
          }};
}
Flag PermissionPath(std::string_view name) {
  return {name, Takes::kValue, [name](Options& options, std::string value) -> Result<> {
            if (value.find_first_of(std::string_view("\n\0", 2)) != std::string::npos)
              return Error{std::string(name) + " must be one line"};
            options.permission_flags.push_back(std::string(name) + "=" + value);
            return {};
          }};
}

const std::vector<Flag>& Flags() {
  static const std::vector<Flag> flags = {
      {"-o", Takes::kValue,
       [](Options& o, std::string v) -> Result<> {
         o.output = std::move(v);
         return {};
       }},
      {"--target", Takes::kValue, SetTarget},
      {"--link", Takes::kValue, SetLink},
      {"--minify", Takes::kNothing, Turn(&Options::minify, true)},
      {"--define", Takes::kValue, SetDefine},
      {"--external", Takes::kValue, AddExternal},
      {"--packages", Takes::kValue, SetPackages},
      {"--asset", Takes::kValue, Append(&Options::assets)},
      {"--sourcemap", Takes::kValue, SetSourceMap},
      {"--intl", Takes::kValue, SetIntl},
      {"--with", Takes::kValue, AddComponents},
      {"--v8-flag", Takes::kValue, AddV8Flag},
      {"--evaluate", Takes::kOptionalValue, SetEvaluate},
      {"--explain", Takes::kNothing, Turn(&Options::explain, true)},
      {"--defer", Takes::kValue, Append(&Options::deferred)},
      {"--bake", Takes::kValue, Append(&Options::trusted)},
      {"--bake-env", Takes::kValue, AddBakeEnv},
      {"--recipes", Takes::kValue, Append(&Options::recipes)},
      {"--train", Takes::kAnyValue, AddTraining},
      {"--train-script", Takes::kValue, Append(&Options::training_scripts)},
      {"--strict", Takes::kNothing, Turn(&Options::strict, true)},
      {"--allow-secret", Takes::kValue, Append(&Options::allowed_secrets)},
      {"--conditions", Takes::kValue, Append(&Options::conditions)},
      PermissionFlag("--permission"),
      PermissionPath("--allow-fs-read"),
      PermissionPath("--allow-fs-write"),
      PermissionFlag("--allow-addons"),
      PermissionFlag("--allow-child-process"),
      PermissionFlag("--allow-inspector"),
      PermissionFlag("--allow-openssl-store"),
      PermissionFlag("--allow-wasi"),
      PermissionFlag("--allow-worker"),
      {"--exec-argv-extension", Takes::kValue, SetExecArgv},
      {"--inspect", Takes::kNothing, SetInspect},
      {"--no-rehash", Takes::kNothing, Turn(&Options::rehash, false)},
      {"--heap", Takes::kValue, SetHeap},
      {"--symbols", Takes::kNothing, Turn(&Options::symbols, true)},
      {"--no-cache", Takes::kNothing, Turn(&Options::cache, false)},
      {"--json", Takes::kNothing, Turn(&Options::json, true)},
  };
  return flags;
}

}  // namespace

std::string_view NameOf(Intl intl) {
  switch (intl) {
    case Intl::kFull:
      return "full";
    case Intl::kEn:
      return "en";
    case Intl::kNone:
      return "none";
  }
  return "full";
}

Result<Options> ParseOptions(const std::vector<std::string>& arguments, bool stop_at_entry) {
  Options options;
  if (stop_at_entry) options.evaluate = Evaluate::kNone;
  bool flags_ended = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--" && !flags_ended) {
      flags_ended = true;
      continue;
    }
    if (flags_ended || argument.size() < 2 || argument[0] != '-') {
      if (!options.entry.empty())
        return Error{"There can be one entry: " + options.entry + " or " + argument + "?"};
      options.entry = argument;
      if (argument.empty()) return Error{"The entry's name is empty"};
      if (!stop_at_entry) continue;
      options.arguments.assign(arguments.begin() + long(i) + 1, arguments.end());
      break;
    }
    size_t equals = argument.find('=');
    std::string_view name = std::string_view(argument).substr(0, equals);
    const Flag* found = nullptr;
    for (const Flag& flag : Flags())
      if (flag.name == name) found = &flag;
    if (!found)
      return Error{"Unknown option " + std::string(name)}.Note("`kiln --help` lists the options.");
    std::string value;
    if (equals != std::string::npos) {
      if (found->takes == Takes::kNothing) return Error{std::string(name) + " takes no value"};
      value = argument.substr(equals + 1);
    } else if (found->takes == Takes::kValue || found->takes == Takes::kAnyValue) {
      if (i + 1 >= arguments.size()) return Error{std::string(name) + " needs a value"};
      value = arguments[++i];
    }
    bool may_be_empty = found->takes == Takes::kAnyValue;
    if (!may_be_empty && (found->takes == Takes::kValue || equals != std::string::npos) &&
        value.empty())
      return Error{std::string(name) + " needs a value"};
    TRY_OK(found->set(options, std::move(value)));
  }
  if (options.entry.empty())
    return Error{"Which file is to be built?"}.Note(
        "Name the app's entry, for example `kiln build src/cli.ts -o app`.");
  for (const std::string& pattern : options.trusted)
    if (std::find(options.deferred.begin(), options.deferred.end(), pattern) !=
        options.deferred.end())
      return Error{"--bake and --defer both name " + pattern}.Note("Remove one of them.");
  if (const auto& flags = options.permission_flags; !flags.empty()) {
    if (std::find(flags.begin(), flags.end(), "--permission") == flags.end())
      return Error{flags[0].substr(0, flags[0].find('=')) + " needs --permission"}.Note(
          "Without it everything is allowed.");
    // A start with options does not use what was evaluated.
    if (options.evaluate == Evaluate::kAuto) options.evaluate = Evaluate::kNone;
  }
  if (options.output.empty()) {
    std::string base = BaseNameOf(options.entry);
    std::string stem = base.substr(0, base.size() - ExtensionOf(base).size());
    options.output = stem.empty() || stem == base ? base + ".out" : stem;
  }
  return options;
}

}  // namespace kiln
