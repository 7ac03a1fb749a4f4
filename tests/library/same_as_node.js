// Compares facts about Node that our sources repeat with the pinned node. With a new version of
// Node this shows what has to be changed by hand.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { builtinModules } = require('node:module');
const { internalBinding } = require('internal/test/binding');
const { KILN_STUB, KILN_PARTS } = process.env;

const inStub = (code) => JSON.parse(execFileSync(
  KILN_STUB, ['--no-warnings', '--expose-internals', '-p', `JSON.stringify(${code})`], { encoding: 'utf8' }));
const kBinding = 'require("internal/test/binding").internalBinding';
const withoutOurs = (ids) => ids.filter((id) => !/^internal\/(kiln\/|frames\/|main\/kiln_)/.test(id));

test('the version (runtime-stub/platform/versions.h)', () => assert.strictEqual(inStub('process.version'), process.version));

test('the modules', () => {
  assert.deepStrictEqual(withoutOurs(inStub('require("module").builtinModules')), builtinModules);
});

test('the modules that may not be required (runtime-stub/bindings/builtins.cc)', () => {
  const node = JSON.parse(fs.readFileSync(path.join(KILN_PARTS, 'node-library/categories.json'), 'utf8'));
  const ours = inStub(`[...${kBinding}("builtins").builtinCategories.cannotBeRequired].sort()`);
  assert.deepStrictEqual(withoutOurs(ours), node.cannotBeRequired);
});

test('the names of the command-line options (runtime-stub/command_line/options_table.inc)', () => {
  const node = [...internalBinding('options').getCLIOptionsInfo().options.keys()].sort();
  const ours = inStub(`[...${kBinding}("options").getCLIOptionsInfo().options.keys()].sort()`);
  assert.deepStrictEqual(ours, node);
});

test('the public modules that the bundler knows (bundler/packages.cc)', () => {
  const source = fs.readFileSync(path.join(__dirname, '../../bundler/packages.cc'), 'utf8');
  const list = (name) => [...source.match(new RegExp(`\\b${name}\\[\\] = \\{([^}]*)\\}`))[1].matchAll(/"([^"]+)"/g)]
    .map((match) => match[1]);
  const known = [...list('kBuiltins'), ...list('kSchemeOnly').map((id) => `node:${id}`)];
  assert.deepStrictEqual(known.sort(), builtinModules.filter((id) => !id.startsWith('internal/')).sort());
});
