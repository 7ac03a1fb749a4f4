"""Files of V8 that Kiln patches and compiles: v8-objects-TARGET/NAME.o, linked before V8's
archive, so that the archive's own members of that name are not used.

The sources are those of Debian's nodejs package; patches in v8-patches/ say what is changed
and why; heap-walker.cc there is a file of our own that needs V8's headers. V8's headers need what Torque generates of them. Torque itself is in the archive,
but for its main(). The defines are those that Node configures V8 with: they decide the
layout of V8's classes, so they have to be the archive's. Those of an architecture or system
are in the target's description.

That the layouts are the same is checked: V8's flags are compiled too, and must be the archive's; an
object that uses a member of Isolate or Heap at an offset where the archive's own code has none is
refused.

Debian keeps only its newest version. When the patches are for another one, the part is the
archive's own members, unchanged: JSON.stringify() then takes V8's slow path, and V8 reads a
snapshot with all that a collection meanwhile would need.
"""

import re
import shutil
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from parts.common import PARTS, SCRIPTS, PartError, new_folder, run, say, scratch_folder

PATCHES = SCRIPTS / "parts/v8-patches"
# The version of the archive that v8-patches/archive.patch is for, as in parts.toml.
ARCHIVE_VERSION = "24.12.0.1"
# Each object, its source, and the archive's members that use the same members of Isolate and Heap.
# The fewer, the less likely is it that a wrong offset is one of theirs.
# Ours: the archive has no member of that name.
WALKER = "heap-walker.o"
OBJECTS = {
    "json-stringifier.o": ("src/json/json-stringifier.cc", ["json-stringifier.o"]),
    "deserializer.o": ("src/snapshot/deserializer.cc",
                       ["deserializer.o", "isolate.o", "cpp-heap.o", "statistics-extension.o"]),
    "read-only-deserializer.o": ("src/snapshot/read-only-deserializer.cc",
                                 ["read-only-deserializer.o", "isolate.o"]),
    "shared-heap-deserializer.o": ("src/snapshot/shared-heap-deserializer.cc",
                                   ["shared-heap-deserializer.o", "isolate.o"]),
    "string-table.o": ("src/objects/string-table.cc", ["string-table.o", "isolate.o"]),
    "cpu.o": ("src/base/cpu.cc", ["cpu.o"]),
    "flags.o": ("src/flags/flags.cc", ["flags.o"]),
    WALKER: ("src/snapshot/heap-walker.cc", ["deserializer.o", "isolate.o", "heap.o", "serializer.o"]),
}
# The member with the table of V8's flags.
FLAGS = "flags.o"
# How the disassembler prints a member, and the first offset in Isolate that is compared: numbers of
# other meanings are smaller.
MEMBER = re.compile(r"\b0x([0-9a-f]{4,6})\(%r(?!sp)")
FIRST_MEMBER = 0xe000
WANTED = re.compile(r"[^/]+/deps/v8/(BUILD\.gn|(?:src|include|test/torque|testing|third_party)/.*)")
DEFINES = """
V8_GYP_BUILD V8_TYPED_ARRAY_MAX_SIZE_IN_HEAP=64 V8_PROMISE_INTERNAL_FIELD_COUNT=1
ENABLE_DISASSEMBLER V8_SHORT_BUILTIN_CALLS OBJECT_PRINT
V8_INTL_SUPPORT V8_ATOMIC_OBJECT_FIELD_WRITES V8_ENABLE_LAZY_SOURCE_POSITIONS V8_USE_SIPHASH
V8_ENABLE_REGEXP_INTERPRETER_THREADED_DISPATCH V8_USE_ZLIB V8_ENABLE_LEAPTIERING
V8_ENABLE_SPARKPLUG V8_ENABLE_MAGLEV V8_ENABLE_TURBOFAN V8_ENABLE_WEBASSEMBLY
V8_ENABLE_JAVASCRIPT_PROMISE_HOOKS V8_ENABLE_CONTINUATION_PRESERVED_EMBEDDER_DATA
V8_ALLOCATION_FOLDING V8_ALLOCATION_SITE_TRACKING V8_ADVANCED_BIGINT_ALGORITHMS
V8_ENABLE_PRIVATE_MAPPING_FORK_OPTIMIZATION V8_ENABLE_SYSTEM_INSTRUMENTATION
V8_HAVE_TARGET_OS NDEBUG
""".split()


