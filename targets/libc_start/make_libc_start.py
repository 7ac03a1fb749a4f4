#!/usr/bin/env python3
"""Takes libc-start.o out of glibc's archive and makes a start ask the processor less.

    make_libc_start.py --ar llvm-ar --archive libc.a --sizes cache_sizes.bin --out libc-start.o

Before main(), a static glibc executes `cpuid` 30 times. In a virtual machine each ends in the
hypervisor and takes 2 to 18 us, so they were up to a sixth of hello world's time in user mode. Needed
are the features of the processor; not needed are how large the caches are (they only tune
memcpy() for very large blocks), how many threads share one, and how much room the registers take on
the stack of the dynamic loader, which a static executable has not.

The instructions are changed in the object, whose SHA-256 must be the one that the table below is for.
Of another glibc (Debian has updated it) the object stays as it is, which is right, and slower:
`llvm-objdump -dr libc-start.o` shows where the places are then. Processors of other makers than Intel
take other functions, which are not changed, except for the room on the stack.
"""

import argparse
import hashlib
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

NOPS = bytes.fromhex("0f1f440000")  # five bytes
# By SHA-256 of the object: offsets in .text, the bytes that are there, and those that replace them. None
# stands for the code of cache_sizes.S.
EDITS = {
    # glibc 2.41-12+deb13u5
    "7c9ee79d7372b8e03542128c646f9ce5e7532408af471e4fa86e9f26f8ff84b6": [
        # get_extended_indices(): nothing beyond leaf 0x80000001 (`jbe` to `jmp`).
        (0x5a6, "7646", "eb46"),
        # get_common_indices(): after leaf 7, nothing of leaves 13, 20 and 25 (`jle` to `jmp`).
        (0x6ad, "7e75", "eb75"),
        # handle_intel(): its body, after the question whether there is leaf 2.
        (0xe8d, "4157415641", None),
        # dl_init_cacheinfo(), Intel: no call of get_common_cache_info().
        (0x158e, "e8edf1ffff", NOPS.hex()),
        # update_active(): no size of the state that XSAVE saves (`jg` to nothing).
        (0x1a95, "7f73", "9090"),
    ],
}


def text_section(data):
    """Returns the offset and the size of .text in an ELF object of 64 bits."""
    table, = struct.unpack_from("<Q", data, 0x28)
    entry_size, count, names_index = struct.unpack_from("<HHH", data, 0x3a)
    sections = [struct.unpack_from("<IIQQQQ", data, table + i * entry_size) for i in range(count)]
    names = sections[names_index][4]
    for name, _, _, _, offset, size in sections:
        if data[names + name:].startswith(b".text\0"):
            return offset, size
    sys.exit("libc-start.o has no .text")


def edited(data, sizes):
    edits = EDITS.get(hashlib.sha256(data).hexdigest())
    if edits is None:
        print("note: another glibc: libc-start.o stays as it is, and starts are slower "
              "(targets/libc_start/make_libc_start.py)", file=sys.stderr)
        return data
    data = bytearray(data)
    start, _ = text_section(data)
    for offset, old, new in edits:
        old, new = bytes.fromhex(old), sizes if new is None else bytes.fromhex(new)
        at = start + offset
        if data[at:at + len(old)] != old:
            sys.exit(f"libc-start.o has other instructions at {offset:#x} than the table says")
        data[at:at + len(new)] = new
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("ar", "archive", "sizes", "out"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.ar, "x", Path(args.archive).resolve(), "libc-start.o"], cwd=folder,
                       check=True)
        data = Path(folder, "libc-start.o").read_bytes()
    Path(args.out).write_bytes(edited(data, Path(args.sizes).read_bytes()))


if __name__ == "__main__":
    main()
