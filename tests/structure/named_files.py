#!/usr/bin/env python3
"""Checks that the files which documentation and comments name exist.

A name is a path or a base name with an ending of ours, in backquotes in Markdown and anywhere in a
comment elsewhere. It exists if some tracked file has that path, or a path that ends with it.
"""
import re, subprocess, sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
NAME = re.compile(r"(?<![\w./<$*{@-])((?:[\w.-]+/)*[\w-]+\.(?:cc|h|inc|js|py|cmake|md|toml))(?![\w*/.-])")
# Patterns and examples (NAME.cc, _test.cc, x.cc, greeting.cc), files of others, and files that are made while building. A .js
# or .md without a folder may be one of Node's library or of an app.
PATTERN = re.compile(r"(^|/)(_\w*|[A-Z]+|[abcx]|greeting)\.\w+$")
FOREIGN = re.compile(r"^(node_|deps/|doc/api/|src/|lib/|test/|internal/|node_modules/|unicode/|openssl/|sys/|linux/|llvm/|lld/)"
                     r"|^[\w-]+\.(js|md)$"
                     r"|^(descriptions|library_table|include/merve|include/sqlite3|inftrees|inflate|v8-fast-api-calls|zlib|simdjson|uv|v8|elf)\.(h|cc)$")

tracked = subprocess.check_output(["git", "ls-files"], cwd=REPO, text=True).split()
ends = {"/".join(parts[i:]) for path in tracked for parts in [path.split("/")] for i in range(len(parts))}

def named_in(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith(".md"):
            places = re.findall(r"`([^`]*)`", line)
        else:
            comment = re.search(r"(?:^|\s)(?://|#)(?!include)(.*)", line)
            places = [comment[1]] if comment else []
        for place in places:
            for name in NAME.findall(place):
                yield number, name

wrong = []
for path in tracked:
    if not re.search(r"\.(cc|h|inc|md|py|sh|cmake)$|CMakeLists\.txt$", path) or not (REPO / path).is_file():
        continue
    for number, name in named_in(path, (REPO / path).read_text()):
        if name not in ends and not PATTERN.search(name) and not FOREIGN.search(name):
            wrong.append(f"{path}:{number}: there is no file {name}")
print("\n".join(wrong))
sys.exit(bool(wrong))
