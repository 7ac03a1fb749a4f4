// Modules of the library that read an option, the environment or another part of the world while
// they load would keep the builder's values in a snapshot. They are patched (readOptions,
// library_patches.js), or here is why that is not needed. With a new version of Node this finds
// further ones.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { applyPatches } = require('../../runtime-stub/library/patching.js');
const patches = require('../../runtime-stub/library/library_patches.js');
const { parse, children, isFunction } = require('../../runtime-stub/library/parse.js');

// What a module reads, and why its value at build time does no harm.
const kHarmless = {
  'cluster': 'is loaded when an app starts (internal/kiln/builtins)',
  'internal/cluster/primary': 'is loaded by cluster',
  'internal/deps/': 'reads the environment in functions only, or for other platforms',
  'internal/fs/promises': '--experimental-stream-iter adds methods, which an app does not get',
  'internal/main/': 'is not part of an app',
  'internal/modules/esm/initialize_import_meta': 'is loaded when an app starts',
  'internal/quic/': 'there is no QUIC',
  'internal/test_runner/': 'is loaded when an app starts (internal/kiln/builtins)',
  'internal/webstorage': 'the value is used only with an inspector',
};
const harmlessEntry = (id) => Object.keys(kHarmless).find((entry) => (entry.endsWith('/') ? id.startsWith(entry) : id === entry));

// The native functions that read or act, as "binding.function" (docs/effects.md).
const impure = new Set();
const table = path.join(__dirname, '../../runtime-stub/binding/effects.inc');
for (const line of fs.readFileSync(table, 'utf8').split('\n')) {
  const [, mark, binding, name] = /^(\w+)\("([^"]*)", "([^"]*)"/.exec(line) ?? [];
  if (mark !== undefined && mark !== 'PURE') impure.add(`${binding}.${name}`);
}

// The names that a module gives such functions: `const { f: g } = internalBinding('b')`.
function impureNames(program) {
  const names = new Map();
  for (const declaration of program.body.flatMap((statement) => statement.declarations ?? [])) {
    const { id, init } = declaration;
    if (init?.callee?.name !== 'internalBinding' || id.type !== 'ObjectPattern') continue;
    for (const { key, value } of id.properties) {
      const name = `${init.arguments[0]?.value}.${key?.name}`;
      if (impure.has(name)) names.set(value.name, name);
    }
  }
  return names;
}

// What runs while the module loads and reads an option, the environment, or calls a native function
// that is not pure. A function that is called where it stands (`(() => …)()`) is part of that.
function readsAtLoad(text) {
  const found = [];
  const program = parse(text);
  const names = impureNames(program);
  const visit = (node) => {
    if (isFunction(node)) return;
    if (node.type === 'CallExpression') {
      if (isFunction(node.callee)) children(node.callee.body).forEach(visit);
      if (names.has(node.callee.name)) found.push(names.get(node.callee.name));
      if (node.callee.name === 'getOptionValue') found.push(text.slice(node.start, node.end));
      else if (node.callee.property?.name === 'getOptionValue') found.push(text.slice(node.start, node.end));
    }
    if (node.type === 'MemberExpression' && node.object.name === 'process' && node.property.name === 'env') found.push('process.env');
    if (node.type === 'PropertyDefinition' && !node.static) return;
    children(node).forEach(visit);
  };
  visit(program);
  return found;
}

const root = path.join(process.env.KILN_PARTS, 'node-library/lib');
const modules = new Map();
for (const name of fs.readdirSync(root, { recursive: true }))
  if (name.endsWith('.js')) modules.set(name.slice(0, -3), fs.readFileSync(path.join(root, name), 'utf8'));

test('what is found', () => {
  assert.deepStrictEqual(readsAtLoad('const a = getOptionValue("--a"); function f() { getOptionValue("--b"); }'), ['getOptionValue("--a")']);
  assert.deepStrictEqual(readsAtLoad('(() => { if (process.env.A) b(); })(); class C { static x = require("o").getOptionValue("--c"); }'),
                         ['process.env', 'require("o").getOptionValue("--c")']);
  assert.deepStrictEqual(readsAtLoad(modules.get('os')), ['os.getOSInformation']);
  assert.ok(readsAtLoad(modules.get('https')).includes("getOptionValue('--use-env-proxy')"));
});

test('no module reads options, the environment or the machine while it loads', () => {
  const unpatched = new Map([...modules].filter(([id]) => !patches.some((patch) => patch.id === id)));
  const patched = new Map([...modules].filter(([id]) => !unpatched.has(id)));
  assert.deepStrictEqual(applyPatches(patched, patches), []);
  const used = new Set();
  const wrong = [];
  for (const [id, text] of [...unpatched, ...patched]) {
    if (!/getOptionValue|process\.env|internalBinding/.test(text)) continue;
    const reads = readsAtLoad(text);
    if (reads.length === 0) continue;
    const entry = harmlessEntry(id);
    if (entry === undefined) wrong.push(`${id}: ${reads.join(', ')}`);
    else used.add(entry);
  }
  assert.deepStrictEqual(wrong, []);
  assert.deepStrictEqual(Object.keys(kHarmless).filter((entry) => !used.has(entry)), [], 'entries that are not needed');
});
