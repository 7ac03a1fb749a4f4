// What the runtime reads from the section: tables, texts and their encodings.
#include "snapshot/module_section.h"

#include <gtest/gtest.h>

#include <cstring>

#include "snapshot/format/payload_format.h"
#include "snapshot/position_table.h"

namespace kiln {
namespace {

template <class T>
T At(std::string_view section, size_t offset) {
  T value;
  std::memcpy(&value, section.data() + offset, sizeof value);
  return value;
}

// Reads a section as the runtime does.
struct Reader {
  std::string bytes;

  uint32_t count() const { return At<format::ModulesHeader>(bytes, 0).count; }
  format::ModuleEntry Module(size_t i) const {
    return At<format::ModuleEntry>(bytes,
                                   sizeof(format::ModulesHeader) + i * sizeof(format::ModuleEntry));
  }
  size_t numbers() const {
    return sizeof(format::ModulesHeader) + count() * sizeof(format::ModuleEntry);
  }
  uint32_t Number(size_t i) const { return At<uint32_t>(bytes, numbers() + i * 4); }
  format::EdgeEntry Edge(size_t i) const {
    return At<format::EdgeEntry>(bytes, numbers() + count() * 4 + i * sizeof(format::EdgeEntry));
  }
  std::string Text(uint64_t offset, uint64_t size) const { return bytes.substr(offset, size); }
  std::string Source(size_t i) const {
    return Text(Module(i).source_offset, Module(i).source_size);
  }
};

BundledModule ModuleOf(std::string path, std::string source, std::string suffix = "") {
  BundledModule module;
  module.path = std::move(path);
  module.suffix = std::move(suffix);
  module.source = std::move(source);
  module.kind = BundledModule::Kind::kEsm;
  return module;
}

std::string Utf16(std::u16string_view text) {
  return {reinterpret_cast<const char*>(text.data()), text.size() * 2};
}

TEST(ModuleSection, HasModulesInTheirOrderAndByPath) {
  std::vector<BundledModule> modules;
  modules.push_back(ModuleOf("/kiln/z.mjs", "z"));
  modules.push_back(ModuleOf("/kiln/a.mjs", "\u0100", "?2"));
  modules.push_back(ModuleOf("/kiln/a.mjs", "\u0100", "?1"));
  modules[0].at_start = modules[0].own = modules[1].speculative = modules[0].partial = true;
  modules[1].used = false;
  modules[2].source_map = R"({"version":3,"sources":["a"],"mappings":"AAAA"})";
  Reader reader{PackModules(modules)};
  ASSERT_EQ(reader.count(), 3u);
  EXPECT_EQ(reader.Module(0).kind, format::ModuleKind::kEsm);
  EXPECT_EQ(reader.Module(0).flags,
            format::kAtStart | format::kOwn | format::kUsed | format::kPartial);
  EXPECT_EQ(reader.Module(1).flags, format::kSpeculative | format::kTwoByte);
  EXPECT_EQ(reader.Module(2).flags, format::kTwoByte | format::kUsed);
  EXPECT_EQ(reader.Module(2).source_offset, reader.Module(1).source_offset);
  EXPECT_EQ(reader.Source(2), Utf16(u"\u0100"));
  EXPECT_EQ(reader.Text(reader.Module(1).path_offset, 13), "/kiln/a.mjs?2");
  EXPECT_EQ(reader.Module(1).path_size, 11u);
  EXPECT_EQ(reader.Module(1).suffix_size, 2u);
  EXPECT_EQ(reader.Source(0), "z");
  EXPECT_EQ(reader.Module(0).map_size, 0u);
  EXPECT_EQ(reader.Text(reader.Module(2).map_offset, reader.Module(2).map_size),
            EncodePositionTable(SourceMapOf(modules[2])));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(reader.Module(i).source_offset % 16, 0u);
  EXPECT_EQ(reader.Number(0), 2u);
  EXPECT_EQ(reader.Number(1), 1u);
  EXPECT_EQ(reader.Number(2), 0u);
}

TEST(ModuleSection, HasSortedEdges) {
  std::vector<BundledModule> modules(2);
  auto add = [&](size_t module, bool import, std::string specifier) -> BundledEdge& {
    BundledEdge& edge = modules[module].edges.emplace_back();
    edge.import = import;
    edge.specifier = std::move(specifier);
    return edge;
  };
  add(0, true, "./b").module = 1;
  add(0, true, "./a").module = 1;
  add(0, false, "./z").to = BundledEdge::To::kFails;
  modules[0].edges.back().text = "no addons";
  BundledEdge& builtin = add(1, true, "node:fs");
  builtin.to = BundledEdge::To::kBuiltin;
  builtin.text = "fs";
  builtin.names = {"*", "readFile"};
  Reader reader{PackModules(modules)};
  EXPECT_EQ(reader.Module(1).first_edge, 3u);
  EXPECT_EQ(reader.Module(1).edge_count, 1u);
  auto specifier = [&](size_t i) {
    return reader.Text(reader.Edge(i).specifier_offset, reader.Edge(i).specifier_size);
  };
  EXPECT_EQ(specifier(0), "./z");
  EXPECT_EQ(specifier(1), "./a");
  EXPECT_EQ(specifier(2), "./b");
  EXPECT_EQ(reader.Edge(0).import, 0);
  EXPECT_EQ(reader.Edge(0).target, format::EdgeTarget::kFails);
  EXPECT_EQ(reader.Text(reader.Edge(0).text_offset, reader.Edge(0).text_size), "no addons");
  EXPECT_EQ(reader.Edge(1).import, 1);
  EXPECT_EQ(reader.Edge(1).module, 1u);
  EXPECT_EQ(reader.Edge(3).target, format::EdgeTarget::kBuiltin);
  EXPECT_EQ(reader.Text(reader.Edge(3).text_offset, reader.Edge(3).text_size), "fs");
  EXPECT_EQ(reader.Text(reader.Edge(3).names_offset, reader.Edge(3).names_size), "*\nreadFile\n");
}

TEST(ModuleSection, StoresOneByteWhereThatIsEnough) {
  Reader reader{PackModules({ModuleOf("/a", "caf\u00e9 \u00ff"), ModuleOf("/b", "x\u0100"),
                             ModuleOf("/c", "\U0001f600\u2028")})};
  EXPECT_EQ(reader.Module(0).flags & format::kTwoByte, 0u);
  EXPECT_EQ(reader.Source(0), "caf\xe9 \xff");
  EXPECT_NE(reader.Module(1).flags & format::kTwoByte, 0u);
  EXPECT_EQ(reader.Source(1), Utf16(u"x\u0100"));
  EXPECT_EQ(reader.Source(2), Utf16(u"\U0001f600\u2028"));
}

// As new TextDecoder().decode() gives for each of them.
TEST(ModuleSection, ReplacesInvalidBytes) {
  auto utf16 = [](std::string_view text) {
    std::string out;
    AppendUtf16(text, out);
    return out;
  };
  EXPECT_EQ(utf16("a\x80z"), Utf16(u"a\uFFFDz"));
  EXPECT_EQ(utf16("\xC0\x80"), Utf16(u"\uFFFD\uFFFD"));
  EXPECT_EQ(utf16("\xE2\x82"), Utf16(u"\uFFFD"));
  EXPECT_EQ(utf16("\xE2\x82z"), Utf16(u"\uFFFDz"));
  EXPECT_EQ(utf16("\xED\xA0\x80"), Utf16(u"\uFFFD\uFFFD\uFFFD"));
  EXPECT_EQ(utf16("\xF4\x90\x80\x80"), Utf16(u"\uFFFD\uFFFD\uFFFD\uFFFD"));
  EXPECT_EQ(utf16("\xF0\x9F\x98"), Utf16(u"\uFFFD"));
  EXPECT_EQ(utf16("\xE0\x80"), Utf16(u"\uFFFD\uFFFD"));
}

TEST(ModuleSection, IsTheSameEachTime) {
  std::vector<BundledModule> modules = {ModuleOf("/b", "\u0100"), ModuleOf("/a", "")};
  EXPECT_EQ(PackModules(modules), PackModules(modules));
}

}  // namespace
}  // namespace kiln
