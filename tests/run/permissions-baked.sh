#!/bin/bash
# An executable that was built with --permission has exactly these rights at every start: no argument, no
# variable and nothing that it starts has more. Its own files are readable.
. "$(dirname "$0")/../build/common.sh"

mkdir -p free; echo outside >secret; echo inside >free/text
file data.txt <<< embedded
file worker.mjs <<'JS'
import { parentPort } from 'node:worker_threads';
parentPort.postMessage(['fs.read', 'fs.write', 'worker', 'child'].map((name) => process.permission.has(name, process.env.SECRET)));
JS
file child.mjs <<'JS'
import fs from 'node:fs';
try { console.log('child read', fs.readFileSync(process.env.SECRET, 'latin1').trim()); } catch (e) { console.log('child', e.code, e.permission); }
JS
file main.mjs <<'JS'
import fs from 'node:fs';
import { fork, spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
const { FREE, SECRET } = process.env;
const attempt = (f) => { try { return f(); } catch (e) { return `${e.code} ${e.permission ?? e.message}`; } };
const read = (path) => attempt(() => fs.readFileSync(path, 'latin1').trim());
if (process.argv[2] === 'again') {
  console.log('again', read(SECRET));
} else {
  console.log(read(new URL('./data.txt', import.meta.url)), read(FREE + '/text'), read(SECRET));
  console.log(attempt(() => fs.writeFileSync(FREE + '/new', '')), attempt(() => fs.writeFileSync(new URL('./x', import.meta.url), '')));
  console.log(process.permission.has('fs.read', new URL('./data.txt', import.meta.url).pathname), process.permission.has('fs.read', '/kiln/../etc/passwd'));
  for (const how of [{ execArgv: [] }, { execArgv: ['--permission', '--allow-fs-read=*'] }, { env: { SECRET, NODE_NO_WARNINGS: '1', NODE_OPTIONS: '--allow-fs-read=*' } }]) {
    await new Promise((done) => new Worker(new URL('./worker.mjs', import.meta.url), how).on('message', (m) => console.log('worker', ...m)).on('error', (e) => console.log(e.message)).on('exit', done));
    await new Promise((done) => fork(new URL('./child.mjs', import.meta.url), [], how).on('exit', done));
  }
  for (const args of [['again'], ['--permission', '--allow-fs-read=*', '-p', `fs.readFileSync(${JSON.stringify(SECRET)}, 'latin1')`]])
    console.log(attempt(() => { const { stdout, stderr } = spawnSync(process.execPath, args); return String(stdout).trim() || /ERR_\w+/.exec(stderr)?.[0]; }));
}
JS
build main.mjs --asset data.txt --permission --allow-fs-read="$PWD/free" --allow-child-process --allow-worker
export SECRET=$PWD/secret FREE=$PWD/free NODE_NO_WARNINGS=1
want='embedded inside ERR_ACCESS_DENIED FileSystemRead
ERR_ACCESS_DENIED FileSystemWrite ERR_ACCESS_DENIED FileSystemWrite
true false
worker false false true true
child ERR_ACCESS_DENIED FileSystemRead
worker false false true true
child ERR_ACCESS_DENIED FileSystemRead
worker false false true true
child ERR_ACCESS_DENIED FileSystemRead
again ERR_ACCESS_DENIED FileSystemRead
ERR_ACCESS_DENIED'
expect <<< "$want"
NODE_OPTIONS='--allow-fs-read=*' expect <<< "$want"
expect --allow-fs-read='*' --permission-audit <<< "$want"

for mode in env cli; do
  build main.mjs --asset data.txt --exec-argv-extension=$mode --permission --allow-fs-read="$PWD/free" --allow-child-process --allow-worker
  NODE_OPTIONS='--permission --allow-fs-read=* --allow-fs-write=*' expect <<< "$want"
done
expect --node-options='--permission --allow-fs-read=*' <<< "$want"
build main.mjs --exec-argv-extension=node --permission --allow-fs-read="$PWD/free"
run --permission --allow-fs-read='*' -p 'require("fs").readFileSync(process.env.SECRET)' >out 2>&1 && exit 1
grep -q ERR_ACCESS_DENIED out

# The permissions of a start without baked ones are passed on, too.
file parent.js <<'JS'
const { spawnSync } = require('child_process');
if (process.argv[2] === 'child') console.log(process.permission !== undefined && process.permission.has('fs.read', process.env.SECRET));
else console.log(process.permission.has('child'), String(spawnSync(process.execPath, ['child']).stdout).trim());
JS
build parent.js --exec-argv-extension=cli
expect --node-options='--permission --allow-child-process' <<< 'true false'

rm app
fails_with '--allow-fs-read needs --permission' parent.js --allow-fs-read=/tmp
