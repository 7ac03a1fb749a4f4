// Each native function that acts on something outside of the heap, or reads files, either refuses to when
// there is a permission model that allows nothing, or is in the list of those that need no permission,
// with the reason. The functions are those of the table of effects.
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');

if (process.permission === undefined) {
  // What is needed to run this file, and nothing else.
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    '--expose-internals', '--no-warnings', '--permission', `--allow-fs-read=${path.join(__dirname, '../../runtime-stub/binding')}`, __filename,
  ], { encoding: 'utf8' });
  assert.strictEqual(status, 0, stdout + stderr);
  process.exit();
}

const { internalBinding } = require('internal/test/binding');
const bindings = { __proto__: null };
const b = (name) => bindings[name] ??= internalBinding(name);
const p = '/outside/file', q = '/outside/other';

// Functions that must refuse, by name: how they are called.
const doors = {
  'blob.createBlobFromFilePath': () => b('blob').createBlobFromFilePath(p),
  'fs.StatWatcher.prototype.start': () => new (b('fs').StatWatcher)(false).start(p, 100),
  'fs.access': () => b('fs').access(p, 0),
  'fs.chmod': () => b('fs').chmod(p, 0),
  'fs.chown': () => b('fs').chown(p, 0, 0),
  'fs.copyFile': () => b('fs').copyFile(p, q, 0),
  'fs.cpSyncCheckPaths': () => b('fs').cpSyncCheckPaths(p, q, false, true),
  'fs.cpSyncCopyDir': () => b('fs').cpSyncCopyDir(p, q, true, false, false, false, false),
  'fs.cpSyncOverrideFile': () => b('fs').cpSyncOverrideFile(p, q, 0, false),
  'fs.existsSync': () => b('fs').existsSync(p),
  'fs.fchmod': () => b('fs').fchmod(0, 0o600),
  'fs.fchown': () => b('fs').fchown(0, 0, 0),
  'fs.futimes': () => b('fs').futimes(0, 0, 0),
  'fs.getFormatOfExtensionlessFile': () => b('fs').getFormatOfExtensionlessFile(p),
  'fs.lchown': () => b('fs').lchown(p, 0, 0),
  'fs.legacyMainResolve': () => b('fs').legacyMainResolve(p, 'main', 'file:///x'),
  'fs.link': () => b('fs').link(p, q),
  'fs.lutimes': () => b('fs').lutimes(p, 0, 0),
  'fs.mkdir': () => b('fs').mkdir(p, 0o777, false),
  'fs.mkdtemp': () => b('fs').mkdtemp(p, 'utf8'),
  'fs.open': () => b('fs').open(p, 0, 0),
  'fs.openFileHandle': () => b('fs').openFileHandle(p, 0, 0),
  'fs.readFileUtf8': () => b('fs').readFileUtf8(p, 0),
  'fs.readdir': () => b('fs').readdir(p, 'utf8', false),
  'fs.readlink': () => b('fs').readlink(p, 'utf8'),
  'fs.realpath': () => b('fs').realpath(p, 'utf8'),
  'fs.rename': () => b('fs').rename(p, q),
  'fs.rmSync': () => b('fs').rmSync(p, 0, true, 0),
  'fs.rmdir': () => b('fs').rmdir(p),
  'fs.stat': () => b('fs').stat(p, false),
  'fs.statfs': () => b('fs').statfs(p, false),
  'fs.symlink': () => b('fs').symlink(p, q, 0),
  'fs.unlink': () => b('fs').unlink(p),
  'fs.utimes': () => b('fs').utimes(p, 0, 0),
  'fs.writeFileUtf8': () => b('fs').writeFileUtf8(p, '', 0o1101, 0o666),
  'fs_dir.opendir': () => b('fs_dir').opendir(p, 'utf8'),
  'fs_dir.opendirSync': () => b('fs_dir').opendirSync(p),
  'fs_event_wrap.FSEvent.prototype.start': () => new (b('fs_event_wrap').FSEvent)().start(p, false, false, 'utf8'),
  'heap_utils.triggerHeapSnapshot': () => b('heap_utils').triggerHeapSnapshot(p),
  'inspector.new Connection': () => new (b('inspector').Connection)(() => {}),
  'inspector.new MainThreadConnection': () => new (b('inspector').MainThreadConnection)(() => {}),
  'inspector.open': () => b('inspector').open(0, '127.0.0.1'),
  'modules.readPackageJSON': () => b('modules').readPackageJSON(p, false),
  'pipe_wrap.Pipe.prototype.bind': () => new (b('pipe_wrap').Pipe)(0).bind(p),
  'pipe_wrap.Pipe.prototype.connect': () => new (b('pipe_wrap').Pipe)(0).connect(new (b('pipe_wrap').PipeConnectWrap)(), p),
  'process_methods.chdir': () => b('process_methods').chdir(p),
  'process_methods.execve': () => b('process_methods').execve(p, [], []),
  'process_methods.loadEnvFile': () => b('process_methods').loadEnvFile(p),
  'process_wrap.Process.prototype.spawn': () => new (b('process_wrap').Process)().spawn(p, ['x'], null, [], [], 0),
  'report.writeReport': () => b('report').writeReport('', '', p, new Error()),
  'spawn_sync.spawn': () => b('spawn_sync').spawn({ file: p, args: ['x'], envPairs: [], stdio: [] }),
  'v8.setFlagsFromString': () => b('v8').setFlagsFromString('--logfile=' + p),
  'v8.setHeapSnapshotNearHeapLimit': () => b('v8').setHeapSnapshotNearHeapLimit(1),
  'worker.new Worker': () => new (b('worker').Worker)(null, null, undefined, undefined, false, false, 'x'),
};

