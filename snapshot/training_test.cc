// Profiles of several processes are merged, and the result does not depend on their order.
#include "snapshot/training.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(TrainingProfile, MergesProfilesInAnyOrder) {
  constexpr const char* kOne = "module 0\t3:20 1:100\nlibrary fs\t7:5\n";
  constexpr const char* kOther = "module 0\t1:100 10:7\nscript\t0:9\n";
  TrainingProfile a, b;
  ASSERT_TRUE(a.Add(kOne).ok());
  ASSERT_TRUE(a.Add(kOther).ok());
  ASSERT_TRUE(b.Add(kOther).ok());
  ASSERT_TRUE(b.Add(kOne).ok());
  EXPECT_EQ(a.Text(), "library fs\t7:5\nmodule 0\t1:100 3:20 10:7\nscript\t0:9\n");
  EXPECT_EQ(b.Text(), a.Text());
  EXPECT_EQ(a.Text(true), "*modules\t\n" + a.Text());
  EXPECT_EQ(a.functions(), 5u);
  EXPECT_EQ(a.bytes(), 141u);
}

TEST(TrainingProfile, RefusesWhatIsNoProfile) {
  for (const char* text : {"x", "module 0\t1:2", "\t1:2\n", "module 0\t1\n", "module 0\t1:2,3:4\n",
                           "module 0\t-1:2\n", "module 0\t99999999999:2\n", "module 0\n1:2\t\n"}) {
    TrainingProfile profile;
    EXPECT_FALSE(profile.Add(text).ok()) << text;
    EXPECT_TRUE(profile.empty()) << text;
  }
}

TEST(TrainingProfile, OnlyTheOptionsOfAnExecutableForTrainingDiffer) {
  Payload payload;
  payload.script = "x";
  payload.options = {{"entry", "/kiln/a.js"}};
  auto packed = Pack(std::move(payload));
  ASSERT_TRUE(packed.ok());
  PackedPayload training = ForTraining(*packed, "/tmp/folder");
  ASSERT_EQ(training.sections.size(), packed->sections.size());
  EXPECT_EQ(training.sections[0].bytes, "entry=/kiln/a.js\ntraining=/tmp/folder\n");
  EXPECT_EQ(training.sections[0].raw_size, training.sections[0].bytes.size());
  for (size_t i = 1; i < training.sections.size(); ++i)
    EXPECT_EQ(training.sections[i].bytes, packed->sections[i].bytes);
}

}  // namespace
}  // namespace kiln
