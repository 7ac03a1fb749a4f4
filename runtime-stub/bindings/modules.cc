// internalBinding("modules"): package.json for the module loaders, the compile cache, and the
// lazily computed import.meta.dirname and import.meta.filename.
#include <array>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/bindings/file_url.h"
#include "runtime-stub/bindings/package_json.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {
namespace {

using Lookup = PackageJsonCache::Lookup;

// ------------------------------------------------------------------ package.json

Error InvalidConfig(const std::string& message) {
  return Error::Plain("ERR_INVALID_PACKAGE_CONFIG", message);
}

// Returns [name, main, type, imports, exports, path], which the library destructures.
v8::Local<v8::Value> ToArray(Env& env, const PackageConfig& config) {
  auto text = [&](const std::optional<std::string>& s) {
    return s ? env.Str(*s).As<v8::Value>() : env.Undefined();
  };
  v8::Local<v8::Value> values[] = {text(config.name),    text(config.main),
                                   env.Str(config.type), text(config.imports),
                                   text(config.exports), env.Str(config.path)};
  return v8::Array::New(env.isolate, values, std::size(values));
}

// readPackageJSON(path, isESM, base?, specifier)
Result<v8::Local<v8::Value>> ReadPackageJson(Env& env, std::string path, bool is_esm,
                                             std::optional<std::string> base,
                                             std::optional<std::string> specifier) {
  if (Refuses(env, Permission::kFileSystemRead, path)) return Error::Pending();
  const PackageConfig* config;
  std::string error;
  switch (env.State<PackageJsonCache>().Read(path, &config, &error)) {
    case Lookup::kFound:
      return ToArray(env, *config);
    case Lookup::kMissing:
      return env.Undefined();
    case Lookup::kUnreadable:
      return InvalidConfig(error);
    case Lookup::kInvalid:
      break;
  }
  if (!is_esm || !base) return InvalidConfig(error);
  std::string from;
  if (!FileUrlToPath(*base, &from)) from = *base;
  return InvalidConfig("Invalid package config " + path + " while importing \"" +
                       specifier.value_or("") + "\" from " + from + ".");
}

Result<const PackageConfig*> NearestAbove(Env& env, const std::string& path) {
  const PackageConfig* config = nullptr;
  std::string error;
  Lookup outcome = env.State<PackageJsonCache>().FindAbove(
      path, &config, &error, [&](const std::string& candidate) {
        return Allows(env, Permission::kFileSystemRead, candidate);
      });
  if (outcome == Lookup::kFound) return config;
  if (outcome == Lookup::kMissing) return static_cast<const PackageConfig*>(nullptr);
  return InvalidConfig(error);
}

Result<v8::Local<v8::Value>> GetNearestParentPackageJson(Env& env, std::string path) {
  Result<const PackageConfig*> config = NearestAbove(env, path);
  if (!config.ok()) return config.error();
  return config.value() ? ToArray(env, *config.value()) : env.Undefined();
}

Result<v8::Local<v8::Value>> GetNearestParentPackageJsonType(Env& env, std::string path) {
  Result<const PackageConfig*> config = NearestAbove(env, path);
  if (!config.ok()) return config.error();
  return config.value() ? env.Str(config.value()->type).As<v8::Value>() : env.Undefined();
}

void ThrowInvalidUrl(Env& env, const std::string& input, const std::string& base) {
  v8::Local<v8::Value> error = Error::Type("ERR_INVALID_URL", "Invalid URL").ToJs(env);
  env.Set(error.As<v8::Object>(), "input", env.Str(input));
  if (!base.empty()) env.Set(error.As<v8::Object>(), "base", env.Str(base));
  env.isolate->ThrowException(error);
}

// Finds the package.json whose scope contains a file: URL. When there is none, `last` is the path
// that was tried last.
Result<const PackageConfig*> ScopeOf(Env& env, const std::string& url, std::string* last) {
  constexpr std::string_view kScheme = "file://";
  std::string path;
  if (!FileUrlToPath(url, &path)) {
    size_t colon = url.find(':');
    bool opaque = colon != std::string::npos && !url.substr(colon).starts_with(":/");
    if (opaque)
      ThrowInvalidUrl(env, "./package.json", url);
    else
      ThrowInvalidUrl(env, url, "");
    return Error::Pending();
  }
  const bool is_embedded = embedded::Owns(path);
  // Go up in the URL, not in the path: an escaped slash is not the end of a folder.
  std::string_view folder = std::string_view(url).substr(kScheme.size());
  folder = folder.substr(0, folder.find_first_of("?#"));
  do {
    folder = folder.substr(0, folder.rfind('/'));
    std::string config_path;
    FileUrlToPath(std::string(kScheme) + std::string(folder) + "/package.json", &config_path);
    // What is above the embedded files is on disk, and not theirs.
    if (is_embedded && !embedded::Owns(config_path)) break;
    *last = std::move(config_path);
    if (folder.ends_with("/node_modules")) break;
    // As in the folders above a CommonJS module: what may not be read is not there.
    if (!Allows(env, Permission::kFileSystemRead, *last)) break;
    const PackageConfig* config;
    std::string error;
    Lookup result = env.State<PackageJsonCache>().Read(*last, &config, &error);
    if (result == Lookup::kFound) return config;
    if (result != Lookup::kMissing) return InvalidConfig(error);
  } while (!folder.empty());
  return static_cast<const PackageConfig*>(nullptr);
}

Result<v8::Local<v8::Value>> GetPackageScopeConfig(Env& env, std::string url) {
  std::string last;
  Result<const PackageConfig*> config = ScopeOf(env, url, &last);
  if (!config.ok()) return config.error();
  if (config.value()) return ToArray(env, *config.value());
  return env.Str(last).As<v8::Value>();
}

Result<v8::Local<v8::Value>> GetPackageType(Env& env, std::string url) {
  std::string last;
  Result<const PackageConfig*> config = ScopeOf(env, url, &last);
  if (!config.ok()) return config.error();
  if (config.value()) return env.Str(config.value()->type).As<v8::Value>();
  return env.Undefined();
}

// ------------------------------------------------------------------ import.meta

// A property that is computed when it is first read. The accessor's data is the module's URL.
template <bool directory>
void MetaPath(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  std::string path;
  if (!FileUrlToPath(ToUtf8(env.isolate, info.Data()), &path)) {
    Error::Type("ERR_INVALID_FILE_URL_PATH", "File URL path must not include encoded / characters")
        .Throw(env);
    return;
  }
  if (directory) {
    size_t slash = path.rfind('/');
    path.resize(slash == 0 || slash == std::string::npos ? 1 : slash);
  }
  info.GetReturnValue().Set(env.Str(path));
}

void SetLazyPathHelpers(Env& env, v8::Local<v8::Object> meta, v8::Local<v8::String> url) {
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  (void)meta->SetLazyDataProperty(context, env.Name("dirname"), MetaPath<true>, url);
  (void)meta->SetLazyDataProperty(context, env.Name("filename"), MetaPath<false>, url);
}

// ------------------------------------------------------------------ compile cache

// `is_default`: the app did not name the directory.
Result<v8::Local<v8::Value>> EnableCompileCache(Env& env, v8::Local<v8::Value> directory,
                                                bool portable, bool is_default) {
  if (!directory->IsString())
    return Error::Type("ERR_INVALID_ARG_TYPE", "cacheDir should be a string");
  std::string message, result;
  CompileCache& cache = env.State<CompileCache>();
  std::string path = ToUtf8(env.isolate, directory);
  CompileCache::Status status = is_default ? cache.EnableDefault(path, portable, &message, &result)
                                           : cache.Enable(path, portable, &message, &result);
  v8::Local<v8::Value> values[] = {v8::Integer::New(env.isolate, status), env.Str(message),
                                   env.Str(result)};
  return v8::Array::New(env.isolate, values, std::size(values)).As<v8::Value>();
}

std::string GetCompileCacheDir(Env& env) { return env.State<CompileCache>().directory(); }

Result<> FlushCache(Env& env, v8::Local<v8::Value> keep) {
  if (!keep->IsBoolean() && !keep->IsUndefined())
    return Error::Type("ERR_INVALID_ARG_TYPE", "keepDeserializedCache should be a boolean");
  CompileCache& cache = env.State<CompileCache>();
  cache.Debug("[compile cache] module.flushCompileCache() requested.\n");
  cache.Persist();
  cache.Debug("[compile cache] module.flushCompileCache() finished.\n");
  return {};
}

// {external, transpiled?}: `external` is the key of the entry.
v8::Local<v8::Value> GetCompileCacheEntry(Env& env, v8::Local<v8::String> source,
                                          v8::Local<v8::String> filename, int32_t type) {
  if (type < 0 || type >= int32_t(CachedCodeType::kCount)) return env.Undefined();
  CompileCache& cache = env.State<CompileCache>();
  CompileCache::Entry* entry = cache.Find(source, filename, CachedCodeType(type));
  if (!entry) return env.Undefined();
  const char* name = entry->source_name.c_str();
  cache.Debug("[compile cache] retrieving transpile cache for %s %s...", entry->type_name(), name);
  v8::Local<v8::Object> result = NewNullProtoObject(env);
  env.Set(result, "external", double(entry->key));
  if (entry->data.empty()) {
    cache.Debug("[compile cache] no transpile cache for %s %s\n", entry->type_name(), name);
  } else {
    cache.Debug(" success\n");
    env.Set(result, "transpiled", env.Str(entry->data));
  }
  return result;
}

void SaveCompileCacheEntry(Env& env, double key, std::string transpiled) {
  CompileCache& cache = env.State<CompileCache>();
  // A flush in between has removed the entry; then there is nothing to store.
  if (CompileCache::Entry* entry = cache.FindByKey(Saturate<uint32_t>(key)))
    cache.KeepText(entry, std::move(transpiled));
}

constexpr Entry kFunctions[] = {
    Method<ReadPackageJson>("readPackageJSON"),
    Method<GetNearestParentPackageJsonType>("getNearestParentPackageJSONType"),
    Method<GetNearestParentPackageJson>("getNearestParentPackageJSON"),
    Method<GetPackageScopeConfig>("getPackageScopeConfig"),
    Method<GetPackageType>("getPackageType"),
    Method<EnableCompileCache>("enableCompileCache"),
    Method<GetCompileCacheDir>("getCompileCacheDir"),
    Method<FlushCache>("flushCompileCache"),
    Method<GetCompileCacheEntry>("getCompileCacheEntry"),
    Method<SaveCompileCacheEntry>("saveCompileCacheEntry"),
    Method<SetLazyPathHelpers>("setLazyPathHelpers"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  std::vector<v8::Local<v8::Value>> status;
  for (const char* name : {"FAILED", "ENABLED", "ALREADY_ENABLED", "DISABLED"})
    status.push_back(env.Str(name));
  env.Set(exports, "compileCacheStatus", v8::Array::New(env.isolate, status.data(), status.size()));
  auto numbered = [&](std::initializer_list<const char*> names) {
    v8::Local<v8::Object> object = NewNullProtoObject(env);
    double value = 0;
    for (const char* name : names) SetConstant(env, object, name, value++);
    return object;
  };
  env.Set(exports, "cachedCodeTypes",
          numbered({"kCommonJS", "kESM", "kStrippedTypeScript", "kTransformedTypeScript",
                    "kTransformedTypeScriptWithSourceMaps"}));
  env.Set(exports, "moduleFormats", numbered({"kCommonJS", "kModule"}));
}

void References(std::vector<intptr_t>& out) {
  out.push_back(Reference(MetaPath<true>));
  out.push_back(Reference(MetaPath<false>));
}

}  // namespace

extern const Binding kModulesBinding;
const Binding kModulesBinding = {
    .name = "modules", .functions = kFunctions, .init = Init, .references = References};

}  // namespace kiln::runtime
