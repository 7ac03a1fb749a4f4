// The script is
//
//   __kiln.define([["/kiln/a.js", {"./b": 1}, 0, 2], ["/kiln/b.mjs", 0, 0, 1], ...]);
//   __kiln.bodies([function (exports, require, ...) { ... }, 0, ...]);
//   (function () { "use strict"; linked ES modules })();
//   __kiln.main(0);
//
// The functions are separate from the names in the table, because V8 would use those as the
// functions' names. Each module's text begins on a new line, so the source map is an index map with
// one section per module, unchanged from esbuild.
#include "bundler/emit.h"

#include <algorithm>

#include "bundler/native_addons.h"
#include "bundler/virtual_path.h"
#include "support/file.h"
#include "support/json.h"

namespace kiln {
namespace {

// A JSON string in ASCII, because the script must be ASCII.
std::string Quoted(std::string_view text) {
  std::string utf8 = QuoteJson(text);
  std::string out;
  for (size_t i = 0; i < utf8.size();) {
    uint8_t c = uint8_t(utf8[i]);
    if (c < 0x80) {
      out += char(c);
      ++i;
      continue;
    }
    int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
    uint32_t code = c & (0x3F >> more);
    for (int k = 1; k <= more && i + k < utf8.size(); ++k)
      code = code << 6 | (uint8_t(utf8[i + k]) & 0x3F);
    i += size_t(more) + 1;
    char buffer[16];
    if (code >= 0x10000) {
      code -= 0x10000;
      snprintf(buffer, sizeof buffer, "\\u%04x\\u%04x", 0xD800 | code >> 10,
               0xDC00 | (code & 0x3FF));
    } else {
      snprintf(buffer, sizeof buffer, "\\u%04x", code);
    }
    out += buffer;
  }
  return out;
}

class Emitter {
 public:
  Emitter(Graph& graph, const std::string& root, bool source_map)
      : graph_(graph), root_(root), with_map_(source_map) {}

  EmittedScript Run(const std::vector<TranslatedModule>& translated, const LinkedEsm& linked_esm) {
    Line("__kiln.define([");
    for (const Module& module : graph_.modules()) Entry(module);
    Line("]);");
    Line("__kiln.bodies([");
    for (size_t i = 0; i < graph_.modules().size(); ++i) {
      const Module& module = graph_.modules()[i];
      if (module.excluded || module.format != ModuleFormat::kCommonJs) {
        Line("0,");
        continue;
      }
      std::string parameters = "exports,require,module,__filename,__dirname";
      if (!module.scan.import_calls.empty()) parameters += ",__kiln_import";
      Line("function(" + parameters + "){");
      Section(translated[i].map, {&module});
      Code(translated[i].code);
      Line("},");
    }
    Line("]);");
    bool esm_entry = graph_.entry().format == ModuleFormat::kEsm;
    if (esm_entry) Line("__kiln.entry(0);");
    if (!linked_esm.empty) {
      // The parameters hide variables that exist only in CommonJS.
      std::string head = esm_entry ? "return (" : "(";
      if (linked_esm.top_level_await) head += "async ";
      Line(head + "function(exports,require,module,__filename,__dirname){\"use strict\";" +
           linked_esm.head);
      Section(linked_esm.map, {});
      Code(linked_esm.code);
      Line("})();");
    }
    if (!esm_entry) Line("return __kiln.main(0);");
    EmittedScript result;
    result.script = std::move(script_);
    if (with_map_) result.source_map = "{\"version\":3,\"sections\":[" + sections_ + "]}";
    return result;
  }

 private:
  // [path, requires, imports, 1 for an ES module or 2 for CommonJS]; for JSON only the path.
  void Entry(const Module& module) {
    if (module.excluded) return Line("0,");
    std::string entry = "[" + Quoted(VirtualPath(module.path, root_));
    if (module.format == ModuleFormat::kEsm)
      entry += "," + Table(module, true) + "," +
               (ComputesImports(module) ? Table(module, false) : "0") + ",1";
    if (module.format == ModuleFormat::kCommonJs)
      entry += "," + Table(module, true) + "," + Table(module, false) + ",2";
    Line(entry + "],");
  }