def fetch(target, host, source, node, version, key):
    """`source` is Debian's entry for the sources, None if they are gone; V8's archive and the
    sysroot are there.

    `host` is the target of this machine, for which Torque is built: what it writes is the same
    for all 64-bit targets. `node` is the version whose sources the patches are for, `version` that
    of the archive.
    """
    if version != ARCHIVE_VERSION:
        raise PartError(f"parts.toml pins V8's archive {version}, but archive.patch is for "
                        f"{ARCHIVE_VERSION}; docs/node-library.md says how to move to another one")
    archive = PARTS / f"v8-{target.name}/libv8_monolith.a"
    if source is None or not re.match(rf"{re.escape(node)}\b", source.version):
        say(f"missing: the sources of Node {node}; Debian no longer has them. Without them V8 is "
            "not patched: JSON.stringify() is as slow as in Node, and starts are slower")
        with new_folder(f"v8-objects-{target.name}", key) as folder:
            extract_members(archive, [name for name in OBJECTS if name != WALKER], folder)
            run([*compiler_for(target), "-xc++", "-c", "/dev/null", "-o", WALKER],
                "cannot compile an empty object", cwd=folder)
        return
    say("V8's own sources: Torque, then "
        + ", ".join(Path(source).name for source, _ in OBJECTS.values()))
    with new_folder(f"v8-objects-{target.name}", key) as folder, scratch_folder() as scratch:
        scratch = Path(scratch)
        extract(source.path, scratch / "v8")
        for patch in sorted(PATCHES.glob("*.patch")):
            run(["patch", "-p1", "-s", "-N", "-i", patch], f"{patch.name} does not fit V8's sources",
                cwd=scratch / "v8")
        shutil.copyfile(PATCHES / "heap-walker.cc", scratch / "v8" / OBJECTS[WALKER][0])
        # V8 includes its own copy of simdutf; the sysroot has the headers.
        shim = scratch / "shim/third_party/simdutf/simdutf.h"
        shim.parent.mkdir(parents=True)
        shim.write_text("#include <simdutf.h>\n", encoding="ascii")
        generate(scratch, compiler_for(host), PARTS / f"v8-{host.name}/libv8_monolith.a")
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: compile_object(target, scratch, name, OBJECTS[name][0]), OBJECTS))
        check_flags(archive, scratch)
        for name in OBJECTS:
            check_layout(archive, scratch, name)
            shutil.copyfile(scratch / name, folder / name)


def extract_members(archive, names, folder):
    run(["llvm-ar-19", "x", archive, *names], f"V8's archive has not all of {', '.join(names)}",
        cwd=folder)


def compile_object(target, scratch, name, source):
    # GCC 14, which made the archive, leaves constraints out of mangled names.
    run([*compiler_for(target), "-O3", "-fclang-abi-compat=17", "-fno-exceptions", "-fno-rtti",
         "-fno-pie", "-fno-strict-aliasing", "-ffunction-sections", "-fdata-sections", "-fno-ident",
         "-ffile-prefix-map=v8/=", "-fconstexpr-steps=100000000", "-c", f"v8/{source}", "-o", name],
        f"cannot compile V8's {source}", cwd=scratch)


