// What a module refers to, and the paths that it makes from its own location.
#include "bundler/scan.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

ModuleScan Scan(std::string_view text) {
  auto resolve = [](const std::string& name) {
    return std::string(name == "dep/package.json" ? "/p/node_modules/dep/package.json" : "");
  };
  auto paths_of = [](const std::string& name, bool) -> std::vector<ExportedPath> {
    if (name != "./root") return {};
    return {{"ROOT", "/p"}, {"paths.views", "/p/views"}, {"default", "/p/def"}};
  };
  return ScanModule(text, "/p/src/m.js", {resolve, paths_of});
}

std::string Refs(std::string_view text) {
  constexpr const char* kNames[] = {"import", "import()", "require", "resolve", "meta", "created"};
  std::string out;
  for (const ModuleRef& ref : Scan(text).refs)
    out += std::string(kNames[int(ref.kind)]) + " " + ref.specifier + (ref.in_try ? "? " : " ");
  for (const ComputedRef& ref : Scan(text).computed)
    out += std::string(ref.indirect ? "as value" : "computed") + "[" + ref.folder + "] ";
  return out;
}

std::string Paths(std::string_view text) {
  constexpr const char* kNames[] = {"known", "folder", "unknown", "self",
                                    "main",  "listed", "begins"};
  std::string out;
  for (const PathRef& path : Scan(text).paths)
    out += std::string(kNames[int(path.kind)]) + (path.path.empty() ? " " : ":" + path.path + " ");
  return out;
}

TEST(ScanTest, Imports) {
  EXPECT_EQ(
      Refs("import a, {b as c} from 'x'; import 'y'; export * from 'z'; export {q} from \"w\";"),
      "import x import y import z import w ");
  EXPECT_EQ(Refs("const m = await import('./l.js'); obj.import('no'); ({ import(x) { } })"),
            "import() ./l.js ");
  EXPECT_TRUE(Scan("export default 1").esm_syntax);
  EXPECT_FALSE(Scan("exports.export = 1; x.import = 2").esm_syntax);
}

TEST(ScanTest, FunctionsThatImport) {
  EXPECT_EQ(Refs("const load = new Function('s', 'return import(s)'); load('./a.mjs'); load(x);"),
            "import() ./a.mjs? computed[] ");
  EXPECT_EQ(Refs("var load = Function('s', 'o', `return import(s, o)`); load('a', {}); use(load)"),
            "import() a? as value[] ");
  EXPECT_EQ(Refs("new Function('s', 'return import(s)')('a'); Function('return import(\"b\")')()"),
            "import() a? import() b? ");
  EXPECT_EQ(Refs("exports.load = new Function('s', 'return import(s)')"), "as value[] ");
  EXPECT_EQ(Refs("const load = eval('(s) => import(s)'); load('a')"), "import() a? ");
  EXPECT_EQ(Refs("new Function('s', 'return s'); x.Function('s', 'import(s)'); Function(text)"),
            "");
}

TEST(ScanTest, Requires) {
  EXPECT_EQ(Refs("const a = require('a'); try { require(`b`) } catch {} x.require('no')"),
            "require a require b? ");
  EXPECT_EQ(Refs("require.resolve('r'); module.require('m')"), "resolve r require m ");
  EXPECT_EQ(Refs("require(x); const r = require; typeof require === 'function'"),
            "computed[] as value[] ");
  EXPECT_EQ(Refs("require('./parts/' + n); import(`./lang/${n}.js`); require(path.join(__dirname, "
                 "'up', n))"),
            "computed[/p/src/parts] computed[/p/src/lang] computed[/p/src/up] ");
  EXPECT_EQ(Refs("require(__dirname + '/x.js')"), "require /p/src/x.js ");
  EXPECT_TRUE(Scan("(function (require, module) { require('./a') })").declares_require);
}

TEST(ScanTest, RequiresInOtherForms) {
  EXPECT_EQ(Refs("require?.('a'); (require)('b'); (0, require)('c'); module?.require?.('d'); "
                 "module['require']('e'); r\\u0065quire('f'); require(('g'),)"),
            "require a require b require c require d require e require f require g ");
  EXPECT_EQ(Refs("require.call(x, 'a'); require.apply(x, ['b']); require.bind(x)('c'); "
                 "require.bind(x, 'd'); require['resolve']?.('e')"),
            "require a require b require c require d resolve e ");
  EXPECT_EQ(Refs("require(x ? 'a' : y ? 'b' : 'c'); import(x && 'd'); require(x || 'e')"),
            "require a require b require c import() d require e computed[] ");
  EXPECT_EQ(Refs("eval('require')('a'); eval(`require('b')`); m._load('c', x)"),
            "require a require b? require c? ");
  EXPECT_EQ(
      Refs("class A { require(x) { } async require(x) { } }; class B extends require('a') {}"),
      "require a ");
  EXPECT_EQ(Scan("require.main.require('a')").refs[0].from, kFromMain);
  EXPECT_EQ(Scan("createRequire(new URL('./a/b.js', import.meta.url))('c')").refs[0].from,
            "/p/src/a/b.js");
  EXPECT_EQ(Scan("const r = createRequire(__dirname + '/a/'); r('c')").refs[0].from, "/p/src/a/");
  EXPECT_EQ(Refs("f(require); const r = require.bind(x)"), "as value[] as value[] ");
}

