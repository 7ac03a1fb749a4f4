"""`./dev bench http` and `./dev bench https`: a node:http server (tests/bench/http_server.js)
and a node:https one (https_server.js) under load, as Kiln's executable, in node and in bun.

The servers take turns and medians are compared as ratios. On a busy machine the processor time
of a server for each request is more reliable than requests per second, so both are reported. The
load comes from wrk, with one thread and 64 connections, over 127.0.0.1; this process makes idle
and dropped connections.
"""

import contextlib
import os
import re
import resource
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

CONNECTIONS = 64
IDLE = 5000
HANDSHAKES = 300
ROUTES = {"hello world": "/", "10 kB of JSON": "/json"}
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST, and no TIME_WAIT remains


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(connection):
    connection.sendall(REQUEST)
    return connection.recv(4096).startswith(b"HTTP/1.1 200")


class Server:
    """A running server, of https if a folder with a key and a certificate is given. It ends with
    the `with` block."""

    def __init__(self, name, command, tls=None):
        self.name = name
        self.port = free_port()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        environment = {**os.environ, "KILN_BENCH_PORT": str(self.port)}
        self.context = None
        if tls:
            environment["KILN_BENCH_TLS"] = str(tls)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.context.load_verify_locations(tls / "cert.pem")
        self.begin = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.first_response = self._wait()

    def _wait(self):
        """Seconds from exec to the end of the first response."""
        while time.monotonic() - self.begin < 20:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    if not ask(self.secure(s) if self.context else s):
                        break
                    return time.monotonic() - self.begin
            if self.process.poll() is not None:
                break
            time.sleep(0.0002)
        sys.exit(f"bench: the server of {self.name} did not start")

    def secure(self, connection, session=None):
        """Starts TLS on a connection. `session` of another connection is resumed if given."""
        return self.context.wrap_socket(connection, server_hostname="localhost", session=session)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def alive(self):
        return self.process.poll() is None

    def rss(self):
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def cpu(self):
        """Processor seconds so far, of all threads."""
        return time.clock_gettime(~self.process.pid << 3 | 2)  # clock_getcpuclockid(3)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resting_descriptors(self):
        """Returns the number of descriptors before the measurement, without connections."""
        time.sleep(0.5)
        return self.descriptors()

    def settle(self, descriptors):
        """Waits until the server has closed dropped connections; returns its descriptors then."""
        for _ in range(100):
            if self.descriptors() <= descriptors:
                break
            time.sleep(0.05)
        return self.descriptors()


class Load:
    """The results of one run of wrk."""

    def __init__(self, server, route, seconds):
        cpu = server.cpu()
        # wrk always runs on the same processor, so that every server has the same others.
        first = str(min(os.sched_getaffinity(0)))
        done = subprocess.run(["taskset", "-c", first, "wrk", "-t1", f"-c{CONNECTIONS}",
                               f"-d{seconds}s", "--latency", server.url + route],
                              stdout=subprocess.PIPE, text=True, check=True)
        text = done.stdout
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        self.p99 = float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
        self.cpu = (server.cpu() - cpu) / max(self.requests, 1) * 1e6
        self.errors = re.findall(r"Socket errors.*|Non-2xx.*", text)
        if self.errors:
            print(f"  {server.name}: {'; '.join(self.errors)}", file=sys.stderr)


