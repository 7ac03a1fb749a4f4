// Payloads are unchanged after writing and reading, have the same bytes each time, and invalid ones
// are refused.
#include "snapshot/payload.h"

#include <gtest/gtest.h>

#include <cstring>

namespace kiln {
namespace {

PackedPayload Example() {
  Payload payload;
  payload.v8_version = "13.6.233.17";
  payload.script = "return 1;";
  payload.source_map = std::string(10000, 'm');
  payload.files = {{"/kiln/b.txt", std::string(5000, 'b'), 0444}, {"/kiln/a.txt", "a", 0555}};
  payload.options = {{"entry", "/kiln/a.js"}, {"builtin", "fs"}, {"builtin", "path"}};
  return *Pack(std::move(payload));
}

TEST(Payload, IsReadBack) {
  std::string bytes = AssemblePayload(Example(), {std::string(100, 's'), 7, "13.6.233.17"});
  auto info = ReadPayload(bytes);
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->intact);
  EXPECT_EQ(info->header.reference_hash, 7u);
  EXPECT_EQ(info->options, "entry=/kiln/a.js\nbuiltin=fs\nbuiltin=path\n");
  ASSERT_EQ(info->files.size(), 2u);
  EXPECT_EQ(info->files[0].first, "/kiln/a.txt");
  EXPECT_EQ(info->files[1].second, 5000u);
  EXPECT_EQ(info->sections.size(), 5u);
  for (const format::Section& section : info->sections) EXPECT_EQ(section.offset % 16, 0u);
}

TEST(Payload, TellsLinksFromFiles) {
  Payload payload;
  payload.files = {{"/kiln/a.txt", "a", 0644},
                   {"/kiln/link", std::string(600, 'x'), EmbeddedFile::kLinkMode}};
  auto info = ReadPayload(AssembleImage(*Pack(std::move(payload))));
  ASSERT_TRUE(info.ok());
  ASSERT_EQ(info->files.size(), 1u);
  ASSERT_EQ(info->links.size(), 1u);
  EXPECT_EQ(info->links[0].first, "/kiln/link");
  // Never compressed.
  EXPECT_EQ(info->links[0].second, std::string(600, 'x'));
}

TEST(Payload, HasABakedSnapshotAndItsGuards) {
  const Snapshot cold = {std::string(100, 's'), 7, "13.6.233.17"};
  const Snapshot baked = {std::string(1000, 'b'), 7, "13.6.233.17"};
  std::string bytes = AssemblePayload(Example(), cold, baked, "env NO_COLOR\ntty 1\n");
  auto info = ReadPayload(bytes);
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->intact);
  EXPECT_EQ(info->guards, "env NO_COLOR\ntty 1\n");
  ASSERT_EQ(info->sections.size(), 7u);
  auto section = [&](format::SectionKind kind) {
    for (const format::Section& section : info->sections)
      if (section.kind == uint32_t(kind)) return bytes.substr(section.offset, section.size);
    return std::string("none");
  };
  EXPECT_EQ(section(format::SectionKind::kSnapshot), cold.blob);
  EXPECT_EQ(section(format::SectionKind::kBakedSnapshot), baked.blob);
  EXPECT_EQ(section(format::SectionKind::kGuards), "env NO_COLOR\ntty 1\n");
  for (const format::Section& section : info->sections) EXPECT_EQ(section.offset % 16, 0u);
  // The other sections are those of a payload without baked modules.
  auto other = ReadPayload(AssemblePayload(Example(), cold));
  EXPECT_EQ(other->options, info->options);
  EXPECT_EQ(other->files, info->files);
  EXPECT_EQ(other->guards, "");
}

TEST(Payload, IsTheSameEachTime) { EXPECT_EQ(AssembleImage(Example()), AssembleImage(Example())); }

TEST(Payload, PacksFilesWhereItPays) {
  std::string noise;
  for (uint32_t i = 1, x = 1; i < 5000; ++i) noise += char((x = x * 1664525 + 1013904223) >> 24);
  auto packed_size = [](std::string contents) {
    Payload payload;
    payload.files = {{"/kiln/a", std::move(contents), 0444}};
    return Pack(std::move(payload))->sections.back().bytes.size();
  };
  EXPECT_GT(packed_size(noise), noise.size());
  EXPECT_LT(packed_size(std::string(5000, 'x')), 500u);
}

TEST(Payload, DamageIsSeen) {
  std::string bytes = AssembleImage(Example());
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_FALSE(ReadPayload(bytes)->intact);
  // No truncation and no changed byte of the tables may crash the reader.
  for (size_t i = 0; i < bytes.size(); i += 7) (void)ReadPayload(bytes.substr(0, i));
  for (size_t i = 0; i < 400; ++i) {
    std::string broken = bytes;
    broken[i] = char(0xFF);
    (void)ReadPayload(broken);
  }
}

TEST(Payload, IsFoundInAnExecutable) {
  std::string image = AssembleImage(Example());
  std::string executable =
      "\x7f"
      "ELF KILNPAY1 text" +
      image + "tail";
  EXPECT_EQ(*FindPayload(executable), image);
  EXPECT_FALSE(FindPayload("\x7f"
                           "ELF KILNPAY1")
                   .ok());
}

TEST(Payload, HasModulesInsteadOfAScript) {
  Payload payload;
  payload.script = "unused";
  payload.modules.resize(2);
  payload.modules[0].path = "/kiln/main.mjs";
  payload.modules[0].source = "import './a.mjs?1'";
  payload.modules[1].path = "/kiln/a.mjs";
  payload.modules[1].suffix = "?1";
  std::string bytes = AssembleImage(*Pack(payload));
  auto info = ReadPayload(bytes);
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->modules, (std::vector<std::pair<std::string, uint64_t>>{{"/kiln/main.mjs", 18},
                                                                          {"/kiln/a.mjs?1", 0}}));
  for (const format::Section& section : info->sections)
    EXPECT_NE(section.kind, uint32_t(format::SectionKind::kScript));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = char(0xFF);
    (void)ReadPayload(broken);
  }
}

TEST(Payload, OptionsAreOneLineEach) {
  Payload payload;
  payload.options = {{"v8-flag", "a\nevaluate=1"}};
  EXPECT_FALSE(Pack(payload).ok());
}

}  // namespace
}  // namespace kiln
