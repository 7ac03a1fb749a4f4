// Which modules are baked: causes of deferral, how it spreads to loaders, guards, and the plan.
#include "baking/verdicts.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

using Cause = Deferral::Cause;

// `count` modules "/kiln/N.js", of which the entry is the app's own and the others are of packages.
std::vector<ModuleFacts> Modules(int count) {
  std::vector<ModuleFacts> modules;
  for (int i = 0; i < count; ++i)
    modules.push_back({.path = "/kiln/" + std::to_string(i) + ".js", .own = i == 0});
  return modules;
}

// The entry loads 1, which loads 2 and 3; then the entry loads 4. Of each, `more` are other lines.
Observation Example(const std::string& more = "") {
  auto read = ParseObservation(
      "enter\t0\t0\nenter\t1\t0\nenter\t2\t0\nleave\t2\t0\nenter\t3\t0\nleave\t3\t0\nleave\t1\t0\n"
      "enter\t4\t0\nleave\t4\t0\nleave\t0\t0\n"
      "requires\t0\t1\nrequires\t1\t2\nrequires\t1\t3\nrequires\t0\t4\n" +
          more,
      5);
  KILN_CHECK(read.ok());
  return *read;
}

std::string ReadOf(int module, const std::string& name, const std::string& detail = "") {
  return "read\t" + name + "\t" + detail + "\t" + std::to_string(module) + "\t/kiln/x.js\t3\t1\n";
}

std::string ActOf(int module) {
  return "act\tfs.open\t/tmp/x\t" + std::to_string(module) + "\t/kiln/x.js\t3\t1\n";
}

TEST(Verdicts, AllButTheEntryAreBaked) {
  Verdicts verdicts = Judge(Example(), Modules(5), {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{1, 2, 3, 4}));
  ASSERT_EQ(verdicts.deferred.size(), 1u);
  EXPECT_EQ(verdicts.deferred.at(0).cause, Cause::kEntry);
  EXPECT_TRUE(verdicts.guards.empty());
  // Only those that the entry loads: they load the others.
  EXPECT_EQ(verdicts.plan.order, (std::vector<int>{1, 4}));
  EXPECT_EQ(verdicts.plan.baked, (std::vector<int>{1, 2, 3, 4}));
}

TEST(Verdicts, DeferralSpreadsToLoaders) {
  Verdicts verdicts = Judge(Example(ActOf(3)), Modules(5), {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{2, 4}));
  EXPECT_EQ(verdicts.deferred.at(3).cause, Cause::kAct);
  EXPECT_EQ(verdicts.deferred.at(3).report.name, "fs.open");
  EXPECT_EQ(verdicts.deferred.at(1).cause, Cause::kLoads);
  EXPECT_EQ(verdicts.deferred.at(1).other, 3);
  // In the order in which the deferred modules 1 and 0 load them.
  EXPECT_EQ(verdicts.plan.order, (std::vector<int>{2, 4}));
}

TEST(Verdicts, SpreadInCyclesAndOverSeveralLoads) {
  Verdicts verdicts =
      Judge(Example("requires\t2\t1\nrequires\t3\t2\nrequires\t4\t3\n" + ActOf(2)), Modules(5), {});
  EXPECT_TRUE(verdicts.baked.empty());
  EXPECT_TRUE(verdicts.plan.order.empty());
  EXPECT_EQ(verdicts.deferred.at(4).other, 3);
}

std::vector<ModuleFacts> Of(std::vector<ModuleFacts> modules, bool esm) {
  for (ModuleFacts& module : modules) (esm ? module.is_esm : module.is_commonjs) = true;
  return modules;
}

TEST(Verdicts, CommonJsModulesWaitForOthers) {
  Verdicts verdicts = Judge(Example(ActOf(3) + "shape\t3\t1\n"), Of(Modules(5), false), {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{1, 2, 4}));
  EXPECT_EQ(verdicts.waiting, (std::set<int>{1}));
  EXPECT_EQ(verdicts.plan.order, (std::vector<int>{1, 4}));
  EXPECT_EQ(verdicts.plan.shapes, (std::vector<std::pair<int, int>>{{3, 1}}));
  EXPECT_EQ(verdicts.plan.below,
            (std::vector<std::pair<int, int>>{{0, 1}, {0, 4}, {1, 2}, {1, 3}}));
  EXPECT_TRUE(Judge(Example(), Of(Modules(5), false), {}).plan.below.empty());
}

