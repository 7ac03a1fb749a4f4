"""The file of results: every listed test with its state, by area, in one form.

    [fs] 139 of 140 pass
    pass parallel/test-fs-access.js
    fail parallel/test-fs-watch-x.js: worker threads are unimplemented

A test without a state `pass` has a reason. Lines with # are comments at the file's head.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent / "results.txt"
STATES = ("pass", "fail", "crash", "timeout", "flood", "skip", "absent")
LINE = re.compile(r"(\w+) ([\w.-]+/[\w./-]+)(?:: (\S.*))?")
AREA = re.compile(r"\[(\S+)\] (\d+) of (\d+) pass")


class ResultsError(Exception):
    """An error in the file: what is wrong, and in which line."""


@dataclass(frozen=True)
class Recorded:
    state: str
    reason: str = ""


def area_of(name):
    """The second word of a test's file name: the area of parallel/test-fs-access.js is fs."""
    words = Path(name).stem.split("-")
    return words[1] if words[0] == "test" and len(words) > 1 else words[0]


def load(lenient=False):
    """The committed results, {name: Recorded}."""
    return parse(FILE.read_text(encoding="utf-8"), lenient)


def parse(text, lenient=False):
    """Returns {name: Recorded}. Unless `lenient`, areas and their counts must be right."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#") or AREA.fullmatch(line):
            continue
        match = LINE.fullmatch(line)
        if not match or match[1] not in STATES:
            raise ResultsError(f"{FILE.name}:{number}: not `STATE NAME` or `STATE NAME: REASON`")
        if (match[1] == "pass") == bool(match[3]):
            raise ResultsError(f"{FILE.name}:{number}: a test that does not pass needs a reason, "
                               "and one that passes must have none")
        if match[2] in found:
            raise ResultsError(f"{FILE.name}:{number}: {match[2]} is listed twice")
        found[match[2]] = Recorded(match[1], match[3] or "")
    if not lenient and render(found, text) != text:
        raise ResultsError(f"{FILE.name}: a test is in another area's section or out of order, "
                           "or a count is wrong; --update rewrites the file in order")
    return found


def render(recorded, text):
    """The file's text for these results, with the comments of the present one."""
    lines = [line for line in text.splitlines() if line.startswith("#")]
    areas = {}
    for name in sorted(recorded):
        areas.setdefault(area_of(name), []).append(name)
    for area, names in sorted(areas.items()):
        passing = sum(recorded[name].state == "pass" for name in names)
        lines += ["", f"[{area}] {passing} of {len(names)} pass"]
        for name in names:
            reason = recorded[name].reason
            lines.append(f"{recorded[name].state} {name}" + (f": {reason}" if reason else ""))
    return "\n".join(lines) + "\n"


def save(recorded):
    FILE.write_text(render(recorded, FILE.read_text(encoding="utf-8")), encoding="utf-8")


@dataclass
class Changes:
    """How a run differs from what is recorded."""
    lost: list  # passed before and does not now, or crashes now and did not before
    new: list  # passes now and did not before
    other: list  # did not pass before, and now has another state that is not `pass`


def compare(recorded, verdicts):
    changes = Changes([], [], [])
    for name, verdict in sorted(verdicts.items()):
        before, now = recorded[name].state, verdict["state"]
        if before == now:
            continue
        if now == "pass":
            changes.new.append(name)
        elif before == "pass" or now == "crash":
            changes.lost.append(name)
        else:
            changes.other.append(name)
    return changes


def add_passing(recorded, names):
    """Returns the records with these tests as passing; tests recorded as passing stay so."""
    return {**recorded, **{name: Recorded("pass") for name in names}}
