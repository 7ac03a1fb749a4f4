"""Parts that are unpacked from Debian packages: the sysroot that a target is compiled and linked
against, LLVM's linker as a library, and Node's own tests.

A sysroot must work in any folder and without --sysroot too (the finished `kiln` calls only lld),
so links and linker scripts in it contain no absolute path.
"""

import os
import re
import shutil
import tarfile
from pathlib import Path

from parts import debian
from parts.common import PartError, new_folder, run, say, scratch_folder

ADA_FLAGS = ["-std=c++20", "-O2", "-fno-exceptions", "-fno-rtti",
             "-ffunction-sections", "-fdata-sections", "-fno-ident"]


def fetch_sysroot(target, entries, key):
    with new_folder(f"sysroot-{target.name}", key) as folder:
        debian.unpack(entries, folder)
        libraries = folder / "usr/lib" / target.triple
        for name in ("bin", "lib", "lib64", "sbin"):
            if (folder / "usr" / name).is_dir() and not (folder / name).exists():
                (folder / name).symlink_to(f"usr/{name}")
        drop_code_of_headers(libraries)
        make_links_relative(folder)
        drop_broken_libraries(folder)
        make_scripts_relative(libraries)
        ada = next(entry for entry in entries if entry.package == "src:ada-url")
        build_ada(ada.path, folder, libraries, target)


def drop_code_of_headers(libraries):
    """Removes ICU's libraries: only the headers are used; a second ICU must never be linked."""
    for library in libraries.glob("libicu*"):
        library.unlink()


def make_links_relative(folder):
    for link in folder.rglob("*"):
        if link.is_symlink() and os.path.isabs(os.readlink(link)):
            inside = folder / os.readlink(link).lstrip("/")
            link.unlink()
            link.symlink_to(os.path.relpath(inside, link.parent))


def drop_broken_libraries(folder):
    """Removes libX.so links into packages that are not unpacked, so the linker uses libX.a."""
    for link in (folder / "usr/lib").rglob("*.so"):
        if link.is_symlink() and not link.exists():
            link.unlink()


def make_scripts_relative(libraries):
    """Removes folders in scripts such as libm.a, GROUP ( /usr/lib/x/libm-2.41.a … ): lld searches
    the script's own folder first."""
    for script in [*libraries.glob("lib*.a"), *libraries.glob("lib*.so")]:
        if script.is_symlink() or script.stat().st_size > 4096:
            continue
        text = script.read_bytes()
        if b"GROUP" in text:
            script.write_bytes(re.sub(rb"(?<=[\s(])/[^\s]*/(?=[^/\s]+)", b"", text))


def build_ada(source, folder, libraries, target):
    """Compiles ada (one file that includes the rest) and adds its headers."""
    with scratch_folder() as scratch:
        extract(source, Path(scratch), "")
        run(["clang++-19", f"--target={target.triple}", f"--sysroot={folder}", *ADA_FLAGS,
             "-Iinclude", "-Isrc", "-c", "src/ada.cpp", "-o", "ada.o"],
            "cannot compile ada", cwd=scratch)
        run(["llvm-ar-19", "rcsD", libraries / "libada.a", "ada.o"],
            "cannot make libada.a", cwd=scratch)
        for name in ("ada", "ada.h", "ada_c.h"):
            # The parts may be on another file system than the downloads.
            shutil.move(Path(scratch) / "include" / name, folder / "usr/include" / name)


def fetch_lld(target, entries, key):
    """Keeps Debian's paths and adds short links to the two folders that are used."""
    with new_folder(f"lld-{target.name}", key) as folder:
        debian.unpack(entries, folder)
        for name in ("include", "lib"):
            (folder / name).symlink_to(f"usr/lib/llvm-19/{name}")
        make_links_relative(folder)


def fetch_tests(entries, version, key):
    """Unpacks Node's test/ unchanged.  Tests of another version would test other behaviour."""
    entry = next((e for e in entries if e.file == f"nodejs_{e.version.rsplit('-', 1)[0]}.orig.tar.xz"),
                 None)
    if entry is None or not re.match(rf"{re.escape(version)}\b", entry.version):
        found = entries[0].version if entries else "none"
        raise PartError(f"Node's tests: Debian has nodejs {found}, but v{version} is needed")
    say(f"unpacking the tests of nodejs {entry.version}")
    with new_folder("node-tests", key) as folder:
        extract(entry.path, folder, "test/")


def extract(archive, folder, below):
    """Unpacks the files below a folder of an archive, without the archive's top folder."""
    with tarfile.open(archive) as tar:
        members = []
        for member in tar:
            _, _, path = member.name.partition("/")
            if path and path.startswith(below):
                member.name = path
                if member.islnk():
                    member.linkname = member.linkname.partition("/")[2]
                members.append(member)
        tar.extractall(folder, members=members)
