#!/usr/bin/env python3
"""Makes the ICU data of one --intl mode from the V8 archive.

    make_icu_data.py --archive libv8_monolith.a --mode en --out icudt-en.dat

The archive's member icudt77_dat.o holds ICU's common-data file with all locales (32 MB).
This takes that file out, keeps the items a mode needs, rewrites the lists of installed
locales (res_index.res, through ICU's own genrb) so that Intl does not promise what is not
there, and writes the smaller file. The same input gives the same bytes.

  full  everything
  en    root and all English locales; no dictionaries for East and South-East Asian line
        breaking, no transliteration, and of the character sets only the single-byte ones
  none  the root locale only: numbers, dates, time zones, collation, segmentation,
        normalization, IDNA and regular expressions work and give the same for every
        language ("2024-02-03", "M02"); names of units, languages and regions are not there,
        and what needs them gives codes or throws. Less than this is no option: V8 aborts
        the process when a date or a segmenter finds no data at all
"""

import argparse
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

MEMBER = "icudt77_dat.o"

# Locale-independent items of the top folder.
CORE = {
    "currencyNumericCodes.res", "dayPeriods.res", "icustd.res", "icuver.res",
    "keyTypeData.res", "langInfo.res", "metaZones.res", "metadata.res",
    "numberingSystems.res", "pluralRanges.res", "plurals.res", "pool.res",
    "supplementalData.res", "timezoneTypes.res", "units.res", "windowsZones.res",
    "zoneinfo64.res", "grammaticalFeatures.res", "genderList.res",
    "nfkc.nrm", "nfkc_cf.nrm", "nfkc_scf.nrm", "uts46.nrm",
    "uemoji.icu", "cnvalias.icu",
    "curr/supplementalData.res", "curr/pool.res", "zone/pool.res", "coll/ucadata.icu",
    "brkitr/char.brk", "brkitr/word.brk", "brkitr/sent.brk",
}
# What English adds.
ENGLISH = {
    "ulayout.icu", "lang/pool.res", "region/pool.res", "unit/pool.res",
    "zone/tzdbNames.res", "brkitr/line.brk", "brkitr/title.brk", "brkitr/word_POSIX.brk",
}
# The single-byte encodings of the WHATWG standard; small, and what old files use.
SINGLE_BYTE = re.compile(
    r"(ibm-(866|878|912|913|914|915|916|920|921|923|1089|813|1168|5346|5347|5348|5349|5350|"
    r"5351|5352|5353|5354|9447|9448|9449|125\d)_.*|iso-8859_\d+.*|windows-874.*|macos-(0_2|7_3)-.*)"
    r"\.cnv")
# Trees with one bundle per locale; "" is the top folder.
ROOT_TREES = ("", "brkitr/", "coll/", "curr/", "zone/")
ENGLISH_TREES = ROOT_TREES + ("lang/", "rbnf/", "region/", "unit/")


def archive_member(path, wanted):
    """The bytes of one member of a GNU ar archive."""
    with open(path, "rb") as f:
        if f.read(8) != b"!<arch>\n":
            sys.exit(f"{path} is not an archive")
        long_names = b""
        while header := f.read(60):
            name, size = header[:16].rstrip(), int(header[48:58])
            if name == b"//":
                long_names = f.read(size)
            else:
                if name.startswith(b"/") and name[1:].isdigit():
                    start = int(name[1:])
                    name = long_names[start:long_names.index(b"\n", start)]
                if name.rstrip(b"/").split(b"/")[-1].decode() == wanted:
                    return f.read(size)
                f.seek(size, 1)
            if size % 2:
                f.seek(1, 1)
    sys.exit(f"{path} has no member {wanted}")


def section(elf, wanted):
    """The bytes of one section of a little-endian ELF64 file."""
    table, = struct.unpack_from("<Q", elf, 40)
    count, names_at = struct.unpack_from("<HH", elf, 60)
    rows = [struct.unpack_from("<IIQQQQ", elf, table + 64 * i) for i in range(count)]
    names = rows[names_at][4]
    for name, _, _, _, offset, size in rows:
        start = names + name
        if elf[start:elf.index(b"\0", start)].decode() == wanted:
            return elf[offset:offset + size]
    sys.exit(f"{MEMBER} has no section {wanted}")


def read_package(data):
    """ICU common data: (header, prefix, {name: bytes}); names without the "icudt77l/"."""
    header_size, = struct.unpack_from("<H", data, 0)
    count, = struct.unpack_from("<I", data, header_size)
    entries = []
    for i in range(count):
        name, offset = struct.unpack_from("<II", data, header_size + 4 + 8 * i)
        start = header_size + name
        entries.append((data[start:data.index(b"\0", start)].decode(), header_size + offset))
    ends = [offset for _, offset in entries[1:]] + [len(data)]
    prefix = entries[0][0].split("/")[0] + "/"
    items = {name.removeprefix(prefix): data[offset:end]
             for (name, offset), end in zip(entries, ends)}
    return data[:header_size], prefix, items


def write_package(header, prefix, items):
    """The reverse: a table of contents, the names, then each item at a multiple of 16."""
    names = sorted((prefix + name).encode() for name in items)
    names_at = 4 + 8 * len(names)
    position, name_offsets = names_at, []
    for name in names:
        name_offsets.append(position)
        position += len(name) + 1
    body, table = bytearray(), []
    base = (len(header) + position + 15) // 16 * 16 - len(header)
    for name, name_offset in zip(names, name_offsets):
        table.append(struct.pack("<II", name_offset, base + len(body)))
        body += items[name.decode().removeprefix(prefix)]
        body += bytes(-len(body) % 16)
    toc = struct.pack("<I", len(names)) + b"".join(table) + b"\0".join(names) + b"\0"
    return header + toc + bytes(base - len(toc)) + bytes(body)


def index_of(locales):
    """res_index.res for these locales, compiled by genrb."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "res_index.txt")
        installed = "".join(f"    {locale} {{\"\"}}\n" for locale in sorted(locales))
        source.write_text("res_index:table(nofallback) {\n  CLDRVersion { \"47\" }\n"
                          f"  InstalledLocales {{\n{installed}  }}\n}}\n")
        subprocess.run(["genrb", "-q", "-s", folder, "-d", folder, "res_index.txt"],
                       check=True, stdout=subprocess.DEVNULL)
        return pathlib.Path(folder, "res_index.res").read_bytes()


def choose(items, mode):
    """The items of the mode en or none, with fresh lists of locales."""
    english = mode == "en"
    trees = ENGLISH_TREES if english else ROOT_TREES
    locale = re.compile(r"root|en(_\w+)?" if english else "root")

    def keep(name):
        if name in CORE or (english and (name in ENGLISH or SINGLE_BYTE.fullmatch(name))):
            return True
        tree, base = name[:name.rfind("/") + 1], name[name.rfind("/") + 1:]
        return tree in trees and base.endswith(".res") and locale.fullmatch(base[:-4])

    kept = {name: data for name, data in items.items() if keep(name)}
    for tree in trees:
        locales = {name[len(tree):-4] for name in kept
                   if name.startswith(tree) and locale.fullmatch(name[len(tree):-4])}
        if tree + "res_index.res" in items:
            kept[tree + "res_index.res"] = index_of(locales - {"root"})
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", required=True)
    parser.add_argument("--mode", choices=("full", "en", "none"), required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    package = section(archive_member(args.archive, MEMBER), ".rodata")
    if args.mode != "full":
        header, prefix, items = read_package(package)
        package = write_package(header, prefix, choose(items, args.mode))
    pathlib.Path(args.out).write_bytes(package)


if __name__ == "__main__":
    main()