TEST(Verdicts, LocalGuardsConcernModulesAndTheirLoaders) {
  const std::string reads = ReadOf(3, "tty_wrap.isTTY", "2") + ReadOf(4, "tty_wrap.isTTY", "1");
  std::vector<ModuleFacts> modules = Of(Modules(5), false);
  for (ModuleFacts& module : modules) module.own = false;
  Verdicts verdicts = Judge(Example(reads), modules, {});
  EXPECT_EQ(verdicts.local_guards, verdicts.guards);
  EXPECT_EQ(verdicts.local, (std::set<int>{1, 3, 4}));
  EXPECT_EQ(LinesOfGuards(verdicts), "local tty 1\nlocal tty 2\nmodule 1\nmodule 3\nmodule 4\n");
  EXPECT_EQ(verdicts.plan.local, (std::vector<int>{1, 3, 4}));
  BakePlan without = PlanWithoutLocal(Example(reads), verdicts);
  EXPECT_EQ(without.order, (std::vector<int>{2}));
  EXPECT_EQ(without.baked, (std::vector<int>{2}));
  EXPECT_TRUE(without.local.empty());
  // An ES module cannot be evaluated again.
  modules[1] = {.path = "/kiln/1.mjs", .own = false, .is_esm = true};
  verdicts = Judge(Example(reads), modules, {});
  EXPECT_EQ(LinesOfGuards(verdicts), "local tty 1\ntty 2\nmodule 4\n");
  verdicts = Judge(Example(reads), modules, {{kNoLocalGuards, {.cause = Cause::kOrder}}});
  EXPECT_EQ(LinesOfGuards(verdicts), "tty 1\ntty 2\n");
  EXPECT_FALSE(verdicts.deferred.contains(kNoLocalGuards));
}

TEST(Verdicts, LoadersOfWaitingModulesWait) {
  Verdicts verdicts =
      Judge(Example("requires\t4\t1\n" + ActOf(3) + "shape\t3\t2\n"), Of(Modules(5), false), {});
  EXPECT_EQ(verdicts.waiting, (std::set<int>{1, 4}));
  std::vector<ModuleFacts> mixed = Of(Modules(5), false);
  mixed[4] = {.path = "/kiln/4.mjs", .is_esm = true};
  verdicts = Judge(Example("requires\t4\t1\n" + ActOf(3) + "shape\t3\t2\n"), mixed, {});
  EXPECT_EQ(verdicts.deferred.at(4).cause, Cause::kLoads);
  EXPECT_EQ(verdicts.waiting, (std::set<int>{1}));
}

TEST(Verdicts, SomeModulesCannotBeWaitedFor) {
  auto waiting = [](const std::string& lines, bool esm = false) {
    return Judge(Example(ActOf(3) + lines), Of(Modules(5), esm), {}).waiting.contains(1);
  };
  EXPECT_TRUE(waiting("shape\t3\t3\n"));
  EXPECT_FALSE(waiting(""));  // no placeholder can have the kind of its exports
  EXPECT_FALSE(waiting("shape\t3\t3\nrequires\t3\t1\n"));  // a cycle
  EXPECT_FALSE(waiting("shape\t3\t3\n" + ReadOf(3, "module.parent")));
  EXPECT_TRUE(waiting("shape\t3\t2\n", true));
  EXPECT_TRUE(waiting("shape\t3\t2\nawaits\t0\n", true));
  EXPECT_FALSE(waiting("shape\t3\t2\nawaits\t2\n", true));
}

TEST(Verdicts, WhatAWaitingModuleReadsMustNotBeChangedByWhatItLoads) {
  const std::string lines = ActOf(3) + "shape\t3\t1\n";
  Verdicts verdicts =
      Judge(Example(lines + ReadOf(1, "process.env", "NO_COLOR")), Of(Modules(5), false), {});
  EXPECT_EQ(verdicts.deferred.at(1).cause, Cause::kOrder);
  verdicts = Judge(Example(lines + ReadOf(1, "tty_wrap.isTTY", "1")), Of(Modules(5), false), {});
  EXPECT_EQ(verdicts.waiting, (std::set<int>{1}));
}

TEST(Verdicts, AModuleThatUsesADeferredOneIsRefused) {
  Deferral uses = {.cause = Cause::kUses, .other = 3};
  Verdicts verdicts =
      Judge(Example(ActOf(3) + "shape\t3\t1\nshape\t1\t1\n"), Of(Modules(5), false), {{1, uses}});
  EXPECT_EQ(verdicts.deferred.at(1).cause, Cause::kUses);
  EXPECT_EQ(verdicts.baked, (std::set<int>{2, 4}));
  EXPECT_TRUE(verdicts.waiting.empty());
}

