#!/usr/bin/python3
"""Sends malformed, huge, slow and truncated requests to one server in two runtimes, Kiln's
executable and the official node, and compares the responses byte for byte (without Date).

Afterwards connections are opened and dropped in every state: the server must close all of them
and must still respond. Takes a few seconds; the cases run in parallel.
"""

import argparse
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import servers  # noqa: E402

RESET = struct.pack("ii", 1, 0)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def post(head, body=b""):
    return b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"

# Name: the pieces to send. A number is a pause in seconds; None ends the client's side.
CASES = {
    # ---- valid requests, which show that the comparison works
    "get": [GET],
    "pipelined": [GET * 5],
    "post": [post(b"Content-Length: 5\r\n", b"hello")],
    "chunked": [post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n")],
    "trailers": [post(CHUNKED, b"1\r\nx\r\n0\r\nX-A: b\r\nX-A: c\r\n\r\n")],
    "http/1.0": [b"GET / HTTP/1.0\r\n\r\n"],
    "http/1.0 keep-alive": [b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2],
    "connection: close": [b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET],
    "head": [b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "many headers": [b"GET / HTTP/1.1\r\nHost: a\r\n" +
                     b"".join(b"X-%d: %d\r\n" % (i, i) for i in range(100)) + b"\r\n"],
    "byte by byte": [piece for b in post(b"Content-Length: 3\r\n", b"abc")
                     for piece in (bytes([b]), 0.002)],
    "no end of headers, then eof": [GET[:-2], None],
    "eof within body": [post(b"Content-Length: 10\r\n", b"abc"), None],
    "expect: 100-continue": [post(b"Expect: 100-continue\r\nContent-Length: 1\r\n"), 0.1, b"x"],
    "expect: something": [post(b"Expect: wonders\r\nContent-Length: 1\r\n", b"x")],
    "upgrade nobody takes": [b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                             b"Upgrade: websocket\r\n\r\n"],
    "connect": [b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"],
    # ---- smuggling
    "length and chunked": [post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n" + GET)],
    "chunked and length": [post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n" + GET)],
    "two lengths": [post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd")],
    "two equal lengths": [post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc")],
    "length +3": [post(b"Content-Length: +3\r\n", b"abc")],
    "length -3": [post(b"Content-Length: -3\r\n", b"abc")],
    "length 0x3": [post(b"Content-Length: 0x3\r\n", b"abc")],
    "length 3, 3": [post(b"Content-Length: 3, 3\r\n", b"abc")],
    "length empty": [post(b"Content-Length: \r\n", b"abc")],
    "length 2^64": [post(b"Content-Length: 18446744073709551616\r\n", b"abc")],
    "length with space": [post(b"Content-Length : 3\r\n", b"abc")],
    "chunked twice": [post(CHUNKED * 2, b"0\r\n\r\n")],
    "chunked, identity": [post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n")],
    "xchunked": [post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")],
    "chunked with tab": [post(b"Transfer-Encoding:\tchunked\r\n", b"0\r\n\r\n")],
    "folded encoding": [post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n")],
    "bare LF": [b"GET / HTTP/1.1\nHost: a\n\n"],
    "bare CR": [b"GET / HTTP/1.1\rHost: a\r\r"],
    "bare CR in value": [b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"],
    "LF in value": [b"GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n"],
    "space before colon": [b"GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n"],
    "space before first name": [b"GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
    "line folding": [b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"],
    "no colon": [b"GET / HTTP/1.1\r\nHost: a\r\nXyz\r\n\r\n"],
    "no host": [b"GET / HTTP/1.1\r\n\r\n"],
    "two hosts": [b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    # ---- bad chunks
    "chunk size g": [post(CHUNKED, b"g\r\n\r\n")],
    "chunk size empty": [post(CHUNKED, b"\r\n\r\n")],
    "chunk size -1": [post(CHUNKED, b"-1\r\n\r\n")],
    "chunk size 2^64": [post(CHUNKED, b"10000000000000000\r\nx\r\n")],
    "chunk size 0x5": [post(CHUNKED, b"0x5\r\nhello\r\n0\r\n\r\n")],
    "chunk size with space": [post(CHUNKED, b"5 \r\nhello\r\n0\r\n\r\n")],
    "chunk without CRLF": [post(CHUNKED, b"5\r\nhelloX\r\n0\r\n\r\n")],
    "chunk with LF": [post(CHUNKED, b"5\nhello\n0\n\n")],
    "chunk extension": [post(CHUNKED, b"5;a=b;c=\"d\"\r\nhello\r\n0\r\n\r\n")],
    "chunk extension with NUL": [post(CHUNKED, b"5;a=\0\r\nhello\r\n0\r\n\r\n")],
    "huge chunk extension": [post(CHUNKED, b"5;" + b"a" * 20000 + b"\r\nhello\r\n0\r\n\r\n")],
    "chunk ends early": [post(CHUNKED, b"5\r\nhe"), None],
    "trailer with garbage": [post(CHUNKED, b"0\r\nbad\r\n\r\n")],
    "huge trailer": [post(CHUNKED, b"0\r\nX: " + b"a" * 20000 + b"\r\n\r\n")],
    # ---- request lines
    "no method": [b" / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "unknown method": [b"FROB / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "lower case method": [b"get / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "no version": [b"GET /\r\nHost: a\r\n\r\n"],
    "version 0.9": [b"GET / HTTP/0.9\r\nHost: a\r\n\r\n"],
    "version 1.2": [b"GET / HTTP/1.2\r\nHost: a\r\n\r\n"],
    "version 2.0": [b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"],
    "version 9": [b"GET / HTTP/9\r\nHost: a\r\n\r\n"],
    "HTTP/2 preface": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    "TLS hello": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    "blank lines first": [b"\r\n\r\n\r\n" + GET],
    "star": [b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
    "absolute form": [b"GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n"],
    "space in target": [b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
    "UTF-8 in target": ["GET /ä HTTP/1.1\r\nHost: a\r\n\r\n".encode()],
    "control character in target": [b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"],
    # ---- NUL and other bytes
    "NUL in method": [b"G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "NUL in target": [b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"],
    "NUL in name": [b"GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n"],
    "NUL in value": [b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"],
    "DEL in value": [b"GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n"],
    "Latin-1 in value": [b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe4\xff\r\n\r\n"],
    "UTF-8 in name": ["GET / HTTP/1.1\r\nHost: a\r\nXä: b\r\n\r\n".encode()],
    "blanks around values": [b"GET / HTTP/1.1\r\nHost:  a \t \r\nX: \t \r\nY:\r\n\r\n"],
    "__proto__": [b"GET / HTTP/1.1\r\nHost: a\r\n__proto__: b\r\nconstructor: c\r\n\r\n"],
    "only NULs": [b"\0" * 1000],
    # ---- size
    "huge target": [b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"],
    "huge name": [b"GET / HTTP/1.1\r\n" + b"a" * 20000 + b": b\r\n\r\n"],
    "huge value": [b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20000 + b"\r\n\r\n"],
    "huge value in pieces": [b"GET / HTTP/1.1\r\nHost: a\r\nX: "] +
                            [piece for _ in range(10) for piece in (b"a" * 2000, 0.01)],
    "1100 headers": [b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 1100 + b"\r\n"],
    "just below the limit": [b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 16000 + b"\r\n\r\n"],
    # ---- after a good request
    "garbage afterwards": [GET + b"garbage garbage\r\n\r\n"],
    "NULs afterwards": [GET + b"\0\0\0\0"],
    "binary afterwards": [GET * 2 + bytes(range(256))],
    "body nobody announced": [GET + b"a=b"],
    "good, bad, good": [GET + b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n" + GET],
    # ---- time
    "silence": [],
    "half a line": [b"GET / HT"],
    "slow headers": [piece for i in range(10) for piece in
                     (b"GET / HTTP/1.1\r\nHost: a\r\n" if i == 0 else b"X-%d: a\r\n" % i, 0.2)],
    "slow body": [post(b"Content-Length: 100\r\n")] +
                 [piece for _ in range(10) for piece in (b"a", 0.25)],
    "idle after an answer": [GET, 0.2],
    "eof at once": [None],
}


def random_cases(number):
    """Returns mutations of valid requests, the same in each run."""
    rng = random.Random(1)
    seeds = [GET, CASES["trailers"][0], CASES["post"][0], CASES["many headers"][0][:200] + b"\r\n\r\n"]
    for case in range(number):
        data = bytearray(rng.choice(seeds) * rng.randint(1, 2))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at:at + rng.randint(1, 4)]
            elif kind == 2:
                data[at:at] = rng.choice([b"\r\n", b"\0", b" ", b":", b"\n", b"\r", b"\t", b"0", b";"])
            else:
                data[at:at] = data[rng.randrange(len(data)):][:rng.randint(1, 20)]
        cut = rng.randrange(len(data) + 1)
        pieces = [bytes(data[:cut]), 0.01, bytes(data[cut:])] if rng.randrange(2) else [bytes(data)]
        yield f"random {case}", pieces + [0.05, None]


class Talker(servers.Server):
    def talk(self, pieces):
        """Returns all that the server sends until it closes."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.settimeout(10)
            try:
                for piece in pieces:
                    if piece is None:
                        s.shutdown(socket.SHUT_WR)
                    elif isinstance(piece, bytes):
                        s.sendall(piece)
                    else:
                        time.sleep(piece)
            except OSError:
                pass  # the server has closed already; what it sent is read below
            try:
                while part := s.recv(65536):
                    got += part
            except ConnectionResetError:
                pass
            except TimeoutError:
                got += b"<never closed>"
        return re.sub(rb"Date: [^\r]*\r\n", b"", got)


def compare(kiln, node, name, pieces):
    """Returns None, or how the two differ. In either runtime the response can be lost to the TCP
    reset that follows it, so only a difference in each of four attempts counts."""
    for _ in range(4):
        mine, theirs = kiln.talk(pieces), node.talk(pieces)
        if mine == theirs:
            return None
    return f"{name}:\n  kiln {mine[:300]!r}\n  node {theirs[:300]!r}"


def drop(server, number):
    """Connects and disconnects: immediately, within a request, or with a response unread."""
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        if number % 4:
            s.sendall([GET[:-2], post(b"Content-Length: 9\r\n", b"x"), GET * 3][number % 4 - 1])
        if number % 2:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiln", required=True, help="the kiln command")
    parser.add_argument("--node", required=True, help="the official node")
    parser.add_argument("--random", type=int, default=400, help="how many random cases")
    parser.add_argument("--drops", type=int, default=3000)
    args = parser.parse_args()
    source = HERE / "hostile_server.js"
    with tempfile.TemporaryDirectory() as scratch:
        app = Path(scratch) / "server"
        subprocess.run([args.kiln, "build", source, "-o", app], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with Talker([app]) as kiln, Talker([args.node, source]) as node:
            return check(kiln, node, args)


def check(kiln, node, args):
    kiln.talk([GET])
    descriptors = kiln.descriptors()
    cases = {**CASES, **dict(random_cases(args.random))}
    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(lambda case: compare(kiln, node, *case), cases.items()))
        list(pool.map(lambda number: drop(kiln, number), range(args.drops)))
    failures = [text for text in results if text]
    for _ in range(400):
        if kiln.descriptors() <= descriptors:
            break
        time.sleep(0.05)
    if kiln.descriptors() > descriptors:
        failures.append(f"{kiln.descriptors() - descriptors} descriptors stay open")
    if kiln.status() is not None:
        failures.append(f"the server ended with status {kiln.status()}: {kiln.errors()[-2000:]}")
    elif not kiln.talk([GET]).startswith(b"HTTP/1.1 200"):
        failures.append("no response afterwards")
    print("\n".join(failures))
    print(f"{len(cases)} cases, {args.drops} drops, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
