#include "bundler/import_changes.h"

#include <gtest/gtest.h>

#include <string>

namespace kiln {
namespace {

// "x>y z": x may be changed, and what is named behind it.
std::string Changes(std::string_view text) {
  std::string out;
  for (const ImportChange& change : FindImportChanges(text)) {
    out += (out.empty() ? "" : "; ") + change.changed.specifier + ">";
    for (const NamedModule& later : change.named_later) out += " " + later.specifier;
  }
  return out;
}

TEST(ImportChanges, AssignmentsToParts) {
  EXPECT_EQ(Changes("const c = require('c'); c.port = 1; require('d')"), "c> d");
  EXPECT_EQ(Changes("const c = require('c'); require('d'); if (x) c.a['b'].port ??= 1"), "c>");
  EXPECT_EQ(Changes("require('c').a.b = 1; require('d')"), "c> d");
  EXPECT_EQ(Changes("const { a } = require('c'); function f() { a.b++; delete a.c } require('d')"),
            "c> d");
  EXPECT_EQ(Changes("const c = require('c'), part = c.settings; part.port = 1"), "c>");
  EXPECT_EQ(Changes("const c_1 = __importDefault(require('c')); c_1.default.port = 1"), "c>");
  EXPECT_EQ(Changes("const c = require('c'); Object.assign(c.settings, x)"), "c>");
}

TEST(ImportChanges, ImportStatements) {
  EXPECT_EQ(Changes("import c, { d as e } from 'c'; import * as f from 'f'; e.x = f; import('g')"),
            "c> g");
  EXPECT_EQ(Changes("import * as f from 'f'; f.settings.x = 1"), "f>");
}

TEST(ImportChanges, CallsThatNeedNotRun) {
  EXPECT_EQ(Changes("const c = require('c'); if (process.env.X) c.set(1); require('d')"), "c> d");
  EXPECT_EQ(Changes("const c = require('c'); process.env.X && patch(c); require('d')"), "c> d");
  EXPECT_EQ(Changes("const c = require('c'); c.set(1); patch(c); require('d')"), "");
  EXPECT_EQ(Changes("const c = require('c'); function f() { c.set(1) } require('d')"), "");
  EXPECT_EQ(Changes("const c = require('c'); g(() => c.set(1)); x = (y) => ({ z: y && c.get() })"),
            "");
  EXPECT_EQ(Changes("const c = require('c'); class A { b = c.get(1) ?? 2; }"), "");
}

TEST(ImportChanges, UsesThatChangeNothing) {
  EXPECT_EQ(Changes("const c = require('c'); let x = c.a; x = c.b === 1; if (c.a == 1) f(c.b.d)"),
            "c>");  // the last one may
  EXPECT_EQ(Changes("const c = require('c'); x.c = 1; exports.c = c.a; ({ c: 1 }).c = 2"), "");
}

}  // namespace
}  // namespace kiln
