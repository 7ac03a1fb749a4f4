"""`./dev bench http`: a node:http server (tests/bench/http_server.js) under load, as Kiln's
executable, in node and in bun.

The peers take turns and medians are compared, as ratios. On a busy machine the processor
time that a server used for a request says more than the requests a second, so both are
told. The load comes from wrk, with one thread and 64 connections, over 127.0.0.1; idle and
dropped connections come from this process.
"""

import os
import re
import resource
import socket
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

CONNECTIONS = 64
IDLE = 5000
ROUTES = {"hello world": "/", "10 kB of JSON": "/json"}
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST and leaves no TIME_WAIT
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A running server; ends with the `with` block."""

    def __init__(self, name, command):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {**os.environ, "KILN_BENCH_PORT": str(self.port)}
        self.begin = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.first_response = self._wait()

    def _wait(self):
        """Seconds from exec to the end of the first response."""
        while time.monotonic() - self.begin < 20:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    s.sendall(REQUEST)
                    if not s.recv(4096).startswith(b"HTTP/1.1 200"):
                        break
                    return time.monotonic() - self.begin
            if self.process.poll() is not None:
                break
            time.sleep(0.0002)
        sys.exit(f"bench: the server of {self.name} did not start")

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
        """Processor seconds so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def settle(self, descriptors):
        """Waits until the server has closed what was dropped; its descriptors then."""
        for _ in range(100):
            if self.descriptors() <= descriptors:
                break
            time.sleep(0.05)
        return self.descriptors()


class Load:
    """What one run of wrk saw."""

    def __init__(self, server, route, seconds):
        cpu = server.cpu()
        done = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
                               server.url + route], stdout=subprocess.PIPE, text=True, check=True)
        text = done.stdout
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        self.p99 = float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
        self.cpu = (server.cpu() - cpu) / max(self.requests, 1) * 1e6
        self.errors = re.findall(r"Socket errors.*|Non-2xx.*", text)
        if self.errors:
            print(f"  {server.name}: {'; '.join(self.errors)}", file=sys.stderr)


def measure_throughput(report, args, commands):
    servers = [Server(name, command) for name, command in commands.items()]
    try:
        for title, route in ROUTES.items():
            report.heading(f"{title}, {CONNECTIONS} connections, {args.http_rounds} rounds of "
                           f"{args.http_seconds} s in turn")
            for server in servers:
                Load(server, route, 2)
            loads = {server.name: [] for server in servers}
            for _ in range(args.http_rounds):
                for server in servers:
                    loads[server.name].append(Load(server, route, args.http_seconds))
            rate, cpu = {}, {}
            for name, runs in loads.items():
                rate[name] = statistics.median(run.rate for run in runs)
                cpu[name] = statistics.median(run.cpu for run in runs)
                p99 = statistics.median(run.p99 for run in runs)
                report.row(name, rate[name] / 1e3, "k/s", note=f"p99 {p99:.2f} ms, "
                           f"{cpu[name]:.1f} us of processor a request")
            bar = (">=", 1.25)
            report.row(f"kiln / node, {title}", rate["kiln"] / rate["node"], "x", bar)
            report.row(f"kiln / bun, {title}", rate["kiln"] / rate["bun"], "x")
            report.row(f"processor, node / kiln, {title}", cpu["node"] / cpu["kiln"], "x")
            report.row(f"errors of kiln, {title}", sum(len(r.errors) for r in loads["kiln"]), "",
                       ("<=", 0))
    finally:
        for server in servers:
            server.__exit__()


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
                if number >= 2:  # the first warm up
                    taken[name].append(server.first_response * 1e3)
    median = {name: statistics.median(values) for name, values in taken.items()}
    for name, value in median.items():
        report.row(name, value, "ms")
    report.row("kiln / bun", median["kiln"] / median["bun"], "x", ("<=", 1.3))


def ask(connection):
    connection.sendall(REQUEST)
    return connection.recv(4096).startswith(b"HTTP/1.1 200")


def measure_idle(report, _, commands):
    report.heading(f"{IDLE} idle connections and {CONNECTIONS} busy ones")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    each = {}
    for name in ("kiln", "node"):
        with Server(name, commands[name]) as server:
            descriptors = server.descriptors()
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
        descriptors = server.descriptors()
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
            report.row("answers afterwards", int(ask(s)), "", (">=", 1))
        report.row("memory afterwards", server.rss(), "MiB")


def measure_soak(report, args, commands):
    """At full rate; memory is compared after the warm-up, a minute or half of the time."""
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


MEASURES = {"throughput": measure_throughput, "memory": measure_memory, "start": measure_start,
            "idle": measure_idle, "drops": measure_drops, "soak": measure_soak}


def add_options(parser):
    group = parser.add_argument_group("http")
    group.add_argument("--http-only", metavar="A,B", help=f"of {', '.join(MEASURES)}")
    group.add_argument("--http-rounds", type=int, default=5, help="rounds of each server (5)")
    group.add_argument("--http-seconds", type=int, default=3, help="of a round (3)")
    group.add_argument("--http-drops", type=int, default=100_000, help="connections to drop")
    group.add_argument("--http-soak", type=int, default=0, metavar="SECONDS",
                       help="at full rate, for the memory (left out; the bar is for 600)")


def measure(report, args, commands):
    """`commands` are those of "kiln", "node" and "bun"."""
    chosen = args.http_only.split(",") if args.http_only else list(MEASURES)
    for name in chosen:
        if name not in MEASURES:
            sys.exit(f"bench: http has no measure {name}; it has {', '.join(MEASURES)}")
        if name == "soak" and args.http_soak == 0:
            continue
        MEASURES[name](report, args, commands)
