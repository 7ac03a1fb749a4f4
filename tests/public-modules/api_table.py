"""The table of docs/api.md: every module of Node 24's documentation, and how much of it an executable has. Made from the
results of Node's own tests (tests/conformance/results.txt) and from the list of exports that differ
(export_differences.txt), so it changes only with them.

    api_table.py            fails if docs/api.md is not up to date
    api_table.py --update   writes it
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs/api.md"
# Chapter of the documentation, its modules, and the areas of Node's tests that are about it.
CHAPTERS = [
    ("Assertion testing", "assert assert/strict", "assert"),
    ("Asynchronous context tracking", "async_hooks", "als async destroy microtask"),
    ("Async hooks", "async_hooks", "async destroy"),
    ("Buffer", "buffer", "buffer blob file atomics"),
    ("C++ addons, Node-API", "", ""),
    ("Child processes", "child_process", "child stdin socket"),
    ("Cluster", "cluster", "cluster listen"),
    ("Command-line options", "", "eval startup diagnostic"),
    ("Console", "console", "console"),
    ("Crypto", "crypto", "crypto x509 c"),
    ("Debugger", "", ""),
    ("Diagnostics channel", "diagnostics_channel", "diagnostics"),
    ("DNS", "dns dns/promises", "dns"),
    ("Domain", "domain", "domain"),
    ("Environment variables", "", ""),
    ("Errors", "", "exception"),
    ("Events", "events", "event events eventemitter eventtarget handle promise"),
    ("File system", "fs fs/promises", "fs filehandle fastutf8stream"),
    ("Globals", "", "global messageevent domexception eventsource websocket warn"),
    ("HTTP", "http", "http client"),
    ("HTTP/2", "http2", "http2 h2"),
    ("HTTPS", "https", "https"),
    ("Inspector", "inspector inspector/promises", "inspector"),
    ("Internationalization", "", ""),
    ("Modules: CommonJS", "module", "require no"),
    ("Modules: ECMAScript", "module", "esm import loaders double"),
    ("Modules: node:module API, packages, TypeScript", "module", "module compile"),
    ("Net", "net", "net blocklist pipe ref"),
    ("OS", "os", "os memory"),
    ("Path", "path path/posix path/win32", "path"),
    ("Performance hooks", "perf_hooks", "perf performance"),
    ("Permissions", "", "permission"),
    ("Process", "process", "process next signal resource set common"),
    ("Punycode", "punycode", ""),
    ("Query strings", "querystring", "querystring"),
    ("QUIC", "node:quic", ""),
    ("Readline", "readline readline/promises", "readline"),
    ("REPL", "repl", "repl"),
    ("Report", "", ""),
    ("Single executable applications", "node:sea", "sea"),
    ("SQLite", "node:sqlite", "sqlite"),
    ("Stream", "stream stream/promises", "stream stream2 readable"),
    ("String decoder", "string_decoder", "string"),
    ("Test runner", "node:test node:test/reporters", "runner"),
    ("Timers", "timers timers/promises", "timers"),
    ("TLS", "tls", "tls"),
    ("Trace events", "trace_events", "trace"),
    ("TTY", "tty", "ttywrap"),
    ("UDP/datagram", "dgram", "dgram"),
    ("URL", "url", "url urlpattern whatwg"),
    ("Utilities", "util util/types", "util mime parse tojson"),
    ("V8", "v8", "v8 heapdump cppheap"),
    ("VM", "vm", "vm"),
    ("WASI", "wasi", "wasi"),
    ("WebAssembly", "", "wasm"),
    ("Web Storage", "", "webstorage"),
    ("Web Crypto API", "crypto", "webcrypto"),
    ("Web Streams API", "stream/web", "webstream webstreams web"),
    ("Worker threads", "worker_threads", "worker broadcastchannel messagechannel messageport"),
    ("Zlib", "zlib", "zlib"),
]
# What neither list shows.
NOTES = {
    "C++ addons, Node-API": ("no", "a static executable cannot load shared libraries; refused at build time"),
    "Debugger": ("partly", "an executable that was built with `--inspect` takes clients; the command `node inspect` is not in it"),
    "QUIC": ("as node", "the official binary has no module `node:quic` without a flag: the same error"),
    "Single executable applications": ("yes", "`isSea()` is true in every executable; its assets are the embedded files"),
    "Permissions": ("yes", "[permissions.md](permissions.md)"),
    "WASI": ("no", "the module loads; using it throws an error that names it"),
    "Trace events": ("partly", "the module loads; `enable()` throws"),
}


def results():
    areas = {}
    for match in re.finditer(r"^\[(\S+)\] (\d+) of (\d+) pass$", (ROOT / "tests/conformance/results.txt").read_text(), re.M):
        areas[match[1]] = (int(match[2]), int(match[3]))
    return areas


def missing_exports():
    lines = (HERE / "export_differences.txt").read_text().splitlines()
    return [line.partition(" | ")[0] for line in lines if " | not available" in line and not line.startswith("#")]


def page():
    areas, missing = results(), missing_exports()
    named = {area for _, _, names in CHAPTERS for area in names.split()}
    if unknown := set(areas) - named - {"internal"}:
        sys.exit(f"api_table.py: no chapter has the areas {', '.join(sorted(unknown))}")
    rows = []
    for title, modules, names in CHAPTERS:
        counts = [areas[name] for name in names.split() if name in areas]
        passed, total = sum(one for one, _ in counts), sum(all_ for _, all_ in counts)
        absent = [place for place in missing for module in modules.split()
                  if place.removesuffix("*").split(".")[0] == module.removeprefix("node:")]
        status, note = NOTES.get(title, (None, ""))
        if status is None:
            status = "yes" if passed == total and not absent else "partly"
        if absent and not note:
            note = "without " + ", ".join(f"`{place}`" for place in absent)
        tests = f"{passed} of {total}" if total else ""
        listed = ", ".join(f"`{module}`" for module in modules.split())
        rows.append(f"| {title} | {listed} | {status} | {tests} | {note} |")
    return f"""# Node's API

Each chapter of the documentation of Node 24 with its modules, how much of it an executable has, and how many of Node's own tests about it
pass (`tests/conformance/results.txt` has them, and the reason beside each that does not). `tests/public-modules/exports.py` compares the properties of all modules
with those of the official binary, and `tests/public-modules/run.py` what their functions return. Made by
`tests/public-modules/api_table.py`; do not edit it.

| chapter | modules | supported | tests that pass | notes |
|---|---|---|---|---|
""" + "\n".join(rows) + "\n"


def main():
    text = page()
    if sys.argv[1:] == ["--update"]:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        sys.exit("docs/api.md is not up to date: run tests/public-modules/api_table.py --update")


main()