  // Linked imports need no table, but computed names do.
  static bool ComputesImports(const Module& module) {
    for (const ComputedRef& ref : module.scan.computed)
      if (ref.kind == RefKind::kDynamicImport) return true;
    for (const Edge& edge : module.edges)
      if (edge.kind == RefKind::kDynamicImport && edge.evaluated) return true;
    return false;
  }

  void Line(std::string_view text) {
    script_ += text;
    script_ += '\n';
    ++lines_;
  }
  void Code(std::string_view text) {
    script_ += text;
    lines_ += size_t(std::count(text.begin(), text.end(), '\n'));
    if (!text.ends_with('\n')) Line("");
  }

  // Maps a specifier to its module: a number; node:x for a builtin of another name; !text for an
  // import that fails with that text. Node's loader resolves specifiers that are not in the table.
  std::string Table(const Module& module, bool requires_it) {
    std::string table;
    for (const Edge& edge : module.edges) {
      bool import = edge.kind == RefKind::kImport || edge.kind == RefKind::kDynamicImport;
      if (import == requires_it) continue;
      // An ES module's own imports are linked; its `require` is not defined.
      if (module.format == ModuleFormat::kEsm && edge.kind == RefKind::kRequire &&
          !module.scan.declares_require && !module.commonjs_variables)
        continue;
      std::string value;
      switch (edge.to) {
        case Edge::To::kModule:
          if (graph_.modules()[edge.module].excluded) continue;
          value = std::to_string(edge.module);
          break;
        case Edge::To::kBuiltin:
          if (!BuiltinNameOf(edge.specifier).empty()) continue;
          value = Quoted("node:" + edge.builtin);
          break;
        case Edge::To::kAddon:
          value = Quoted("!" + AddonMessage(graph_.packages(), module.path));
          break;
        case Edge::To::kRunTime:
          continue;
      }
      std::string specifier = edge.specifier;
      if (edge.evaluated && specifier.starts_with('/')) {
        if (!specifier.starts_with(root_ + "/")) continue;
        specifier = VirtualPath(specifier, root_);
      }
      if (!table.empty()) table += ',';
      table += Quoted(specifier) + ":" + value;
    }
    return table.empty() ? "0" : "{" + table + "}";
  }

  // Starts a section: `map` applies to the text that follows. Its sources become virtual paths. The
  // user's own files include their text, which Node prints with an uncaught error.
  void Section(const std::string& map, std::vector<const Module*> modules) {
    if (!with_map_ || map.empty()) return;
    auto json = Json::Parse(map);
    if (!json.ok()) return;
    Json sources = Json::Array(), contents = Json::Array();
    for (const Json& source : (*json)["sources"].items()) {
      const Module* module = modules.empty() ? ModuleNamed(source.AsString()) : modules[0];
      sources.Push(module ? Json(VirtualPath(module->path, root_)) : Json("kiln:internal"));
      bool own = module && !InNodeModules(module->path);
      contents.Push(own ? Json(module->source) : Json());
    }
    json->Set("sources", std::move(sources));
    json->Set("sourcesContent", std::move(contents));
    if (!sections_.empty()) sections_ += ',';
    sections_ += "{\"offset\":{\"line\":" + std::to_string(lines_) +
                 ",\"column\":0},\"map\":" + json->Write() + "}";
  }

  const Module* ModuleNamed(const std::string& relative) {
    if (by_path_.empty())
      for (const Module& module : graph_.modules()) by_path_[module.path] = &module;
    auto found = by_path_.find(NormalizePath(JoinPath(root_, relative)));
    return found == by_path_.end() ? nullptr : found->second;
  }

  Graph& graph_;
  std::string root_;
  bool with_map_;
  std::string script_;
  std::string sections_;
  size_t lines_ = 0;
  std::unordered_map<std::string, const Module*> by_path_;
};

}  // namespace

EmittedScript EmitScript(Graph& graph, const std::vector<TranslatedModule>& translated,
                         const LinkedEsm& linked_esm, const std::string& root, bool source_map) {
  return Emitter(graph, root, source_map).Run(translated, linked_esm);
}

}  // namespace kiln
