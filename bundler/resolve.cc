// Node's resolution algorithms (doc/api/modules.md and esm.md describe them).
#include "bundler/resolve.h"

#include <algorithm>
#include <utility>

#include "support/file.h"

namespace kiln {
namespace {

constexpr const char* kFolderImport = "an import cannot name a folder";

bool IsRelative(std::string_view specifier) {
  return specifier == "." || specifier == ".." || specifier.starts_with("./") ||
         specifier.starts_with("../") || specifier.starts_with("/");
}

// Longest part before the * first, then the longest key.
bool MoreSpecific(const std::string& a, const std::string& b) {
  size_t base_a = a.find('*') + 1, base_b = b.find('*') + 1;
  if (base_a != base_b) return base_a > base_b;
  return a.size() > b.size();
}

std::string Decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    auto hex = [&](size_t at) {
      char c = at < text.size() ? text[at] : ' ';
      if (c >= '0' && c <= '9') return c - '0';
      c |= 0x20;
      return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text[i] == '%' && hex(i + 1) >= 0 && hex(i + 2) >= 0) {
      out += char(hex(i + 1) * 16 + hex(i + 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Whether a target of "exports" or "imports" without its ./, or what replaces its *, has a segment
// that Node refuses: one that leaves the folder, or leads to another package.
bool HasInvalidSegment(std::string_view path) {
  for (size_t begin = 0; begin <= path.size();) {
    size_t end = std::min(path.find_first_of("/\\", begin), path.size());
    std::string segment = Decode(path.substr(begin, end - begin));
    for (char& c : segment)
      if (c >= 'A' && c <= 'Z') c |= 0x20;
    if (segment == "." || segment == ".." || segment == "node_modules") return true;
    begin = end + 1;
  }
  return false;
}

// Whether `text` begins with the scheme of a URL.
bool IsUrl(std::string_view text) {
  size_t colon = text.find(':');
  auto in_scheme = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
           c == '-' || c == '.';
  };
  return colon != std::string_view::npos && colon > 0 && text[0] >= 'A' &&
         std::ranges::all_of(text.substr(0, colon), in_scheme);
}

// The query or fragment of a URL, with the escapes that the URL parser adds (WHATWG URL, "query
// percent-encode set" of special schemes, and "fragment percent-encode set").
std::string EncodeSuffix(std::string_view text) {
  std::string out;
  bool fragment = false;
  for (char c : text) {
    if (c == '#') fragment = true;
    bool first_hash = c == '#' && out.find('#') == std::string::npos;
    std::string_view set = fragment ? " \"<>`" : " \"<>'";
    if (c == '\t' || c == '\n' || c == '\r') continue;
    bool escape = uint8_t(c) < 0x20 || uint8_t(c) > 0x7E || set.find(c) != std::string_view::npos;
    if (!escape || first_hash) {
      out += c;
      continue;
    }
    constexpr char kDigits[] = "0123456789ABCDEF";
    out += {'%', kDigits[uint8_t(c) >> 4], kDigits[uint8_t(c) & 15]};
  }
  return out;
}

// A URL without its origin. Node refuses escapes of / and \ in the path: then there is an error.
struct UrlParts {
  std::string path;    // without escapes
  std::string suffix;  // query and fragment, with escapes
  std::string error;
};
bool HasEncodedSeparator(std::string_view path) {
  for (size_t at = 0; (at = path.find('%', at)) != std::string_view::npos; ++at) {
    std::string code(path.substr(at + 1, 2));
    if (code == "2f" || code == "2F" || code == "5c" || code == "5C") return true;
  }
  return false;
}

UrlParts ParseUrl(std::string_view text) {
  size_t end = std::min(text.find_first_of("?#"), text.size());
  std::string path(text.substr(0, end));
  if (HasEncodedSeparator(path))
    return {{}, {}, "its path must not include encoded \"/\" or \"\\\" characters"};
  std::ranges::replace(path, '\\', '/');
  // Node leaves out a query or fragment that is empty.
  std::string_view suffix = text.substr(end);
  std::string_view query = suffix.substr(0, suffix.find('#'));
  std::string_view fragment = suffix.substr(query.size());
  if (query.size() < 2) query = {};
  if (fragment.size() < 2) fragment = {};
  return {Decode(path), EncodeSuffix(std::string(query) + std::string(fragment)), {}};
}

}  // namespace

Resolver::Resolver(Packages& packages, TsConfigs& tsconfigs, std::vector<std::string> conditions)
    : packages_(packages), tsconfigs_(tsconfigs), conditions_(std::move(conditions)) {}

bool Resolver::HasCondition(const std::string& name, ResolveStyle style) const {
  if (name == "default" || name == "node" || name == "module-sync" || name == "node-addons")
    return true;
  if (name == (style == ResolveStyle::kRequire ? "require" : "import")) return true;
  return std::find(conditions_.begin(), conditions_.end(), name) != conditions_.end();
}

Resolution Resolver::File(const std::string& path) {
  if (path.empty()) return {};
  return {Resolution::Kind::kFile, packages_.RealPathOf(path)};
}

Resolution Resolver::Url(const std::string& base, const std::string& text, ResolveStyle style,
                         bool search) {
  UrlParts url = style == ResolveStyle::kImport ? ParseUrl(text) : UrlParts{text, {}, {}};
  if (!url.error.empty()) return {.reason = url.error};
  std::string path = IsAbsolutePath(url.path) ? url.path : base + "/" + url.path;
  bool names_folder = path.ends_with("/.") || path.ends_with("/..");
  Resolution found = File(Anything(names_folder ? path + "/" : path, search));
  found.suffix = std::move(url.suffix);
  return found;
}

std::string Resolver::AsFile(const std::string& path) {
  if (packages_.IsFile(path)) return path;
  for (const char* extension : {".js", ".json", ".node"})
    if (packages_.IsFile(path + extension)) return path + extension;
  return {};
}

std::string Resolver::AsDirectory(const std::string& path) {
  if (!packages_.IsDirectory(path)) return {};
  const PackageJson* package = packages_.At(path);
  auto field = [&](const char* name) {
    const std::string& main = package ? package->json[name].AsString() : std::string();
    if (main.empty()) return std::string();
    std::string target = NormalizePath(JoinPath(path, main));
    if (std::string file = AsFile(target); !file.empty()) return file;
    return target == path ? std::string() : AsFile(JoinPath(target, "index"));
  };
  if (std::string file = field("main"); !file.empty()) return file;
  if (std::string file = AsFile(JoinPath(path, "index")); !file.empty()) return file;
  // Node ignores "module", but such a package has no other entry.
  return field("module");
}

bool Resolver::HasBadMain(const std::string& path) {
  const PackageJson* package = packages_.At(path);
  if (!package) return false;
  const std::string& main = package->json["main"].AsString();
  std::string target = NormalizePath(JoinPath(path, main));
  return !main.empty() && target != path && AsFile(target).empty() &&
         AsFile(JoinPath(target, "index")).empty();
}

// First by Node's rules, then by TypeScript's.
std::string Resolver::Anything(const std::string& path, bool search) {
  bool folder_only = path.ends_with('/');
  std::string clean = NormalizePath(path);
  if (!folder_only) {
    if (std::string file = AsFile(clean); !file.empty()) return file;
  }
  if (std::string file = AsDirectory(clean); !file.empty()) return file;
  if (!search) return {};
  std::string extension = ExtensionOf(clean);
  std::string stem = clean.substr(0, clean.size() - extension.size());
  auto try_all = [&](const std::string& base, std::initializer_list<const char*> extensions) {
    for (const char* candidate : extensions)
      if (packages_.IsFile(base + candidate)) return base + candidate;
    return std::string();
  };
  std::string found;
  if (extension == ".js") found = try_all(stem, {".ts", ".tsx", ".jsx"});
  if (extension == ".jsx") found = try_all(stem, {".tsx"});
  if (extension == ".mjs") found = try_all(stem, {".mts"});
  if (extension == ".cjs") found = try_all(stem, {".cts"});
  if (!found.empty()) return found;
  found = try_all(clean, {".ts", ".tsx", ".jsx", ".mts", ".cts"});
  if (!found.empty()) return found;
  if (packages_.IsDirectory(clean))
    return try_all(JoinPath(clean, "index"), {".ts", ".tsx", ".jsx", ".mts"});
  return {};
}

Resolution Resolver::Resolve(const std::string& name, const std::string& importer,
                             ResolveStyle style) {
  std::string specifier = name;
  if (specifier.empty()) return {};
  if (std::string builtin = BuiltinNameOf(specifier); !builtin.empty())
    return {Resolution::Kind::kBuiltin, builtin};
  if (specifier.starts_with("node:")) return {.reason = "Node has no such module"};
  if (style == ResolveStyle::kImport && specifier.starts_with("file://")) specifier.erase(0, 7);
  bool own = !InNodeModules(importer);
  if (specifier[0] == '#') return Imports(specifier, importer, style);
  if (IsRelative(specifier)) return Url(DirectoryOf(importer), specifier, style, own);
  if (const TsConfig* config = own ? tsconfigs_.For(importer) : nullptr) {
    for (const std::string& candidate : config->Candidates(specifier))
      if (Resolution found = File(Anything(candidate, true)); found.found()) return found;
  }
  return Package(specifier, importer, style);
}

Resolution Resolver::Package(const std::string& specifier, const std::string& importer,
                             ResolveStyle style) {
  std::string name = PackageNameOf(specifier);
  if (name.empty()) return {};
  std::string rest = specifier.substr(name.size());
  // A package may import itself by its name.
  if (const PackageJson* own = packages_.ScopeOf(importer);
      own && own->name == name && own->json.Has("exports"))
    return Exports(*own, "." + rest, style);
  Resolution missing;
  for (std::string folder = DirectoryOf(importer);; folder = DirectoryOf(folder)) {
    if (!folder.ends_with("/node_modules")) {
      std::string place = JoinPath(folder, "node_modules/" + name);
      if (packages_.IsDirectory(place)) {
        const PackageJson* package = packages_.At(place);
        if (package && !package->json["exports"].is_null())
          return Exports(*package, "." + rest, style);
        Resolution found = InPackage(place, rest, style);
        if (found.found()) return found;
        if (missing.package_json.empty()) missing = std::move(found);
        // Only require() looks for another package of that name.
        if (style == ResolveStyle::kImport) return missing;
      } else if (rest.empty()) {
        // node_modules/x.js is rare but allowed.
        if (std::string file = AsFile(place); !file.empty()) return File(file);
      }
    }
    if (folder == "/" || folder.empty()) return missing;
  }
}

Resolution Resolver::InPackage(const std::string& place, const std::string& rest,
                               ResolveStyle style) {
  Resolution found;
  std::string package_json = packages_.RealPathOf(place) + "/package.json";
  if (packages_.IsFile(package_json)) found.package_json = package_json;
  UrlParts url = style == ResolveStyle::kImport ? ParseUrl(rest) : UrlParts{rest, {}, {}};
  if (!url.error.empty()) {
    found.reason = url.error;
    return found;
  }
  if (style == ResolveStyle::kImport && url.path.ends_with('/')) {
    found.reason = kFolderImport;
    return found;
  }
  std::string file = Anything(place + url.path, false);
  if (file.empty() && !rest.empty() && style == ResolveStyle::kImport)
    file = Anything(place + url.path, true);
  if (file.empty()) return found;
  return {.kind = Resolution::Kind::kFile,
          .path = packages_.RealPathOf(file),
          .suffix = url.suffix,
          .warns = style == ResolveStyle::kRequire && rest.empty() && HasBadMain(place)};
}

Resolution Resolver::Exports(const PackageJson& package, const std::string& subpath,
                             ResolveStyle style) {
  const Json& exports = package.json["exports"];
  // A table of subpaths, or a value for "." alone.
  bool table = exports.is_object() && !exports.members().empty() &&
               exports.members()[0].first.starts_with('.');
  std::string target;
  Targeted result = Targeted::kNone;
  if (table)
    result = Match(exports, subpath, style, Table::kExports, target);
  else if (subpath == ".")
    result = Target(exports, "", false, style, Table::kExports, target);
  std::string where =
      "the \"exports\" of package " + (package.name.empty() ? package.directory : package.name);
  Resolution missing{.package_json = packages_.RealPathOf(package.directory) + "/package.json"};
  if (result == Targeted::kInvalid) {
    missing.reason = where + " have the target \"" + target + "\" for \"" + subpath +
                     "\", which Node does not allow";
    return missing;
  }
  if (result != Targeted::kFound) {
    missing.reason = where + " have no \"" + subpath + "\"";
    return missing;
  }
  // Node reads targets as URLs, for require() too.
  UrlParts url = ParseUrl(target);
  std::string path = NormalizePath(JoinPath(package.directory, url.path));
  if (url.error.empty() && packages_.IsFile(path))
    return {Resolution::Kind::kFile, packages_.RealPathOf(path),
            style == ResolveStyle::kImport ? url.suffix : std::string()};
  missing.reason = where + " name " + target + ", which does not exist";
  return missing;
}

Resolution Resolver::Imports(const std::string& specifier, const std::string& importer,
                             ResolveStyle style) {
  const PackageJson* package = packages_.ScopeOf(importer);
  std::string target;
  Targeted result = Targeted::kNone;
  if (package) result = Match(package->json["imports"], specifier, style, Table::kImports, target);
  if (result != Targeted::kFound) {
    if (const TsConfig* config = tsconfigs_.For(importer)) {
      for (const std::string& candidate : config->Candidates(specifier))
        if (Resolution found = File(Anything(candidate, true)); found.found()) return found;
    }
    if (result == Targeted::kInvalid)
      return {.reason = "the \"imports\" in " + package->directory + "/package.json have the " +
                        "target \"" + target + "\" for it, which Node does not allow"};
    return {.reason = "no \"imports\" in a package.json define it"};
  }
  if (target.starts_with("./")) return Url(package->directory, target, style, true);
  if (std::string builtin = BuiltinNameOf(target); !builtin.empty())
    return {Resolution::Kind::kBuiltin, builtin};
  return Package(target, package->directory + "/package.json", style);
}

Resolver::Targeted Resolver::Match(const Json& table, const std::string& key, ResolveStyle style,
                                   Table kind, std::string& target) const {
  bool may_be_exact = key.find('*') == std::string::npos && !key.ends_with('/');
  if (const Json* exact = table.Find(key); exact && may_be_exact)
    return Target(*exact, "", false, style, kind, target);
  const std::pair<std::string, Json>* best = nullptr;
  for (const auto& member : table.members()) {
    const std::string& pattern = member.first;
    size_t at = pattern.find('*');
    if (at == std::string::npos) continue;
    bool matches = key.size() >= pattern.size() && key.starts_with(pattern.substr(0, at)) &&
                   key.ends_with(std::string_view(pattern).substr(at + 1));
    if (matches && (!best || MoreSpecific(pattern, best->first))) best = &member;
  }
  if (!best) return Targeted::kNone;
  size_t at = best->first.find('*');
  size_t tail = best->first.size() - at - 1;
  return Target(best->second, key.substr(at, key.size() - at - tail), true, style, kind, target);
}

Resolver::Targeted Resolver::Target(const Json& value, const std::string& star, bool pattern,
                                    ResolveStyle style, Table kind, std::string& target) const {
  if (value.is_null()) return Targeted::kExcluded;
  if (value.is_string()) {
    target = value.AsString();
    bool valid = target.starts_with("./") ? !HasInvalidSegment(target.substr(2))
                                          : kind == Table::kImports && !target.starts_with("../") &&
                                                !target.starts_with('/') && !IsUrl(target);
    if (HasInvalidSegment(star)) valid = false;
    if (pattern)
      for (size_t at = 0; (at = target.find('*', at)) != std::string::npos; at += star.size())
        target.replace(at, 1, star);
    return valid ? Targeted::kFound : Targeted::kInvalid;
  }
  if (value.is_array()) {
    // The first that is neither invalid nor null; if there is none, the reason is the last's.
    Targeted last = value.items().empty() ? Targeted::kExcluded : Targeted::kNone;
    for (const Json& item : value.items()) {
      Targeted result = Target(item, star, pattern, style, kind, target);
      if (result == Targeted::kFound) return result;
      if (result != Targeted::kNone) last = result;
    }
    return last;
  }
  for (const auto& [condition, inner] : value.members()) {
    if (!HasCondition(condition, style)) continue;
    Targeted result = Target(inner, star, pattern, style, kind, target);
    if (result != Targeted::kNone) return result;
  }
  return Targeted::kNone;
}

}  // namespace kiln
