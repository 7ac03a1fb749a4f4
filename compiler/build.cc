// The pipeline of `kiln build app.ts`, from the entry to an executable. Read this file first.
//
//   entry ── BundleEntry ──▶ Bundle ── SnapshotRun ──▶ Snapshot ── AssemblePayload ──▶ payload
//   runtime parts ── GetLinkedRuntime ──▶ LinkedRuntime ── Output(payload) ──▶ Executable
#include "compiler/build.h"

#include <algorithm>
#include <memory>

#include "baking/bake_app.h"
#include "baking/explain.h"
#include "bundler/bundle.h"
#include "bundler/import_changes.h"
#include "bundler/user_places.h"
#include "compiler/check_secrets.h"
#include "compiler/installation.h"
#include "compiler/linked_runtime.h"
#include "compiler/runtime_choice.h"
#include "compiler/train.h"
#include "snapshot/attach.h"
#include "snapshot/payload.h"
#include "snapshot/take.h"
#include "support/build_cache.h"
#include "support/file.h"
#include "support/glob.h"
#include "support/hash.h"
#include "support/json.h"

namespace kiln {
namespace {

BundleOptions BundleOptionsOf(const Options& options, const Installation& installation) {
  BundleOptions out;
  out.entry = options.entry;
  out.esbuild = installation.esbuild;
  out.link = options.minify ? LinkForm::kScope : options.link;
  out.minify = options.minify;
  out.source_map = options.source_map != SourceMapMode::kNone;
  out.evaluate = options.evaluate == Evaluate::kAll;
  out.defines = options.defines;
  out.externals = options.externals;
  out.assets = options.assets;
  out.conditions = options.conditions;
  return out;
}

std::string Names(OptionalComponents components) {
  std::string names;
  for (size_t i = 0; i < kOptionalComponentCount; ++i)
    if (components.Has(OptionalComponent(i)))
      names += (names.empty() ? "" : ",") + std::string(NameOf(OptionalComponent(i)));
  return names;
}

// The payload: what the executable contains besides code. Moves the bundle's strings out.
Payload MakePayload(Bundle& bundle, const Options& options, const TargetFiles& files,
                    const Runtime& runtime) {
  Payload payload;
  payload.arch = options.target->arch;
  payload.v8_version = files.v8_version;
  payload.modules = std::move(bundle.modules);
  payload.script = std::move(bundle.script);
  if (options.source_map == SourceMapMode::kInline)
    payload.source_map = std::move(bundle.source_map);
  else
    for (BundledModule& module : payload.modules) module.source_map.clear();
  payload.files = std::move(bundle.files);
  auto& out = payload.options;
  out.emplace_back("entry", bundle.entry_path);
  if (bundle.has_top_level_await) out.emplace_back("async", "1");
  if (options.evaluate == Evaluate::kAll) out.emplace_back("evaluate", "1");
  out.emplace_back("exec-argv-extension", options.exec_argv_extension);
  if (options.inspect) out.emplace_back("inspect", "1");
  if (options.packages == PackageSearch::kDisk) out.emplace_back("packages", "disk");
  for (const std::string& name : options.externals) out.emplace_back("external", name);
  for (const std::string& flag : options.v8_flags) out.emplace_back("v8-flag", flag);
  for (const std::string& flag : options.permission_flags)
    out.emplace_back("permission-flag", flag);
  if (!options.rehash) out.emplace_back("rehash", "0");
  if (options.heap_images)
    out.emplace_back("heap", options.verify_heap_images ? "verified" : "image");
  for (const std::string& name : bundle.builtins) out.emplace_back("builtin", name);
  out.emplace_back("components", Names(runtime.components));
  out.emplace_back("intl", NameOf(runtime.intl));
  return payload;
}

// The payload of an app in its stored form, with what the link needs.
struct PackedApp {
  Runtime runtime;
  PackedPayload payload;
  std::string image;                 // the input of the snapshot builder
  std::string external_map;          // empty unless it is written to a separate file
  UserPlaces places;                 // for messages of the snapshot builder
  std::vector<ModuleFacts> modules;  // of the bundle, for baking
  // What `modules` refer to.
  std::unique_ptr<AssumedEnvironment> assumed_environment;
  std::unique_ptr<std::vector<Recipe>> recipes;
  std::vector<std::string> sources;
  std::string recipe_texts;  // of the user's files
};

// The contents of FILE.map: the map of the script, or an object with those of the modules.
std::string ExternalMapOf(const Bundle& bundle) {
  if (bundle.modules.empty()) return bundle.source_map;
  std::string out;
  for (const BundledModule& module : bundle.modules)
    if (std::string map = SourceMapOf(module); !map.empty())
      out += (out.empty() ? "{\n" : ",\n") + QuoteJson(module.path + module.suffix) + ": " + map;
  return out.empty() ? "{}\n" : out + "\n}\n";
}

// The first of the patterns of --defer or --bake that names the module, by its package or its path;
// null if none does.
const std::string* NamedBy(const std::vector<std::string>& patterns, const BundledModule& module,
                           const UserPlaces& places) {
  if (patterns.empty()) return nullptr;
  std::string path = places.Of({.file = module.path}).file;
  auto found = std::ranges::find_if(patterns, [&](const std::string& pattern) {
    return module.path.find("/node_modules/" + pattern + "/") != std::string::npos ||
           GlobMatches(pattern, path);
  });
  return found == patterns.end() ? nullptr : &*found;
}

// Warns about patterns of --defer or --bake that name no module.
void CheckPatterns(const std::vector<std::string>& patterns, const char* option,
                   const Bundle& bundle, const UserPlaces& places, Diagnostics& diagnostics) {
  for (const std::string& pattern : patterns) {
    if (std::ranges::any_of(bundle.modules, [&](const BundledModule& module) {
          return NamedBy({pattern}, module, places) != nullptr;
        }))
      continue;
    diagnostics.AddWarning(std::string(option) + " " + pattern + " names none of the modules", {},
                           {"A pattern is the name of a package, or a path as this command prints "
                            "it, with * and **."});
  }
}

// The modules that a module names, by number.
std::map<NamedModule, int> NumbersOf(const BundledModule& module) {
  std::map<NamedModule, int> numbers;
  for (const BundledEdge& edge : module.edges)
    if (edge.to == BundledEdge::To::kModule)
      numbers[{edge.import, edge.specifier}] = int(edge.module);
  return numbers;
}

// What a module's text may change of its imports (bundler/import_changes.h).
std::vector<ModuleFacts::Change> ChangesIn(std::string_view text,
                                           const std::map<NamedModule, int>& numbers) {
  std::vector<ModuleFacts::Change> changes;
  for (const ImportChange& found : FindImportChanges(text)) {
    auto changed = numbers.find(found.changed);
    if (changed == numbers.end()) continue;
    ModuleFacts::Change& change = changes.emplace_back(changed->second, std::set<int>());
    for (const NamedModule& named : found.named_later)
      if (auto later = numbers.find(named); later != numbers.end())
        change.loaded_later.insert(later->second);
  }
  return changes;
}

// What baking has to know of the modules before they are packed.
Result<std::vector<ModuleFacts>> FactsOf(const Bundle& bundle, const Options& options,
                                         const UserPlaces& places,
                                         const AssumedEnvironment* assumed) {
  std::vector<ModuleFacts> facts;
  for (const BundledModule& module : bundle.modules) {
    const std::string* deferred = NamedBy(options.deferred, module, places);
    const std::string* trusted = NamedBy(options.trusted, module, places);
    if (deferred && trusted)
      return Error{"--defer " + *deferred + " and --bake " + *trusted + " both name " +
                   places.Of({.file = module.path}).file}
          .Note("Make one of the patterns narrower.");
    std::vector<ModuleFacts::Reference> references;
    for (const BundledEdge& edge : module.edges)
      if (edge.to == BundledEdge::To::kModule)
        references.push_back({int(edge.module), edge.later, edge.certain});
    facts.push_back({.path = module.path + module.suffix,
                     .own = module.own,
                     .is_commonjs = module.kind == BundledModule::Kind::kCommonJs,
                     .is_esm = module.kind == BundledModule::Kind::kEsm,
                     .at_start = deferred != nullptr,
                     .trusted = trusted != nullptr,
                     .named_at_run_time = module.named_at_run_time,
                     .references = std::move(references),
                     .changes = [numbers = NumbersOf(module)](
                                    std::string_view text) { return ChangesIn(text, numbers); },
                     .assumed = assumed});
  }
  return facts;
}

AssumedEnvironment AssumedOf(const Options& options) {
  AssumedEnvironment assumed;
  for (const std::string& text : options.assumed_environment) {
    size_t equals = text.find('=');
    std::optional<std::string> value;
    if (equals != std::string::npos) value = text.substr(equals + 1);
    assumed[text.substr(0, equals)] = value;
  }
  return assumed;
}

// Those of the user come first; *texts gets their files.
Result<std::vector<Recipe>> RecipesOf(const Options& options, std::string* texts) {
  std::vector<Recipe> all;
  for (const std::string& file : options.recipes) {
    TRY(std::string text, ReadFile(file));
    TRY(std::vector<Recipe> recipes, ParseRecipes(text, file));
    for (Recipe& recipe : recipes) all.push_back(std::move(recipe));
    *texts += text + '\n';
  }
  TRY(std::vector<Recipe> own, ParseRecipes(RecipesOfKiln(), "recipes.txt"));
  for (Recipe& recipe : own) all.push_back(std::move(recipe));
  return all;
}

Result<PackedApp> PackApp(Bundle bundle, const Options& options, const TargetFiles& files,
                          BuildCache& cache, Diagnostics& diagnostics, Progress& progress) {
  progress.Begin("pack");
  PackedApp app;
  if (options.source_map == SourceMapMode::kExternal) app.external_map = ExternalMapOf(bundle);
  app.runtime = ChooseRuntime(bundle, options);
  app.places = UserPlaces(bundle);
  app.assumed_environment = std::make_unique<AssumedEnvironment>(AssumedOf(options));
  if (options.evaluate == Evaluate::kAuto) {
    TRY(std::vector<Recipe> recipes, RecipesOf(options, &app.recipe_texts));
    app.recipes = std::make_unique<std::vector<Recipe>>(std::move(recipes));
    for (const BundledModule& module : bundle.modules) app.sources.push_back(module.source);
  }
  if (options.evaluate == Evaluate::kAuto) {
    CheckPatterns(options.deferred, "--defer", bundle, app.places, diagnostics);
    CheckPatterns(options.trusted, "--bake", bundle, app.places, diagnostics);
  }
  TRY(app.modules, FactsOf(bundle, options, app.places, app.assumed_environment.get()));
  for (size_t i = 0; i < app.sources.size(); ++i) {
    app.modules[i].source = app.sources[i];
    app.modules[i].recipes = app.recipes.get();
  }
  TRY(app.payload, Pack(MakePayload(bundle, options, files, app.runtime), &cache));
  app.image = AssembleImage(app.payload);
  progress.End(app.image.size(), "");
  return app;
}

void ReportBaked(const BakedApp& baked, const PackedApp& app, const Options& options,
                 Progress& progress) {
  auto place_of = [&](const Location& place) { return app.places.Of(place); };
  if (options.explain && options.json) {
    for (const Json& line : ExplainAsJson(baked, app.modules, place_of)) progress.ReportJson(line);
  } else if (options.explain) {
    for (const std::string& line : Explain(baked, app.modules, place_of)) progress.Report(line);
  } else if (app.modules.size() > 1) {
    progress.Report(SummaryOf(baked) + "; --explain lists the others");
  }
}

// The executable while it is written. It gets its name when it is complete; until then, and after
// an Error, an older file of that name stays.
class Output {
 public:
  // Copies the runtime at once if the file can be changed afterwards, so that this can be done while
  // the snapshot is taken.
  static Result<Output> Begin(const LinkedRuntime& runtime, const std::string& path) {
    TRY(PendingFile file, PendingFile::Open(path));
    if (file.is_file()) TRY_OK(file.CopyFile(runtime.fd(), TextOf(runtime)));
    return Output(std::move(file), path);
  }