def race(report, args, servers, title, route, bar):
    """Loads the servers in turn; reports rates, processor times, and their ratios. A shared
    machine's speed can double within seconds (the same server: 19 and 38 us a request), so a
    ratio is the median of the ratios of each round, whose parts were measured one after the
    other, and not the ratio of two medians."""
    report.heading(f"{title}, {CONNECTIONS} connections, {args.http_rounds} rounds of "
                   f"{args.http_seconds} s in turn")
    for server in servers:
        Load(server, route, 2)
    loads = {server.name: [] for server in servers}
    for _ in range(args.http_rounds):
        for server in servers:
            loads[server.name].append(Load(server, route, args.http_seconds))
        servers = servers[1:] + servers[:1]  # so that no server always follows the same one
    for name, runs in loads.items():
        rate, cpu, p99 = (statistics.median(getattr(run, what) for run in runs)
                          for what in ("rate", "cpu", "p99"))
        report.row(name, rate / 1e3, "k/s",
                   note=f"p99 {p99:.2f} ms, {cpu:.1f} us of processor a request")

    def ratio(above, below, what):
        return statistics.median(getattr(a, what) / getattr(b, what)
                                 for a, b in zip(loads[above], loads[below]))

    report.row(f"kiln / node, {title}", ratio("kiln", "node", "rate"), "x", bar)
    report.row(f"kiln / bun, {title}", ratio("kiln", "bun", "rate"), "x")
    report.row(f"processor, node / kiln, {title}", ratio("node", "kiln", "cpu"), "x")
    report.row(f"errors of kiln, {title}", sum(len(r.errors) for r in loads["kiln"]), "",
               ("<=", 0))


def measure_throughput(report, args, commands):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(*item)) for item in commands.items()]
        for title, route in ROUTES.items():
            race(report, args, servers, title, route, (">=", 1.25))


def measure_memory(report, _, commands):
    report.heading("memory after 100,000 requests")
    rss = {}
    for name, command in commands.items():
        with Server(name, command) as server:
            requests = 0
            while requests < 100_000:
                requests += Load(server, "/", 1).requests
            rss[name] = server.rss()
            report.row(name, rss[name], "MiB")
    report.row("kiln / node", rss["kiln"] / rss["node"], "x", ("<=", 0.7))


def measure_start(report, args, commands):
    rounds = max(5, args.rounds // 2)
    report.heading(f"exec to first response, {rounds} starts in turn")
    taken = {name: [] for name in commands}
    for number in range(rounds + 2):
        for name, command in commands.items():
            with Server(name, command) as server:
                if number >= 2:  # the first two are the warm-up
                    taken[name].append(server.first_response * 1e3)
    median = {name: statistics.median(values) for name, values in taken.items()}
    for name, value in median.items():
        report.row(name, value, "ms")
    report.row("kiln / bun", median["kiln"] / median["bun"], "x", ("<=", 1.3))


def measure_idle(report, _, commands):
    report.heading(f"{IDLE} idle connections and {CONNECTIONS} busy ones")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    each = {}
    for name in ("kiln", "node"):
        with Server(name, commands[name]) as server:
            descriptors = server.resting_descriptors()
            Load(server, "/", 2)
            before = server.rss()
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(IDLE)]
            refused = sum(not ask(connection) for connection in idle)
            each[name] = (server.rss() - before) * 1024 / IDLE
            busy = Load(server, "/", 4)
            refused += sum(not ask(connection) for connection in idle)
            for connection in idle:
                connection.close()
            left = server.settle(descriptors) - descriptors
            report.row(f"{name}, for an idle connection", each[name], "kB",
                       note=f"{busy.rate / 1e3:.1f} k/s beside them, p99 {busy.p99:.2f} ms")
            if name == "kiln":
                report.row("errors", refused + len(busy.errors), "", ("<=", 0))
                report.row("descriptors left open", left, "", ("<=", 0))
    report.row("kiln / node", each["kiln"] / each["node"], "x", ("<=", 1))


def measure_drops(report, args, commands):
    report.heading(f"{args.http_drops} connects and drops")
    with Server("kiln", commands["kiln"]) as server:
        descriptors = server.resting_descriptors()
        address = ("127.0.0.1", server.port)
        for number in range(args.http_drops):
            s = socket.socket()
            if number % 2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            s.connect(address)
            if number % 3 == 0:
                s.sendall(b"GET / HTTP/1.1\r\nHost: drop\r\nX-Half: a")
            elif number % 3 == 1:
                s.sendall(REQUEST)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            s.close()
        report.row("descriptors left open", server.settle(descriptors) - descriptors, "",
                   ("<=", 0))
        with socket.create_connection(address) as s:
            report.row("responses afterwards", int(ask(s)), "", (">=", 1))
        report.row("memory afterwards", server.rss(), "MiB")


