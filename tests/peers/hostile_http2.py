#!/usr/bin/python3
"""Attacks an HTTP/2 server with floods and broken frames, plain and over TLS, in two runtimes:
Kiln's executable and the official node. Both must end a bad session in the same way (the code
of GOAWAY, the codes of RST_STREAM, the error that the app gets), and a good client must be
served after each attack.

Every attack ends with a PING: a response to it shows that the session is alive. At the end no
descriptor may have stayed open, and Kiln's server must use about as much memory as Node's.
"""

import argparse
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import servers  # noqa: E402

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
ACK = 1
CODES = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED "
         "FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM "
         "INADEQUATE_SECURITY HTTP_1_1_REQUIRED").split()


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def number(value, bits, first=0):
    """Encodes an integer as HPACK does (RFC 7541, 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


def literal(name, value, first=0x00):
    return bytes([first]) + number(len(name), 7) + name + number(len(value), 7) + value


REQUEST = b"\x82\x84\x86" + literal(b":authority", b"a")
END = END_STREAM | END_HEADERS


def get(stream, more=b"", flags=END):
    return frame(HEADERS, flags, stream, REQUEST + more)


def pseudo(*headers):
    return frame(HEADERS, END, 1, b"".join(literal(name, value) for name, value in headers))


def word(value):
    return struct.pack(">I", value)


M, P, S, A = (b":method", b"GET"), (b":path", b"/"), (b":scheme", b"http"), (b":authority", b"a")
streams = lambda count: range(1, 2 * count, 2)
every = lambda count, make: b"".join(make(i) for i in streams(count))

# Name: the bytes that are sent after preface and SETTINGS. A tuple replaces those too; `unread` in
# a name means that nothing is read before all is sent.
ATTACKS = {
    "nothing": b"",
    "an honest request": get(1),
    # ---- floods
    "rapid reset": every(5000, lambda i: get(i) + frame(RST, 0, i, word(8))),
    "made to reset, by WINDOW_UPDATE of 0": every(3000, lambda i: get(i, flags=END_HEADERS) + frame(WINDOW, 0, i, word(0))),
    "made to reset, by a window too large":
        every(3000, lambda i: get(i, flags=END_HEADERS) + frame(WINDOW, 0, i, word(0x7fffffff))),
    "made to reset, by PRIORITY on itself": every(3000, lambda i: get(i, flags=END_HEADERS) + frame(PRIORITY, 0, i, word(i) + b"\0")),
    "CONTINUATION flood": get(1, flags=0) + frame(CONTINUATION, 0, 1, literal(b"x-a", b"b" * 1000)) * 10000,
    "CONTINUATION flood, empty": get(1, flags=0) + frame(CONTINUATION, 0, 1) * 20000,
    "CONTINUATION that ends": get(1, flags=END_STREAM) + frame(CONTINUATION, END_HEADERS, 1, literal(b"x-a", b"b")),
    "SETTINGS flood unread": frame(SETTINGS) * 20000,
    "SETTINGS flood of entries": frame(SETTINGS, 0, 0, struct.pack(">HI", 0x99, 1) * 100) * 50,
    "PING flood unread": frame(PING, 0, 0, b"12345678") * 20000,
    "empty DATA flood": get(1, flags=END_HEADERS) + frame(DATA, 0, 1) * 20000,
    "empty DATA flood, padded": get(1, flags=END_HEADERS) + frame(DATA, PADDED, 1, b"\0") * 5000,
    "empty HEADERS flood": every(3000, lambda i: frame(HEADERS, END, i)),
    "PRIORITY flood": every(10000, lambda i: frame(PRIORITY, 0, i, word(0) + b"\x10")),
    "WINDOW_UPDATE flood": frame(WINDOW, 0, 0, word(1)) * 20000,
    "flood of unknown frames": frame(0x55, 7, 0, b"what is this") * 20000,
    "GOAWAY flood": frame(GOAWAY, 0, 0, word(0) + word(0) + b"debug") * 2000,
    "RST_STREAM flood": get(1) + frame(RST, 0, 1, word(8)) * 5000,
    "2000 streams at once": every(2000, lambda i: get(i)),
    "empty windows, 500 big responses":
        frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0)) +
        every(500, lambda i: frame(HEADERS, END, i, b"\x82\x86" + literal(b":path", b"/big") + literal(b":authority", b"a"))),
    "trailers again and again": get(1, flags=END_HEADERS) + frame(HEADERS, END_HEADERS, 1, literal(b"a", b"b")) * 100,
    # ---- HPACK
    "HPACK bomb": get(1, literal(b"x-bomb", b"b" * 3500, 0x40) + b"\xbe" * 12000, END_STREAM) +
                  frame(CONTINUATION, END_HEADERS, 1, b"\xbe" * 16000),
    "HPACK bomb of many requests": get(1, literal(b"x-bomb", b"b" * 3500, 0x40)) +
                                   every(800, lambda i: get(i + 2, b"\xbe" * 3500)),
    "HPACK, many small headers": get(1, literal(b"a", b"b") * 3000),
    "HPACK, no such index": frame(HEADERS, END, 1, b"\xff\x80\x01"),
    "HPACK, index 0": frame(HEADERS, END, 1, b"\x80"),
    "HPACK, number too large": frame(HEADERS, END, 1, b"\xff" + b"\xff" * 20 + b"\x01"),
    "HPACK, string longer than the block": frame(HEADERS, END, 1, b"\x00\x7f\xff\x01abc"),
    "HPACK, table larger than allowed": get(1, b"", END)[:9] + b"\x3f\xff\xff\x03" + REQUEST[:-4],
    "HPACK, bad Huffman": frame(HEADERS, END, 1, b"\x00\x81\xff\x01a"),
    "HPACK, table sizes again and again": frame(HEADERS, END, 1, b"\x20" * 10000),
    # ---- requests
    "no :method": pseudo(P, S, A), "no :path": pseudo(M, S, A), "no :scheme": pseudo(M, P, A),
    "no :authority": pseudo(M, P, S), "two :path": pseudo(M, P, P, S, A),
    "unknown pseudo header": pseudo(M, P, S, A, (b":what", b"x")),
    ":status from a client": pseudo(M, P, S, A, (b":status", b"200")),
    "pseudo header after others": pseudo(M, P, (b"a", b"b"), S, A),
    "empty :path": pseudo(M, (b":path", b""), S, A),
    "upper case": pseudo(M, P, S, A, (b"Xx", b"x")),
    "name with a space": pseudo(M, P, S, A, (b"x x", b"x")),
    "empty name": pseudo(M, P, S, A, (b"", b"x")),
    "NUL in a value": pseudo(M, P, S, A, (b"x", b"a\0b")),
    "CR LF in a value": pseudo(M, P, S, A, (b"x", b"a\r\nb: c")),
    "connection header": pseudo(M, P, S, A, (b"connection", b"close")),
    "transfer-encoding": pseudo(M, P, S, A, (b"transfer-encoding", b"chunked")),
    "te": pseudo(M, P, S, A, (b"te", b"gzip")),
    "content-length without a body": pseudo(M, P, S, A, (b"content-length", b"5")),
    "content-length that is wrong": get(1, literal(b"content-length", b"5"), END_HEADERS) + frame(DATA, END_STREAM, 1, b"abc"),
    "two content-lengths": pseudo(M, P, S, A, (b"content-length", b"0"), (b"content-length", b"1")),
    "CONNECT with :path": pseudo((b":method", b"CONNECT"), P, A),
    # ---- frames
    "even stream": get(2), "stream 0": get(0), "a stream twice": get(1) + get(1), "streams backwards": get(5) + get(3),
    "DATA on stream 0": frame(DATA, 0, 0, b"x"), "DATA before HEADERS": frame(DATA, 0, 1, b"x"),
    "DATA after the end": get(1) + frame(DATA, 0, 1, b"x"),
    "DATA over the window": get(1, flags=END_HEADERS) + frame(DATA, 0, 1, b"x" * 16384) * 12,
    "frame too large": get(1, flags=END_HEADERS) + frame(DATA, 0, 1, b"x" * 16385),
    "padding longer than the frame": get(1, flags=END_HEADERS) + frame(DATA, PADDED, 1, b"\x09abc"),
    "padded HEADERS shorter than the padding": frame(HEADERS, END | PADDED, 1, b"\xff\x82"),
    "PUSH_PROMISE from a client": frame(PUSH, END_HEADERS, 1, word(2) + REQUEST),
    "CONTINUATION from nowhere": frame(CONTINUATION, END_HEADERS, 1, REQUEST),
    "another frame within headers": get(1, flags=0) + frame(PING, 0, 0, b"12345678"),
    "another stream within headers": get(1, flags=0) + get(3),
    "SETTINGS of 5 bytes": frame(SETTINGS, 0, 0, b"12345"), "SETTINGS on a stream": frame(SETTINGS, 0, 1),
    "SETTINGS ACK with a payload": frame(SETTINGS, ACK, 0, b"123456"),
    "SETTINGS ACK nobody waits for": frame(SETTINGS, ACK) * 10,
    "SETTINGS, push of 2": frame(SETTINGS, 0, 0, struct.pack(">HI", 2, 2)),
    "SETTINGS, window of 2^31": frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)),
    "SETTINGS, frames of 1 byte": frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 1)),
    "SETTINGS, no header table": frame(SETTINGS, 0, 0, struct.pack(">HI", 1, 0)) + get(1),
    "SETTINGS, no streams": frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 0)) + get(1),
    "PING of 7 bytes": frame(PING, 0, 0, b"1234567"), "PING on a stream": frame(PING, 0, 1, b"12345678"),
    "PING ACK nobody waits for": frame(PING, ACK, 0, b"abcdefgh") * 10,
    "WINDOW_UPDATE of 0": frame(WINDOW, 0, 0, word(0)),
    "WINDOW_UPDATE over 2^31": frame(WINDOW, 0, 0, word(0x7fffffff)),
    "WINDOW_UPDATE of 3 bytes": frame(WINDOW, 0, 0, b"abc"),
    "WINDOW_UPDATE for an idle stream": frame(WINDOW, 0, 9, word(1)),
    "RST_STREAM for an idle stream": frame(RST, 0, 9, word(8)), "RST_STREAM of 3 bytes": get(1) + frame(RST, 0, 1, b"abc"),
    "RST_STREAM on stream 0": frame(RST, 0, 0, word(8)),
    "PRIORITY of 4 bytes": frame(PRIORITY, 0, 1, b"1234"), "PRIORITY on stream 0": frame(PRIORITY, 0, 0, b"12345"),
    "GOAWAY of 4 bytes": frame(GOAWAY, 0, 0, b"1234"), "GOAWAY with an error": frame(GOAWAY, 0, 0, word(0) + word(2)),
    # ---- instead of the preface
    "HTTP/1.1": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",),
    "a wrong preface": (PREFACE[:-3] + b"X\r\n",), "half a preface": (PREFACE[:10],),
    "no SETTINGS": (PREFACE + get(1),), "bytes of no meaning": (bytes(range(256)) * 40,),
    "half a frame": get(1)[:-3],
}


# Attacks whose result depends on the version of nghttp2: Node's is newer than ours (1.70, 1.64),
# ignores PRIORITY and counts more kinds of invalid frames. The server only has to survive these.
LIBRARY = {"made to reset, by a window too large", "made to reset, by PRIORITY on itself", "PRIORITY on stream 0",
           "flood of unknown frames"}


class Http2Server(servers.Server):
    """`ports` are the ports without TLS, with TLS, and of the reports."""

    def events(self, secure):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[2]}/{secure}", timeout=10) as response:
            return json.load(response)

    def connect(self, secure):
        s = socket.create_connection(("127.0.0.1", self.ports[secure]))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(["h2"])
            s = context.wrap_socket(s)
        s.setblocking(False)
        return s


def talk(server, secure, data, unread=False, wait=8):
    """Sends `data` and reads until the PING after it is acknowledged or the time is up. Returns all
    that was read, whether the server closed, and whether the PING was acknowledged."""
    done = b"\x00\x00\x08\x06\x01\x00\x00\x00\x00the last"
    got, sent, closed, alive = bytearray(), 0, False, False
    until = time.monotonic() + wait
    with server.connect(secure) as s:
        while not closed and not alive and time.monotonic() < until:
            sending = sent < len(data)
            select.select([] if unread and sending else [s], [s] if sending else [], [], 0.2)
            try:
                if sending:
                    sent += s.send(data[sent:sent + 65536])
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                pass
            except OSError:
                sent = len(data)  # the server has closed; what it sent can still be read
            try:
                while not (unread and sending):
                    part = s.recv(65536)
                    got += part
                    alive = alive or done in got[-len(part) - len(done):]
                    if not part:
                        closed = True
                        break
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except OSError:
                closed = True
    return bytes(got), closed, alive


def frames(got):
    """Yields (kind, flags, stream, payload) of each whole frame."""
    while len(got) >= 9:
        size = int.from_bytes(got[:3], "big")
        if len(got) < 9 + size:
            return
        yield got[3], got[4], int.from_bytes(got[5:9], "big"), got[9:9 + size]
        got = got[9 + size:]


def attack(server, secure, name):
    """Returns the result of an attack: (state, code of GOAWAY, events of the app, other frames)."""
    data = ATTACKS[name]
    server.events(secure)
    if isinstance(data, tuple):
        got, closed, alive = talk(server, secure, data[0], wait=1.5)
    else:
        last = frame(PING, 0, 0, b"the last")
        got, closed, alive = talk(server, secure, PREFACE + frame(SETTINGS) + data + last, "unread" in name, 8)
    resets, ends, responses = set(), [], 0
    for kind, _, _, payload in frames(got):
        if kind == RST:
            resets.add(CODES[int.from_bytes(payload, "big")])
        elif kind == GOAWAY:
            ends.append(CODES[int.from_bytes(payload[4:8], "big")] + payload[8:].decode("latin1"))
        elif kind == HEADERS:
            responses += 1
    events = {}
    for _ in range(100):
        events.update(server.events(secure))
        if "closed" in events or isinstance(data, tuple):
            break
        time.sleep(0.02)
    errors = sorted(what for what in events if what != "closed")
    text = got[:30] if isinstance(data, tuple) and not ends and got[3:4] != b"\x04" else b""
    state = "alive" if alive else "closed" if closed else "hangs"
    return state, "".join(ends[-1:]), errors, (sorted(resets), responses > 0, text)


def alike(mine, theirs):
    """Compares two results. When a session ends, resets and responses that were not sent yet are
    lost, and even the GOAWAY is, if unread data leads to a TCP reset."""
    if mine[0] == "alive" or theirs[0] == "alive":
        return mine == theirs
    return mine[0] == theirs[0] and mine[2] == theirs[2] and (mine[1] == theirs[1] or not mine[1] or not theirs[1])


def good(server, secure):
    got, _, alive = talk(server, secure, PREFACE + frame(SETTINGS) + get(1) + frame(PING, 0, 0, b"the last"))
    return alive and any(kind == HEADERS for kind, *_ in frames(got))


def compare(kiln, node, secure, name):
    """Returns None, or how the results differ. A flood is cut at a different moment each time, so
    only a difference in each of four attempts counts."""
    seen = []
    for _ in range(4):
        mine, theirs = attack(kiln, secure, name), attack(node, secure, name)
        seen.append(theirs)
        if any(alike(mine, theirs) for theirs in seen) or name in LIBRARY and mine[0] != "hangs":
            break
    else:
        return f"{name}{' over TLS' if secure else ''}:\n  kiln {mine}\n  node {theirs}"
    return None if good(kiln, secure) else f"{name}: no response afterwards"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiln", required=True, help="the kiln command")
    parser.add_argument("--node", required=True, help="the official node")
    parser.add_argument("--only", default="", help="attacks whose name contains this, with their results")
    args = parser.parse_args()
    source = HERE / "hostile_http2_server.js"
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "server"
        subprocess.run([args.kiln, "build", source, "-o", app], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["bash", "-ec", '. "$0"; authority ca; certificate server localhost',
                        HERE / "certificates.sh"], cwd=folder, check=True)
        with Http2Server([app], folder) as kiln, Http2Server([args.node, source], folder) as node:
            return check(kiln, node, args.only)


def series(kiln, node, secure, names, verbose):
    """Runs these attacks one after the other and returns what went wrong."""
    failures = []
    for name in names:
        started = time.monotonic()
        try:
            failures += filter(None, [compare(kiln, node, secure, name)])
        except OSError as err:
            return [*failures, f"{name}: {err}"]
        if verbose:
            print(f"{name}: {time.monotonic() - started:.1f} s, {attack(node, secure, name)}")
    return failures


def check(kiln, node, only):
    assert good(kiln, 0) and good(kiln, 1), "a valid client gets no response"
    descriptors = kiln.descriptors()
    names = [name for name in ATTACKS if only in name]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda secure: series(kiln, node, secure, names, bool(only)), (0, 1)))
    failures = [failure for failures in found for failure in failures]
    if kiln.status() is not None:
        print("\n".join([*failures, f"the server ended with {kiln.status()}: {kiln.errors()[-2000:]}"]))
        return 1
    for _ in range(100):
        if kiln.descriptors() <= descriptors:
            break
        time.sleep(0.05)
    else:
        failures.append(f"{kiln.descriptors() - descriptors} descriptors stay open")
    if not os.environ.get("KILN_SANITIZED") and kiln.peak_memory() > node.peak_memory() + 64:
        failures.append(f"the server took {kiln.peak_memory()} MiB, node's {node.peak_memory()} MiB")
    print("\n".join(failures))
    print(f"{len(names)} attacks, plain and over TLS, {len(failures)} failures; at most {kiln.peak_memory()} MiB "
          f"(node {node.peak_memory()} MiB)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