  Result<Executable> Finish(LinkedRuntime& runtime, std::string_view payload) {
    TRY(PayloadPlace place, PlacePayload(runtime.bytes(), payload.size()));
    std::string_view start = TextOf(runtime);
    if (file_.is_file()) {
      for (auto [offset, size] : place.changed)
        TRY_OK(file_.WriteAt(offset, start.substr(offset, size)));
    } else {
      TRY_OK(file_.Write(start));
    }
    std::string padding(place.padding, '\0');
    uint64_t size = start.size();
    for (std::string_view part :
         {std::string_view(padding), payload, std::string_view(place.end)}) {
      TRY_OK(file_.Write(part));
      size += part.size();
    }
    TRY_OK(file_.Commit(0777));
    return Executable{path_, size};
  }

 private:
  Output(PendingFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  static std::string_view TextOf(const LinkedRuntime& runtime) {
    return {runtime.bytes().data(), runtime.bytes().size()};
  }

  PendingFile file_;
  std::string path_;
};

// Writes the cache, which is no Error if it fails, and bounds the size of all such caches together.
void SaveBuildCache(BuildCache& cache) {
  constexpr size_t kKeptBuilds = 64;
  constexpr uint64_t kBytesOfBuilds = 512 << 20;
  auto saved = cache.Save();
  if (saved.ok() && *saved)
    RemoveLeastRecent(JoinPath(CacheDirectory(), "builds"), kKeptBuilds, kBytesOfBuilds);
}

Result<Snapshot> FinishSnapshot(SnapshotRun& run, const PackedApp& app, Diagnostics& diagnostics,
                                Progress& progress) {
  progress.Begin("snapshot");
  Diagnostics messages;
  auto taken = run.Finish(messages);
  for (Diagnostic& message : messages.Take()) {
    message.location = app.places.Of(message.location);
    diagnostics.Add(std::move(message));
  }
  TRY(Snapshot snapshot, std::move(taken));
  progress.End(snapshot.blob.size(), "");
  return snapshot;
}

std::string Assemble(const PackedPayload& payload, const Snapshot& snapshot,
                     const BakedApp& baked) {
  if (!baked.snapshot) return AssemblePayload(payload, snapshot);
  return AssemblePayload(payload, snapshot, *baked.snapshot, baked.guards);
}

// Runs the executable as it would be, and takes its snapshots again with the functions that have run.
// `bake_input` is only used if there is a baked snapshot.
Result<> TrainApp(const PackedApp& app, const Options& options, const TargetFiles& files,
                  const std::string& output, const LinkedRuntime& runtime,
                  const std::optional<BakeInput>& bake_input, Snapshot& snapshot, BakedApp& baked,
                  Diagnostics& diagnostics, Progress& progress) {
  auto write = [&](const std::string& path, const std::string& folder) -> Result<> {
    TRY(LinkedRuntime copy, LinkedRuntime::Map(runtime.fd()));
    TRY(Output file, Output::Begin(copy, path));
    TRY_OK(file.Finish(copy, Assemble(ForTraining(app.payload, folder), snapshot, baked)));
    return {};
  };
  TRY(TrainingProfile profile, Train(options, output, write, diagnostics, progress));
  TRY(SnapshotRun run, SnapshotRun::Start(app.image, files.Stub(), *options.target,
                                          profile.Text(baked.snapshot.has_value())));
  if (baked.snapshot) {
    progress.Begin("bake");
    BakePlan plan = baked.verdicts.plan;
    plan.training = profile.Text();
    TRY(BakingProcess process, BakingProcess::TakeSnapshot(*bake_input, plan));
    TRY(auto taken, process.FinishTaking());
    auto* trained = std::get_if<Snapshot>(&taken);
    if (!trained)
      return Error{"Cannot take the snapshot after training: " +
                   std::get<BakeFailure>(taken).reason};
    baked.snapshot = std::move(*trained);
    progress.End(baked.snapshot->blob.size(), "");
  }
  // What the app prints was reported when the first snapshot was taken.
  Diagnostics again;
  TRY(snapshot, FinishSnapshot(run, app, again, progress));
  return {};
}

// What a build makes of a packed app, before the payload is assembled.
struct BuiltParts {
  LinkedRuntime runtime;
  Output output;  // has a copy of the runtime
  Snapshot snapshot;
  BakedApp baked;
};

// Runs the target's runtime once on the image, and keeps the heap that it leaves. The stub has all
// optional components, but uses only those that the payload names. Meanwhile writes what needs no
// snapshot: the cache, and the prebuilt runtime, which is linked or taken from the cache.
Result<BuiltParts> BuildWithoutBaking(PackedApp& app, const Options& options,
                                      const TargetFiles& files, const std::string& output,
                                      BuildCache& cache, Diagnostics& diagnostics,
                                      Progress& progress) {
  progress.Begin("link");
  TRY(SnapshotRun run, SnapshotRun::Start(app.image, files.Stub(), *options.target));
  if (!options.trains()) app.image = {};  // as large as the payload that is assembled later
  SaveBuildCache(cache);
  TRY(LinkedRuntime runtime, GetLinkedRuntime(files, app.runtime, options.cache));
  TRY(Output file, Output::Begin(runtime, output));
  progress.End(runtime.bytes().size(), "");
  TRY(Snapshot snapshot, FinishSnapshot(run, app, diagnostics, progress));
  return BuiltParts{std::move(runtime), std::move(file), std::move(snapshot), {}};
}

// Baking takes longest, so it is what nothing waits for but the end: the runtime is linked by a process of its
// own, and the ordinary snapshot is taken when it is known which functions are to be compiled in it.
Result<BuiltParts> BuildAndBake(const PackedApp& app, const Options& options,
                                const TargetFiles& files, const std::string& output,
                                const BakeInput& input, Diagnostics& diagnostics,
                                Progress& progress) {
  progress.Begin("observe");
  TRY(AppBaking baking, AppBaking::Begin(input, app.modules));
  RuntimeLink link = RuntimeLink::Start(files, *options.target, app.runtime, options.cache);
  TRY(SnapshotRun run, SnapshotRun::StartWaiting(input));
  TRY(const bool bakes, baking.Decide());
  progress.End(0, "");

  BakedApp baked;
  auto finish_baking = [&]() -> Result<> {
    progress.Begin("bake");
    TRY(baked, baking.Finish());
    progress.End(baked.snapshot ? baked.snapshot->blob.size() : 0, "");
    return {};
  };
  if (!bakes) TRY_OK(finish_baking());
  TRY_OK(run.Continue(baked.training));
  progress.Begin("link");
  TRY(LinkedRuntime runtime, link.Finish());
  TRY(Output file, Output::Begin(runtime, output));
  progress.End(runtime.bytes().size(), "");
  if (bakes) TRY_OK(finish_baking());
  if (bakes && !baked.training.empty()) {
    // The modules cannot be in a heap, as it has turned out.
    TRY(run, SnapshotRun::StartWaiting(input));
    TRY_OK(run.Continue(baked.training));
  }
  TRY(Snapshot snapshot, FinishSnapshot(run, app, diagnostics, progress));
  ReportBaked(baked, app, options, progress);
  return BuiltParts{std::move(runtime), std::move(file), std::move(snapshot), std::move(baked)};
}

// Snapshot and link. Does not read the app's files again. `secrets` has what was found in the app's
// texts; null to search for none.
Result<Executable> BuildApp(PackedApp app, const Options& options, const TargetFiles& files,
                            const std::string& output, BuildCache& cache, SecretSearch* secrets,
                            Diagnostics& diagnostics, Progress& progress) {
  const bool bakes = options.evaluate == Evaluate::kAuto && !app.modules.empty();
  std::optional<BakeInput> bake_input;
  if (bakes) bake_input.emplace(app.image, files.Stub(), *options.target, IdentityOf(files), cache);
  TRY(BuiltParts parts,
      bakes ? BuildAndBake(app, options, files, output, *bake_input, diagnostics, progress)
            : BuildWithoutBaking(app, options, files, output, cache, diagnostics, progress));
  auto& [runtime, file, snapshot, baked] = parts;
  if (options.trains())
    TRY_OK(TrainApp(app, options, files, output, runtime, bake_input, snapshot, baked, diagnostics,
                    progress));
  if (options.verify_heap_images) {
    if (baked.snapshot) ReportMessages(*baked.snapshot, diagnostics);
    // Another heap than V8's is a reason to bake nothing, of which only --explain would tell.
    if (!baked.given_up.empty()) diagnostics.AddWarning("No module is baked: " + baked.given_up);
  }
  app.image = {};
  if (bakes) SaveBuildCache(cache);

  if (secrets) {
    if (baked.snapshot)
      SearchSnapshot(*secrets, baked.snapshot->blob, snapshot.blob, baked.guards);
    else if (options.evaluate == Evaluate::kAll)
      SearchSnapshot(*secrets, snapshot.blob, "", "");
    TRY_OK(ReportSecrets(*secrets, options, app.places, diagnostics, progress));
  }

  progress.Begin("write");
  std::string payload = Assemble(app.payload, snapshot, baked);
  TRY(Executable executable, file.Finish(runtime, payload));
  progress.End(executable.size, "");

  // Written last, so that no map exists without its executable.
  if (!app.external_map.empty()) TRY_OK(WriteFileAtomically(output + ".map", app.external_map));
  return executable;
}

// The results of earlier builds of this entry in this link form. Without a usable folder for caches
// it only serves this build.
BuildCache OpenBuildCache(const Options& options, const Installation& installation) {
  std::string folder = options.cache ? CacheDirectory() : "";
  if (folder.empty()) return {};
  auto entry = RealPath(options.entry);  // fails if its extension is left out
  Sha256 name;
  name.AddField(entry.ok() ? *entry : AbsolutePath(options.entry))
      .AddField(options.minify                     ? "minify"
                : options.link == LinkForm::kScope ? "scope"
                                                   : "modules");
  return BuildCache(JoinPath(folder, "builds/" + name.FinishHex()), IdentityOfKiln(installation));
}

// A hash over everything that determines the executable: the payload, the stub, and what else the
// link depends on.
std::string CacheKey(const PackedApp& app, const TargetFiles& files, const Options& options) {
  Sha256 hash;
  hash.AddField(IdentityOf(files));
  hash.AddField(app.runtime.symbols ? "symbols" : "").AddField(app.external_map);
  hash.AddField(options.evaluate == Evaluate::kAuto ? "bake" : "");
  for (const std::string& pattern : options.deferred) hash.AddField("defer").AddField(pattern);
  for (const std::string& pattern : options.trusted) hash.AddField("trust").AddField(pattern);
  for (const std::string& text : options.assumed_environment) hash.AddField("env").AddField(text);
  hash.AddField(app.recipe_texts);
  for (const auto& arguments : options.trainings) {
    hash.AddField("train");
    for (const std::string& argument : arguments) hash.AddField(argument);
  }
  for (const std::string& script : options.training_scripts)
    hash.AddField("train-script").AddField(script);
  return hash.AddField(app.image).FinishHex();
}

Result<Bundle> BundleWithProgress(const Options& options, const Installation& installation,
                                  BuildCache& cache, Diagnostics& diagnostics, Progress& progress) {
  progress.Begin("bundle");
  TRY(Bundle bundle, BundleEntry(BundleOptionsOf(options, installation), cache, diagnostics));
  uint64_t bytes = bundle.script.size();
  for (const BundledModule& module : bundle.modules) bytes += module.source.size();
  size_t files = 0;
  for (const EmbeddedFile& file : bundle.files) {
    if (file.is_original || file.is_link()) continue;
    bytes += file.contents.size();
    files++;
  }
  progress.End(
      bytes, std::to_string(bundle.module_count) + " modules, " + std::to_string(files) + " files");
  for (const std::string& line : bundle.report) progress.Report(line);
  return bundle;
}

// Reports an unusable output path before the build starts.
Result<> CheckOutput(const Options& options, const std::string& output) {
  if (IsDirectory(output))
    return Error{"Cannot write " + output + ": there is a folder of that name"}.Note(
        "Choose another name with -o.");
  auto entry = RealPath(options.entry), target = RealPath(output);
  if (entry.ok() && target.ok() && *entry == *target)
    return Error{"The output would replace the entry " + options.entry}.Note(
        "Choose another name with -o.");
  TRY(PendingFile probe, PendingFile::Open(output));
  return {};
}

}  // namespace

Result<Executable> Build(const Options& options, Diagnostics& diagnostics, Progress& progress) {
  TRY(Installation installation, FindInstallation());
  TRY(TargetFiles files, FindTargetFiles(installation, *options.target));
  std::string output = AbsolutePath(options.output);
  TRY_OK(CheckOutput(options, output));

  // Follow imports from the entry and collect all modules.
  BuildCache cache = OpenBuildCache(options, installation);
  TRY(Bundle bundle, BundleWithProgress(options, installation, cache, diagnostics, progress));
  SecretSearch secrets = SearchBundle(bundle, options);
  TRY(PackedApp app, PackApp(std::move(bundle), options, files, cache, diagnostics, progress));
  return BuildApp(std::move(app), options, files, output, cache, &secrets, diagnostics, progress);
}

Result<Executable> BuildCached(const Options& options, Diagnostics& diagnostics,
                               Progress& progress) {
  TRY(Installation installation, FindInstallation());
  TRY(TargetFiles files, FindTargetFiles(installation, *options.target));
  BuildCache steps = OpenBuildCache(options, installation);
  TRY(Bundle bundle, BundleWithProgress(options, installation, steps, diagnostics, progress));

  // The cache has one executable per entry, and a key that identifies its contents.
  std::string cache = CacheDirectory();
  if (cache.empty())
    return Error{"There is no cache folder for the executable"}.Note("Set HOME or XDG_CACHE_HOME.");
  TRY(std::string entry, RealPath(options.entry));
  std::string folder =
      JoinPath(cache, "run/" + BaseNameOf(entry) + "-" + Sha256Hex(entry).substr(0, 16));
  TRY_OK(MakeDirectories(folder));
  std::string output = JoinPath(folder, "app"), key_file = JoinPath(folder, "key");

  TRY(PackedApp app, PackApp(std::move(bundle), options, files, steps, diagnostics, progress));
  std::string key = CacheKey(app, files, options);
  auto old = ReadFile(key_file);
  if (options.cache && old.ok() && *old == key && IsRegularFile(output)) {
    SaveBuildCache(steps);
    return Executable{output, 0};
  }

  TRY_OK(RemoveFile(key_file));
  TRY(Executable executable,
      BuildApp(std::move(app), options, files, output, steps, nullptr, diagnostics, progress));
  TRY_OK(WriteFileAtomically(key_file, key));
  return executable;
}

}  // namespace kiln