TEST(Verdicts, ALaterLoaderOfABakedModuleIsNotInTheOrderAgain) {
  auto observation = ParseObservation(
      "enter\t0\t0\nenter\t1\t0\nenter\t2\t0\nleave\t2\t0\nleave\t1\t0\nenter\t3\t0\nenter\t4\t0\nl"
      "eave\t4\t0\n"
      "leave\t3\t0\nleave\t0\t0\nrequires\t0\t1\nrequires\t1\t2\nrequires\t0\t3\nrequires\t3\t4\n"
      "requires\t3\t2\n" +
          ActOf(1) + ActOf(3),
      5);
  ASSERT_TRUE(observation.ok());
  Verdicts verdicts = Judge(*observation, Modules(5), {});
  EXPECT_EQ(verdicts.plan.order, (std::vector<int>{2, 4}));
}

TEST(Verdicts, EachCauseDefers) {
  auto cause = [](const Observation& observation, std::vector<ModuleFacts> modules = Modules(5),
                  const std::map<int, Deferral>& refused = {}) {
    Verdicts verdicts = Judge(observation, modules, refused);
    EXPECT_FALSE(verdicts.baked.contains(4));
    return verdicts.deferred.at(4).cause;
  };
  EXPECT_EQ(cause(Example(ReadOf(4, "Date.now()"))), Cause::kRead);
  EXPECT_EQ(cause(Example(ActOf(4))), Cause::kAct);
  EXPECT_EQ(cause(Example("awaits\t4\n")), Cause::kAwaits);
  EXPECT_EQ(cause(Example("enter\t4\t0\nleave\t4\t1\n")), Cause::kThrew);
  Deferral refused = {.cause = Cause::kNotInHeap, .text = "keeps a native object: Hash"};
  EXPECT_EQ(cause(Example(ActOf(4)), Modules(5), {{4, refused}}), Cause::kNotInHeap);
}

TEST(Verdicts, ReportsOutsideOfModulesAndUnevaluatedModulesDoNotCount) {
  Verdicts verdicts = Judge(Example(ActOf(-1)), Modules(6), {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{1, 2, 3, 4}));
}

TEST(Verdicts, GuardsAreThoseOfBakedModules) {
  Verdicts verdicts =
      Judge(Example(ReadOf(2, "process.env", "NO_COLOR") + ActOf(3) +
                    ReadOf(3, "process.env", "DEBUG") + ReadOf(4, "tty_wrap.isTTY", "1")),
            Modules(5), {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{2, 4}));
  EXPECT_EQ(verdicts.guards, (std::set<std::string>{"env NO_COLOR", "tty 1"}));
}

// The guards of a report, "none" if the module must be deferred.
std::string GuardsFor(const std::string& name, const std::string& detail, bool own = false,
                      bool act = false) {
  Report report = {.act = act, .name = name, .detail = detail, .module = 0};
  auto guards = GuardsOf(report, {{.path = "/kiln/a.js", .own = own}});
  std::string text;
  if (!guards) return "none";
  for (const std::string& guard : *guards) text += (text.empty() ? "" : ", ") + guard;
  return text;
}

TEST(Verdicts, KindsOfGuards) {
  EXPECT_EQ(GuardsFor("process.env", "NODE_ENV"), "env NODE_ENV");
  EXPECT_EQ(GuardsFor("process.env", "NODE_ENV", false, true), "none");
  EXPECT_EQ(GuardsFor("process.env", "A\nB"), "none");
  EXPECT_EQ(GuardsFor("process.env", "A=B"), "none");
  EXPECT_EQ(GuardsFor("process.env", ""), "none");
  EXPECT_EQ(GuardsFor("process.env, all keys", ""), "none");
  EXPECT_EQ(GuardsFor("changed process.env", "NODE_ENV"), "none");
  EXPECT_EQ(GuardsFor("delete process.env", "DEBUG"), "env DEBUG");
  EXPECT_EQ(GuardsFor("delete process.env", "TZ"), "none");
  EXPECT_EQ(GuardsFor("tty_wrap.isTTY", "0"), "tty 0");
  EXPECT_EQ(GuardsFor("tty_wrap.isTTY", "2", true), "tty 2");
  EXPECT_EQ(GuardsFor("tty_wrap.isTTY", "3"), "none");
  EXPECT_EQ(GuardsFor("tty_wrap.isTTY", "12"), "none");
  EXPECT_EQ(GuardsFor("process.stdin.isTTY", ""), "tty 0");
  EXPECT_EQ(GuardsFor("process.stdout.isTTY", ""), "tty 1");
  EXPECT_EQ(GuardsFor("process.stderr.isTTY", "", true), "tty 2");
  EXPECT_EQ(GuardsFor("process.stdout.columns", ""), "none");
  EXPECT_EQ(GuardsFor("process.argv", "--color"), "argv --color");
  EXPECT_EQ(GuardsFor("process.argv", "--color", true), "argv --color");
  EXPECT_EQ(GuardsFor("process.argv", "x"), "none");
  EXPECT_EQ(GuardsFor("process.argv.slice", ""), "none");
  EXPECT_EQ(GuardsFor("fs.open", "/etc/passwd"), "none");
}

