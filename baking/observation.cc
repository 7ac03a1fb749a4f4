#include "baking/observation.h"

#include <charconv>
#include <utility>

namespace kiln {
namespace {

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    char c = text[++i];
    out += c == 't' ? '\t' : c == 'n' ? '\n' : c;
  }
  return out;
}

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    size_t end = line.find('\t');
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

bool ReadNumber(std::string_view text, int* out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

class Parser {
 public:
  explicit Parser(int module_count) : module_count_(module_count), open_{&root_} {}

  // False for a line that is none of the format.
  bool Add(std::string_view line) {
    std::vector<std::string_view> f = Fields(line);
    if (f[0] == "read" || f[0] == "act") return AddReport(f);
    if (f[0] == "baked" && f.size() == 1) {
      out_.baked = std::exchange(out_.end, {});
      return true;
    }
    if (f[0] == "lasting" && f.size() == 1) {
      out_.lasting = std::exchange(out_.end, {});
      return true;
    }
    if (f[0] == "surface") return AddSurface(f);
    if (f[0] == "ran" && f.size() == 3) {
      out_.ran += std::string(f[1]) + "\t" + std::string(f[2]) + "\n";
      return true;
    }
    int module, other;
    if (f[0] == "changes" && f.size() == 2) {
      if (!ReadNumber(f[1], &other)) return false;
      out_.changes.emplace_back(open_.back()->module, other);
      return true;
    }
    if (f.size() < 2 || !ReadModule(f[1], &module)) return false;
    if (f[0] == "requires") {
      if (f.size() != 3 || !ReadModule(f[2], &other) || other < 0) return false;
      if (required_.emplace(module, other).second) out_.requires_.emplace_back(module, other);
      out_.loads.emplace(open_.back()->module, other);
      return true;
    }
    if (f[0] == "uses" || f[0] == "keeps" || f[0] == "loads") return AddTouch(f, module);
    if (f[0] == "shape" && f.size() == 3) return ReadNumber(f[2], &out_.shapes[module]);
    if (f[0] == "heap" && f.size() == 4) {  // -1: of all that no module has
      out_.end.modules[module] = {std::string(f[2]), std::string(f[3])};
      return true;
    }
    if (f[0] == "acted" && f.size() == 3) {
      out_.acts[module] = std::string(f[2]);
      return true;
    }
    if (f[0] == "object" && f.size() == 4) return true;  // for people
    if (module < 0) return false;
    if (f[0] == "awaits" && f.size() == 2) {
      out_.awaits.push_back(module);
    } else if (f[0] == "body" && f.size() == 2) {
      out_.steps.push_back({module, Step::Kind::kRuns});
    } else if (f[0] == "enter" && f.size() == 3) {
      out_.steps.push_back({module, Step::Kind::kBegins});
      if (f[2] == "0") out_.steps.push_back({module, Step::Kind::kRuns});
      out_.loads.emplace(open_.back()->module, module);
      open_.back()->loaded.push_back({module, false, {}});
      open_.push_back(&open_.back()->loaded.back());
    } else if (f[0] == "leave" && f.size() == 3 && (f[2] == "0" || f[2] == "1")) {
      if (open_.size() == 1 || open_.back()->module != module) return false;
      out_.steps.push_back({module, Step::Kind::kEnds});
      open_.back()->threw = f[2] == "1";
      open_.pop_back();
    } else if (f[0] == "modifies" && f.size() == 3 && ReadModule(f[2], &other)) {
      out_.modifies.emplace_back(module, other);
    } else {
      return false;
    }
    return true;
  }

  // An evaluation without an end counts as one that threw.
  Observation Take() {
    for (size_t i = 1; i < open_.size(); ++i) open_[i]->threw = true;
    out_.evaluations = std::move(root_.loaded);
    return std::move(out_);
  }

 private:
  bool ReadModule(std::string_view text, int* out) const {
    return ReadNumber(text, out) && *out >= -1 && *out < module_count_;
  }

  bool AddReport(const std::vector<std::string_view>& f) {
    Report report = {.act = f[0] == "act"};
    if (f.size() != 7 || !ReadModule(f[3], &report.module) ||
        !ReadNumber(f[5], &report.place.line) || !ReadNumber(f[6], &report.place.column))
      return false;
    report.name = Unescape(f[1]);
    report.detail = Unescape(f[2]);
    report.place.script = Unescape(f[4]);
    report.step = out_.steps.size();
    out_.reports.push_back(std::move(report));
    return true;
  }

  bool AddTouch(const std::vector<std::string_view>& f, int module) {
    Touch touch = {.kind = f[0] == "uses"    ? Touch::Kind::kUses
                           : f[0] == "keeps" ? Touch::Kind::kKeeps
                                             : Touch::Kind::kLoads,
                   .module = module};
    if (f.size() != 6 || module < 0 || !ReadModule(f[2], &touch.other) || touch.other < 0 ||
        !ReadNumber(f[4], &touch.place.line) || !ReadNumber(f[5], &touch.place.column))
      return false;
    touch.place.script = Unescape(f[3]);
    out_.touches.push_back(std::move(touch));
    return true;
  }

  bool AddSurface(const std::vector<std::string_view>& f) {
    SurfaceChange change;
    if (f.size() != 5 || !ReadNumber(f[1], &change.number)) return false;
    change.name = Unescape(f[2]);
    change.key = Unescape(f[3]);
    change.hash = f[4];
    out_.end.surface.push_back(std::move(change));
    return true;
  }

  int module_count_;
  Observation out_;
  std::set<std::pair<int, int>> required_;
  Evaluation root_;
  // The evaluations that have not ended, the innermost last. Their addresses stay: only the last
  // element of a list is open, and what is open is ended before its list grows.
  std::vector<Evaluation*> open_;
};

}  // namespace

Result<Observation> ParseObservation(std::string_view record, int module_count) {
  Parser parser(module_count);
  while (!record.empty()) {
    size_t end = record.find('\n');
    if (end == std::string_view::npos) return Error{"The record of the observation is cut short"};
    std::string_view line = record.substr(0, end);
    record.remove_prefix(end + 1);
    if (!parser.Add(line))
      return Error{"The record of the observation has an unknown line: " + std::string(line)};
  }
  return parser.Take();
}

}  // namespace kiln
