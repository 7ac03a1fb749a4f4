#!/usr/bin/env python3
"""Collects the folder of a target: everything its executables are linked from.

    stage.py --name linux-x64 --out DIR --v8-include DIR --emulation elf_x86_64
             --crt crt1.o crti.o crtbegin.o --objects ... --libs ... --system-libs ...
             --crt-end crtend.o crtn.o

Files are copied (hard-linked where possible) and named in stub.rsp in the order in which
the linker must see them. Our own data and the members that must win over others of the
V8 archive come before that archive.

With --sanitizer, the folder of clang's runtime libraries (for --processor), executables are
dynamic, because sanitizers need that, and keep their symbols; --loader and --rpath then say
what runs them. Such a folder is for this machine's tests only.

--start-order names the functions that are linked side by side; without it they stay in the
order of the input.
"""

import argparse
import os
import pathlib
import re
import shutil


def v8_version(include):
    text = pathlib.Path(include, "v8-version.h").read_text()
    parts = ("MAJOR_VERSION", "MINOR_VERSION", "BUILD_NUMBER", "PATCH_LEVEL")
    return ".".join(re.search(rf"#define V8_{part} (\d+)", text)[1] for part in parts)


def place(source, folder):
    """Puts the file into the folder, and returns how stub.rsp names it."""
    target = pathlib.Path(folder, pathlib.Path(source).name)
    if not (target.exists() and os.path.samefile(source, target)):
        target.unlink(missing_ok=True)
        try:
            os.link(os.path.realpath(source), target)
        except OSError:
            shutil.copyfile(source, target)
    return f"@/{target.name}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("name", "out", "v8-include", "emulation"):
        parser.add_argument("--" + name, required=True)
    for name in ("wrap", "crt", "objects", "libs", "system-libs", "crt-end"):
        parser.add_argument("--" + name, nargs="+", required=True)
    for name in ("start-order", "sanitizer", "processor", "loader", "rpath"):
        parser.add_argument("--" + name)
    args = parser.parse_args()
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    def placed(files):
        return [place(file, out) for file in files]

    lines = ["-m", args.emulation, "--eh-frame-hdr", "--gc-sections", "--build-id=none",
             "-z", "relro", "-z", "noexecstack", "-z", "max-page-size=4096", "--hash-style=gnu"]
    lines += [f"--wrap={function}" for function in args.wrap]
    sanitizers = []
    if args.sanitizer:
        runtime = pathlib.Path(args.sanitizer)
        lines += ["--dynamic-linker", args.loader, "-rpath", args.rpath, "--wrap=_exit"]
        sanitizers = ["--whole-archive"]
        for name in ("asan_static", "asan", "asan_cxx"):
            sanitizers += placed([runtime / f"libclang_rt.{name}-{args.processor}.a"])
        sanitizers += ["--no-whole-archive"]
        sanitizers += [f"--dynamic-list={runtime}/libclang_rt.{name}-{args.processor}.a.syms"
                       for name in ("asan", "asan_cxx")]
    else:
        lines += ["-static", "--icf=all", "--strip-all"]
        # Where the address of a segment differs from its offset in the file by no multiple of 2 MiB,
        # the kernel cannot map 2 MiB of constants because a start reads one page of them.
        lines += ["--image-base=0x201000"]
        if args.start_order:
            lines += ["--symbol-ordering-file=" + place(args.start_order, out),
                      "--no-warn-symbol-ordering"]
    lines += placed(args.crt) + sanitizers
    lines += ["--whole-archive", "@/libkiln-stub.a", "@COMPONENTS@", "--no-whole-archive"]
    lines += ["@ICU@"]
    lines += placed(args.objects) + placed(args.libs)
    lines += ["--start-group"] + placed(args.system_libs) + ["--end-group"]
    lines += placed(args.crt_end)
    pathlib.Path(out, "stub.rsp").write_text("\n".join(lines) + "\n")
    pathlib.Path(out, "target.txt").write_text(
        f"name={args.name}\nv8_version={v8_version(args.v8_include)}\n")


if __name__ == "__main__":
    main()
