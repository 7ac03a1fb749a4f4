// A removed statement changes what its module loads, not what it exports, so one pass is enough.
#include "bundler/type_exports.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "bundler/lexer.h"

namespace kiln {
namespace {

class TypeExportRemover {
 public:
  explicit TypeExportRemover(std::deque<Module>& modules) : modules_(modules) {}

  void Run() {
    for (Module& module : modules_)
      if (!module.excluded && module.format == ModuleFormat::kEsm && !module.is_javascript)
        Clean(module);
  }

 private:
  using Seen = std::set<std::pair<size_t, std::string>>;

  // Whether `name` may be an export of the module: what it comes from is looked up, as when V8
  // links the modules. `seen` has the lookups that are being made.
  bool Exports(size_t index, const std::string& name, Seen& seen) const {
    const Module& module = modules_[index];
    if (module.excluded || module.format != ModuleFormat::kEsm || module.scan.exports.unknown)
      return true;
    if (!seen.insert({index, name}).second) return false;
    const ExportedNames& exports = module.scan.exports;
    if (std::ranges::find(exports.others, name) != exports.others.end()) return true;
    for (const ImportedName& listed : exports.lists)
      if (listed.local == name) return ExportsLocal(module, listed.name, seen);
    for (const ImportStatement& statement : module.scan.imports)
      for (const ImportedName& one : statement.names)
        if (statement.exports && one.local == name)
          return ImportExists(module, statement.specifier, one.name, seen);
    // `export *` leaves out the default export.
    if (name == "default") return false;
    return std::ranges::any_of(module.scan.imports, [&](const ImportStatement& statement) {
      return statement.exports_all && ImportExists(module, statement.specifier, name, seen);
    });
  }

  // Whether the variable `local`, which the module exports, exists: it may be imported.
  bool ExportsLocal(const Module& module, const std::string& local, Seen& seen) const {
    for (const ImportStatement& statement : module.scan.imports)
      for (const ImportedName& one : statement.names)
        if (!statement.exports && one.local == local)
          return ImportExists(module, statement.specifier, one.name, seen);
    return true;
  }

  bool ImportExists(const Module& module, const std::string& specifier, const std::string& name,
                    Seen& seen) const {
    const Edge* edge = module.Find(specifier, false);
    return !edge || edge->to != Edge::To::kModule || Exports(edge->module, name, seen);
  }

  void Clean(Module& module) {
    for (size_t i = 0; i < module.scan.imports.size();) {
      ImportStatement& statement = module.scan.imports[i];
      if (CleanStatement(module, statement) && statement.names.empty() &&
          !statement.takes_namespace)
        RemoveStatement(module, i);
      else
        ++i;
    }
  }

  // Whether names were removed.
  bool CleanStatement(Module& module, ImportStatement& statement) {
    const Edge* edge = module.Find(statement.specifier, false);
    if (!edge || edge->to != Edge::To::kModule) return false;
    size_t removed = std::erase_if(statement.names, [&](const ImportedName& name) {
      Seen seen;
      if (Exports(edge->module, name.name, seen)) return false;
      if (!statement.exports && !RemoveFromLists(module, name)) return false;
      Blank(module, name.start, name.end);
      return true;
    });
    return removed > 0;
  }

  // Removes `export { local }` if the import of that name is used for nothing else.
  bool RemoveFromLists(Module& module, const ImportedName& imported) {
    std::vector<ImportedName>& lists = module.scan.exports.lists;
    auto listed = [&](const ImportedName& name) { return name.name == imported.local; };
    if (std::ranges::none_of(lists, listed)) return false;
    TokenList tokens = Tokenize(module.translated);
    for (size_t i = 1; i < tokens.tokens.size(); ++i) {
      const Token& token = tokens.tokens[i];
      auto holds = [&](const ImportedName& name) {
        return name.start <= token.start && token.end <= name.end;
      };
      if (token.kind != TokenKind::kName || !tokens.Is(i, imported.local)) continue;
      if (holds(imported) || tokens.Is(i - 1, ".") || tokens.Is(i - 1, "?.")) continue;
      if (std::ranges::none_of(
              lists, [&](const ImportedName& name) { return listed(name) && holds(name); }))
        return false;
    }
    for (const ImportedName& name : lists)
      if (listed(name)) Blank(module, name.start, name.end);
    std::erase_if(lists, listed);
    return true;
  }

  void RemoveStatement(Module& module, size_t index) {
    std::string specifier = module.scan.imports[index].specifier;
    Blank(module, module.scan.imports[index].start, module.scan.imports[index].end);
    module.scan.imports.erase(module.scan.imports.begin() + long(index));
    for (const ImportStatement& other : module.scan.imports)
      if (other.specifier == specifier) return;
    bool imported = std::ranges::any_of(module.scan.refs, [&](const ModuleRef& ref) {
      return ref.kind == RefKind::kDynamicImport && ref.specifier == specifier;
    });
    std::erase_if(module.edges, [&](Edge& edge) {
      if (edge.kind != RefKind::kImport || edge.specifier != specifier) return false;
      edge.kind = RefKind::kDynamicImport;
      edge.at_start = false;
      return !imported;
    });
  }

  static void Blank(Module& module, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; ++at)
      if (char& c = module.translated[at]; c != '\n' && c != '\r') c = ' ';
  }

  std::deque<Module>& modules_;
};

}  // namespace

void RemoveTypeExports(std::deque<Module>& modules) { TypeExportRemover(modules).Run(); }

}  // namespace kiln