TEST(Verdicts, VariablesThatArePossiblyAbsent) {
  for (const char* name : {"SOME_OPTION", "CI", "NO_COLOR", "WATCH_REPORT_DEPENDENCIES",
                           "NODE_PG_FORCE_NATIVE", "BROWSERSLIST_ROOT_PATH", "KEYS", "SUPPORTED",
                           "USERS", "COLORTERM", "TERMINAL", "NODE_DEBUG"})
    EXPECT_EQ(GuardsFor("process.env", name), "env " + std::string(name));
  for (const char* name : {"HOME", "TERM", "TERM_PROGRAM", "LC_ALL", "XDG_CONFIG_HOME", "PORT",
                           "APP_PORT", "DATABASE_URL", "AWS_REGION", "PGUSER", "API_KEY",
                           "X_TOKEN_2", "npm_config_color", "TZ", "DB_NAME"})
    EXPECT_EQ(GuardsFor("process.env", name), "none") << name;
  // The app's own variables are what it is configured with.
  EXPECT_EQ(GuardsFor("process.env", "SOME_OPTION", true), "none");
  EXPECT_EQ(GuardsFor("process.env", "NODE_DEBUG", true), "env NODE_DEBUG");
}

TEST(Verdicts, RecipesAreForTheCodeThatReads) {
  auto recipes = ParseRecipes(
      "== a: x\npackage: p 1\nread: Date.now()\ncode: f(Date.now())\nanswer: harmless\nwhy: w\n"
      "== b: x\npackage: p 1\nread: process.env TERM\ncode: process.env.TERM === 'x'\n"
      "answer: guard env-not TERM=x\nanswer: guard tty 1\nwhy: w\n"
      "== c: x\npackage: p 1\nread: os.getCPUs\ncode: g()\nanswer: guard env X\nwhy: w\n",
      "f");
  ASSERT_TRUE(recipes.ok());
  std::vector<ModuleFacts> modules = Modules(3);
  for (ModuleFacts& module : modules) module.recipes = &*recipes;
  modules[1].source = "f(Date.now()); g(Date.now()); process.env.TERM === 'x'; g();";
  auto guards = [&](const std::string& name, const std::string& detail, const char* script,
                    int column) -> std::string {
    // Module 2 is evaluated, and the code of another one reads.
    auto found = GuardsOf(
        {.name = name, .detail = detail, .module = 2, .place = {script, 1, column}}, modules);
    std::string text;
    if (!found) return "none";
    for (const std::string& guard : *found) text += guard + ";";
    return text;
  };
  EXPECT_EQ(guards("Date.now()", "", "/kiln/1.js", 8), "");
  EXPECT_EQ(guards("Date.now()", "", "file:///kiln/1.js", 8), "");
  EXPECT_EQ(guards("Date.now()", "", "/kiln/1.js", 23), "none");
  EXPECT_EQ(guards("Date.now()", "", "/kiln/2.js", 8), "none");
  EXPECT_EQ(guards("process.env", "TERM", "/kiln/1.js", 43), "env-not TERM=x;tty 1;");
  EXPECT_EQ(guards("os.getCPUs", "", "/kiln/1.js", 58), "env X;");
}

