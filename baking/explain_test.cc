// The report about baked modules: the summary, guards, roots of deferrals and their chains.
#include "baking/explain.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

using Cause = Deferral::Cause;

// Entry 0 loads 1 and 4; 1 loads 2, which loads 3, which reads; 4 acts; 5 has a guard.
BakedApp Example() {
  BakedApp app;
  app.loads = {{0, 1}, {1, 2}, {2, 3}, {0, 4}, {0, 5}, {4, 3}};
  for (auto [from, to] : app.loads) app.evaluated.insert(to);
  Report read = {false, "process.env", "PORT", 3, {"/kiln/3.js", 7, 2}};
  Report act = {true, "fs.open", "/tmp/x", 4, {"file:///kiln/node_modules/x/deep.js", 9, 1}};
  app.verdicts.deferred = {{0, {Cause::kEntry}},
                           {1, {.cause = Cause::kLoads, .other = 2}},
                           {2, {.cause = Cause::kLoads, .other = 3}},
                           {3, {.cause = Cause::kRead, .report = read}},
                           {4, {.cause = Cause::kAct, .report = act}},
                           {6, {.cause = Cause::kNotInHeap, .text = "has a `using` declaration"}}};
  app.verdicts.baked = {5};
  app.verdicts.guards = {"env MODE=x", "env NO_COLOR", "tty 1"};
  app.verdicts.needed = {{"env MODE=x", {5}}, {"env NO_COLOR", {1, 2, 3, 4, 5}}, {"tty 1", {5}}};
  app.snapshot = Snapshot{"blob", 0, ""};
  return app;
}

std::vector<ModuleFacts> Modules() {
  std::vector<ModuleFacts> modules;
  for (int i = 0; i < 7; ++i) modules.push_back({.path = "/kiln/" + std::to_string(i) + ".js"});
  return modules;
}

// As UserPlaces: /kiln/a is src/a, and lines are one less.
Location PlaceOfUser(const Location& place) {
  Location out = place;
  out.file = "src" + place.file.substr(place.file.find("/kiln") + 5);
  if (out.line) out.line--;
  return out;
}

TEST(Explain, IsForPeople) {
  EXPECT_EQ(SummaryOf(Example()), "1 of 6 modules baked");
  EXPECT_EQ(Explain(Example(), Modules(), PlaceOfUser),
            (std::vector<std::string>{
                "1 of 6 modules baked (16 %)",
                "baked modules are used at a start where",
                "  MODE is \"x\": src/5.js",
                "  NO_COLOR is not set: src/1.js, src/2.js, src/3.js and 2 more",
                "  stdout is no terminal: src/5.js",
                "evaluated at start:",
                "  src/4.js calls fs.open /tmp/x in src/node_modules/x/deep.js:8",
                "    loaded by src/0.js > src/4.js",
                "  src/3.js:6 reads process.env PORT",
                "    loaded by src/0.js > src/4.js > src/3.js",
                "    and therefore 2 modules that load it",
            }));
}

TEST(Explain, KindsOfGuards) {
  BakedApp app = Example();
  app.verdicts.guards = {"argv --",     "argv --color",      "argv -x",
                         "env-not A=b", "env-prefix debug_", "tty 0"};
  app.verdicts.needed = {{"argv --", {5}},     {"argv --color", {5}}, {"argv -x", {1, 5}},
                         {"env-not A=b", {5}}, {"tty 0", {5}},        {"env-prefix debug_", {5}}};
  auto lines = Explain(app, Modules(), PlaceOfUser);
  EXPECT_EQ((std::vector<std::string>(lines.begin() + 2, lines.begin() + 7)),
            (std::vector<std::string>{
                "  A is not \"b\": src/5.js",
                "  no variable's name begins with debug_ (in small or capital letters): src/5.js",
                "  stdin is no terminal: src/5.js",
                "  -x is not among the arguments: src/1.js, src/5.js",
                "  none of these arguments is given: -- --color: src/5.js",
            }));
}

TEST(Explain, NamesWhatTrustedModulesRead) {
  BakedApp app = Example();
  app.verdicts.trusted = {{5, {{false, "Date.now()", "", 5, {"/kiln/5.js", 3, 1}}}}};
  auto lines = Explain(app, Modules(), PlaceOfUser);
  EXPECT_EQ(lines[5], "baked although they read, because of --bake:");
  EXPECT_EQ(lines[6], "  src/5.js:2 reads Date.now()");
  EXPECT_EQ(ExplainAsJson(app, Modules(), PlaceOfUser)[4].Write(),
            R"j({"type":"bake","module":"src/5.js","state":"baked","trusted":[{"text":"reads )j"
            R"j(Date.now()","location":{"file":"src/5.js","line":2,"column":1}}]})j");
}

TEST(Explain, NamesWhatModulesUse) {
  BakedApp app = Example();
  app.verdicts.deferred[1] = {
      .cause = Deferral::Cause::kUses, .report = {.place = {"/kiln/1.js", 4, 2}}, .other = 2};
  auto lines = Explain(app, Modules(), PlaceOfUser);
  EXPECT_EQ(lines[lines.size() - 2],
            "evaluated at start because they use these modules while they are evaluated:");
  EXPECT_EQ(lines.back(), "  src/1.js:3 uses src/2.js");
}

TEST(Explain, NothingIsBaked) {
  BakedApp app = Example();
  app.snapshot = std::nullopt;
  app.given_up = "the observed app ended early";
  auto lines = Explain(app, Modules(), PlaceOfUser);
  EXPECT_EQ(lines[0], "0 of 6 modules baked (0 %)");
  EXPECT_EQ(lines[1], "nothing is baked: the observed app ended early");
  EXPECT_EQ(lines[2], "evaluated at start:");
  EXPECT_EQ(SummaryOf({}), "0 of 0 modules baked");
}

TEST(Explain, IsForPrograms) {
  std::vector<std::string> lines;
  for (const Json& line : ExplainAsJson(Example(), Modules(), PlaceOfUser))
    lines.push_back(line.Write());
  ASSERT_EQ(lines.size(), 10u);
  EXPECT_EQ(lines[0], R"({"type":"bake","baked":1,"modules":6,"bytes":4})");
  EXPECT_EQ(lines[1], R"({"type":"bake","guard":"env MODE=x","needed":["src/5.js"]})");
  EXPECT_EQ(lines[4], R"({"type":"bake","module":"src/5.js","state":"baked"})");
  EXPECT_EQ(lines[6], R"({"type":"bake","module":"src/1.js","state":"deferred","cause":"loads",)"
                      R"("loads":"src/2.js","chain":["src/0.js","src/1.js"]})");
  EXPECT_EQ(lines[8], R"({"type":"bake","module":"src/3.js","state":"deferred","cause":"read",)"
                      R"("text":"reads process.env PORT","alsoDeferred":2,)"
                      R"("location":{"file":"src/3.js","line":6,"column":2},)"
                      R"("chain":["src/0.js","src/4.js","src/3.js"]})");
}

}  // namespace
}  // namespace kiln
