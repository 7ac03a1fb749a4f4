"""Reads test262 as SpiderMonkey's source has it: one header line, then test262's own description.

    // |reftest| error:SyntaxError module async -- why it is skipped
    /*--- description: …, includes: [fnGlobalObject.js], negative: {phase, type}, flags: [module] ---*/
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("module-code", "import", "export", "expressions/dynamic-import",
           "expressions/import.meta")
HEADER = re.compile(r"// \|reftest\|(.*)")
SECTION = re.compile(r"^// file: (\S+)$", re.M)
# SpiderMonkey's own host; harness.cjs has ours.
HOST = "test262-host.js"


@dataclass(frozen=True)
class Test:
    name: str  # the path below language/
    is_module: bool
    is_async: bool
    error: str  # the name of the error that must end it, or ""
    includes: tuple  # files of test262's harness


def list_tests(tree):
    """All tests of the folders, by name. Tests that need another host are among them."""
    root = tree / "test262/language"
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.js"))]
    return {test.name: test for test in (read_test(root, path) for path in paths
            if path.name not in ("shell.js", "browser.js") and "_FIXTURE" not in path.name)}


def read_test(root, path):
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    words = header[1].partition(" -- ")[0].split() if header else []
    error = re.search(r"^negative:\s*\n(?:\s+phase: .*\n)?\s+type: (\w+)", text, re.M)
    includes = re.search(r"^includes: \[(.*?)\]", text, re.M)
    flags = re.search(r"^flags: \[(.*?)\]", text, re.M)
    flags = re.findall(r"[\w-]+", flags[1]) if flags else []
    return Test(str(path.relative_to(root)), "module" in flags or "module" in words,
                "async" in flags or "async" in words, error[1] if error else "",
                tuple(re.findall(r"[\w.-]+", includes[1])) if includes else ())


class Harness:
    """The parts of test262's harness, which SpiderMonkey's source has in two files."""

    def __init__(self, tree):
        self.base = self.sections(tree / "test262/shell.js")
        self.others = self.sections(tree / "test262/harness/shell.js")

    @staticmethod
    def sections(path):
        parts = SECTION.split(path.read_text(encoding="utf-8"))
        return dict(zip(parts[1::2], parts[2::2]))

    def text(self, test):
        parts = [text for name, text in self.base.items() if name != HOST]
        parts += [self.others[name] for name in test.includes if name in self.others]
        return "\n".join(parts)
