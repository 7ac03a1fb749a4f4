#!/usr/bin/env python3
"""Tests of what `./dev bench` prints and writes: tables, limits, README.md's places. Nothing is
measured; the figures are examples."""

import io
import re
import sys
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "scripts"))
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from benchmark import readme
from benchmark.processes import summarize
from benchmark.report import Report, format_number

README = (REPO / "README.md").read_text(encoding="utf-8")
ABOUT = {"date": "2031-02-03", "machine": "1 × Example", "starts": 7}


def example():
    """A run that measured two rows of the table `hello` and one of `speed`."""
    report = Report(ABOUT, io.StringIO())
    table = report.table("hello", "start of hello world")
    table.row("wall", "wall time", "ms", {"kiln": 12, "bun": 8, "node": 48})
    table.row("instructions", "instructions", "M", {"kiln": 31, "bun": None, "node": 100},
              limit=("kiln", "<=", 30))
    report.table("compute", "computing").row("mean", "geometric mean", "", {},
                                             ratios={"bun": 1.25, "node": 0.8},
                                             limit=("node", "<=", 1.05))
    return report


def place(text, name):
    return re.search(f"<!-- bench: {name} -->\n(.*?)<!-- /bench -->", text, re.DOTALL).group(1)


def row(text, name, label):
    """The cells of a row, or None if there is no such row."""
    for line in place(text, name).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == label:
            return cells[1:]
    return None


class Printing(unittest.TestCase):
    def setUp(self):
        out = io.StringIO()
        table = Report(ABOUT, out).table("t", "a title")
        table.row("a", "first", "ms", {"kiln": 3, "bun": 2, "node": None})
        table.row("b", "second", "MB", {"kiln": 3}, limit=("kiln", "<=", 2))
        self.lines = [line.split() for line in out.getvalue().splitlines() if line]

    def test_columns(self):
        self.assertEqual(self.lines[0], "a title kiln bun node kiln/bun kiln/node".split())
        self.assertEqual(self.lines[1], "first, ms 3 2 n/a 1.50".split())

    def test_limit(self):
        self.assertEqual(self.lines[2], "second, MB 3 limit of kiln <= 2: MISSED".split())

    def test_missed(self):
        self.assertEqual(example().missed(), ["start of hello world: instructions"])

    def test_lower_bound(self):
        table = Report(ABOUT, io.StringIO()).table("t", "t")
        for value, met in ((0.9, False), (1.1, True)):
            table.row("rate", "rate", "k/s", {}, ratios={"node": value}, limit=("node", ">=", 1))
            self.assertIs(table.rows["rate"]["met"], met)

    def test_digits(self):
        self.assertEqual([format_number(n) for n in (0, 3, 0.1234, 1.234, 12.34, 123.4, 12345)],
                         ["0", "3", "0.123", "1.23", "12.3", "123", "12345"])


class ProcessorTime(unittest.TestCase):
    def test_division_by_all_starts(self):
        """Each start shows only one kind of time, and the sums are 10 ms, or once 40."""
        starts = [(11, 10, 0, 5, 7, 0), (11, 0, 10, 5, 7, 0), (50, 40, 0, 5, 7, 0),
                  (11, 0, 10, 5, 7, 0), (11, 0, 10, 5, 7, 0)]
        cost = summarize(starts)
        self.assertEqual((cost["wall"], cost["cpu"], cost["minor"]), (11, 10, 7))
        self.assertAlmostEqual(cost["user"], 10 * 50 / 80)
        self.assertAlmostEqual(cost["sys"], 10 * 30 / 80)


class Readme(unittest.TestCase):
    def setUp(self):
        self.new = readme.update(README, example().as_json())

    def test_committed_readme_can_be_written(self):
        readme.check(README)

    def test_values_and_date(self):
        self.assertEqual(row(self.new, "hello", "start, wall time, one processor"),
                         ["12 ms", "8 ms", "48 ms", "2031-02-03"])

    def test_missing_value(self):
        self.assertEqual(row(self.new, "hello", "instructions, user mode"),
                         ["31 M", "n/a", "100 M", "2031-02-03"])

    def test_ratio(self):
        self.assertEqual(row(self.new, "speed", "time of computing"),
                         ["", "1.25", "0.80", "2031-02-03"])

    def test_speed_is_the_reciprocal_of_time(self):
        report = Report(ABOUT, io.StringIO())
        report.table("crypto", "").row("gzip", "gzip", "ms", {"kiln": 4, "bun": 2, "node": 8})
        self.assertEqual(row(readme.update(README, report.as_json()), "crypto", "gzip and gunzip"),
                         ["", "0.50", "2.00", "2031-02-03"])

    def test_rows_without_measurement_stay(self):
        for name, label in (("hello", "size, `--intl=full`"),
                            ("speed", "time of `require()` of a loaded module")):
            self.assertIsNotNone(row(README, name, label))
            self.assertEqual(row(self.new, name, label), row(README, name, label))
        self.assertEqual(place(self.new, "crypto"), place(README, "crypto"))

    def test_text_outside_stays(self):
        def outside(text):
            return re.sub(r"(<!-- bench: .+? -->).*?<!-- /bench -->", r"\1", text, flags=re.DOTALL)
        self.assertEqual(outside(self.new), outside(README))

    def test_machines(self):
        self.assertTrue(place(self.new, "machines").startswith(
            "* 2031-02-03: 1 × Example; 7 starts of each program\n* 20"))

    def test_day_without_rows_goes(self):
        """A later run of the same measures leaves no row of the day before."""
        again = example()
        again.about = {**ABOUT, "date": "2031-02-04"}
        newer = place(readme.update(self.new, again.as_json()), "machines")
        self.assertIn("2031-02-04", newer)
        self.assertNotIn("2031-02-03", newer)

    def test_same_run_again_changes_nothing(self):
        self.assertEqual(readme.update(self.new, example().as_json()), self.new)

    def test_form_errors(self):
        table = place(README, "hello")
        for text in (README.replace("<!-- bench: hello -->", ""),
                     README.replace("<!-- bench: hello -->", "<!-- bench: hallo -->"),
                     README + f"<!-- bench: hello -->\n{table}<!-- /bench -->\n",
                     README.replace(table, table + "| other | 1 | 2 | 3 | 2026-01-01 |\n"),
                     README.replace(table, table + "| size | 2026-01-01 |\n")):
            self.assertNotEqual(text, README)
            with self.assertRaises(readme.ReadmeError):
                readme.check(text)


if __name__ == "__main__":
    unittest.main()
