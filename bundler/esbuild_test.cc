// Which programs Esbuild::Start accepts as the esbuild that it was built for. The programs are
// shell scripts that do what esbuild does before the first packet.
#include "bundler/esbuild.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "support/file.h"

namespace kiln {
namespace {

class EsbuildTest : public testing::Test {
 protected:
  EsbuildTest() : folder_(*TempDir::Make()) {}

  // The path of a program that runs `commands`.
  std::string Program(const std::string& commands) {
    std::string path = JoinPath(folder_.path(), "esbuild");
    EXPECT_TRUE(WriteFileAtomically(path, "#!/bin/sh\n" + commands + "\n", 0755).ok());
    return path;
  }
  // A program that sends `version` and then waits for packets.
  std::string Service(const std::string& version) {
    char length[8];
    std::snprintf(length, sizeof length, "\\%03o", unsigned(version.size()));
    return Program(std::string("printf '") + length + "\\000\\000\\000" + version +
                   "'; exec cat >/dev/null");
  }
  // The message with which Start refuses the program; empty if it accepts it.
  static std::string Refusal(const std::string& path) {
    auto service = Esbuild::Start(path);
    if (service.ok()) return "";
    std::string all = service.error().text;
    for (const std::string& note : service.error().notes) all += "\n" + note;
    return all;
  }

  TempDir folder_;
};

TEST_F(EsbuildTest, TakesThePinnedVersion) {
  EXPECT_EQ(Refusal(Service(KILN_ESBUILD_VERSION)), "");
}

TEST_F(EsbuildTest, RefusesAnotherVersion) {
  std::string path = Service("0.1.2");
  std::string text = Refusal(path);
  // The message names the version found, the version needed, the place, and what to do.
  EXPECT_NE(text.find("version 0.1.2"), std::string::npos) << text;
  EXPECT_NE(text.find("needs " KILN_ESBUILD_VERSION), std::string::npos) << text;
  EXPECT_NE(text.find(path), std::string::npos) << text;
  EXPECT_NE(text.find("install both"), std::string::npos) << text;
}

TEST_F(EsbuildTest, RefusesAnotherVersionThatRefusesUs) {
  std::string path = Program(
      "v=${1#--service=}; echo \"Host version \\\"$v\\\" does not match binary version "
      "\\\"99.0.0\\\"\" >&2; exit 1");
  std::string text = Refusal(path);
  EXPECT_NE(text.find("version 99.0.0"), std::string::npos) << text;
  EXPECT_NE(text.find("needs " KILN_ESBUILD_VERSION), std::string::npos) << text;
}

TEST_F(EsbuildTest, RefusesWhatIsNoEsbuild) {
  EXPECT_NE(Refusal(Program("echo no such option >&2; exit 3")).find("no such option"),
            std::string::npos);
  EXPECT_NE(Refusal(Program("echo usage: something; exec cat >/dev/null")).find("service protocol"),
            std::string::npos);
}

}  // namespace
}  // namespace kiln