def check_flags(archive, scratch):
    """Raises PartError if V8's flags are not where the archive has them, in the same order."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        extract_members(archive, [FLAGS], folder)
        known = flags_in(Path(folder) / FLAGS)
    if not known or flags_in(scratch / FLAGS) != known:
        raise PartError("V8's flags do not fit the archive: see DEFINES in "
                        "scripts/parts/v8_objects.py, which decide what flags there are, and "
                        "scripts/parts/v8-patches/archive.patch")


def flags_in(compiled):
    """The names of all flags and their offsets in v8_flags, in the order of V8's table of them.

    In it the address of a flag's value follows that of its name.
    """
    text = run(["llvm-readelf-19", "-rW", compiled], f"cannot read {compiled.name}")
    addresses = re.findall(r"64 +[0-9a-f]+ (\S+) \+ ([0-9a-f]+)$", text, re.M)
    pairs = [(section, int(name, 16), int(offset, 16))
             for (section, name), (symbol, offset) in zip(addresses, addresses[1:])
             if symbol.endswith("v8_flagsE") and section.startswith(".rodata")]
    with tempfile.TemporaryDirectory() as folder:
        contents = {}
        for section in {section for section, _, _ in pairs}:
            file = Path(folder, str(len(contents)))
            run(["llvm-objcopy-19", f"--dump-section={section}={file}", compiled, "/dev/null"],
                f"cannot read {compiled.name}")
            contents[section] = file.read_bytes()
    return [(contents[section][name:].partition(b"\0")[0], offset)
            for section, name, offset in pairs]


def check_layout(archive, scratch, name):
    """Raises PartError if the object uses members at offsets that the archive's code does not use.

    Where an instruction cannot contain such an offset, there is nothing to compare. The headers and
    defines that decide the layout are the same for all 64-bit targets.
    """
    known = set()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        extract_members(archive, OBJECTS[name][1], folder)
        for member in OBJECTS[name][1]:
            known |= offsets_in(Path(folder) / member)
    unknown = sorted(offsets_in(scratch / name) - known)
    if unknown:
        raise PartError(f"V8's {name} does not fit the archive, which has no members at "
                        f"{', '.join(map(hex, unknown))} of Isolate: see "
                        "scripts/parts/v8-patches/archive.patch")


def offsets_in(compiled):
    """The offsets of Isolate's members that the object's instructions use."""
    text = run(["llvm-objdump-19", "-d", "--no-show-raw-insn", compiled],
               f"cannot disassemble {compiled.name}")
    return {value for value in (int(digits, 16) for digits in MEMBER.findall(text))
            if value >= FIRST_MEMBER}


def compiler_for(target):
    """The command with V8's flags, to be run in the folder that has v8/ and generated/."""
    sysroot = PARTS / f"sysroot-{target.name}"
    return ["clang++-19", f"--target={target.triple}", f"--sysroot={sysroot}",
            f"--gcc-install-dir={target.gcc_folder(sysroot)}", "-std=c++20", "-w",
            *(f"-D{name}" for name in [*DEFINES, *target.v8_defines]), "-Iv8", "-Iv8/include",
            "-Igenerated", "-Ishim", "-Iv8/third_party/abseil-cpp",
            "-Iv8/third_party/highway/src", "-Iv8/third_party/fp16/src/include"]


def extract(source, folder):
    with tarfile.open(source) as tar:
        for member in tar:
            match = WANTED.fullmatch(member.name)
            if match and member.isfile():
                member.name = match.group(1)
                tar.extract(member, folder)


def generate(scratch, compiler, archive):
    """generated/: what Torque and the list of bytecodes make for the headers."""
    main = {"torque": "src/torque/torque.cc",
            "bytecodes": "src/builtins/generate-bytecodes-builtins-list.cc"}
    for program, source in main.items():
        run([*compiler, "-O0", "-fuse-ld=lld", "-static", f"v8/{source}", archive,
             "-o", program], f"cannot build V8's {program}", cwd=scratch)
    build = (scratch / "v8/BUILD.gn").read_text(encoding="utf-8")
    lists = re.findall(r"torque_files \+?= \[(.*?)\]", build, re.S)
    files = [name for text in lists for name in re.findall(r'"([^"]+\.tq)"', text)]
    if not files:
        raise PartError("V8's BUILD.gn names no Torque files")
    generated = scratch / "generated"
    for folder in {Path(name).parent for name in files}:
        (generated / "torque-generated" / folder).mkdir(parents=True, exist_ok=True)
    run([scratch / "torque", "-o", generated / "torque-generated", "-v8-root", ".", *files],
        "Torque fails", cwd=scratch / "v8")
    (generated / "builtins-generated").mkdir()
    run([scratch / "bytecodes", generated / "builtins-generated/bytecodes-builtins-list.h"],
        "V8's list of bytecodes fails")
