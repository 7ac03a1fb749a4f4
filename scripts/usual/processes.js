// when: library child_process spawn
// when: library child_process exec
// when: library child_process execFile
// when: library child_process spawnSync
const { exec, execFile, execFileSync, execSync, spawn, spawnSync } = require('node:child_process');

const child = spawn('/bin/sh', ['-c', 'cat; echo text >&2'], { stdio: 'pipe' });
child.stdout.setEncoding('utf8').on('data', () => {});
child.stderr.on('data', () => {});
child.stdin.end('a');
child.on('exit', () => {});
child.on('close', () => {});
spawn('/bin/true', { stdio: 'inherit' }).on('exit', () => {});
exec('echo text', () => {});
execFile('/bin/echo', ['text'], { encoding: 'utf8' }, () => {});
spawnSync('/bin/sh', ['-c', 'echo text'], { encoding: 'utf8' });
execSync('echo text').toString();
execFileSync('/bin/echo', ['text']);
