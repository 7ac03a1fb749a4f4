// The text of the script for small graphs, whose CommonJS modules are given as translated.
#include "bundler/emit.h"

#include <gtest/gtest.h>

#include "bundler/crawl_test.h"

namespace kiln {
namespace {

class EmitTest : public CrawlTest {
 protected:
  // The script for `entry`, in which the text of each CommonJS module is "BODY OF <name>".
  std::string Script(const std::string& entry, const LinkedEsm& linked_esm = {}) {
    BuildCache cache;
    Graph graph(options_, esbuild_, cache, diagnostics_);
    EXPECT_TRUE(graph.Crawl(root_ + "/" + entry).ok());
    std::vector<TranslatedModule> translated;
    for (const Module& module : graph.modules())
      translated.push_back(module.format == ModuleFormat::kCommonJs
                               ? TranslatedModule{"BODY OF " + BaseNameOf(module.path) + "\n", map_}
                               : TranslatedModule{});
    EmittedScript emitted = EmitScript(graph, translated, linked_esm, root_, !map_.empty());
    source_map_ = emitted.source_map;
    return emitted.script;
  }

  std::string map_;  // of every CommonJS module
  std::string source_map_;
};

TEST_F(EmitTest, CommonJs) {
  File("main.js", "require('./a'); import('./a');");
  File("a.js", "");
  EXPECT_EQ(Script("main.js"), R"(__kiln.define([
["/kiln/main.js",{"./a":1},{"./a":1},2],
["/kiln/a.js",0,0,2],
]);
__kiln.bodies([
function(exports,require,module,__filename,__dirname,__kiln_import){
BODY OF main.js
},
function(exports,require,module,__filename,__dirname){
BODY OF a.js
},
]);
return __kiln.main(0);
)");
}

TEST_F(EmitTest, JsonHasAPathAlone) {
  File("main.js", "require('./a.json');");
  File("a.json", "{}");
  EXPECT_NE(Script("main.js").find("\n[\"/kiln/a.json\"],\n"), std::string::npos);
}

TEST_F(EmitTest, EsModulesFollowAsOneFunction) {
  File("main.mjs", "");
  LinkedEsm linked_esm;
  linked_esm.empty = false;
  linked_esm.head = "HEAD;";
  linked_esm.code = "LINKED\n";
  EXPECT_EQ(Script("main.mjs", linked_esm), R"(__kiln.define([
["/kiln/main.mjs",0,0,1],
]);
__kiln.bodies([
0,
]);
__kiln.entry(0);
return (function(exports,require,module,__filename,__dirname){"use strict";HEAD;
LINKED
})();
)");
}

TEST_F(EmitTest, TopLevelAwaitMakesAnAsyncFunction) {
  File("main.mjs", "");
  LinkedEsm linked_esm;
  linked_esm.empty = false;
  linked_esm.top_level_await = true;
  EXPECT_NE(Script("main.mjs", linked_esm).find("return (async function("), std::string::npos);
}

TEST_F(EmitTest, BuiltinIsNamedOnlyWhereItsNameDiffers) {
  File("package.json", R"({"imports": {"#files": "fs"}})");
  File("main.js", "require('fs'); require('#files');");
  EXPECT_NE(Script("main.js").find(R"({"#files":"node:fs"})"), std::string::npos);
}

TEST_F(EmitTest, AddonIsItsMessage) {
  File("main.js", "try { require('./x.node'); } catch {}");
  File("x.node", "");
  EXPECT_NE(Script("main.js").find(R"({"./x.node":"!)"), std::string::npos);
}

TEST_F(EmitTest, PathsAreAscii) {
  File("main.js", "require('./\u00e4\U0001f600');");
  File("\u00e4\U0001f600.js", "");
  EXPECT_NE(Script("main.js").find(R"({"./\u00e4\ud83d\ude00":1})"), std::string::npos);
}

TEST_F(EmitTest, SourceMapSectionBeginsAtTheLineOfTheText) {
  File("main.js", "first");
  map_ = R"({"version":3,"sources":["m"],"mappings":"AAAA"})";
  Script("main.js");
  EXPECT_EQ(source_map_,
            R"({"version":3,"sections":[{"offset":{"line":5,"column":0},"map":{"version":3,)"
            R"("sources":["/kiln/main.js"],"mappings":"AAAA","sourcesContent":["first"]}}]})");
}

TEST_F(EmitTest, SourceOfAPackageIsNotInTheMap) {
  File("main.js", "require('p');");
  File("node_modules/p/index.js", "text");
  map_ = R"({"version":3,"sources":["m"],"mappings":"AAAA"})";
  Script("main.js");
  EXPECT_NE(source_map_.find(R"(["/kiln/node_modules/p/index.js"],"mappings":"AAAA",)"
                             R"("sourcesContent":[null])"),
            std::string::npos)
      << source_map_;
}

}  // namespace
}  // namespace kiln
