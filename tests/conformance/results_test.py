#!/usr/bin/python3
"""Tests of results.py and of how tests are judged, and that results.txt is in order."""

import sys
import unittest

sys.dont_write_bytecode = True

import node_test  # noqa: E402
import processes  # noqa: E402
import results  # noqa: E402
from results import Recorded  # noqa: E402

TEXT = """\
# A comment.

[fs] 1 of 2 pass
pass parallel/test-fs-a.js
fail parallel/test-fs-b.js: worker threads

[vm] 0 of 1 pass
timeout sequential/test-vm.js: slow
"""


class Format(unittest.TestCase):
    def test_reads_and_writes_the_same(self):
        recorded = results.parse(TEXT)
        self.assertEqual(recorded["parallel/test-fs-b.js"], Recorded("fail", "worker threads"))
        self.assertEqual(results.render(recorded, TEXT), TEXT)

    def test_refuses(self):
        for old, new, message in (
                ("b.js: worker threads", "b.js", "needs a reason"),
                ("a.js", "a.js: why", "needs a reason"),
                ("fail", "failed", "STATE NAME"),
                ("test-fs-b", "test-fs-a", "twice"),
                ("1 of 2", "2 of 2", "count"),
                ("sequential/test-vm.js", "sequential/test-fs.js", "another area.s section")):
            with self.subTest(new), self.assertRaisesRegex(results.ResultsError, message):
                results.parse(TEXT.replace(old, new))

    def test_update_may_repair_counts_but_not_reasons(self):
        wrong = TEXT.replace("1 of 2", "2 of 2")
        self.assertEqual(results.render(results.parse(wrong, lenient=True), wrong), TEXT)
        with self.assertRaises(results.ResultsError):
            results.parse(TEXT.replace(": slow", ""), lenient=True)

    def test_committed_file(self):
        self.assertGreater(len(results.load()), 0)


class Changes(unittest.TestCase):
    def compare(self, before, now):
        changes = results.compare({"x/test-a.js": Recorded(before, "")},
                                  {"x/test-a.js": {"state": now}})
        return [kind for kind in ("lost", "new", "other") if getattr(changes, kind)]

    def test_kinds(self):
        self.assertEqual(self.compare("pass", "pass"), [])
        self.assertEqual(self.compare("fail", "fail"), [])
        self.assertEqual(self.compare("fail", "pass"), ["new"])
        self.assertEqual(self.compare("pass", "fail"), ["lost"])
        self.assertEqual(self.compare("pass", "skip"), ["lost"])
        self.assertEqual(self.compare("fail", "crash"), ["lost"])
        self.assertEqual(self.compare("crash", "fail"), ["other"])
        self.assertEqual(self.compare("fail", "timeout"), ["other"])

    def test_only_adds(self):
        recorded = results.parse(TEXT)
        updated = results.add_passing(recorded, ["parallel/test-fs-b.js"])
        self.assertEqual(updated["parallel/test-fs-b.js"], Recorded("pass"))
        self.assertEqual({**updated, "parallel/test-fs-b.js": None},
                         {**recorded, "parallel/test-fs-b.js": None})


class Judgement(unittest.TestCase):
    def state(self, status, limit="", stdout=""):
        return node_test.judge(processes.Ended(status, limit, 0.0, stdout, ""))["state"]

    def test_states(self):
        self.assertEqual(self.state(0), "pass")
        self.assertEqual(self.state(1), "fail")
        self.assertEqual(self.state(-11), "crash")
        self.assertEqual(self.state(134), "crash")
        self.assertEqual(self.state(None, "timeout"), "timeout")
        self.assertEqual(self.state(0, stdout="1..0 # Skipped: no IPv6\n"), "skip")
        self.assertEqual(self.state(1, stdout="1..0 # Skipped: no IPv6\n"), "fail")
        self.assertEqual(self.state(0, stdout="# tests 1\n# pass 0\n# fail 0\n"), "skip")
        self.assertEqual(self.state(0, stdout="# tests 1\n# pass 10\n"), "pass")


if __name__ == "__main__":
    unittest.main()