// 1 is deferred and evaluated before 2, which loads 3; 4 is evaluated before 1.
TEST(Verdicts, EsModulesWithGuardsAfterDeferredCodeAreDeferred) {
  auto observation = ParseObservation(
      "enter\t0\t1\nenter\t4\t0\nleave\t4\t0\nenter\t1\t0\nleave\t1\t0\nenter\t2\t1\nenter\t3\t0\n"
      "leave\t3\t0\nbody\t2\nleave\t2\t0\nbody\t0\nleave\t0\t0\n"
      "requires\t0\t4\nrequires\t0\t1\nrequires\t0\t2\nrequires\t2\t3\n" +
          ActOf(1) + ReadOf(4, "process.env", "A") + ReadOf(3, "process.env", "B") +
          ReadOf(2, "tty_wrap.isTTY", "1"),
      5);
  ASSERT_TRUE(observation.ok());
  std::vector<ModuleFacts> modules = Modules(5);
  // CommonJS modules are evaluated again if a guard does not hold any more.
  EXPECT_EQ(Judge(*observation, modules, {}).baked, (std::set<int>{2, 3, 4}));
  modules[4].is_esm = true;
  EXPECT_EQ(Judge(*observation, modules, {}).baked, (std::set<int>{2, 3, 4}));
  // What an ES module loads is not.
  modules[2].is_esm = true;
  Verdicts verdicts = Judge(*observation, modules, {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{4}));
  EXPECT_EQ(verdicts.deferred.at(3).cause, Cause::kOrder);
  EXPECT_EQ(verdicts.deferred.at(3).text,
            "depends on \"env B\", which modules before it may change");
  EXPECT_EQ(verdicts.deferred.at(2).cause, Cause::kLoads);
  EXPECT_EQ(verdicts.guards, (std::set<std::string>{"env A"}));
}

// 1 loads 2, which acts, and then 3, which a start loads together with 1 before 2 runs.
TEST(Verdicts, GuardsOfModulesThatAreLoadedBeforeDeferredOnesRun) {
  std::vector<ModuleFacts> modules = Modules(5);
  for (ModuleFacts& module : modules) module.is_commonjs = true;
  auto judge = [&](const std::string& lines) {
    return Judge(Example("shape\t2\t1\n" + lines), modules, {});
  };
  const std::string read = ReadOf(3, "process.env", "B");
  EXPECT_TRUE(judge(read).baked.contains(3));
  EXPECT_EQ(judge(ActOf(2)).baked, (std::set<int>{1, 3, 4}));
  EXPECT_EQ(judge(read + ActOf(2)).deferred.at(3).cause, Cause::kOrder);
  EXPECT_TRUE(judge(ReadOf(3, "tty_wrap.isTTY", "1") + ActOf(2)).baked.contains(3));
}

TEST(Verdicts, WhatTheUserAssumesIsAGuard) {
  const AssumedEnvironment assumed = {{"HOME", std::nullopt}, {"MODE", "a=b"}, {"EMPTY", ""}};
  std::vector<ModuleFacts> modules = Modules(5);
  for (ModuleFacts& module : modules) {
    module.own = true;
    module.assumed = &assumed;
  }
  Verdicts verdicts =
      Judge(Example(ReadOf(1, "process.env", "HOME") + ReadOf(2, "process.env", "MODE") +
                    ReadOf(3, "process.env", "EMPTY") + ReadOf(4, "process.env", "OTHER")),
            modules, {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{1, 2, 3}));
  EXPECT_EQ(verdicts.guards, (std::set<std::string>{"env HOME", "env MODE=a=b", "env EMPTY="}));
  EXPECT_EQ(verdicts.needed.at("env HOME"), (std::set<int>{1}));
  EXPECT_EQ(verdicts.plan.environment, (std::vector<std::string>{"EMPTY=", "MODE=a=b"}));
  modules[3].at_start = true;
  EXPECT_EQ(Judge(Example(), modules, {}).deferred.at(3).cause, Cause::kAsked);
}

TEST(Verdicts, ReadsOfTrustedModulesDoNotDeferThem) {
  std::vector<ModuleFacts> modules = Modules(5);
  modules[2].trusted = modules[3].trusted = true;
  // 2 reads; 3 reads and acts; 4 reads and is not trusted.
  Verdicts verdicts = Judge(Example(ReadOf(2, "Date.now()") + ReadOf(2, "process.env", "DEBUG") +
                                    ReadOf(3, "Date.now()") + ActOf(3) + ReadOf(4, "Date.now()")),
                            modules, {});
  EXPECT_EQ(verdicts.baked, (std::set<int>{2}));
  EXPECT_EQ(verdicts.deferred.at(3).cause, Cause::kAct);
  EXPECT_EQ(verdicts.deferred.at(4).cause, Cause::kRead);
  // What a guard covers stays covered.
  EXPECT_EQ(verdicts.guards, (std::set<std::string>{"env DEBUG"}));
  ASSERT_EQ(verdicts.trusted.size(), 1u);
  EXPECT_EQ(verdicts.trusted.at(2).size(), 1u);
  EXPECT_EQ(verdicts.trusted.at(2)[0].name, "Date.now()");
}

}  // namespace
}  // namespace kiln
