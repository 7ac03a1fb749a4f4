// That the table of effects (runtime-stub/binding/effects.inc) has a mark for each native function
// of each binding, with and without optional components, and no others. Needs all of the runtime,
// because the tables of the bindings do, but no isolate.
#include "runtime-stub/binding/effects.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "runtime-stub/binding/registry.h"

namespace kiln::runtime {

#define KILN_BINDING(constant)
#define KILN_COMPONENT_BINDING(constant, unavailable, component) extern const Binding unavailable;
#include "runtime-stub/binding/bindings.inc"
#undef KILN_COMPONENT_BINDING
#undef KILN_BINDING

namespace {

// The bindings of executables with all components, and of those with none.
std::vector<const Binding*> WithComponents() {
  return {AllBindings().begin(), AllBindings().end()};
}
std::vector<const Binding*> WithoutComponents() {
  std::vector<const Binding*> list = WithComponents();
  for (const Binding*& b : list) {
#define KILN_BINDING(constant)
#define KILN_COMPONENT_BINDING(constant, unavailable, component) \
  if (std::string_view(b->name) == unavailable.name) b = &unavailable;
#include "runtime-stub/binding/bindings.inc"
#undef KILN_COMPONENT_BINDING
#undef KILN_BINDING
  }
  return list;
}

// What is marked for the functions outside of tables, those of `references` functions, is for each
// binding a name that no table has; so their numbers are compared.
struct Functions {
  std::map<std::string, std::set<std::string>> in_tables;
  std::map<std::string, std::set<intptr_t>> references;
};

void AddReferences(std::string_view binding, void (*collect)(std::vector<intptr_t>&),
                   Functions& all) {
  if (!collect) return;
  std::vector<intptr_t> list;
  collect(list);
  all.references[std::string(binding)].insert(list.begin(), list.end());
}

Functions CollectFunctions() {
  Functions all;
  for (const std::vector<const Binding*>& bindings : {WithComponents(), WithoutComponents()}) {
    for (const Binding* b : bindings) {
      VisitFunctions(*b, bindings, [&](std::string_view binding, const std::string& function) {
        all.in_tables[std::string(binding)].insert(function);
      });
      AddReferences(b->name, b->references, all);
    }
  }
  for (const ClassEntry* c : AllClasses())
    AddReferences(OwnerOf(*c, AllBindings())->name, c->references, all);
  AddReferences("process", ProcessReferences, all);
  AddReferences("boot", BootReferences, all);
  return all;
}

TEST(Effects, TableIsSortedWithoutDuplicates) {
  for (size_t i = 1; i < AllMarks().size(); i++) {
    const MarkedFunction& a = AllMarks()[i - 1];
    const MarkedFunction& b = AllMarks()[i];
    EXPECT_LT(std::tie(a.binding, a.function), std::tie(b.binding, b.function))
        << b.binding << ", " << b.function << " must come before " << a.function;
  }
}

TEST(Effects, EachFunctionOfATableIsMarked) {
  for (auto& [binding, functions] : CollectFunctions().in_tables)
    for (const std::string& function : functions)
      EXPECT_TRUE(FindMark(binding, function))
          << "runtime-stub/binding/effects.inc has no line for \"" << binding << "\", \""
          << function << "\" (docs/effects.md)";
}

// Functions of one binding outside of its tables that share a name and so a mark.
const std::map<std::string, size_t> kSharedNames = {
    {"performance", 2},  // start() and stop() of the two histograms of the loop
};

// A mark that no table's function has is one of a function in a `references` list.
TEST(Effects, EachMarkHasAFunction) {
  Functions all = CollectFunctions();
  std::map<std::string, std::vector<std::string>> outside;
  for (const MarkedFunction& m : AllMarks()) {
    std::string binding(m.binding), function(m.function);
    if (!all.in_tables[binding].contains(function)) outside[binding].push_back(function);
  }
  for (auto& [binding, references] : all.references) outside.try_emplace(binding);
  for (auto& [binding, functions] : outside) {
    std::string names;
    for (const std::string& function : functions) names += "\n  \"" + function + "\"";
    auto shared = kSharedNames.find(binding);
    size_t expected =
        all.references[binding].size() - (shared == kSharedNames.end() ? 0 : shared->second);
    EXPECT_EQ(functions.size(), expected)
        << "effects.inc has " << functions.size() << " marks of \"" << binding
        << "\" that are in no table, for " << expected << " functions of `references`:" << names;
  }
}

TEST(Effects, ArgumentsAreOnlyGivenWhereTheyMeanSomething) {
  for (const MarkedFunction& m : AllMarks()) {
    EXPECT_EQ(m.mark.effect == Effect::kEmbeddedRead, m.mark.path_argument >= 0)
        << m.binding << ", " << m.function;
    if (m.mark.effect == Effect::kAct)
      EXPECT_LT(m.mark.async_argument, 0) << m.binding << ", " << m.function;
  }
}

TEST(Effects, AFunctionWithoutAMarkIsNotFound) {
  EXPECT_FALSE(FindEffect("fs", "no such function"));
  EXPECT_FALSE(FindEffect("", ""));
  EXPECT_FALSE(FindEffect("zzz", "open"));
  EXPECT_EQ(FindEffect("fs", "open"), Effect::kAct);
}

}  // namespace
}  // namespace kiln::runtime