TEST(ScanTest, LocalRequires) {
  for (const char* text : {"require => 1", "(a, {b: [require]}) => 1", "class A { m(require) { } }",
                           "try { } catch (require) { }", "for (let require of x);",
                           "const { require = 1 } = x", "function* require() { }",
                           "import a, { b as require } from 'c'", "import * as require from 'c'"})
    EXPECT_TRUE(Scan(text).foreign_require) << text;
  for (const char* text :
       {"f(a, require)", "if (require) { }", "f({ require })", "const x = { require }",
        "(a = require) => 1", "export { require }", "x = [require]", "class A { require() { } }"})
    EXPECT_FALSE(Scan(text).declares_require) << text;
}

TEST(ScanTest, RedeclaredVariablesOfCommonJs) {
  for (const char* text :
       {"const require = f(import_x)", "let a = 1,\n  module = 2", "class exports {}",
        "const { a: [__filename = 1] } = x", "const f = () => 1\nlet __dirname",
        "let a, [b, ...module] = c", "const { require, b } = x"})
    EXPECT_TRUE(Scan(text).redeclares_commonjs) << text;
  for (const char* text :
       {"var require = 1", "function module() {}", "{ const require = 1 }", "() => { let module }",
        "const { require: a, b = module } = x", "const a = require, b = module",
        "const a = f(b, require)\nmodule.exports = a", "x.const; let a = [require, module]",
        "for (const module of x);", "const a = 1; exports.b = a"})
    EXPECT_FALSE(Scan(text).redeclares_commonjs) << text;
}

TEST(ScanTest, RequireAfterTypeof) {
  EXPECT_EQ(Refs("typeof require('a').b"), "require a ");
  EXPECT_EQ(Scan("typeof require === 'function'").typeof_requires.size(), 1u);
}

TEST(ScanTest, TopLevelAwait) {
  for (const char* text :
       {"await x", "f(() => 1)\nawait x", "f(x => 1, await x)", "const f = () => `${a}`; await x",
        "for await (const a of b) {}", "const f = () => {}\nawait x", "`${await x}`"})
    EXPECT_TRUE(Scan(text).top_level_await) << text;
}

TEST(ScanTest, AwaitInFunctionIsNotTopLevel) {
  for (const char* text :
       {"async () => await x", "f(async () => await x)", "async x => g(1, await x)",
        "async x => `${a} ${await x}`", "async () =>\n  await x", "x.await", "({ await: 1 })",
        "class A { async catch(e) { await e } }"})
    EXPECT_FALSE(Scan(text).top_level_await) << text;
}

TEST(ScanTest, CreatedRequires) {
  EXPECT_EQ(Refs("import {createRequire as c} from 'module'; const r = c(import.meta.url); "
                 "r('a'); r.resolve('b'); c(import.meta.url)('d')"),
            "import module created a resolve b created d ");
  EXPECT_EQ(Refs("const c = m.createRequire, {createRequire: d} = m, r = c(__filename), s = r; "
                 "s('a'); d(__filename)?.('b'); (0, r)('c'); r.call(x, 'd'); let t; t = "
                 "d(__filename); t('e')"),
            "created a created b created c created d created e ");
  EXPECT_EQ(Refs("f(createRequire(__filename)); const load = createRequire(__filename); f(load)"),
            "as value[] as value[] ");
}

TEST(ScanTest, KnownPaths) {
  EXPECT_EQ(Paths("read(path.join(__dirname, '..', 'x.txt'))"), "known:/p/x.txt ");
  EXPECT_EQ(Paths("read(__dirname + '/x.txt')"), "known:/p/src/x.txt ");
  EXPECT_EQ(Paths("read(`${__dirname}/a/x.txt`)"), "known:/p/src/a/x.txt ");
  EXPECT_EQ(Paths("read(new URL('./x.txt', import.meta.url))"), "known:/p/src/x.txt ");
  EXPECT_EQ(Paths("fork(require('path').join(__dirname, 'x.js'))"), "known:/p/src/x.js ");
  EXPECT_EQ(Paths("read(require('node:path').posix.resolve(__dirname, '..', 'x'))"), "known:/p/x ");
  EXPECT_EQ(Paths("const dir = getModuleDirectory(import.meta); read(`${dir}/../a.js`)"),
            "known:/p/src/../a.js ");
  EXPECT_EQ(Paths("read(dirnameOf(import.meta.url) + '/x.txt')"), "known:/p/src/x.txt ");
  EXPECT_EQ(Paths("read(path.join(path.dirname(require.resolve('dep/package.json')), 'lib'))"),
            "known:/p/node_modules/dep/lib ");
  EXPECT_EQ(Paths("const here = dirname(fileURLToPath(import.meta.url)); read(join(here, 'x'))"),
            "known:/p/src/x ");
}

