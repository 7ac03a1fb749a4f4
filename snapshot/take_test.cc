// Taking a snapshot, with a shell script instead of the runtime.
#include "snapshot/take.h"

#include <gtest/gtest.h>

#include "support/file.h"

namespace kiln {
namespace {

class TakeTest : public testing::Test {
 protected:
  Result<Snapshot> Take(std::string_view script) {
    std::string stub = folder_->File("stub");
    KILN_CHECK(WriteFileAtomically(stub, "#!/bin/sh\n" + std::string(script), 0755).ok());
    return TakeSnapshot("image", stub, HostTarget(), diagnostics_);
  }

  Result<TempDir> folder_ = TempDir::Make("take-test");
  Diagnostics diagnostics_;
};

TEST_F(TakeTest, ReadsWhatTheRuntimeWrites) {
  auto snapshot = Take(
      "test $1 = --kiln-take-snapshot && test \"$(cat $2)\" = image || exit 1\n"
      "{ printf '\\001\\0\\0\\0\\0\\0\\0\\0'; printf '13.6.233.17'; head -c 21 /dev/zero;"
      "  printf 'the blob'; } > $3");
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().text;
  EXPECT_EQ(snapshot->reference_hash, 1u);
  EXPECT_EQ(snapshot->v8_version, "13.6.233.17");
  EXPECT_EQ(snapshot->blob, "the blob");
}

TEST_F(TakeTest, ShowsNothingOfThisMachine) {
  auto snapshot = Take(
      "{ head -c 40 /dev/zero; pwd | grep -c cwd; ls | wc -l; env | grep -c USER; } > $3; true");
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->blob, "1\n0\n0\n");
}

TEST_F(TakeTest, HandsOnWhatTheRuntimeSays) {
  auto snapshot = Take("echo 'Error: no timers here' >&2; echo '    at a.js:1' >&2; exit 1");
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().text, "Cannot take the snapshot: the runtime exited with code 1");
  ASSERT_EQ(diagnostics_.all().size(), 1u);
  EXPECT_EQ(diagnostics_.all()[0].text, "Error: no timers here");
  EXPECT_EQ(diagnostics_.all()[0].notes[0], "    at a.js:1");
}

TEST_F(TakeTest, ACrashIsAnError) {
  auto snapshot = Take("kill -SEGV $$");
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().text,
            "Cannot take the snapshot: the runtime was killed by signal 11 (Segmentation fault)");
}

}  // namespace
}  // namespace kiln
