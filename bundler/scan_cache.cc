// A value has the questions with their answers, then the fields of the scan, both in the order of
// Transfer, which reads and writes them.
#include "bundler/scan_cache.h"

#include <utility>
#include <vector>

namespace kiln {
namespace {

struct Question {
  std::string name;
  bool of_paths = false;  // ScanContext::paths_of, else resolve
  bool import = false;    // the argument of paths_of
  std::string resolved;
  std::vector<ExportedPath> paths;
};

class Writing {
 public:
  void operator()(const std::string& text) { bytes_.Text(text); }
  void operator()(bool value) { bytes_.Number(value); }
  void operator()(uint32_t value) { bytes_.Number(value); }
  template <class E>
    requires std::is_enum_v<E>
  void operator()(E value) {
    bytes_.Number(uint64_t(value));
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    bytes_.Number(list.size());
    for (T& one : list) Transfer(*this, one);
  }
  std::string Take() { return bytes_.Take(); }

 private:
  ByteWriter bytes_;
};

class Reading {
 public:
  explicit Reading(std::string_view bytes) : bytes_(bytes) {}
  void operator()(std::string& text) { text = bytes_.Text(); }
  void operator()(bool& value) { value = bytes_.Number() != 0; }
  void operator()(uint32_t& value) { value = uint32_t(bytes_.Number()); }
  template <class E>
    requires std::is_enum_v<E>
  void operator()(E& value) {
    value = E(bytes_.Number());
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    for (uint64_t count = bytes_.Number(); count > 0 && bytes_.ok(); --count)
      Transfer(*this, list.emplace_back());
  }
  bool complete() const { return bytes_.AtEnd(); }

 private:
  ByteReader bytes_;
};

// A field that is added to one of these must be added to its function below too.
static_assert(sizeof(ModuleScan) == 240 && sizeof(ModuleRef) == 88 && sizeof(ComputedRef) == 48 &&
              sizeof(PathRef) == 48 && sizeof(ImportStatement) == 144 &&
              sizeof(ImportedName) == 72 && sizeof(ExportedNames) == 56 &&
              sizeof(ExportedPath) == 72);

void Transfer(auto& io, uint32_t& value) { io(value); }
void Transfer(auto& io, std::string& value) { io(value); }
void Transfer(auto& io, ExportedPath& it) { io(it.name), io(it.path), io(it.url); }
void Transfer(auto& io, Question& it) {
  io(it.name), io(it.of_paths), io(it.import), io(it.resolved), io(it.paths);
}
void Transfer(auto& io, ModuleRef& it) {
  io(it.kind), io(it.specifier), io(it.offset), io(it.in_try), io(it.in_function);
  io(it.in_arrow), io(it.in_class), io(it.evaluated), io(it.certain), io(it.from);
}
void Transfer(auto& io, ComputedRef& it) {
  io(it.kind), io(it.offset), io(it.folder), io(it.in_try), io(it.indirect);
}
void Transfer(auto& io, PathRef& it) { io(it.kind), io(it.path), io(it.offset); }
void Transfer(auto& io, ImportedName& it) { io(it.name), io(it.local), io(it.start), io(it.end); }
void Transfer(auto& io, ImportStatement& it) {
  io(it.specifier), io(it.names), io(it.takes_namespace), io(it.exports), io(it.exports_all);
  io(it.exported_namespace), io(it.source_phase), io(it.type), io(it.start), io(it.end);
}
void Transfer(auto& io, ExportedNames& it) { io(it.lists), io(it.others), io(it.unknown); }
void Transfer(auto& io, ModuleScan& it) {
  io(it.esm_syntax), io(it.has_import_meta), io(it.declares_require), io(it.foreign_require);
  io(it.redeclares_commonjs), io(it.loads_native), io(it.top_level_await), io(it.mentions_module);
  io(it.has_decorators), io(it.balanced), io(it.refs), io(it.computed);
  io(it.imports), Transfer(io, it.exports), io(it.paths), io(it.exported_paths);
  io(it.import_calls), io(it.typeof_requires);
}

bool Same(const std::vector<ExportedPath>& a, const std::vector<ExportedPath>& b) {
  return std::ranges::equal(a, b, [](const ExportedPath& x, const ExportedPath& y) {
    return x.name == y.name && x.path == y.path && x.url == y.url;
  });
}

bool AnswersAreTheSame(const std::vector<Question>& questions, const ScanContext& context) {
  for (const Question& question : questions) {
    bool same = question.of_paths
                    ? Same(context.paths_of(question.name, question.import), question.paths)
                    : context.resolve(question.name) == question.resolved;
    if (!same) return false;
  }
  return true;
}

}  // namespace

ModuleScan ScanWithCache(std::string_view text, const std::string& filename,
                         const ScanContext& context, BuildCache& cache) {
  Digest key = CacheKeyOf("scan", filename, text);
  if (std::optional<std::string> known = cache.Find(key)) {
    Reading in(*known);
    std::vector<Question> questions;
    ModuleScan scan;
    in(questions);
    Transfer(in, scan);
    if (in.complete() && AnswersAreTheSame(questions, context)) return scan;
  }
  std::vector<Question> questions;
  ScanContext asked = {[&](const std::string& name) {
                         std::string resolved = context.resolve(name);
                         questions.push_back({.name = name, .resolved = resolved, .paths = {}});
                         return resolved;
                       },
                       {}};
  if (context.paths_of)
    asked.paths_of = [&](const std::string& name, bool import) {
      std::vector<ExportedPath> paths = context.paths_of(name, import);
      questions.push_back(
          {.name = name, .of_paths = true, .import = import, .resolved = {}, .paths = paths});
      return paths;
    };
  ModuleScan scan = ScanModule(text, filename, asked);
  Writing out;
  out(questions);
  Transfer(out, scan);
  cache.Put(key, out.Take());
  return scan;
}

}  // namespace kiln
