#!/usr/bin/env python3
"""Checks that every #include is allowed by the table in docs/layers.md.

A file belongs to the innermost folder of the table that contains it. A folder may include from
itself, from the folders that contain it, from the folders that its row names, and from those that
the rows of its containing folders name outside of themselves.
"""
import re, subprocess, sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
rows = re.findall(r"^\| `([^`]+)` \| (.*?) \|", (REPO / "docs/layers.md").read_text(), re.M)
allowed = {folder: set(re.findall(r"`([^`]+)`", names)) for folder, names in rows}

def folder_of(path):
    return max((f for f in allowed if path.startswith(f + "/")), key=len, default=None)

def may_include(source, target):
    if f"{source}/".startswith(f"{target}/"):
        return True
    around = [f for f in allowed if source.startswith(f + "/") and not f"{target}/".startswith(f + "/")]
    return any(target in allowed[f] for f in [source, *around])

wrong = []
for path in subprocess.check_output(["git", "ls-files", "*.cc", "*.h", "*.inc"], cwd=REPO, text=True).split():
    for number, line in enumerate((REPO / path).read_text().splitlines(), 1):
        include = re.match(r'#include "([a-z-]+/.*)"', line)
        if not include or not (REPO / include[1]).is_file() or folder_of(path) is None:
            continue
        if not may_include(folder_of(path), folder_of(include[1])):
            wrong.append(f"{path}:{number}: {folder_of(path)} may not include {include[1]} (docs/layers.md)")
print("\n".join(wrong))
sys.exit(bool(wrong) or not allowed)
