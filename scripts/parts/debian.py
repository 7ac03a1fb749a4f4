"""Fetches Debian packages with apt and a private configuration: its lists and state are in the
cache, so it does not change the host's apt and needs no root.

Only the mirror's address comes from the host's apt.  debian.lock has the version and digest of
each package that was used last.  A later run takes the same versions from the downloads or the
mirror; when the mirror has replaced a version, it takes the new one, prints a message, and
rewrites the lock.  Packages of which only the locked version is usable (Node's sources) are
omitted instead.
"""

import os
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from parts.common import (CACHE, DOWNLOADS, SCRIPTS, PartError, keep_download, run, say,
                          scratch_folder, sha256_of)

LOCK = SCRIPTS / "debian.lock"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = ("trixie", "forky")
LOCK_HEADER = """\
# The Debian packages that the last `scripts/fetch` used; it writes this file.
# suite, package (src: marks a source package), version, file, sha256
"""


class Gone(PartError):
    """The mirror no longer has a package, or not in a usable version."""


@dataclass(frozen=True, order=True)
class Entry:
    suite: str
    package: str
    version: str
    file: str
    sha256: str

    @property
    def architecture(self):
        """None for what is the same on all of them: sources, and packages for "all"."""
        match = re.search(r"_([a-z0-9]+)\.deb$", self.file)
        return match[1] if match and match[1] != "all" else None

    def fits(self, architecture):
        return self.architecture in (None, architecture)

    @property
    def path(self):
        return DOWNLOADS / self.file

    @property
    def is_kept(self):
        return self.path.is_file() and sha256_of(self.path) == self.sha256


def packages_of(lists, prefix=""):
    """Returns the (suite, package) pairs of a table of parts.toml."""
    return [(suite, prefix + name) for suite, names in lists.items() for name in names]


# --------------------------------------------------------------------------- lock file

def read_lock():
    if not LOCK.is_file():
        return []
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return [Entry(*line.split()) for line in lines if line and not line.startswith("#")]


def locked(wanted, architecture):
    """Returns the lock's entries for these packages; an empty list if one is not locked yet."""
    entries = [entry for entry in read_lock()
               if (entry.suite, entry.package) in set(wanted) and entry.fits(architecture)]
    complete = {(entry.suite, entry.package) for entry in entries} == set(wanted)
    return entries if complete else []


