// A removed export can be what another module re-exports, so this repeats until nothing changes.
#include "bundler/type_exports.h"

#include <algorithm>
#include <set>
#include <string>

#include "bundler/lexer.h"

namespace kiln {
namespace {

class TypeExportRemover {
 public:
  explicit TypeExportRemover(std::deque<Module>& modules) : modules_(modules) {}

  void Run() {
    bool changed = true;
    while (changed) {
      changed = false;
      for (Module& module : modules_)
        if (!module.excluded && module.format == ModuleFormat::kEsm && !module.is_javascript)
          changed |= Clean(module);
    }
  }

 private:
  // Whether `name` may be an export of the module.
  bool Exports(size_t index, const std::string& name, std::set<size_t>& seen) const {
    const Module& module = modules_[index];
    if (module.excluded || module.format != ModuleFormat::kEsm || module.scan.exports.unknown)
      return true;
    if (!seen.insert(index).second) return false;
    auto exports = [&](const ImportedName& one) { return one.local == name; };
    if (std::ranges::any_of(module.scan.exports.lists, exports)) return true;
    if (std::ranges::find(module.scan.exports.others, name) != module.scan.exports.others.end())
      return true;
    for (const ImportStatement& statement : module.scan.imports) {
      if (!statement.exports) continue;
      if (std::ranges::any_of(statement.names, exports)) return true;
      // `export *` leaves out the default export.
      if (!statement.exports_all || name == "default") continue;
      const Edge* edge = module.Find(statement.specifier, false);
      if (!edge || edge->to != Edge::To::kModule || Exports(edge->module, name, seen)) return true;
    }
    return false;
  }

  // Removes what it can from one module; whether it did.
  bool Clean(Module& module) {
    bool changed = false;
    for (size_t i = 0; i < module.scan.imports.size();) {
      if (CleanStatement(module, module.scan.imports[i])) {
        changed = true;
        if (module.scan.imports[i].names.empty() && !module.scan.imports[i].takes_namespace) {
          RemoveStatement(module, i);
          continue;
        }
      }
      ++i;
    }
    return changed;
  }

  bool CleanStatement(Module& module, ImportStatement& statement) {
    const Edge* edge = module.Find(statement.specifier, false);
    if (!edge || edge->to != Edge::To::kModule) return false;
    size_t removed = std::erase_if(statement.names, [&](const ImportedName& name) {
      std::set<size_t> seen;
      if (Exports(edge->module, name.name, seen)) return false;
      if (!statement.exports && !RemoveFromLists(module, name.local)) return false;
      Blank(module, name.start, name.end);
      return true;
    });
    return removed > 0;
  }

  // Removes `export { local }` if the import of that name is used for nothing else.
  bool RemoveFromLists(Module& module, const std::string& local) {
    std::vector<ImportedName>& lists = module.scan.exports.lists;
    auto listed = [&](const ImportedName& name) { return name.name == local; };
    size_t uses = size_t(std::ranges::count_if(lists, listed));
    if (uses == 0) return false;
    // `local as local` does not occur: esbuild prints it as `local`.
    TokenList tokens = Tokenize(module.translated);
    size_t all = 0;
    for (size_t i = 0; i < tokens.tokens.size(); ++i)
      if (tokens.tokens[i].kind == TokenKind::kName && tokens.Is(i, local)) ++all;
    if (all != uses + 1) return false;
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
