#!/usr/bin/python3
"""Damages TLS connections: one bit of the n-th byte that a peer sends is flipped, or the peer ends
after n bytes, in the handshake and in some data after it, with TLS 1.2 and 1.3. The other end
is Kiln's executable or the official node, as server and as client: both must report the same.

The peer is Python's ssl with memory buffers, so that each byte passes through this program.
"""

import argparse
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import servers  # noqa: E402

VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}
# A handshake has random parts, such as a signature of 70 to 72 bytes, so that the n-th byte is not
# always the same field. Both sides repeat a case until they have reported the same once.
ROUNDS = 8
PATIENCE = 0.4  # seconds without a response until the peer ends its side


class Wire:
    """Sends bytes, of which one is changed (`flip`) or the last (`cut`). The position counts from
    the first byte of the connection; None changes nothing."""

    def __init__(self, connection, how, place):
        self.connection, self.how, self.place, self.sent, self.ended = connection, how, place, 0, False

    def send(self, data):
        data = bytearray(data)
        at = self.place - self.sent if self.place is not None else -1
        self.sent += len(data)
        if self.ended or not data:
            return
        if 0 <= at < len(data):
            if self.how == "flip":
                data[at] ^= 1 << self.place % 8
            else:
                del data[at:]
        self.connection.sendall(data)
        if self.how == "cut" and 0 <= at < len(data) + 1:
            self.end()

    def end(self):
        if not self.ended:
            self.ended = True
            self.connection.shutdown(socket.SHUT_WR)


def play(connection, context, how, place, server_side):
    """Runs one whole connection as the peer; returns how many bytes it sent."""
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(came, goes, server_side=server_side, server_hostname=None if server_side else "localhost")
    wire = Wire(connection, how, place)
    try:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.send(goes.read())
                part = connection.recv(65536)
                if not part:
                    return wire.sent
                came.write(part)
        for size in (5, 300, 1):
            tls.write(b"x" * size)
            wire.send(goes.read())
        try:
            tls.unwrap()
        except ssl.SSLError:
            pass
        wire.send(goes.read())
    except (OSError, ssl.SSLError):
        pass
    finally:
        try:
            wire.send(goes.read())
            wire.end()
            while connection.recv(65536):
                pass
        except OSError:
            pass
        connection.close()
    return wire.sent


def context_of(version, server_side):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    if server_side:
        context.load_cert_chain("server.pem", "server.key")
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class TlsServer(servers.Server):
    """The runtime under test as server. `ports` are the port of TLS and the port of the reports."""

    def outcome(self, version, how, place):
        connection = socket.create_connection(("127.0.0.1", self.port))
        from_port = connection.getsockname()[1]
        size = play(connection, context_of(version, False), how, place, False)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[1]}/{from_port}", timeout=10) as response:
            return response.read().decode(), size


def client_outcomes(command, version, cases):
    """Returns the reports of the runtime under test as client of a peer that damages each
    connection as in the next of `cases`."""
    listener = socket.create_server(("127.0.0.1", 0))
    sizes = []
    context = context_of(version, True)

    def serve():
        for how, place in cases:
            sizes.append(play(listener.accept()[0], context, how, place, True))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    run = subprocess.run([*command, "ask", str(listener.getsockname()[1]), str(len(cases))],
                         capture_output=True, text=True, timeout=150)
    thread.join(5)
    lines = run.stdout.splitlines()
    if run.returncode != 0 or len(lines) != len(cases):
        lines += [f"ended with {run.returncode}: {run.stderr[-500:]}"] * (len(cases) - len(lines))
    return lines, sizes


def listed(reports):
    return " or ".join(sorted(reports))


def places(size, step):
    return [(how, place) for how in ("flip", "cut") for place in range(0 if how == "flip" else 1, size, step)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiln", required=True, help="the kiln command")
    parser.add_argument("--node", required=True, help="the official node")
    parser.add_argument("--step", type=int, default=11, help="every how many bytes one is spoiled")
    args = parser.parse_args()
    source = HERE / "hostile_tls.js"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.kiln, "build", source, "-o", Path(folder) / "peer"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chdir(folder)
        subprocess.run(["bash", "-ec", '. "$0"; authority ca; certificate server localhost',
                        HERE / "certificates.sh"], check=True)
        kiln, node = ["./peer"], [args.node, str(source)]
        failures, count = as_server(kiln, node, args.step)
        more, number = as_client(kiln, node, args.step)
        os.chdir("/")
    failures += more
    print("\n".join(failures))
    print(f"{count} connections of a server and {number} of a client, {len(failures)} failures")
    return 1 if failures else 0


def as_server(kiln, node, step):
    failures, count = [], 0
    with TlsServer([*kiln, "serve"]) as ours, TlsServer([*node, "serve"]) as theirs:
        first = ours.outcome("TLS 1.3", "flip", None)[0]
        assert first == "306 bytes, a good end", first
        descriptors = ours.descriptors()
        for version in VERSIONS:
            size = theirs.outcome(version, "flip", None)[1]

            def compare(case, version=version):
                mine, others = set(), set()
                for _ in range(ROUNDS):
                    mine.add(ours.outcome(version, *case)[0])
                    others.add(theirs.outcome(version, *case)[0])
                    if mine & others:
                        return None
                return f"server, {version}, {case[0]} {case[1]}: kiln {listed(mine)}, node {listed(others)}"

            cases = places(size, step)
            count += len(cases)
            with ThreadPoolExecutor(8) as pool:
                failures += filter(None, pool.map(compare, cases))
        if ours.status() is not None:
            failures.append(f"the server ended with {ours.status()}: {ours.errors()[-2000:]}")
        elif ours.descriptors() > descriptors:
            failures.append(f"{ours.descriptors() - descriptors} descriptors stay open")
        return failures, count


def as_client(kiln, node, step):
    failures, count = [], 0
    for version in VERSIONS:
        size = client_outcomes(node, version, [("flip", None)])[1][0]
        cases = places(size, step)
        count += len(cases)
        with ThreadPoolExecutor(2) as pool:
            mine, theirs = pool.map(lambda command: client_outcomes(command, version, cases)[0], (kiln, node))
        mine, theirs = [{report} for report in mine], [{report} for report in theirs]
        for _ in range(ROUNDS):
            differing = [i for i in range(len(cases)) if not mine[i] & theirs[i]]
            if not differing:
                break
            again = [cases[i] for i in differing]
            for command, reports in ((kiln, mine), (node, theirs)):
                for i, report in zip(differing, client_outcomes(command, version, again)[0]):
                    reports[i].add(report)
        failures += [f"client, {version}, {cases[i][0]} {cases[i][1]}: kiln {listed(mine[i])}, node {listed(theirs[i])}"
                     for i in range(len(cases)) if not mine[i] & theirs[i]]
    return failures, count


if __name__ == "__main__":
    sys.exit(main())