def write_lock(entries):
    """Replaces the entries of the same packages by these."""
    renewed = {(entry.suite, entry.package, entry.architecture) for entry in entries}
    kept = [entry for entry in read_lock()
            if (entry.suite, entry.package, entry.architecture) not in renewed]
    lines = [f"{e.suite} {e.package} {e.version} {e.file} {e.sha256}\n"
             for e in sorted(kept + entries)]
    text = LOCK_HEADER + "".join(lines)
    if LOCK.is_file() and LOCK.read_text(encoding="utf-8") == text:
        return
    fresh = LOCK.with_suffix(".lock.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, LOCK)


# --------------------------------------------------------------------------- downloads

def obtain(wanted, architecture, exact=()):
    """Returns an Entry for every file of these packages, all of them in the downloads.

    The packages of `exact` have no entries if their locked version is gone.
    """
    entries = locked(wanted, architecture)
    if entries and all(entry.is_kept for entry in entries):
        return entries
    apt = Apt(architecture, {suite for suite, package in wanted if package.startswith("src:")})
    apt.update()
    entries = []
    for package in dict.fromkeys(wanted):  # several parts may be made from one package
        try:
            entries += apt.resolve(*package, package in exact)
        except Gone:
            if package not in exact:
                raise
    apt.download([entry for entry in entries if not entry.is_kept])
    write_lock(entries)
    return entries


class Apt:
    """Runs apt-get and apt-cache with the private configuration.

    `source_suites` are those whose sources are wanted, since an index of sources is 9 MB.
    """

    def __init__(self, architecture, source_suites):
        self.root = CACHE / "apt" / architecture
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "state/status").touch()
        self.mirror = find_mirror()
        if not Path(KEYRING).is_file():
            raise PartError(f"Debian's keys are not at {KEYRING}: install debian-archive-keyring")
        sources = "".join(f"{kind} [signed-by={KEYRING}] {self.mirror} {suite} main\n"
                          for suite in SUITES for kind in ("deb", "deb-src")
                          if kind == "deb" or suite in source_suites)
        (self.root / "sources.list").write_text(sources, encoding="utf-8")
        (self.root / "apt.conf").write_text(f"""\
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "2";
Dir::State "{self.root}/state";
Dir::State::status "{self.root}/state/status";
Dir::Cache "{self.root}/cache";
Dir::Etc::sourcelist "{self.root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
""", encoding="utf-8")
        self.env = dict(os.environ, APT_CONFIG=str(self.root / "apt.conf"), LC_ALL="C")
        self.locked = {}
        for entry in filter(lambda entry: entry.fits(architecture), read_lock()):
            self.locked.setdefault((entry.suite, entry.package), []).append(entry)

    def get(self, *args, what, cwd=None):
        return run(["apt-get", "-q", *args], what, cwd=cwd, env=self.env)

    def update(self):
        self.get("update", "--error-on=any", what="cannot reach the Debian mirror")

    def resolve(self, suite, package, exact):
        """Returns the entries of the locked version if the mirror or the downloads have it, else
        of the newest.

        Raises Gone if there is neither, or only another version and `exact` is true.
        """
        entries = self.locked.get((suite, package), [])
        if entries:
            if all(entry.is_kept for entry in entries):
                return entries
            try:
                return self.look_up(suite, package, entries)
            except PartError:
                pass
        try:
            found = self.look_up(suite, package, None)
        except PartError as error:
            raise Gone(str(error)) from error
        if sorted(found) == sorted(entries):
            return found
        if entries and found[0].version == entries[0].version:
            raise PartError(f"Debian's {package} {found[0].version} has another SHA-256 than "
                            "debian.lock says: remove its line there only if you trust the mirror")
        if entries and exact:
            raise Gone(f"Debian has {package} {found[0].version}, not {entries[0].version}")
        if entries:
            say(f"Debian no longer has {package} {entries[0].version}; "
                f"taking {found[0].version} (debian.lock is rewritten)")
        return found

    def look_up(self, suite, package, entries):
        name = package.removeprefix("src:")
        which = f"{name}={entries[0].version}" if entries else f"{name}/{suite}"
        command = ["source", "--download-only", "--tar-only"] if name != package else ["download"]
        output = self.get(*command, "--print-uris", which,
                          what=f"Debian {suite} has no {package}")
        found = []
        for file, sha256 in re.findall(r"^'[^']+' (\S+) \d+ SHA256:([0-9a-f]{64})$", output, re.M):
            version = urllib.parse.unquote(file).split("_")[1]
            if name != package:
                if ".orig.tar." not in file:
                    continue
                version = entries[0].version if entries else self.source_version(suite, name)
            found.append(Entry(suite, package, version, file, sha256))
        if not found:
            raise PartError(f"Debian {suite} has no {package}")
        if entries and sorted(found) != sorted(entries):
            raise PartError(f"Debian's {package} {entries[0].version} is not the file in debian.lock")
        return found

    def source_version(self, suite, name):
        """Returns the full version of a source; its tar file's name has only the upstream part."""
        output = run(["apt-cache", "-q", "showsrc", "--only-source", name],
                     f"Debian {suite} has no source {name}", env=self.env)
        return re.search(r"^Version: (\S+)$", output, re.M).group(1)

    def download(self, entries):
        if not entries:
            return
        say(f"downloading {len(entries)} Debian packages")
        with scratch_folder() as scratch:
            binary = sorted({f"{e.package}={e.version}" for e in entries
                             if not e.package.startswith("src:")})
            source = sorted({f"{e.package.removeprefix('src:')}={e.version}" for e in entries
                             if e.package.startswith("src:")})
            if binary:
                self.get("download", *binary, what="cannot download from Debian", cwd=scratch)
            if source:
                self.get("source", "--download-only", "--tar-only", *source,
                         what="cannot download from Debian", cwd=scratch)
            for entry in entries:
                file = Path(scratch) / entry.file
                if not file.is_file() or sha256_of(file) != entry.sha256:
                    raise PartError(f"Debian's {entry.file} is incomplete or damaged after the download")
                keep_download(file, entry.file)


def find_mirror():
    """Returns the Debian mirror that apt on this machine uses."""
    if os.environ.get("KILN_DEBIAN_MIRROR"):
        return os.environ["KILN_DEBIAN_MIRROR"]
    output = run(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(REPO_URI)"],
                 "cannot ask apt for its mirror")
    for line in output.splitlines():
        kind, _, uri = line.partition(" ")
        if kind == "Packages" and re.search(r"/debian/?$", uri):
            return uri
    raise PartError("apt on this machine has no Debian mirror: set KILN_DEBIAN_MIRROR to one")


# --------------------------------------------------------------------------- unpacking

def unpack(entries, folder):
    for entry in entries:
        if entry.file.endswith(".deb"):
            run(["dpkg-deb", "-x", entry.path, folder], f"cannot unpack {entry.file}")
