"""Writes the measurements of README.md from a run of `./dev bench`.

README.md has places between `<!-- bench: NAME -->` and `<!-- /bench -->`. Each holds a table with
the columns of _HEADINGS, of which _TABLES says the rows; `machines` holds a list of days. A run
replaces the rows that it measured, with its date. Others stay as they are, with theirs; a row that
was never measured is not there. The list keeps the days that some row has.
"""

import dataclasses
import re

from benchmark.report import MISSING, PROGRAMS, format_number

_HEADINGS = ("Kiln", "Bun", "Node", "measured")
_PLACE = re.compile(r"<!-- bench: ([\w-]+) -->\n(.*?)<!-- /bench -->", re.DOTALL)
_DAY = re.compile(r"\* (\d{4}-\d\d-\d\d): .+")


class ReadmeError(Exception):
    """README.md does not have the form that this module writes."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of README.md: the label, and the table and row of the report that it shows. `form` is
    "values"; "ratio", Kiln's value relative to the others'; or "speed", the ratio's reciprocal."""

    label: str
    table: str
    row: str
    form: str = "values"

    def cells(self, row):
        if self.form == "values":
            return [self._value(row, who) for who in PROGRAMS]
        ratios = {who: 1 / ratio if self.form == "speed" else ratio
                  for who, ratio in row["ratios"].items()}
        return ["", *(f"{ratios[who]:.2f}" if who in ratios else "" for who in PROGRAMS[1:])]

    @staticmethod
    def _value(row, who):
        value = row["values"].get(who, "")
        if value == "":
            return ""
        return MISSING if value is None else f"{format_number(value)} {row['unit']}".rstrip()


def _start_rows(table):
    return (Row("start, wall time, one processor", table, "wall"),
            Row("user time", table, "user"),
            Row("system time", table, "sys"),
            Row("start, wall time, all processors", table, "free-wall"),
            Row("instructions, user mode", table, "instructions"),
            Row("page faults, minor", table, "minor"),
            Row("page faults, major", table, "major"),
            Row("memory, peak RSS", table, "rss"))


def _build_rows(app):
    table = f"build-{app}"
    return (Row(f"{app}, wall time", table, "warm-wall"),
            Row(f"{app}, user time", table, "warm-user"),
            Row(f"{app}, system time", table, "warm-sys"),
            Row(f"{app}, page faults, minor", table, "warm-minor"),
            Row(f"{app}, after editing one file, wall time", table, "edited-wall"),
            Row(f"{app}, first build, wall time", table, "first-wall"))


def _load_rows(title, table):
    return (Row(f"requests per second, {title}", table, "rate"),
            Row(f"relative to, {title}", table, "rate", "ratio"),
            Row(f"processor time of a request, {title}", table, "cpu"))


# By place: the first heading, and the rows.
_TABLES = {
    "hello": ("hello world", (
        *_start_rows("hello"),
        Row("memory, PSS while it waits", "memory", "pss-1"),
        Row("memory, PSS of each of 10", "memory", "pss-10"),
        Row("size, `--intl=none`", "size", "none"),
        Row("size, `--intl=en`", "size", "en"),
        Row("size, `--intl=full`", "size", "full"))),
    "tsc": ("`tsc --version`", _start_rows("tsc")),
    "build": ("building", (*_build_rows("hello"), *_build_rows("tsc"))),
    "speed": ("Kiln relative to", (
        Row("time of computing", "compute", "mean", "ratio"),
        Row("time of `require()` of a loaded module", "modules",
            "require() of a loaded module", "ratio"),
        Row("time of `import()` of a loaded module", "modules",
            "import() of a loaded module", "ratio"))),
    "servers": ("an HTTP server, 64 connections", (
        *_load_rows("hello world", "http-hello"),
        *_load_rows("10 kB of JSON", "http-json"),
        *_load_rows("HTTPS, hello world", "https"),
        Row("processor time of a full TLS handshake", "tls", "full"),
        Row("processor time of a resumed TLS session", "tls", "resumed"),
        Row("memory after 100,000 requests", "http-memory", "rss"),
        Row("memory for an idle connection", "http-idle", "connection"),
        Row("from exec to the first response", "http-start", "wall"),
        Row("user time until then", "http-start", "user"),
        Row("system time until then", "http-start", "sys"),
        Row("instructions until then, user mode", "http-start", "instructions"),
        Row("page faults until then, minor", "http-start", "minor"),
        Row("memory then, PSS", "http-start", "pss"))),
    "crypto": ("Kiln's speed by processor time, relative to", (
        Row("SHA-256, 1 MiB at a time", "crypto", "sha256", "speed"),
        Row("SHA-256, 32 bytes at a time", "crypto", "sha256-small", "speed"),
        Row("AES-256-GCM", "crypto", "aes-gcm", "speed"),
        Row("PBKDF2", "crypto", "pbkdf2", "speed"),
        Row("gzip and gunzip", "crypto", "gzip", "speed"),
        Row("gunzip", "crypto", "gunzip", "speed"),
        Row("Brotli both ways", "crypto", "brotli", "speed"))),
}
_MACHINES = "machines"


