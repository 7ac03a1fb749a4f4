"""Mozilla's root certificates, of Debian's package ca-certificates: one PEM file each."""

from pathlib import Path

from parts import debian
from parts.common import PartError, new_folder, scratch_folder


def fetch(entries, key):
    with new_folder("ca-certificates", key) as folder, scratch_folder() as scratch:
        debian.unpack(entries, Path(scratch))
        files = sorted((Path(scratch) / "usr/share/ca-certificates/mozilla").glob("*.crt"))
        if not files:
            raise PartError("ca-certificates: the package has no certificates of Mozilla's")
        for file in files:
            (folder / file.name).write_bytes(file.read_bytes())