// Those that answer otherwise than by an exception.
const answers = {
  'modules.enableCompileCache': () => assert.match(b('modules').enableCompileCache(p, false, false)[1], /not granted/),
  'modules.getNearestParentPackageJSON': () => assert.strictEqual(b('modules').getNearestParentPackageJSON(p), undefined),
  'modules.getNearestParentPackageJSONType': () => assert.strictEqual(b('modules').getNearestParentPackageJSONType(p), undefined),
  'modules.getPackageScopeConfig': () => assert.strictEqual(typeof b('modules').getPackageScopeConfig('file://' + p), 'string'),
  'modules.getPackageType': () => assert.strictEqual(b('modules').getPackageType('file://' + p), undefined),
  // Addons are not loaded at all.
  'process_methods.dlopen': () => assert.throws(() => b('process_methods').dlopen({ exports: {} }, p), { code: 'ERR_DLOPEN_DISABLED' }),
};

// Functions that need no permission; the first pattern that matches counts.
const reasons = [
  [/^fs\.(internalModuleStat|lstat)$/, 'as in node, because paths are resolved step by step; refused with permissions of `kiln build` (Permissions::Sees)'],
  [/^fs\.(FileHandle|HandleWrap)\./, 'of an open file'],
  [/^fs\.new (FSReqCallback|FileHandle|StatWatcher)$/, 'opens nothing'],
  [/^fs\.(close|read|readBuffers|writeBuffer|writeBuffers|writeString|fdatasync|fsync|ftruncate)$/, 'of a descriptor, which was opened with the right to do it'],
  [/^fs_dir\.DirHandle\./, 'of an open folder'],
  [/^fs_event_wrap\.new FSEvent$/, 'watches nothing yet'],
  [/^embedded_files\./, 'only files of the executable'],
  [/^modules\.(flushCompileCache|saveCompileCacheEntry)$/, 'in the folder of enableCompileCache, which asks'],
  [/^(heap_utils|stream_wrap|js_stream|js_udp_wrap|stream_pipe|tty_wrap|tls_wrap|http2|http_parser|zlib|messaging)\./, 'of streams and ports that exist'],
  [/^(tcp_wrap|udp_wrap|cares_wrap)\./, 'the network needs no permission in Node 24'],
  [/^pipe_wrap\./, 'of a socket without a path, or of a descriptor'],
  [/^process_wrap\.(new Process|Process\.prototype\.kill)$/, 'starts nothing; signals need no permission in Node'],
  [/^worker\./, 'of a worker that exists'],
  [/^report\.set/, 'writeReport asks'],
  [/^process_methods\.(_kill|_debugProcess|setgid)$|^signal_wrap\.|^watchdog\./, 'signals need no permission in Node'],
  [/^(credentials|os)\./, 'rights of the system, which the system checks'],
  [/^process_methods\.|^process\./, 'concerns only this process'],
  [/^v8\./, 'profiles are returned, not written'],
  [/^crypto\./, 'loads nothing in a static executable'],
  [/^(async_wrap|blob|contextify|errors|kiln|locks|mksnapshot|performance|task_queue|timers|util|wasm_web_api)\./, 'concerns only this process'],
  [/^permission\.drop$/, 'can only take away'],
  [/^(trace_events|wasi)\./, 'not available in this runtime'],
  [/^(sqlite|webstorage)\./, 'the file system that SQLite is given asks (sqlite/file_system.cc)'],
  [/^inspector\.(?!open$|new )/, 'of a session or port, which was asked for'],
  [/^profiler\./, 'the writer of profiles asks (inspector/profilers.cc)'],
];

const table = fs.readFileSync(path.join(__dirname, '../../runtime-stub/binding/effects.inc'), 'utf8');
const names = [...table.matchAll(/^(?:ACT|EMBEDDED)\("([^"]+)", "([^"]+)"/gm)].map((match) => `${match[1]}.${match[2]}`);
assert.ok(names.length > 300, `${names.length} functions`);
const refused = { code: 'ERR_ACCESS_DENIED' };
for (const name of names) {
  if (doors[name]) assert.throws(doors[name], refused, `${name} does not refuse`);
  else if (answers[name]) answers[name]();
  else assert.ok(reasons.some(([pattern]) => pattern.test(name)),
                 `${name}: docs/permissions.md says what a new native function needs, and this test wants a call of it or a reason`);
}
for (const name of [...Object.keys(doors), ...Object.keys(answers)]) {
  if (!names.includes(name)) assert.ok(/^v8\.|^modules\.enableCompileCache$/.test(name), `there is no ${name}`);
  (answers[name] ?? (() => assert.throws(doors[name], refused, `${name} does not refuse`)))();
}
for (const [pattern] of reasons) assert.ok(names.some((name) => pattern.test(name)), `nothing is ${pattern}`);
// Bindings and requests do not help a caller who has the functions.
const request = new (b('fs').FSReqCallback)();
let error;
request.oncomplete = (e) => { error = e; };
b('fs').open(p, 0, 0, request);
assert.strictEqual(error.code, 'ERR_ACCESS_DENIED');
assert.rejects(b('fs').open(p, 0, 0, b('fs').kUsePromises), refused);