def _parse_table(name, body):
    """Returns the cells after the label, by label."""
    lines = body.strip("\n").split("\n")
    rows = {}
    for line in lines[2:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 1 + len(_HEADINGS):
            raise ReadmeError(f"the table {name} has a line that is no row of "
                              f"{1 + len(_HEADINGS)} cells: {line}")
        rows[cells[0]] = cells[1:]
    known = {row.label for row in _TABLES[name][1]}
    for label in rows:
        if label not in known:
            raise ReadmeError(f"the table {name} has a row that no measure writes: {label}. "
                              "Remove it, or add it to scripts/benchmark/readme.py.")
    return rows


def _format_table(heading, rows):
    lines = [(heading, *_HEADINGS), ("---",) * (1 + len(_HEADINGS))]
    lines += [(label, *cells) for label, cells in rows.items()]
    return "".join("|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|\n"
                   for line in lines).replace("| --- ", "|---").replace("--- |\n", "---|\n")


def _new_table(name, old, run):
    heading, rows = _TABLES[name]
    new = {}
    for row in rows:
        measured = run["tables"].get(row.table, {"rows": {}})["rows"].get(row.row)
        if measured:
            new[row.label] = [*row.cells(measured), run["date"]]
        elif row.label in old:
            new[row.label] = old[row.label]
    return _format_table(heading, new), {cells[-1] for cells in new.values()}


def _new_machines(body, run, days):
    lines = {}
    for line in body.strip("\n").split("\n") if body.strip() else ():
        day = _DAY.fullmatch(line)
        if not day:
            raise ReadmeError(f"the list {_MACHINES} has a line that is no day: {line}")
        lines[day.group(1)] = line
    lines[run["date"]] = f"* {run['date']}: {run['machine']}; {run['starts']} starts of each program"
    return "".join(f"{lines[day]}\n" for day in sorted(lines, reverse=True) if day in days)


def update(text, run):
    """Returns README.md's text with the figures of a run (Report.as_json())."""
    found = _PLACE.findall(text)
    expected, names = sorted([*_TABLES, _MACHINES]), sorted(name for name, _ in found)
    if names != expected or text.count("<!-- bench: ") != len(expected):
        raise ReadmeError(f"there must be one place each for {', '.join(expected)}; "
                          f"there are {', '.join(names) or 'none'}")
    places = dict(found)
    new, days = {}, set()
    for name in _TABLES:
        new[name], dates = _new_table(name, _parse_table(name, places[name]), run)
        days |= dates
    new[_MACHINES] = _new_machines(places[_MACHINES], run, days)
    return _PLACE.sub(lambda match: f"<!-- bench: {match.group(1)} -->\n{new[match.group(1)]}"
                                    "<!-- /bench -->", text)


def check(text):
    """Raises ReadmeError if update() could not write the figures of a run."""
    update(text, {"date": "2000-01-01", "machine": "", "starts": 0, "tables": {}})
