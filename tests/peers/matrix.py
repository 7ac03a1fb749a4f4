#!/usr/bin/python3
"""Runs each case of matrix/ with the official node and with Kiln at either end, and compares
the results of client and server with matrix/expected.txt, the results of Node with Node.

In each of the four pairings one process serves all cases and another runs them in turn, so the
whole takes seconds. --update writes expected.txt from the pairing Node with Node; --case runs
only cases whose name contains a text, and prints them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import servers  # noqa: E402

EXPECTED = HERE / "matrix" / "expected.txt"

CERTIFICATES = """
. "$HERE/certificates.sh"
authority ca && authority other
certificate server localhost & certificate client somebody & certificate a a.example &
certificate wild '*.wild.example' & certificate rsa localhost & certificate stranger localhost other &
certificate late localhost ca -days -1 &
openssl_quietly req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout ca-self.key -out ca-self.pem &
wait
for name in server client a wild rsa stranger late ca-self; do [[ -s $name.pem ]]; done
certificate void somebody
revoked ca void
openssl pkcs12 -export -inkey client.key -in client.pem -certfile ca.pem -passout pass:secret -out client.p12
openssl pkcs8 -topk8 -in server.key -passout pass:secret -out locked.key
"""


def pairing(server, client, folder, case):
    """Returns what the client printed, a dictionary from case to text."""
    more = [case] if case else []
    with servers.Server([*server, "serve", folder]) as serving:
        asked = subprocess.run([*client, "ask", folder, str(serving.port), *more],
                               capture_output=True, text=True, timeout=100)
        lines = dict(line.split(": ", 1) for line in asked.stdout.splitlines() if ": " in line)
        if asked.returncode != 0 or serving.status() is not None:
            lines["the processes"] = f"ended with {asked.returncode} and {serving.status()}: {asked.stderr[-2000:]}"
        for line in serving.errors().splitlines()[:20]:
            if "Warning" not in line and "trace-" not in line:
                print(f"  {serving.name} serving: {line}")
        return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiln", required=True, help="the kiln command")
    parser.add_argument("--node", required=True, help="the official node")
    parser.add_argument("--case", help="only cases whose name contains this")
    parser.add_argument("--update", action="store_true", help="write expected.txt")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "peer"
        source = HERE / "matrix" / "peer.js"
        subprocess.run([args.kiln, "build", source, "-o", app], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["bash", "-ec", CERTIFICATES], cwd=folder, env={**os.environ, "HERE": str(HERE)}, check=True)
        node, kiln = [args.node, source], [app]
        pairings = {"Node -> Node": (node, node), "Node -> Kiln": (kiln, node),
                    "Kiln -> Node": (node, kiln), "Kiln -> Kiln": (kiln, kiln)}
        with ThreadPoolExecutor(2) as pool:
            results = dict(zip(pairings, pool.map(lambda ends: pairing(*ends, folder, args.case), pairings.values())))
    return report(results, args)


def report(results, args):
    if args.update:
        EXPECTED.write_text("".join(f"{name}: {text}\n" for name, text in results["Node -> Node"].items()))
    expected = dict(line.split(": ", 1) for line in EXPECTED.read_text().splitlines())
    if args.case:
        expected = {name: text for name, text in expected.items() if args.case in name}
    different = 0
    print(f"{'client -> server':63} " + "  ".join(results))
    for name in dict.fromkeys([*expected, *(name for lines in results.values() for name in lines)]):
        cells = {who: lines.get(name, "(nothing)") for who, lines in results.items()}
        wanted = expected.get(name, "(not in expected.txt)")
        alike = [text == wanted for text in cells.values()]
        print(f"{name:63} " + "  ".join(("same" if good else "DIFFERS").ljust(12) for good in alike))
        if not all(alike) or args.case:
            print(f"    wanted        {wanted}")
            for who, text in cells.items():
                if text != wanted or args.case:
                    print(f"    {who}  {text}")
        different += alike.count(False)
    print(f"{len(expected)} cases in {len(results)} pairings, {different} cells differ")
    return 1 if different or not expected else 0


if __name__ == "__main__":
    sys.exit(main())
