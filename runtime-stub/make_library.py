#!/usr/bin/env python3
"""Turns the JavaScript library into one assembler file and one table.

make_library.py OUT CONFIG SOURCE... where a SOURCE is a folder (DIR/<id>.js is module <id>) or ID=FILE;
later ones replace earlier ones. Writes OUT/library_data.S (the bytes, by .incbin) and
OUT/library_table.cc (an array of LibrarySource sorted by id). Sources outside of Latin-1 are
stored as UTF-16, the others as one byte a character, so V8 reads both in place.
"""
import os
import sys


def collect(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".js"):
                path = os.path.join(root, name)
                found[os.path.relpath(path, folder)[:-3]] = path
    return found


def main():
    out, config = sys.argv[1:3]
    sources = {}
    for source in sys.argv[3:]:
        name, _, path = source.partition("=")
        sources.update({name: path} if path else collect(source))
    os.makedirs(os.path.join(out, "bytes"), exist_ok=True)
    data = ["# Made by make_library.py.", '.section .rodata.kiln_library,"a",@progbits']
    table = ["// Made by make_library.py: the JavaScript library, sorted by id.",
             '#include "runtime-stub/library.h"', 'extern "C" {']
    rows = []
    for number, (name, path) in enumerate(sorted(sources.items(), key=lambda x: x[0].encode())):
        with open(path, encoding="utf-8", newline="") as f:
            text = f.read()
        two_byte = any(ord(c) > 255 for c in text)
        stored = os.path.join(out, "bytes", "%d.bin" % number)
        content = text.encode("utf-16-le" if two_byte else "latin-1")
        with open(stored, "wb") as f:
            f.write(content)
        symbol = "kiln_library_%d" % number
        data += [".balign 8", ".globl %s" % symbol, ".hidden %s" % symbol, "%s:" % symbol,
                 '.incbin "%s"' % stored]
        table.append("extern const char %s[] __attribute__((visibility(\"hidden\")));" % symbol)
        units = len(content) // 2 if two_byte else len(content)
        rows.append('    {"%s", %s, %d, %s},' % (name, symbol, units,
                                                 "true" if two_byte else "false"))
    data += [".globl kiln_library_config", "kiln_library_config:",
             '.incbin "%s"' % config, ".byte 0",
             '.section .note.GNU-stack,"",@progbits']
    table += ["}", "namespace kiln {", "const LibrarySource kLibrarySources[] = {", *rows, "};",
              "const size_t kLibrarySourceCount = %d;" % len(rows), "}  // namespace kiln"]
    for name, lines in (("library_data.S", data), ("library_table.cc", table)):
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
