"""V8: its headers and one static archive, from a gem pinned by SHA-256.

A gem is a tar file that contains data.tar.gz, so Ruby is needed only to fetch it.
"""

import os
import shutil
import tarfile

from parts.common import (DOWNLOADS, PartError, keep_download, new_folder, run,
                          scratch_folder, sha256_of)


def pins_of(pins, target):
    """What parts.toml says of the gem for one target."""
    if target not in pins:
        raise PartError(f"V8: parts.toml has no [v8.{target}], the gem's platform and digest")
    return {"gem": pins["gem"], "version": pins["version"], **pins[target]}


def fetch(pins, target, key):
    gem = fetch_gem(pins)
    with new_folder(f"v8-{target}", lambda: key) as folder:
        with tarfile.open(gem) as outer, \
             tarfile.open(fileobj=outer.extractfile("data.tar.gz")) as inner:
            for member in inner:
                unpack(inner, member, folder)
        if not (folder / "libv8_monolith.a").is_file():
            raise PartError(f"V8: {gem.name} contains no libv8_monolith.a")


def unpack(archive, member, folder):
    """Extracts vendor/v8/include/… and the archive itself."""
    if not member.isfile():
        return
    path = member.name.removeprefix("./")
    if path.startswith("vendor/v8/include/"):
        target = folder / path.removeprefix("vendor/v8/")
    elif path.endswith("/libv8_monolith.a"):
        target = folder / "libv8_monolith.a"
    else:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.extractfile(member) as source, open(target, "wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    # With a newer time stamp on a header everything would be compiled again.
    os.utime(target, (member.mtime, member.mtime))


def fetch_gem(pins):
    name = f"{pins['gem']}-{pins['version']}-{pins['platform']}.gem"
    kept = DOWNLOADS / name
    if kept.is_file() and sha256_of(kept) == pins["sha256"]:
        return kept
    with scratch_folder() as scratch:
        fetched = f"{scratch}/{name}"
        run(["gem", "fetch", pins["gem"], "-v", pins["version"], "--platform", pins["platform"]],
            "cannot fetch V8 from RubyGems", cwd=scratch, makes=fetched)
        digest = sha256_of(fetched)
        if digest != pins["sha256"]:
            raise PartError(f"V8: {name} has SHA-256 {digest}, but parts.toml says {pins['sha256']}")
        return keep_download(fetched, name)
