"""`./dev bench first-response`, `http` and `https`: a node:http server (tests/bench/http_server.js)
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
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

from benchmark.processes import WARM_UP, add_cost_rows, pss, summarize, wait_usage
from benchmark.programs import SOURCES, WORK, build

CONNECTIONS = 64
IDLE = 5000
HANDSHAKES = 300
ROUTES = {"http-hello": ("http, hello world", "/"), "http-json": ("http, 10 kB of JSON", "/json")}
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

    def __init__(self, name, command, tls=None, seconds=20):
        """It must respond within `seconds`."""
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
        self.first_response = self._wait(seconds)

    def _wait(self, seconds):
        """Seconds from exec to the end of the first response."""
        while time.monotonic() - self.begin < seconds:
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
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()

    def end(self, number=signal.SIGKILL):
        """Ends the server; returns its struct rusage."""
        self.process.send_signal(number)
        return wait_usage(self.process)

    def alive(self):
        return self.process.poll() is None

    def rss(self, line="VmRSS"):
        """Resident memory in MiB, or its peak (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(line + r":\s+(\d+)", status).group(1)) / 1024

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


def race(report, args, servers, key, title, route, limit):
    """Loads the servers in turn; reports rates, processor times, and their ratios. A shared
    machine's speed can double within seconds (the same server: 19 and 38 us a request), so a
    ratio is the median of the ratios of each round, whose parts were measured one after the
    other, and not the ratio of two medians. `limit` is that of Kiln's rate relative to node's."""
    table = report.table(key, f"{title}, {CONNECTIONS} connections, {args.http_rounds} rounds of "
                         f"{args.http_seconds} s")
    for server in servers:
        Load(server, route, 2)
    loads = {server.name: [] for server in servers}
    for _ in range(args.http_rounds):
        for server in servers:
            loads[server.name].append(Load(server, route, args.http_seconds))
        servers = servers[1:] + servers[:1]  # so that no server always follows the same one

    def add(what, label, unit, scale, limit=None):
        values = {who: statistics.median(getattr(run, what) for run in runs) * scale
                  for who, runs in loads.items()}
        ratios = {who: statistics.median(getattr(mine, what) / getattr(other, what)
                                         for mine, other in zip(loads["kiln"], loads[who]))
                  for who in ("bun", "node")}
        table.row(what, label, unit, values, ratios=ratios, limit=limit)

    add("rate", "requests per second", "k/s", 1e-3, ("node", ">=", limit))
    add("cpu", "processor time of a request", "us", 1)
    add("p99", "99th percentile of the response time", "ms", 1)
    table.row("errors", "errors", "", {who: sum(len(run.errors) for run in runs)
                                       for who, runs in loads.items()},
              ratios={}, limit=("kiln", "<=", 0))


def measure_throughput(report, args, commands):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(*item)) for item in commands.items()]
        for key, (title, route) in ROUTES.items():
            race(report, args, servers, key, title, route, 1.25)


def measure_memory(report, _, commands):
    rss, shared = {}, {}
    for name, command in commands.items():
        with Server(name, command) as server:
            requests = 0
            while requests < 100_000:
                requests += Load(server, "/", 1).requests
            rss[name], shared[name] = server.rss(), pss(server.process.pid)
    table = report.table("http-memory", "http server after 100,000 requests")
    table.row("rss", "memory, RSS", "MiB", rss, limit=("node", "<=", 0.7))
    table.row("pss", "memory, PSS", "MiB", shared)


def first_response_instructions(name, command):
    """Millions of instructions in user mode until the first response. Waiting costs nearly none,
    but the count is not quite exact: it varies with the order of events."""
    log = WORK / "callgrind.log"
    with Server(name, ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                       f"--log-file={log}", *command], seconds=300) as server:
        server.end(signal.SIGTERM)
    collected = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8", errors="replace"))
    return int(collected.group(1)) / 1e6 if collected else None


