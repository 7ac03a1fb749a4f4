// The table of effects, and the names of the functions in it.
#include "runtime-stub/binding/effects.h"

#include <algorithm>
#include <tuple>

namespace kiln::runtime {
namespace {

constexpr MarkedFunction kMarks[] = {
#define PURE(binding, function, ...) \
  {binding, function, {Effect::kPure, -1 __VA_OPT__(, ) __VA_ARGS__}},
#define EMBEDDED(binding, function, ...) {binding, function, {Effect::kEmbeddedRead, __VA_ARGS__}},
#define READ(binding, function, ...) \
  {binding, function, {Effect::kRead, -1 __VA_OPT__(, ) __VA_ARGS__}},
#define ACT(binding, function) {binding, function, {Effect::kAct}},
#include "runtime-stub/binding/effects.inc"
#undef ACT
#undef EMBEDDED
#undef READ
#undef PURE
};

bool InheritsFrom(const ClassEntry* entry, const ClassEntry& ancestor) {
  for (; entry; entry = entry->parent)
    if (entry == &ancestor) return true;
  return false;
}

bool Lists(const Binding& binding, const ClassEntry& entry) {
  auto listed = [&](std::span<const ClassEntry* const> list) {
    return std::find(list.begin(), list.end(), &entry) != list.end();
  };
  return listed(binding.classes) || listed(binding.hidden_classes);
}

bool ListsDescendant(const Binding& binding, const ClassEntry& entry) {
  auto listed = [&](std::span<const ClassEntry* const> list) {
    return std::any_of(list.begin(), list.end(),
                       [&](const ClassEntry* c) { return InheritsFrom(c, entry); });
  };
  return listed(binding.classes) || listed(binding.hidden_classes);
}

// A class that native code has without a name in JavaScript is marked as "(unnamed)".
std::string NameOf(const ClassEntry& entry) { return *entry.name ? entry.name : "(unnamed)"; }

}  // namespace

std::span<const MarkedFunction> AllMarks() { return kMarks; }

std::optional<Mark> FindMark(std::string_view binding, std::string_view function) {
  auto key = [](const MarkedFunction& m) { return std::tie(m.binding, m.function); };
  const MarkedFunction* found =
      std::ranges::lower_bound(kMarks, std::tie(binding, function), {}, key);
  if (found == std::end(kMarks) || key(*found) != std::tie(binding, function)) return std::nullopt;
  return found->mark;
}

std::optional<Effect> FindEffect(std::string_view binding, std::string_view function) {
  std::optional<Mark> mark = FindMark(binding, function);
  if (!mark) return std::nullopt;
  return mark->effect;
}

bool IsAsynchronous(v8::Local<v8::Value> argument) {
  constexpr double kSync = 1;  // JobMode::kSync
  if (argument->IsNumber()) return argument.As<v8::Number>()->Value() != kSync;
  return argument->IsObject() || argument->IsSymbol();
}

std::string ConstructorName(const ClassEntry& entry) { return "new " + NameOf(entry); }
std::string MethodName(const ClassEntry& entry, const char* method) {
  return NameOf(entry) + ".prototype." + method;
}
std::string GetterName(const ClassEntry& entry, const char* accessor) {
  return NameOf(entry) + ".prototype.get " + accessor;
}
std::string SetterName(const ClassEntry& entry, const char* accessor) {
  return NameOf(entry) + ".prototype.set " + accessor;
}
std::string StaticName(const ClassEntry& entry, const char* function) {
  return NameOf(entry) + "." + function;
}

const Binding* OwnerOf(const ClassEntry& entry, std::span<const Binding* const> bindings) {
  for (const Binding* b : bindings)
    if (Lists(*b, entry)) return b;
  for (const Binding* b : bindings)
    if (ListsDescendant(*b, entry)) return b;
  return nullptr;
}

void VisitFunctions(const Binding& binding, std::span<const Binding* const> bindings,
                    const std::function<void(std::string_view, const std::string&)>& visit) {
  for (const Entry& e : binding.functions) visit(binding.name, e.name);
  std::vector<const ClassEntry*> seen;
  auto visit_class = [&](const ClassEntry& c) {
    if (c.construct) visit(binding.name, ConstructorName(c));
    for (auto list : {c.methods, c.more_methods})
      for (const Entry& e : list) visit(binding.name, MethodName(c, e.name));
    for (auto list : {c.accessors, c.more_accessors})
      for (const Accessor& a : list) {
        visit(binding.name, GetterName(c, a.name));
        if (a.set) visit(binding.name, SetterName(c, a.name));
      }
    for (const Entry& e : c.statics) visit(binding.name, StaticName(c, e.name));
  };
  for (auto list : {binding.classes, binding.hidden_classes})
    for (const ClassEntry* c : list)
      for (; c; c = c->parent) {
        if (std::find(seen.begin(), seen.end(), c) != seen.end()) break;
        seen.push_back(c);
        if (OwnerOf(*c, bindings) == &binding) visit_class(*c);
      }
}

}  // namespace kiln::runtime