def measure_soak(report, args, commands):
    """Load at full rate; memory growth counts after the warm-up of a minute, or half the time."""
    seconds = args.http_soak
    report.heading(f"{seconds} s at full rate")
    with Server("kiln", commands["kiln"]) as server:
        warm = min(60, seconds // 2)
        wrk = subprocess.Popen(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", server.url],
                               stdout=subprocess.PIPE, text=True)
        samples = []
        begin = time.monotonic()
        while wrk.poll() is None:
            time.sleep(1)
            if time.monotonic() - begin > warm and wrk.poll() is None:
                samples.append(server.rss())
        text = wrk.stdout.read()
        fifth = max(1, len(samples) // 5)
        first, last = statistics.median(samples[:fifth]), statistics.median(samples[-fifth:])
        report.row("memory after the first minute", first, "MiB")
        report.row("growth until the end", (last / first - 1) * 100, "%", ("<=", 5))
        report.row("errors", len(re.findall(r"Socket errors|Non-2xx", text)), "", ("<=", 0))


def make_certificate(folder):
    """Creates a key on P-256 and a self-signed certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"], stderr=subprocess.DEVNULL, check=True)


def connect_often(server, resume):
    """The server's processor time for a connection with one request, in microseconds."""
    session = None
    before = 0
    for number in range(HANDSHAKES + 100):
        if number == 100:  # the first 100 are the warm-up
            before = server.cpu()
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            # Otherwise the request waits 40 ms for the TCP ACK at the end of a resumed handshake.
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with server.secure(s, session) as connection:
                if not ask(connection) or (session and not connection.session_reused):
                    sys.exit(f"bench: a TLS connection to {server.name} failed")
                if resume:  # the tickets of TLS 1.3 come after the handshake
                    session = connection.session
    return (server.cpu() - before) / HANDSHAKES * 1e6


def measure_handshakes(report, args, servers):
    report.heading(f"processor time of a TLS connection with one request, {HANDSHAKES} "
                   f"connections one by one, the least of {args.http_rounds} rounds in turn")
    for title, resume in (("full handshake", False), ("resumed session", True)):
        taken = {server.name: [] for server in servers}
        for _ in range(args.http_rounds):
            for server in servers:
                taken[server.name].append(connect_often(server, resume))
        cpu = {name: min(values) for name, values in taken.items()}
        report.row(f"node / kiln, {title}", cpu["node"] / cpu["kiln"], "x",
                   note="  ".join(f"{name} {value:.0f}" for name, value in cpu.items()) + " us")


def measure_https(report, args, work, commands):
    """Measures tests/bench/https_server.js, with a certificate that is created in `work`."""
    tls = work / "tls"
    make_certificate(tls)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(*item, tls)) for item in commands.items()]
        race(report, args, servers, "https hello world", "/", (">=", 1))
        measure_handshakes(report, args, servers)


MEASURES = {"throughput": measure_throughput, "memory": measure_memory, "start": measure_start,
            "idle": measure_idle, "drops": measure_drops, "soak": measure_soak}


def add_options(parser):
    group = parser.add_argument_group("http")
    group.add_argument("--http-only", metavar="A,B", help=f"of {', '.join(MEASURES)}")
    group.add_argument("--http-rounds", type=int, default=10, help="rounds of each server (10)")
    group.add_argument("--http-seconds", type=int, default=2, help="of a round (2)")
    group.add_argument("--http-drops", type=int, default=100_000, help="connections to drop")
    group.add_argument("--http-soak", type=int, default=0, metavar="SECONDS",
                       help="at full rate, for the memory (not run by default; the limit is for 600)")


def measure(report, args, commands):
    """`commands` is a dictionary: the command lines of "kiln", "node" and "bun"."""
    chosen = args.http_only.split(",") if args.http_only else list(MEASURES)
    for name in chosen:
        if name not in MEASURES:
            sys.exit(f"bench: http has no measure {name}; it has {', '.join(MEASURES)}")
        if name == "soak" and args.http_soak == 0:
            continue
        MEASURES[name](report, args, commands)
