"""Gives functions of ours the places that functions of Node's loaders have in Node's files.

An error that is made while a module is loaded has functions of Node's loaders in its stack. Kiln's
loaders (internal/kiln/) do the work in other functions, which are not in stacks (library.cc), and call
the modules through the functions of internal/frames/, which have the names, receivers, lines and columns
of Node's. Their scripts have the names of Node's files.

A line `//@ TEXT` in a file of internal/frames/ places the line below it where Node's file has TEXT,
which is searched for from the previous place onwards; what does not fit into Node's line after an opening
bracket, and other lines of code, follow on the next line that is long enough. Lines are as long as Node's,
and empty elsewhere, so that offsets agree too.
"""

FRAMES = "internal/frames/"


class Misplaced(Exception):
    pass


def place(text, original):
    """Returns the text of a file of internal/frames/ with its lines placed as in Node's file."""
    lengths = [len(line) for line in original.split("\n")]
    rows = [""] * len(lengths)
    row, found, anchor = -1, -1, None
    pending = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    while pending:
        number, code = pending.pop(0)
        if code.startswith("//@ "):
            anchor = code[4:]
            continue
        if not code or code.startswith("//"):
            continue
        if anchor is None:
            row += 1
            while row < len(rows) and lengths[row] < len(code):
                row += 1
            if row == len(rows):
                rows.append("")
                lengths.append(len(code))
            column = 0
        else:
            found = original.find(anchor, found + 1)
            if found < 0:
                raise Misplaced(f"line {number - 1}: Node's file does not have {anchor!r} there")
            before = original[:found]
            at = before.count("\n")
            column = found - before.rfind("\n") - 1
            if at < row or len(rows[at]) > column:
                raise Misplaced(f"line {number}: the code before it does not end before {anchor!r}")
            row, anchor = at, None
            if column + len(code) > lengths[row]:
                end = max(code.rfind(bracket, 0, lengths[row] - column) for bracket in "({") + 1
                pending.insert(0, (number, code[end:]))
                code = code[:end]
        if not code:
            raise Misplaced(f"line {number}: Node's line {row + 1} is too short")
        rows[row] = rows[row].ljust(column) + code
    return "\n".join(row.ljust(length) for row, length in zip(rows, lengths))
