"""`./dev bench crypto`: cryptography and compression, by processor time (user and system, all
threads). Of each program the shortest turn counts, since other users of the machine can only make
a turn longer.
"""

import contextlib
import json
import subprocess
import sys

from benchmark.processes import processor
from benchmark.programs import BUN, NODE, SOURCES, WORK, kiln_command, run

WORKLOADS = {"sha256": "SHA-256, 1 MiB at a time", "sha256-small": "SHA-256, 32 bytes at a time",
             "aes-gcm": "AES-256-GCM, 1 MiB at a time", "pbkdf2": "PBKDF2, 250,000 iterations",
             "gzip": "gzip and gunzip, 1 MiB", "gunzip": "gunzip alone, 1 MiB",
             "brotli": "Brotli both ways, quality 6, 1 MiB"}


class Player:
    """A running program that works in turns (tests/bench/crypto.js); ends with the `with` block."""

    def __init__(self, command):
        # All on the same processor: on a shared machine processors differ in speed for hours
        # (pbkdf2: 31 and 40 ms), and a process usually stays on one.
        self.process = subprocess.Popen(
            ["taskset", "-c", str(processor()), *(str(word) for word in command)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def turn(self):
        self.process.stdin.write(b".")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: {self.process.args[3]} ended in its turn")
        return json.loads(line)


def _take_turns(table, turns, name, commands):
    with contextlib.ExitStack() as stack:
        players = {who: stack.enter_context(Player(command)) for who, command in commands.items()}
        for player in players.values():
            for _ in range(5):
                player.turn()
        taken = {who: [] for who in players}
        for _ in range(turns):
            for who, player in players.items():
                taken[who].append(player.turn())
    checks = {turn["check"] for each in taken.values() for turn in each}
    if len(checks) != 1:
        sys.exit(f"bench: {name}: the programs compute different things: {checks}")
    cpu, wall = ({who: min(turn[what] for turn in each) for who, each in taken.items()}
                 for what in ("cpu", "wall"))
    table.row(name, WORKLOADS[name], "ms", cpu, limit=("node", "<=", 1.05),
              note=f"wall time, kiln/node {wall['kiln'] / wall['node']:.2f}")


def measure(report, args):
    source, program = SOURCES / "crypto.js", WORK / "crypto"
    run(kiln_command(source, program))
    table = report.table("crypto", f"processor time, the least of {args.crypto_turns} turns")
    for name in WORKLOADS:
        _take_turns(table, args.crypto_turns, name, {
            "kiln": [program, name], "bun": [BUN, source, name], "node": [NODE, source, name]})
