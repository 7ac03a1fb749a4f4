#!/usr/bin/python3
"""Tests how the runner reads a test's flags, finds tests that start node, and reads results.txt."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import compiled_test  # noqa: E402
import run  # noqa: E402
import results  # noqa: E402


class CompiledTest(unittest.TestCase):
    def test_flags_of_v8_are_not_in_node_options(self):
        self.assertEqual(compiled_test.node_options(
            ["--expose-gc", "--max-old-space-size=16", "--pending-deprecation"]),
            "--pending-deprecation")

    def test_a_flag_keeps_the_value_that_follows_it(self):
        self.assertEqual(compiled_test.node_options(["--trace-gc", "--loader", "./x.mjs"]),
                         "--loader ./x.mjs")

    def test_finds_tests_that_start_node(self):
        for source in ("spawn(process.execPath, ['--no-warnings', file])",
                       "await spawnPromisified(execPath, [])", "spawnSync('node', [])",
                       "fork(file, ['child'], { execArgv: ['--no-addons'] });"):
            self.assertTrue(compiled_test.spawns_node(source), source)

    def test_a_fork_of_the_test_itself_does_not_count(self):
        self.assertEqual(compiled_test.spawns_node("fork(filename, ['child']);"), "")

    def test_proposed_externals_are_found(self):
        self.assertEqual(compiled_test.LEFT_TO_RUN_TIME.findall(
            "note: Install it (npm install a), or pass --external a to look for it when the app runs."),
            ["a"])

    def test_the_results_file_is_in_its_form(self):
        results.parse(run.FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
