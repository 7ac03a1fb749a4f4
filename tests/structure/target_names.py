#!/usr/bin/env python3
"""Checks that a target, or its architecture, is named only where the table below says.

What differs between targets belongs into the descriptions, targets/*.json; a name elsewhere is what
the next target would fail at (docs/adding-a-target.md). Documentation may name them.
"""
import re, subprocess, sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
NAMES = re.compile(r"x86[_-]64|\bx64\b|_x64\b|kX64|amd64|aarch64|arm64|Arm64")
ALLOWED = {
    r"targets/[^/]+\.json": "the descriptions",
    r"targets/start_order/.*": "functions of V8 in a target's executables, with the names of their files",
    r"scripts/parts\.toml|scripts/debian\.lock|scripts/npm/.*": "pins of files for a target or for the host",
    r"support/arch\.h": "the architectures",
    r"compiler/cli\.cc": "the help has a target as an example",
    r"compiler/cli_test\.sh|snapshot/object_test\.cc|targets/target_test\.cc": "tests of targets",
    r"targets/target\.h|targets/stage\.py|runtime-stub/platform/page_allocator_linux\.cc": "examples in comments",
    r"tests/conformance/.*": "names of Node's own tests",
    r"tests/structure/target_names\.py": "this table",
    r".*\.md": "documentation",
}

wrong = []
for path in subprocess.check_output(["git", "ls-files"], cwd=REPO, text=True).split():
    file = REPO / path
    if not file.is_file():
        continue
    if any(re.fullmatch(rule, path) for rule in ALLOWED):
        continue
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        if NAMES.search(line):
            wrong.append(f"{path}:{number}: names a target or an architecture; read its description "
                         f"instead (docs/adding-a-target.md)")
print("\n".join(wrong))
sys.exit(bool(wrong))
