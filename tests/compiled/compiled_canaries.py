"""Apps with a known result, built and run before the tests by the same code.

Most of Node's tests pass by exit status 0 alone, so an app that stops early or ignores errors
would pass. These check that an app ends as it does under node.
"""

from canaries import Canary

import compiled_test

CANARIES = (
    Canary("runs 'exit' handlers after timers and imports",
           "import fs from 'node:fs';\nlet ticks = 0;\nsetTimeout(() => { ticks++; }, 1);\n"
           "const { sep } = await import('node:path');\n"
           "process.on('exit', (code) => process.reallyExit("
           "code === 0 && ticks === 1 && fs.existsSync(sep) ? 17 : 1));", "fail", 17),
    Canary("throws after an await", "await 0;\nthrow new Error('canary');", "fail", 1),
    Canary("has a top-level await that is never settled", "await new Promise(() => {});",
           "fail", 13),
    Canary("is given its arguments", "process.exit(process.argv.slice(2).join() === 'one,two' "
           "&& import.meta.main ? 31 : 1);", "fail", 31),
    Canary("says that it is skipped", "console.log('1..0 # Skipped: canary');", "skip", 0),
)


def failures(setting):
    """Descriptions of the canaries that did not end as expected."""
    found = []
    for number, canary in enumerate(CANARIES):
        path = setting.root / f"canary-{number}.mjs"
        path.write_text(f"{canary.source}\n", encoding="ascii")
        app = setting.scratch / "canary"
        verdict, _ = compiled_test.build(setting, path, app)
        if verdict is None:
            verdict = compiled_test.run_app(setting, path, app, argv=("one", "two"))
        app.unlink(missing_ok=True)
        if verdict["state"] != canary.state or verdict["status"] != canary.status:
            found.append(f"the app that {canary.what}: {verdict['state']} "
                         f"{verdict['why'] or verdict['status']}")
    return found