TEST(ScanTest, PartlyKnownPaths) {
  EXPECT_EQ(Paths("read(path.join(__dirname, 'views', name))"), "folder:/p/src/views ");
  EXPECT_EQ(Paths("read(__dirname + '/views/' + name + '.html')"), "folder:/p/src/views ");
  EXPECT_EQ(Paths("const d = path.join(__dirname, '..', `views-${name}`); read(d)"),
            "begins:/p/views- unknown begins:/p/views- unknown ");
  EXPECT_EQ(Paths("read(__dirname + '/v' + name)"), "begins:/p/src/v unknown ");
  EXPECT_EQ(Paths("read(path.join(__dirname, `views/v${name}`))"), "folder:/p/src/views ");
  EXPECT_EQ(Paths("read(`${__dirname}/views/${name}`)"), "folder:/p/src/views ");
  EXPECT_EQ(Paths("const d = path.resolve(__dirname, 'views'); read(d + '/' + x)"),
            "folder:/p/src/views ");
}

TEST(ScanTest, ImportedPaths) {
  EXPECT_EQ(Paths("import {ROOT as r} from './root'; read(r + '/dist/x.js')"),
            "known:/p/dist/x.js ");
  EXPECT_EQ(Paths("import d, * as ns from './root'; read(ns.paths.views + '/a', join(d, 'b'))"),
            "known:/p/views/a known:/p/def/b ");
  EXPECT_EQ(Paths("const {paths} = require('./root'); read(paths.views)"), "known:/p/views ");
  EXPECT_EQ(Paths("const {paths: {views}} = require('./other'); f(views, ROOT)"), "");
  // The folder itself says nothing that the module that exports it has not said.
  EXPECT_EQ(Paths("import {ROOT} from './root'; f(ROOT); f(ROOT + x); f(ROOT.length)"), "");
}

std::string ExportedPaths(std::string_view text) {
  std::string out;
  for (const ExportedPath& path : Scan(text).exported_paths)
    out += path.name + "=" + path.path + " ";
  return out;
}

TEST(ScanTest, ExportedPaths) {
  EXPECT_EQ(
      ExportedPaths("export const A = __dirname, x = 1; const b = join(A, 'b'); export {b as B}"),
      "A=/p/src B=/p/src/b ");
  EXPECT_EQ(
      ExportedPaths("exports.A = __dirname; module.exports.B = path.resolve(__dirname, '..');"),
      "A=/p/src B=/p ");
  EXPECT_EQ(ExportedPaths("module.exports = { A: __dirname, b: { c: __dirname + '/c' } }"),
            "A=/p/src b.c=/p/src/c ");
  EXPECT_EQ(ExportedPaths("const o = { a: __dirname }, A = __dirname; module.exports = o"),
            "a=/p/src ");
  EXPECT_EQ(ExportedPaths("export default { a: join(import.meta.dirname, 'x') }"),
            "default.a=/p/src/x ");
  EXPECT_EQ(ExportedPaths("const A = __dirname; module.exports = { A, f }"), "A=/p/src ");
  EXPECT_EQ(ExportedPaths("const o = { a: __dirname }; f({ b: __dirname })"), "");
}

TEST(ScanTest, UnknownPaths) {
  EXPECT_EQ(Paths("f(__dirname)"), "unknown ");
  EXPECT_EQ(Paths("requireAll({dirname: __dirname})"), "listed:/p/src ");
  EXPECT_EQ(Paths("readdirSync(__dirname)"), "listed:/p/src ");
  EXPECT_EQ(Paths("glob(['a/*.js', x], {cwd: path.join(__dirname, 'b')})"),
            "known:/p/src/b/a/*.js known:/p/src/b ");
  EXPECT_EQ(Paths("y.commandDir('./commands')"), "folder:/p/src/./commands ");
  EXPECT_EQ(Paths("read(path.join(__dirname, name))"), "unknown ");
  EXPECT_EQ(Paths("read(require.main.filename)"), "main ");
}

TEST(ScanTest, HarmlessPaths) {
  EXPECT_EQ(Paths("if (process.argv[1] === fileURLToPath(import.meta.url)) main()"), "");
  EXPECT_EQ(Paths("typeof __dirname; x.__dirname; ({ __dirname: false })"), "");
  EXPECT_EQ(Paths("const require = createRequire(import.meta.url)"), "");
  EXPECT_EQ(Paths("const here = path.dirname(__filename);"), "");
}

}  // namespace
}  // namespace kiln
