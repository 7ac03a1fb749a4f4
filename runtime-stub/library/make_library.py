#!/usr/bin/env python3
"""Turns the JavaScript library into one assembler file and one table.

make_library.py OUT CONFIG FOLDER... where FOLDER/<id>.js is the source of module <id>; two
folders with the same module are an error. Writes OUT/library_data.S (the bytes, by .incbin) and
OUT/library_table.cc (an array of LibrarySource sorted by id). Sources outside of Latin-1 are
UTF-16, the others one byte a character, which is how V8 reads them; each is compressed
separately with zstd, so that a program decompresses only the sources that it compiles. The bytes are
in the order of likely use, so that a process has few pages of them in memory.

Kiln's own modules become function expressions, because library.cc compiles them as scripts; those of
internal/frames/ get the places of Node's functions (place_frames.py).
"""
import collections
import hashlib
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from place_frames import FRAMES, Misplaced, place

# Every app compiles functions of these while it starts, so they are not compressed.
AT_START = frozenset((
    "diagnostics_channel", "internal/bootstrap/node",
    "internal/bootstrap/switches/does_own_process_state",
    "internal/bootstrap/switches/is_main_thread", "internal/console/constructor",
    "internal/kiln/bundle", "internal/kiln/commonjs", "internal/kiln/esm", "internal/kiln/start",
    "internal/kiln/table", "internal/main/kiln_app", "internal/util"))

# library.cc has the parameters of the other modules.
OWN_MODULES = {
    "internal/kiln/": "exports, require, module, process, internalBinding, primordials",
    "internal/main/kiln_": "process, require, internalBinding, primordials",
}

# Compressing is slow and most sources never change, so files are named by their content
# and kept from one run to the next.


def collect(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".js"):
                path = os.path.join(root, name)
                found[os.path.relpath(path, folder)[:-3]] = path
    return found


def as_function(name, text):
    for prefix, parameters in OWN_MODULES.items():
        if name.startswith(prefix):
            # On the first line, so that the numbers of lines stay.
            return f"(function({parameters}) {{{text}\n}})\n//# sourceURL=node:{name}\n"
    return text


def as_node(name, path, text, library):
    """The text of a module of internal/frames/, placed as in the file of Node's `library`."""
    try:
        with open(os.path.join(library, "internal", name[len(FRAMES):] + ".js"), encoding="utf-8") as f:
            return place(text, f.read())
    except FileNotFoundError as error:
        sys.exit(f"make_library.py: {path}: Node's library has no such module: {error.filename}")
    except Misplaced as error:
        sys.exit(f"make_library.py: {path}: {error}. Adapt it to this version of Node.")


def by_use(modules):
    """The indexes of the modules: first those that every app needs, then in the order of how many
    modules require them."""
    texts = [content for _, content, _ in modules]
    uses = collections.Counter(
        name for text in texts for name in set(re.findall(rb"require\('([\w/.-]+)'\)", text)))
    return sorted(range(len(modules)), key=lambda i: (
        modules[i][0] not in AT_START, -uses[modules[i][0].encode()], modules[i][0]))


def digest_of(modules):
    digest = hashlib.sha256()
    for name, content, two_byte in modules:
        for part in (name.encode(), content, b"2" if two_byte else b"1"):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def store(folder, modules):
    """Returns the file with each module's bytes; removes files of former modules."""
    stored, raw = [], []
    for name, content, _ in modules:
        file = os.path.join(folder, hashlib.sha256(content).hexdigest()[:32])
        packed = name not in AT_START
        stored.append(file + ".zst" if packed else file)
        if not os.path.exists(stored[-1]):
            with open(file, "wb") as f:
                f.write(content)
            if packed and file not in raw:
                raw.append(file)
    if raw:
        subprocess.run(["zstd", "-q", "-f", "-19", "--no-check", "--single-thread", "--rm", *raw],
                       check=True)
    # Equal sizes mean "as it is" to the runtime, and some sources do not shrink.
    for number, (_, content, _) in enumerate(modules):
        if stored[number].endswith(".zst") and os.path.getsize(stored[number]) >= len(content):
            stored[number] = stored[number][:-len(".zst")]
            with open(stored[number], "wb") as f:
                f.write(content)
    for name in set(os.listdir(folder)).difference(map(os.path.basename, stored)):
        os.remove(os.path.join(folder, name))
    return stored


def main():
    out, config = sys.argv[1:3]
    sources = {}
    for folder in sys.argv[3:]:
        found = collect(folder)
        for name in sorted(found.keys() & sources.keys()):
            sys.exit(f"make_library.py: {found[name]}: Node's library has a module {name} too. "
                     "Patch that one, or give this one another name.")
        sources.update(found)
    for name in sorted(AT_START - sources.keys()):
        sys.exit(f"make_library.py: AT_START names {name}, which is no module of the library. "
                 "Correct or remove it in runtime-stub/library/make_library.py.")
    folder = os.path.join(out, "bytes")
    os.makedirs(folder, exist_ok=True)
    modules = []
    for name, path in sorted(sources.items(), key=lambda x: x[0].encode()):
        with open(path, encoding="utf-8", newline="") as f:
            text = f.read()
        if name.startswith(FRAMES):
            text = as_node(name, path, text, os.path.join(os.path.dirname(config), "lib"))
        text = as_function(name, text)
        two_byte = any(ord(c) > 255 for c in text)
        content = text.encode("utf-16-le" if two_byte else "latin-1")
        modules.append((name, content, two_byte))
    stored = store(folder, modules)

    data = ["# Made by make_library.py.", '.section .rodata.kiln_library,"a",@progbits']
    table = ["// Made by make_library.py: the JavaScript library, sorted by id.",
             '#include "runtime-stub/library/library.h"', 'extern "C" {']
    rows = []
    for number in by_use(modules):
        symbol = "kiln_library_%d" % number
        data += [".balign 2", ".globl %s" % symbol, ".hidden %s" % symbol, "%s:" % symbol,
                 '.incbin "%s"' % stored[number]]
    for number, (name, content, two_byte) in enumerate(modules):
        symbol = "kiln_library_%d" % number
        table.append("extern const char %s[] __attribute__((visibility(\"hidden\")));" % symbol)
        rows.append('    {"%s", %s, %d, %d, %s},' % (name, symbol,
                                                     os.path.getsize(stored[number]), len(content),
                                                     "true" if two_byte else "false"))
    data += [".globl kiln_library_config", "kiln_library_config:",
             '.incbin "%s"' % config, ".byte 0",
             '.section .note.GNU-stack,"",@progbits']
    table += ["}", "namespace kiln::runtime {", "const LibrarySource kLibrarySources[] = {", *rows, "};",
              "const size_t kLibrarySourceCount = %d;" % len(rows),
              'const char kLibraryDigest[] = "%s";' % digest_of(modules), "}  // namespace kiln::runtime"]
    for name, lines in (("library_data.S", data), ("library_table.cc", table)):
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
