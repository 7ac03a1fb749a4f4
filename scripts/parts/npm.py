"""npm packages, with the versions and digests of a package-lock.json, and Node's JavaScript
library, which is extracted from the official binary in one of them.
"""

import shutil

from parts.common import PARTS, SCRIPTS, PartError, key_of, new_folder, run

NPM = SCRIPTS / "npm"
PEER_APPS = SCRIPTS.parent / "tests/peers/apps"  # another such folder, for a test
DUMP = SCRIPTS.parent / "runtime-stub/library/dump.js"


def key(source):
    """Returns the stamp of the packages in a folder's lock file."""
    return key_of(source / "package.json", source / "package-lock.json")


def fetch(part, source):
    with new_folder(part, lambda: key(source)) as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(source / name, folder)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
             "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
            f"cannot install the npm packages of {part}", cwd=folder)


def dump_library(host, version, key):
    """Writes lib/<id>.js, ids.txt, config.json and LICENSE."""
    package = PARTS / f"npm/node_modules/node-{host}"
    node = package / "bin/node"
    with new_folder("node-library", lambda: key) as folder:
        found = run([node, "--version"], "cannot run Node").strip()
        if found != f"v{version}":
            raise PartError(f"Node is {found}, but the library of v{version} is needed")
        run([node, "--no-warnings", "--expose-internals", DUMP, folder],
            "cannot dump Node's library")
        shutil.copy(package / "LICENSE", folder)
