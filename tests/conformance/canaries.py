"""Small programs with a known result, run before the tests.

Most of Node's tests pass by exit status 0 alone. An executable that stops early, ignores
errors or does not run the given file would pass them, so these check that it ends as node
does. They are run by the same code as the tests, and so check the runner too.
"""

from dataclasses import dataclass

import node_test


@dataclass(frozen=True)
class Canary:
    what: str
    source: str
    state: str
    status: int | None = None  # None: any status with that state
    timeout: float | None = None


CANARIES = (
    Canary("ends when nothing is left to do", "setTimeout(() => {}, 1);", "pass", 0),
    Canary("runs 'exit' handlers after timers",
           "let ticks = 0; setTimeout(() => { ticks++; }, 1);\n"
           "process.on('exit', (code) => process.reallyExit(code === 0 && ticks === 1 ? 17 : 1));",
           "fail", 17),
    Canary("throws", "throw new Error('canary');", "fail", 1),
    Canary("fails an assertion in a timer",
           "setImmediate(() => require('assert').strictEqual(1 + 1, 3));", "fail", 1),
    Canary("rejects without a handler", "Promise.reject(new Error('canary'));", "fail", 1),
    Canary("throws in an 'exit' handler",
           "process.on('exit', () => { throw new Error('canary'); });", "fail"),
    Canary("sets process.exitCode in an 'exit' handler",
           "process.on('exit', () => { process.exitCode = 23; });", "fail", 23),
    Canary("calls process.exit() when a file was read",
           "require('fs').stat(__filename, (error) => process.exit(error ? 1 : 29));",
           "fail", 29),
    Canary("is given its file name and arguments",
           "const [, file, ...rest] = process.argv;\n"
           "process.exit(file === __filename && rest.join() === 'one,two' ? 31 : 1);",
           "fail", 31),
    Canary("says that it is skipped", "console.log('1..0 # Skipped: canary');", "skip", 0),
    # Not SIGSEGV, which AddressSanitizer handles.
    Canary("dies by a signal", "process.kill(process.pid, 'SIGABRT');", "crash"),
    Canary("does not end", "setInterval(() => {}, 1000);", "timeout", timeout=1),
)


def failures(setting):
    """Descriptions of the canaries that did not end as expected."""
    found = []
    for number, canary in enumerate(CANARIES):
        path = setting.root / f"canary-{number}.js"
        path.write_text(f"'use strict';\n{canary.source}\n", encoding="ascii")
        verdict = node_test.run_file(setting, path, argv=("one", "two"), timeout=canary.timeout)
        if (verdict["state"] != canary.state or
                canary.status not in (None, verdict["status"])):
            found.append(f"the program that {canary.what}: {verdict['state']} "
                         f"{verdict['why'] or verdict['status']}")
    return found
