#include "compiler/check_secrets.h"

#include <algorithm>
#include <string>

#include "bundler/virtual_path.h"

namespace kiln {
namespace {

using In = SecretPlace::In;

bool IsOfPackage(const Bundle& bundle, const EmbeddedFile& file) {
  std::string path =
      bundle.root + file.path.substr(std::min(kVirtualRoot.size(), file.path.size()));
  return path.find("/node_modules/") != std::string::npos;
}

bool IsCode(std::string_view path) {
  constexpr std::string_view kExtensions[] = {".js", ".cjs", ".mjs", ".jsx",
                                              ".ts", ".cts", ".mts", ".tsx"};
  return std::ranges::any_of(kExtensions,
                             [&](std::string_view ending) { return path.ends_with(ending); });
}

// "the value of the environment variable API_TOKEN"
std::string DescriptionOf(const FoundSecret& secret) {
  std::string name = secret.names.empty() ? "" : secret.names[0];
  if (secret.kind == kEnvironmentKind) return "the value of the environment variable " + name;
  if (secret.kind == kBakeEnvKind) return "the value of --bake-env " + name;
  if (secret.kind == kDefineKind) return "the value of --define " + name;
  if (secret.kind == kFileKind) return "the secret " + name + " of an embedded file";
  if (secret.kind == kHomeKind) return "the path of the home folder of this machine's user";
  if (secret.kind == kUserKind) return "the name of this machine's user";
  if (secret.kind == kHostKind) return "the name of this machine";
  for (const KeyKind& known : KeyKinds())
    if (known.kind == secret.kind) return std::string(known.description);
  return std::string(secret.kind);
}

// Without the line's text, which would print the secret.
Location LocationOf(const SecretPlace& place, const UserPlaces& places) {
  Location location;
  if (place.in != In::kText) return location;
  if (place.is_translated && place.line) {
    location = places.Of({.file = place.path, .line = place.line, .column = place.column});
  } else {
    location = places.Of({.file = place.path});
    location.line = place.line;
    location.column = place.column;
  }
  location.line_text.clear();
  return location;
}

std::string TextOf(const Location& location) {
  return location.file + (location.line ? ":" + std::to_string(location.line) : "");
}

std::string WhereOf(const SecretPlace& place) {
  std::string where;
  if (!place.encoding.empty()) where += " as " + std::string(place.encoding);
  if (place.in == In::kState)
    where += ", in the state of modules that were evaluated during the build";
  if (place.in == In::kGuards) where += ", among the values that are compared at start";
  return where;
}

std::string AdviceFor(const FoundSecret& secret) {
  std::string allowed = secret.names.empty() ? std::string(secret.kind) : secret.names[0];
  std::string advice = "Anyone who has the executable can read it. ";
  if (secret.kind == kHomeKind || secret.kind == kUserKind || secret.kind == kHostKind)
    advice += "Find it out when the program runs";
  else if (secret.kind == kBakeEnvKind && secret.places[0].in != In::kText)
    advice += "Without --bake-env " + allowed + " it is read when the program runs";
  else if (secret.places[0].in == In::kText)
    advice += "Read it from the environment or a file when the program runs";
  else
    advice += "Read it when the program runs; --defer names modules that are evaluated then";
  return advice + ", or use --allow-secret " + allowed + " if it is meant.";
}

Json JsonOf(const FoundSecret& secret, const std::vector<Location>& locations,
            const Options& options) {
  Json names = Json::Array(), list = Json::Array();
  for (const std::string& name : secret.names) names.Push(name);
  for (size_t i = 0; i < locations.size(); ++i) {
    const SecretPlace& place = secret.places[i];
    Json entry = Json::Object();
    entry.Set("in", place.in == In::kText ? "text" : place.in == In::kState ? "state" : "guards");
    if (!locations[i].file.empty()) entry.Set("file", locations[i].file);
    if (locations[i].line) entry.Set("line", locations[i].line);
    if (locations[i].column) entry.Set("column", locations[i].column);
    if (!place.encoding.empty()) entry.Set("encoding", place.encoding);
    list.Push(std::move(entry));
  }
  Json line = Json::Object();
  line.Set("type", "secret").Set("severity", options.strict ? "error" : "warning");
  line.Set("kind", secret.kind).Set("names", std::move(names)).Set("value", secret.shown);
  line.Set("places", std::move(list)).Set("placeCount", secret.place_count);
  return line;
}

}  // namespace

SecretSearch SearchBundle(const Bundle& bundle, const Options& options) {
  GivenValues given = {.defines = options.defines};
  for (const std::string& variable : options.assumed_environment)
    if (variable.find('=') != std::string::npos) given.baked_environment.push_back(variable);
  for (const EmbeddedFile& file : bundle.files) {
    if (IsOfPackage(bundle, file)) continue;
    for (NamedValue& value : NamedSecretsIn(file.path, file.contents))
      given.in_files.push_back(std::move(value));
  }
  SecretSearch search(SecretValuesOf(ThisMachine(), given));
  // Originals first, whose positions are exact.
  for (const EmbeddedFile& file : bundle.files)
    search.SearchText({.text = file.contents,
                       .path = file.path,
                       .is_package = IsOfPackage(bundle, file),
                       .is_code = IsCode(file.path)});
  for (const BundledModule& module : bundle.modules)
    search.SearchText({.text = module.source,
                       .path = module.path,
                       .is_package = !module.own,
                       .is_code = true,
                       .is_translated = !module.source_map.empty()});
  // Of the linked script the files have the originals, in which the app's own parts are known.
  search.SearchText({.text = bundle.script,
                     .path = bundle.entry_path,
                     .is_package = true,
                     .is_code = true,
                     .is_translated = true});
  return search;
}

void SearchSnapshot(SecretSearch& search, std::string_view state, std::string_view without,
                    std::string_view guards) {
  search.SearchState(state, without);
  search.SearchGuards(guards);
}

Result<> ReportSecrets(const SecretSearch& search, const Options& options, const UserPlaces& places,
                       Diagnostics& diagnostics, Progress& progress) {
  size_t count = 0;
  for (const FoundSecret& secret : search.found()) {
    if (std::ranges::any_of(options.allowed_secrets,
                            [&](const std::string& name) { return secret.IsNamedBy(name); }))
      continue;
    count++;
    std::vector<Location> locations;
    for (const SecretPlace& place : secret.places) locations.push_back(LocationOf(place, places));
    progress.ReportJson(JsonOf(secret, locations, options));

    std::string others;
    size_t named = 0;
    for (size_t i = 1; i < locations.size(); ++i) {
      std::string text = TextOf(locations[i]);
      if (text.empty() || text == TextOf(locations[0])) continue;
      others += (named++ ? ", " : "Also in ") + text;
    }
    if (secret.place_count > secret.places.size())
      others += others.empty() ? "Also in others." : " and others.";
    Diagnostic diagnostic = {.text = "The executable contains " + DescriptionOf(secret) + " (\"" +
                                     secret.shown + "…\")" + WhereOf(secret.places[0]),
                             .notes = {AdviceFor(secret)},
                             .location = locations[0],
                             .severity = options.strict ? Severity::kError : Severity::kWarning};
    if (!others.empty()) diagnostic.notes.insert(diagnostic.notes.begin(), others);
    diagnostics.Add(std::move(diagnostic));
  }
  if (count == 0 || !options.strict) return {};
  return Error{"The executable would contain " + std::to_string(count) +
               (count == 1 ? " secret" : " secrets") + ", and --strict is given"};
}

}  // namespace kiln
