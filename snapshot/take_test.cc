// Taking a snapshot, with a shell script instead of the runtime.
#include "snapshot/take.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/file.h"

namespace kiln {
namespace {

Result<std::variant<Snapshot, BakeFailure>> TakeBakedSnapshot(const BakeInput& input,
                                                              const BakePlan& plan) {
  TRY(BakingProcess process, BakingProcess::TakeSnapshot(input, plan));
  return process.FinishTaking();
}

Result<std::optional<std::string>> ObserveApp(const BakeInput& input, const ObservedRun& run) {
  ObservingRuntimes runtimes;
  TRY(BakingProcess process, BakingProcess::Observe(input, run, runtimes));
  return process.FinishObserving();
}

// A shell script that does `script` for each run, with $plan and $record, and then says how it has ended: $status.
std::string Server(std::string_view script) {
  return "while read what number; do plan=$3-$number-plan record=$3-$number-record status=0\n" +
         std::string(script) + "\necho $number $status; done";
}

class TakeTest : public testing::Test {
 protected:
  Result<Snapshot> Take(std::string_view script) {
    return TakeSnapshot("image", Stub(script), HostTarget(), diagnostics_);
  }
  auto TakeBaked(std::string_view script, const BakePlan& plan = {{3, 1}, {1, 2, 3}}) {
    return TakeBakedSnapshot({"image", Stub(script), HostTarget()}, plan);
  }
  auto Observe(std::string_view script, const BakePlan& plan = {}) {
    return ObserveApp({"image", Stub(script), HostTarget()}, {.plan = plan});
  }
  std::string Stub(std::string_view script) {
    std::string stub = folder_->File("stub");
    KILN_CHECK(WriteFileAtomically(stub, "#!/bin/sh\n" + std::string(script), 0755).ok());
    return stub;
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

TEST_F(TakeTest, ABakedSnapshotGetsThePlan) {
  auto taken = TakeBaked(
      "test $1 = --kiln-take-snapshot && test \"$(cat $2)\" = image || exit 1\n"
      "{ head -c 40 /dev/zero; cat $5; } > $3");
  ASSERT_TRUE(taken.ok()) << taken.error().text;
  ASSERT_TRUE(std::holds_alternative<Snapshot>(*taken));
  EXPECT_EQ(std::get<Snapshot>(*taken).blob, "order 3\norder 1\nbaked 1\nbaked 2\nbaked 3\n");
}

TEST_F(TakeTest, APlanAddsToTheEnvironment) {
  auto record = Observe(Server("echo \"$A|$HOME|$TZ\" > $record"), {{}, {}, {"A=b c", "HOME=/x"}});
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(**record, "b c|/x|UTC\n");
}

TEST_F(TakeTest, WithoutAPlanThereIsNoPlanFile) {
  auto taken = TakeBaked("{ head -c 40 /dev/zero; echo $#; } > $3", {});
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(std::get<Snapshot>(*taken).blob, "4\n");
}

// A runtime that writes its profile, or "none", when its input has ended.
constexpr std::string_view kWaits =
    "cat > /dev/null; { head -c 40 /dev/zero; cat ${6:-/none} 2>/dev/null || echo none; } > $3";

TEST_F(TakeTest, AWaitingRuntimeGetsItsFunctionsWhenItGoesOn) {
  const BakeInput input("image", Stub(kWaits), HostTarget());
  for (const std::string training : {"library a\t1:2\n", ""}) {
    auto run = SnapshotRun::StartWaiting(input);
    ASSERT_TRUE(run.ok());
    ASSERT_TRUE(run->Continue(training).ok());
    auto snapshot = run->Finish(diagnostics_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().text;
    EXPECT_EQ(snapshot->blob, training.empty() ? "none\n" : training);
  }
  const BakePlan plan = {{3}, {3}};
  auto process = BakingProcess::BeginSnapshot(input, plan);
  ASSERT_TRUE(process.ok());
  BakePlan whole = plan;
  whole.training = "library b\t3:4\n";
  ASSERT_TRUE(process->Continue(whole).ok());
  auto taken = process->FinishTaking();
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(std::get<Snapshot>(*taken).blob, whole.training);
}

TEST_F(TakeTest, AFunctionThatCannotBeCompiledIsNoError) {
  const BakeInput input("image", Stub("[ $# = 6 ] && exit 1; " + std::string(kWaits)),
                        HostTarget());
  auto run = SnapshotRun::StartWaiting(input);
  ASSERT_TRUE(run.ok());
  ASSERT_TRUE(run->Continue("library a\t1:2\n").ok());
  auto snapshot = run->Finish(diagnostics_);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().text;
  EXPECT_EQ(snapshot->blob, "none\n");
}

// What a builder reports or does makes no build fail: each is a reason to bake less.
TEST_F(TakeTest, WhatCannotBeBakedIsAFailure) {
  auto failure = [&](std::string_view script) {
    auto taken = TakeBaked(script);
    KILN_CHECK(taken.ok());
    auto* failed = std::get_if<BakeFailure>(&*taken);
    return failed ? std::to_string(failed->module) + ": " + failed->reason : "a snapshot";
  };
  EXPECT_EQ(failure("printf 'failed\\t12\\tkeeps a Hash\\\\n  at a.js\\n' > $3; exit 1"),
            "12: keeps a Hash\n  at a.js");
  EXPECT_EQ(failure("printf 'failed\\t-1\\tError\\n' > $3; exit 1"), "-1: Error");
  EXPECT_EQ(failure("echo 'kiln: V8 could not write the snapshot' >&2; echo more >&2; exit 1"),
            "-1: the runtime exited with code 1: kiln: V8 could not write the snapshot");
  EXPECT_EQ(failure("kill -SEGV $$"),
            "-1: the runtime was killed by signal 11 (Segmentation fault)");
  // It ended early, without a word.
  EXPECT_EQ(failure("exit 0"), "-1: The runtime wrote an empty snapshot");
  EXPECT_EQ(failure("printf 'failed\\tx' > $3"), "-1: the runtime gave no reason");
}

TEST_F(TakeTest, AnObservationIsWhatTheRuntimeWrites) {
  auto record = Observe("test $1 = --kiln-observe && test \"$(cat $2)\" = image || exit 1\n" +
                            Server("cat $plan > $record; echo noise >&2"),
                        {{2}, {2}});
  ASSERT_TRUE(record.ok()) << record.error().text;
  EXPECT_EQ(**record, "order 2\nbaked 2\n");
}

TEST_F(TakeTest, ThereIsNoObservationIfTheRuntimeEndsEarly) {
  const std::string hurt = "echo 'enter\t0' > $record; echo 'it hurts' >&2; ";
  for (const std::string& end : {Server(hurt + "kill -SEGV $$"), Server(hurt + "exit 1"),
                                 Server(hurt + "status=11"), Server(""), std::string("exit 0")}) {
    auto record = Observe(end);
    ASSERT_TRUE(record.ok());
    EXPECT_FALSE(record->has_value()) << end;
  }
}

// One process for each environment.
TEST_F(TakeTest, RunsOfAnEnvironmentShareAProcess) {
  const std::string log = folder_->File("log");
  BakeInput input("image", Stub("echo $TZ >> " + log + "\n" + Server("cat $plan > $record")),
                  HostTarget());
  ObservingRuntimes runtimes;
  std::vector<BakingProcess> runs;
  for (const ObservedRun& run :
       {ObservedRun{.plan = {{1}, {1}}}, ObservedRun{.plan = {{2}, {2}}, .other_world = true},
        ObservedRun{.plan = {{3}, {3}}}}) {
    auto process = BakingProcess::Observe(input, run, runtimes);
    ASSERT_TRUE(process.ok());
    runs.push_back(std::move(*process));
  }
  // In another order, too.
  EXPECT_EQ(runs[2].FinishObserving(), "order 3\nbaked 3\n");
  EXPECT_EQ(runs[0].FinishObserving(), "order 1\nbaked 1\n");
  EXPECT_EQ(runs[1].FinishObserving(), "order 2\nbaked 2\nworld 2\n");
  EXPECT_EQ(std::ranges::count(*ReadFile(log), '\n'), 2);
}

TEST_F(TakeTest, ARunThatNobodyAsksForIsEnded) {
  const std::string log = folder_->File("log");
  BakeInput input("image",
                  Stub(Server("test $what = run || { echo $what $number > " + log +
                              "; continue; }; test $number = 2 || continue\n"
                              "echo record > $record")),
                  HostTarget());
  ObservingRuntimes runtimes;
  ASSERT_TRUE(BakingProcess::Observe(input, {}, runtimes).ok());
  auto next = BakingProcess::Observe(input, {}, runtimes);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->FinishObserving(), "record\n");
  EXPECT_EQ(*ReadFile(log), "end 1\n");
}

TEST_F(TakeTest, ARuntimeThatCannotBeStartedIsAnError) {
  std::string missing = folder_->File("missing");
  EXPECT_FALSE(ObserveApp({"image", missing, HostTarget()}, {}).ok());
  EXPECT_FALSE(TakeBakedSnapshot({"image", missing, HostTarget()}, {{1}, {1}}).ok());
}

TEST_F(TakeTest, RunsOnceForEachInputOfACache) {
  std::string log = folder_->File("log"), file = folder_->File("cache");
  std::string stub = Stub("echo $1 >> " + log + "; if [ $1 = --kiln-observe ]; then\n" +
                          Server("printf record > $record") +
                          "\nelse { head -c 40 /dev/zero; printf blob; } > $3; fi");
  auto use = [&](std::string_view image, std::string_view identity, const ObservedRun& run) {
    BuildCache cache(file, Digest{});
    BakeInput input(image, stub, HostTarget(), identity, cache);
    auto record = ObserveApp(input, run);
    EXPECT_TRUE(record.ok() && *record == "record");
    auto taken = TakeBakedSnapshot(input, run.plan);
    EXPECT_TRUE(taken.ok() && std::get<Snapshot>(*taken).blob == "blob");
    EXPECT_TRUE(cache.Save().ok());
    return std::ranges::count(*ReadFile(log), '\n');
  };
  const ObservedRun run = {.plan = {{1}, {1, 2}}};
  EXPECT_EQ(use("image", "stub", run), 2);
  EXPECT_EQ(use("image", "stub", run), 2);
  ObservedRun again = run;
  again.repetition = 1;
  EXPECT_EQ(use("image", "stub", again), 3);
  EXPECT_EQ(use("another image", "stub", again), 5);
  EXPECT_EQ(use("another image", "another stub", again), 7);
  EXPECT_EQ(use("another image", "another stub", {.plan = {{1}, {1, 2}, {"A=1"}}}), 9);
}

TEST_F(TakeTest, DoesNotStoreFailures) {
  std::string log = folder_->File("log"), file = folder_->File("cache");
  std::string stub = Stub("echo $1 >> " + log + "; exit 3");
  for (int runs = 1; runs <= 2; ++runs) {
    BuildCache cache(file, Digest{});
    BakeInput input("image", stub, HostTarget(), "stub", cache);
    auto record = ObserveApp(input, {});
    EXPECT_TRUE(record.ok() && !*record);
    EXPECT_TRUE(cache.Save().ok());
    EXPECT_EQ(std::ranges::count(*ReadFile(log), '\n'), runs);
  }
}

}  // namespace
}  // namespace kiln