def measure_start(report, args, commands):
    rounds = max(5, args.rounds // 2)
    starts, memory = {name: [] for name in commands}, {name: [] for name in commands}
    for number in range(rounds + WARM_UP):
        for name, command in commands.items():
            with Server(name, command) as server:
                rss, shared = server.rss("VmHWM"), pss(server.process.pid)
                usage = server.end()
                if number >= WARM_UP:
                    memory[name].append(shared)
                    starts[name].append((server.first_response * 1e3, usage.ru_utime * 1e3,
                                         usage.ru_stime * 1e3, rss, usage.ru_minflt,
                                         usage.ru_majflt))
    table = report.table("http-start", f"http server, exec to first response, {rounds} in turn")
    add_cost_rows(table, {name: summarize(each) for name, each in starts.items()})
    table.row("pss", "memory, PSS", "MiB",
              {name: statistics.median(each) for name, each in memory.items()})
    table.row("instructions", "instructions, user mode (callgrind)", "M",
              {name: first_response_instructions(name, command)
               for name, command in commands.items()})


def measure_idle(report, _, commands):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    each, rate, p99, errors, left = {}, {}, {}, {}, {}
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
            left[name] = server.settle(descriptors) - descriptors
            rate[name], p99[name] = busy.rate / 1e3, busy.p99
            errors[name] = refused + len(busy.errors)
    table = report.table("http-idle", f"http, {IDLE} idle connections and {CONNECTIONS} busy ones")
    table.row("connection", "memory for an idle connection", "kB", each, limit=("node", "<=", 1))
    table.row("rate", "requests per second beside them", "k/s", rate)
    table.row("p99", "99th percentile of the response time", "ms", p99)
    table.row("errors", "errors", "", errors, ratios={}, limit=("kiln", "<=", 0))
    table.row("descriptors", "descriptors left open", "", left, ratios={}, limit=("kiln", "<=", 0))


def measure_drops(report, args, commands):
    table = report.table("http-drops", f"http, {args.http_drops} connects and drops")
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
        table.row("descriptors", "descriptors left open", "",
                  {"kiln": server.settle(descriptors) - descriptors}, limit=("kiln", "<=", 0))
        with socket.create_connection(address) as s:
            table.row("responses", "responses afterwards", "", {"kiln": int(ask(s))},
                      limit=("kiln", ">=", 1))
        table.row("rss", "memory afterwards", "MiB", {"kiln": server.rss()})


def measure_soak(report, args, commands):
    """Load at full rate; memory growth counts after the warm-up of a minute, or half the time."""
    seconds = args.http_soak
    table = report.table("http-soak", f"http, {seconds} s at full rate")
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
        table.row("rss", "memory after the warm-up", "MiB", {"kiln": first})
        table.row("growth", "growth until the end", "%", {"kiln": (last / first - 1) * 100},
                  limit=("kiln", "<=", 5))
        table.row("errors", "errors", "",
                  {"kiln": len(re.findall(r"Socket errors|Non-2xx", text))},
                  limit=("kiln", "<=", 0))


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
    table = report.table("tls", f"TLS connection and request, least of {args.http_rounds} rounds")
    for key, title, resume in (("full", "full handshake", False),
                               ("resumed", "resumed session", True)):
        taken = {server.name: [] for server in servers}
        for _ in range(args.http_rounds):
            for server in servers:
                taken[server.name].append(connect_often(server, resume))
        table.row(key, f"{title}, processor time", "us",
                  {name: min(values) for name, values in taken.items()})


def measure_https(report, args):
    """Measures tests/bench/https_server.js, with a certificate that is created for it."""
    commands = build(SOURCES / "https_server.js", "https_server")
    tls = WORK / "tls"
    make_certificate(tls)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(*item, tls)) for item in commands.items()]
        race(report, args, servers, "https", "https, hello world", "/", 1)
        measure_handshakes(report, args, servers)


PARTS = {"throughput": measure_throughput, "memory": measure_memory, "start": measure_start,
         "idle": measure_idle, "drops": measure_drops, "soak": measure_soak}


def _commands():
    return build(SOURCES / "http_server.js", "http_server")


def measure_first_response(report, args):
    measure_start(report, args, _commands())


def add_options(parser):
    group = parser.add_argument_group("http")
    group.add_argument("--http-only", metavar="A,B", help=f"of {', '.join(PARTS)}")
    group.add_argument("--http-rounds", type=int, default=10, help="rounds of each server (10)")
    group.add_argument("--http-seconds", type=int, default=2, help="of a round (2)")
    group.add_argument("--http-drops", type=int, default=100_000, help="connections to drop")
    group.add_argument("--http-soak", type=int, default=0, metavar="SECONDS",
                       help="at full rate, for the memory (not run by default; the limit is for 600)")


def measure_http(report, args):
    chosen = args.http_only.split(",") if args.http_only else list(PARTS)
    for name in chosen:
        if name not in PARTS:
            sys.exit(f"bench: http has no measure {name}; it has {', '.join(PARTS)}")
    commands = _commands()
    for name in chosen:
        if name != "soak" or args.http_soak:
            PARTS[name](report, args, commands)
