"""What `./dev bench` compares: kiln, bun and node, the folders, and how apps are built with each."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from parts.target import find_host

REPO = Path(__file__).resolve().parents[2]
SOURCES = REPO / "tests/bench"
WORK = REPO / "build/bench"
KILN = Path(os.environ.get("KILN", "kiln"))
PARTS = Path(os.environ.get("KILN_PARTS", "."))
HOST = find_host().name
NODE = PARTS / f"npm/node_modules/node-{HOST}/bin/node"
BUN = PARTS / f"npm/node_modules/@oven/bun-{HOST}/bin/bun"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kiln"
TYPESCRIPT = CACHE / "apps/open/node_modules/typescript"
TSC = TYPESCRIPT / "lib/tsc.js"
HELLO = SOURCES / "hello.js"


def run(command, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          **options)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} {command[1] if len(command) > 1 else ''} failed "
                 f"({done.returncode}): {done.stderr.strip()[-400:]}")
    return done


def kiln_command(entry, out, *flags):
    return [KILN, "build", entry, "-o", out, *flags]


def bun_command(entry, out):
    return [BUN, "build", "--compile", entry, "--outfile", out]


def own_node():
    """Returns the path of a copy of node. PSS divides a page by the processes that map it, and
    tests that run at the same time may use the original."""
    copy = WORK / "node"
    if not copy.is_file() or copy.stat().st_mtime < NODE.stat().st_mtime:
        shutil.copy(NODE, copy)
        os.utime(copy)
    return copy


def build(entry, name, *flags):
    """Builds an app with kiln and bun. Returns the commands that run it, and node's."""
    kiln, bun = WORK / name, WORK / f"{name}-bun"
    run(kiln_command(entry, kiln, *flags))
    run(bun_command(entry, bun), cwd=WORK)
    return {"kiln": [kiln], "bun": [bun], "node": [own_node(), entry]}


def have_tsc():
    if TSC.is_file():
        return True
    print("  tsc is not installed; ./dev apps --install installs it")
    return False


def describe_machine():
    """Returns one line: processors, kernel, and the versions that are compared."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="ascii"))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    bun = run([BUN, "--version"]).stdout.strip()
    node = run([NODE, "--version"]).stdout.strip().lstrip("v")
    return (f"{os.cpu_count()} × {model.group(1) if model else platform.machine()}, "
            f"{memory:.0f} GiB, Linux {platform.release().split('-')[0]}; Bun {bun}, Node {node}")
