"""The figures of a run of `./dev bench`: tables with a column for each program.

A table is a measure's result, for instance the start of hello world; a row is one quantity, with a
value for each program that was measured and the ratios of Kiln's to the others'. Rows are printed
immediately, and kept under the keys that README.md's rows (readme.py) and --json use.
"""

import sys

PROGRAMS = ("kiln", "bun", "node")
MISSING = "n/a"


def format_number(value):
    """Three significant digits, but no digit before the decimal point is dropped; counts as they
    are."""
    size = abs(value)
    if isinstance(value, int) or size == 0 or size >= 100:
        return f"{value:.0f}"
    return f"{value:.{1 if size >= 10 else 2 if size >= 1 else 3}f}"


def ratios_of(values):
    """Kiln's value relative to those of the others: {"bun": …, "node": …}, where both are known."""
    kiln = values.get("kiln")
    return {who: kiln / values[who] for who in PROGRAMS[1:]
            if kiln is not None and values.get(who)}


class Table:
    """One measure. Columns are the programs; without others than Kiln there are no ratios."""

    def __init__(self, title, out):
        self.title = title
        self.rows = {}
        self._out = out
        self._print_line(title, [*PROGRAMS, "kiln/bun", "kiln/node"])

    def _print_line(self, label, cells, end=""):
        line = f"{label:<54}" + "".join(f"{cell:>10}" for cell in cells)
        print(f"{line}  {end}".rstrip(), file=self._out, flush=True)

    def row(self, key, label, unit, values, *, ratios=None, limit=None, note=""):
        """`values` has a number, or None for "not measured", by program; programs that a quantity
        does not exist for are left out. `ratios` replaces the quotients of the values. `limit` is
        (column, "<=" or ">=", number), where a column is "kiln" or a ratio, "bun" or "node".
        """
        ratios = ratios_of(values) if ratios is None else ratios
        row = {"label": label, "unit": unit, "values": values, "ratios": ratios}
        verdict = ""
        if limit:
            column, sign, number = limit
            value = values[column] if column == "kiln" else ratios[column]
            row["limit"] = list(limit)
            row["met"] = value <= number if sign == "<=" else value >= number
            verdict = (f"limit of {'kiln' if column == 'kiln' else f'kiln/{column}'} {sign} "
                       f"{number:g}: {'met' if row['met'] else 'MISSED'}")
        self.rows[key] = row
        cells = ["" if who not in values else
                 MISSING if values[who] is None else format_number(values[who])
                 for who in PROGRAMS]
        cells += [f"{ratios[who]:.2f}" if who in ratios else "" for who in PROGRAMS[1:]]
        title = f"  {label}, {unit}" if unit else f"  {label}"
        self._print_line(title, cells, "  ".join(part for part in (verdict, note) if part))

    def as_json(self):
        return {"title": self.title, "rows": self.rows}


class Report:
    """All tables of a run. `about` says when and where it ran."""

    def __init__(self, about, out=None):
        self.about = about
        self.tables = {}
        self._out = out or sys.stdout

    def table(self, key, title):
        print(file=self._out)
        self.tables[key] = Table(title, self._out)
        return self.tables[key]

    def missed(self):
        return [f"{table.title}: {row['label']}" for table in self.tables.values()
                for row in table.rows.values() if row.get("met") is False]

    def as_json(self):
        return {**self.about, "tables": {key: table.as_json() for key, table in self.tables.items()}}
