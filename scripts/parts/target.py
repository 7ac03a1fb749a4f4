"""Targets, as targets/NAME.json describes them (docs/adding-a-target.md explains the fields)."""

import json
import platform
from dataclasses import dataclass
from pathlib import Path

from parts.common import SCRIPTS, PartError

DESCRIPTIONS = SCRIPTS.parent / "targets"


@dataclass(frozen=True)
class Target:
    name: str
    os: str
    triple: str
    gcc_version: str
    debian_architecture: str
    v8_defines: tuple[str, ...]
    start_order: Path | None

    def gcc_folder(self, sysroot):
        """Where a sysroot has libstdc++, libgcc and the compiler's start files."""
        return Path(sysroot) / "usr/lib/gcc" / self.triple / self.gcc_version


def read_target(name):
    file = DESCRIPTIONS / f"{name}.json"
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        order = fields["start_order"]
        return Target(fields["name"], fields["os"], fields["triple"], fields["gcc_version"],
                      fields["debian_architecture"], tuple(fields["v8_defines"]),
                      DESCRIPTIONS / order if order else None)
    except FileNotFoundError as error:
        raise PartError(f"there is no target {name}: {file} does not exist") from error
    except (ValueError, KeyError) as error:
        raise PartError(f"{file} is not a complete description of a target: {error}") from error


def find_host():
    """The description of this machine; the programs that Kiln is built with are for it."""
    system, machine = platform.system().lower(), platform.machine()
    for file in sorted(DESCRIPTIONS.glob("*.json")):
        target = read_target(file.stem)
        if (target.os, target.triple.partition("-")[0]) == (system, machine):
            return target
    raise PartError(f"no description in {DESCRIPTIONS} is of this machine, {system} on {machine}")
