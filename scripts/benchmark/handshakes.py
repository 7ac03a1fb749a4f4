"""`./dev bench handshakes`: what a TLS 1.3 handshake costs a node:https server, as Kiln's executable,
in bun and in node, all with the same certificate and the same group for the key exchange.

Each handshake is a new connection with one request. The processor time includes the kernel's; of
each server the shortest round counts. Instructions are callgrind's, in user mode and of all
threads, after the warm-up; it hides some of the processor's features (ADX, SHA, AVX-512) from the
libraries, so the two are to be read together.
"""

import contextlib
import re
import signal
import socket
import ssl
import subprocess
import time

from benchmark.programs import SOURCES, WORK, build
from benchmark.servers import Server, ask, make_certificate

WARM_UP = 200
HANDSHAKES = 200
COUNTED = 50
# Key, group of the client (a name of Python's ssl module), and what the row is called.
KINDS = {"ecdsa-x25519": ("ec", "X25519", "ECDSA P-256, X25519"),
         "ecdsa-p256": ("ec", "prime256v1", "ECDSA P-256, group P-256"),
         "rsa-x25519": ("rsa", "X25519", "RSA 2048, X25519")}


def make_rsa_certificate(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                    folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   stderr=subprocess.DEVNULL, check=True)


def connect(server, group, count):
    """Makes new connections with a full handshake and one request each."""
    server.context.minimum_version = ssl.TLSVersion.TLSv1_3
    server.context.set_ecdh_curve(group)
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with server.secure(s) as connection:
                if not ask(connection) or connection.session_reused:
                    raise SystemExit(f"bench: a TLS connection to {server.name} failed")


def measure_time(servers, group, rounds):
    """Microseconds of processor time for each handshake, by program."""
    taken = {server.name: [] for server in servers}
    for server in servers:
        connect(server, group, WARM_UP)
    for _ in range(rounds):
        for server in servers:
            before = server.cpu()
            connect(server, group, HANDSHAKES)
            taken[server.name].append((server.cpu() - before) / HANDSHAKES * 1e6)
        servers = servers[1:] + servers[:1]
    return {name: min(times) for name, times in taken.items()}


def count_instructions(name, command, tls, group):
    """Thousands of instructions for each handshake."""
    log = WORK / "callgrind.log"
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                "--instr-atstart=no", f"--log-file={log}"]
    with Server(name, [*valgrind, *command], tls, seconds=300) as server:
        connect(server, group, WARM_UP)
        for state, count in (("on", COUNTED), ("off", 0)):
            subprocess.run(["callgrind_control", "-i", state, str(server.process.pid)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            connect(server, group, count)
            time.sleep(0.5)  # the server closes the last connections
        server.end(signal.SIGTERM)
    collected = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8", errors="replace"))
    return int(collected.group(1)) / COUNTED / 1e3 if collected else None


def measure(report, args):
    commands = build(SOURCES / "https_server.js", "https_server")
    folders = {"ec": WORK / "tls", "rsa": WORK / "tls-rsa"}
    make_certificate(folders["ec"])
    make_rsa_certificate(folders["rsa"])
    table = report.table("handshakes", f"TLS 1.3, full handshake and request, least of "
                         f"{args.http_rounds} rounds of {HANDSHAKES}")
    for key, (certificate, group, label) in KINDS.items():
        tls = folders[certificate]
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(Server(*item, tls)) for item in commands.items()]
            table.row(f"{key}-time", f"{label}, processor time", "us",
                      measure_time(servers, group, args.http_rounds))
        table.row(f"{key}-instructions", f"{label}, instructions", "k",
                  {name: count_instructions(name, command, tls, group)
                   for name, command in commands.items()})
