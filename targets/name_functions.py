#!/usr/bin/env python3
"""Gives names to the functions of an archive of ELF64 objects that have none, so that the linker can
place them (targets/start_order).

    name_functions.py ARCHIVE

V8's archive was built with a section for each function, but the symbols of functions that are local to
a file were removed. The linker's list of functions in order consists of symbols. Each such section
".text.NAME" of the object FILE gets a symbol "FILE:NAME", which is unique: weak and hidden, so
that it is behind all others and the indexes in relocations stay. The archive is changed in place; its
own index of symbols is removed, and has to be made again (ar s).
"""
import os
import struct
import sys

SECTION = struct.Struct("<IIQQQQIIQQ")  # name, type, flags, address, offset, size, link, ...
SYMBOL = struct.Struct("<IBBHQQ")       # name, type and binding, visibility, section, value, size
TYPE, FLAGS, OFFSET, SIZE, LINK = 1, 2, 4, 5, 6
PROGBITS, SYMTAB, EXECUTABLE = 1, 2, 4
FUNCTION, INDIRECT_FUNCTION, WEAK, HIDDEN = 2, 10, 2, 2


def with_names(elf, file):
    """The object with symbols for its functions that have none."""
    if elf[:4] != b"\x7fELF":
        return elf
    table, = struct.unpack_from("<Q", elf, 40)
    count, names_index = struct.unpack_from("<HH", elf, 60)
    sections = [list(SECTION.unpack_from(elf, table + i * SECTION.size)) for i in range(count)]
    index = next((i for i, s in enumerate(sections) if s[TYPE] == SYMTAB), None)
    if index is None:
        return elf

    def content(section):
        return elf[section[OFFSET]:section[OFFSET] + section[SIZE]]

    symbols, strings = sections[index], sections[sections[index][LINK]]
    section_names, text = content(sections[names_index]), content(strings)
    named = {section for name, kind, _, section, _, _ in SYMBOL.iter_unpack(content(symbols))
             if name and kind & 15 in (FUNCTION, INDIRECT_FUNCTION)}
    more, more_text = bytearray(), bytearray()
    for i, section in enumerate(sections):
        if section[TYPE] != PROGBITS or not section[FLAGS] & EXECUTABLE or i in named:
            continue
        name = section_names[section[0]:section_names.index(b"\0", section[0])]
        if not name.startswith(b".text.") or len(name) == len(".text."):
            continue
        more += SYMBOL.pack(len(text) + len(more_text), WEAK << 4 | FUNCTION, HIDDEN, i, 0,
                            section[SIZE])
        more_text += file + b":" + name[len(".text."):] + b"\0"
    if not more:
        return elf

    out = bytearray(elf)
    for section, bytes_ in ((symbols, content(symbols) + more), (strings, text + more_text)):
        out += bytes(-len(out) % 8)
        section[OFFSET], section[SIZE] = len(out), len(bytes_)
        out += bytes_
    for i in (index, symbols[LINK]):
        SECTION.pack_into(out, table + i * SECTION.size, *sections[i])
    return bytes(out)


def members(archive):
    """(header, content, name) of each member, without the index of symbols."""
    at, long_names = len(b"!<arch>\n"), b""
    while at < len(archive):
        header = archive[at:at + 60]
        size = int(header[48:58])
        body = archive[at + 60:at + 60 + size]
        at += 60 + size + size % 2
        name = header[:16].rstrip()
        if name in (b"/", b"/SYM64/"):
            continue
        if name == b"//":
            long_names = body
        elif name[:1] == b"/":
            name = long_names[int(name[1:]):].split(b"/\n", 1)[0]
        yield header, body, name


def main():
    path = sys.argv[1]
    with open(path, "rb") as f:
        archive = f.read()
    with open(path + ".new", "wb") as out:
        out.write(archive[:8])
        for header, body, name in members(archive):
            if name != b"//":
                body = with_names(body, os.path.basename(name.rstrip(b"/")))
            out.write(header[:48] + b"%-10d" % len(body) + header[58:] + body)
            out.write(b"\n" * (len(body) % 2))
    os.replace(path + ".new", path)


if __name__ == "__main__":
    main()
