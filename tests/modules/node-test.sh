. "$(dirname "$0")/common.sh"
# node:test in an app that carries its own tests (report 38): results, hooks, mocks, snapshots of state, reporters. Durations and relative paths differ.
plain() { sed -E "s/[0-9.]+ ?ms/TIME/g; s/duration_ms [0-9.]+/duration_ms N/; s/time=\"[0-9.]+\"/time=N/; s/hostname=\"[^\"]*\"/hostname=H/; s#test at [./]*(kiln|src)/#test at /#" "$1" >"$1.plain" && mv "$1.plain" "$1"; }
tested() { # LABEL ENTRY [FLAGS…]: as as_node, with durations replaced
  local label=$1 entry=$2 status=0; shift 2; mkdir -p away; run_to node.out "$KILN_NODE" "../src/$entry"; plain node.out
  "$KILN" build "src/$entry" -o app "${flags[@]}" "$@" >log 2>&1 || status=$?
  ((status == 0)) || { cat log >&2; differ+=("'$label'"); return; }
  mv src hidden; run_to app.out "$scratch/app"; plain app.out
  diff node.out app.out >diff.out || { echo "-- $label (< node, > app)" >&2; head -40 diff.out >&2; differ+=("'$label'"); }
}
files <<'APP'
-- main.js --
const { test, describe, it, suite, before, after, beforeEach, afterEach, mock, snapshot } = require('node:test'), assert = require('node:assert'), log = [];
test('passes', () => assert.strictEqual(1 + 1, 2)); test('async', async () => { await new Promise((r) => setTimeout(r, 2)); }); test('callback', (t, done) => setImmediate(done)); test.skip('skipped', () => {}); test.todo('todo');
test('context', async (t) => { t.diagnostic('said'); t.plan(2); t.assert.ok(1); await t.test('sub', (s) => { log.push(s.fullName ?? s.name); }); });
describe('group', () => { before(() => log.push('before')); after(() => console.log(log.join())); beforeEach(() => log.push('each')); afterEach(() => log.push('after each')); it('one', () => log.push('one')); it('two', { timeout: 1000, concurrency: 1 }, () => log.push('two')); describe('inner', () => { it('three', () => {}); }); });
suite('mocks', () => { it('functions', () => { const f = mock.fn((x) => x * 2); assert.equal(f(4), 8); assert.deepEqual(f.mock.calls[0].arguments, [4]); const o = { m() { return 1; } }; mock.method(o, 'm', () => 2); assert.equal(o.m(), 2); mock.restoreAll(); assert.equal(o.m(), 1); mock.getter; });
  it('timers', (t) => { t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 5 }); let ran = 0; setTimeout(() => ran++, 1000); t.mock.timers.tick(1000); assert.equal(ran, 1); assert.equal(Date.now(), 1005); }); });
APP
tested 'passes' main.js
files <<'APP'
-- main.mjs --
import test, { run, describe, it } from 'node:test'; import assert from 'node:assert'; import { tap, spec, dot, junit } from 'node:test/reporters'; import { Readable } from 'node:stream';
test('fails', () => assert.strictEqual(1, 2)); test('throws', async () => { throw new TypeError('thrown'); }); describe('fails inside', () => { it('inner', () => { assert.deepEqual({ a: 1 }, { a: 2 }); }); }); test('times out', { timeout: 5 }, () => new Promise((r) => setTimeout(r, 200)));
const events = [{ type: 'test:start', data: { name: 'x', nesting: 0 } }, { type: 'test:pass', data: { name: 'x', nesting: 0, testNumber: 1, details: { duration_ms: 1 } } }]; for (const reporter of [tap, dot, junit]) { let text = ''; for await (const part of reporter(Readable.from(events))) text += part; console.log(text); }
APP
tested 'failures and reporters' main.mjs
files <<'APP'
-- main.js --
const { run } = require('test' === 'x' ? 'fs' : 'node:test'); const { mock, test } = process.getBuiltinModule('node:test'); console.log(typeof run, typeof mock.module);
test('module mocks need a flag', (t) => { try { t.mock.module('fs', { namedExports: {} }); } catch (e) { console.log(e.name); } });
setTimeout(() => test('late', () => {}), 5);
APP
tested 'named at run time' main.js
report_differences
