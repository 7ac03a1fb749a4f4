// The runtime's reader of the app's modules: what it finds in a section, and that it stays inside
// of a section that is cut short or damaged.
#include "runtime-stub/payload/bundled_modules.h"

#include <gtest/gtest.h>

#include <cstring>

#include "runtime-stub/payload/embedded_files.h"
#include "snapshot/module_section.h"
#include "snapshot/position_table.h"
#include "tests/fuzz/read_modules.h"

namespace kiln::runtime {
namespace {

constexpr char kMap[] = R"({"version":3,"sources":["main.mts"],"mappings":"AAAA;AACA"})";

std::string Example() {
  std::vector<BundledModule> modules(4);
  auto fill = [&](size_t i, const char* path, const char* suffix, const char* source) {
    modules[i].path = path;
    modules[i].suffix = suffix;
    modules[i].source = source;
    modules[i].kind = BundledModule::Kind::kEsm;
  };
  fill(0, "/kiln/main.mjs", "", "import './b.mjs?1'; import fs from 'fs';");
  fill(1, "/kiln/b.mjs", "?1", "export default '\u0100';");
  fill(2, "/kiln/b.mjs", "", "export default '\u0100';");
  fill(3, "/kiln/a/c.cjs", "", "require('./no.node') // \u00e9");
  modules[0].source_map = kMap;
  BundledEdge edge;
  edge.import = true;
  edge.specifier = "./b.mjs?1";
  edge.module = 1;
  modules[0].edges.push_back(edge);
  edge.specifier = "fs";
  edge.to = BundledEdge::To::kBuiltin;
  edge.text = "fs";
  edge.names = {"default"};
  modules[0].edges.push_back(edge);
  edge = {};
  edge.specifier = "./no.node";
  edge.to = BundledEdge::To::kFails;
  edge.text = "an addon";
  modules[3].edges.push_back(edge);
  return PackModules(std::move(modules));
}

ModulesRead Read(std::string_view bytes) {
  ExactCopy copy(bytes);
  ModulesRead result = ReadModules(copy.span());
  SetBundledModules({});
  return result;
}

TEST(BundledModules, AreRead) {
  std::string section = Example();
  SetBundledModules({reinterpret_cast<const uint8_t*>(section.data()), section.size()});
  ASSERT_EQ(bundled::Count(), 4u);
  EXPECT_EQ(bundled::At(0).path, "/kiln/main.mjs");
  EXPECT_EQ(bundled::At(0).map,
            EncodePositionTable(SourceMapOf({.path = "/kiln/main.mjs", .source_map = kMap})));
  EXPECT_EQ(bundled::At(1).suffix, "?1");
  EXPECT_TRUE(bundled::At(1).Has(format::kTwoByte));
  EXPECT_EQ(bundled::SourceText(bundled::At(1)), "export default '\u0100';");
  EXPECT_EQ(bundled::SourceText(bundled::At(3)), "require('./no.node') // \u00e9");
  EXPECT_EQ(bundled::Find("/kiln/b.mjs", "?1"), 1u);
  EXPECT_EQ(bundled::Find("/kiln/b.mjs", ""), 2u);
  EXPECT_EQ(bundled::Find("/kiln/b.mjs", "?2"), std::nullopt);
  EXPECT_EQ(bundled::Resolve(0, true, "./b.mjs?1")->module, 1u);
  EXPECT_EQ(bundled::Resolve(0, true, "fs")->text, "fs");
  EXPECT_FALSE(bundled::Resolve(0, false, "fs").has_value());
  EXPECT_EQ(bundled::Resolve(3, false, "./no.node")->text, "an addon");
  SetBundledModules({});
  EXPECT_EQ(bundled::Count(), 0u);
}

TEST(BundledModules, ASectionThatIsCutShortIsReadToItsEnd) {
  std::string section = Example();
  EXPECT_EQ(Read(section).modules, 4u);
  // Up to here the tables are incomplete.
  size_t tables = sizeof(format::ModulesHeader) +
                  4 * (sizeof(format::ModuleEntry) + sizeof(uint32_t)) +
                  3 * sizeof(format::EdgeEntry);
  for (size_t size = 0; size < section.size(); ++size)
    EXPECT_EQ(Read(section.substr(0, size)).modules, size < tables ? 0u : 4u) << size;
}

TEST(BundledModules, NumbersThatPointOutsideAreNotFollowed) {
  std::string section = Example();
  for (size_t at = 0; at < section.size(); ++at) {
    for (int value : {0, 1, 2, 0x7f, 0x80, 0xff}) {
      std::string broken = section;
      broken[at] = char(value);
      Read(broken);
    }
    if (at % 4 != 0 || at + 4 > section.size()) continue;
    std::string broken = section;
    std::memset(broken.data() + at, 0xff, 4);
    ModulesRead read = Read(broken);
    // Nothing is counted that is not there, e.g. 4 billion edges.
    EXPECT_LE(read.modules, 4u) << at;
    EXPECT_LE(read.edges, 4u * 3) << at;
  }
}

TEST(BundledModules, TwoByteTextAtAnOddAddressIsLeftOut) {
  std::string section = Example();
  size_t at = sizeof(format::ModulesHeader) + sizeof(format::ModuleEntry) +
              offsetof(format::ModuleEntry, source_offset);
  section[at] = char(section[at] | 1);
  SetBundledModules({reinterpret_cast<const uint8_t*>(section.data()), section.size()});
  EXPECT_EQ(bundled::At(1).source, "");
  SetBundledModules({});
}

TEST(BundledModules, GarbageIsRead) {
  uint32_t random = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(size_t(round % 700), 0);
    for (char& byte : bytes) byte = char((random = random * 1664525 + 1013904223) >> 24);
    // Otherwise the tables are nearly always longer than the section.
    if (bytes.size() > sizeof(format::ModulesHeader)) {
      format::ModulesHeader header = {uint32_t(round % 5), uint32_t(round % 4)};
      std::memcpy(bytes.data(), &header, sizeof header);
    }
    Read(bytes);
  }
}

}  // namespace
}  // namespace kiln::runtime
