. "$(dirname "$0")/../modules/common.sh"
# What an uncaught exception prints: the place, the line of the source, also of Node's library, with
# the mark under it, and the error. Stack frames are compared by tests/modules/call-sites.sh.
files <<'END'
-- main.js --
const fs = require('fs'), { EventEmitter } = require('events'), ways = {
  rejectString: () => Promise.reject('text'), rejectSymbol: () => Promise.reject(Symbol('s')), rejectNull: () => Promise.reject(null),
  rejectBare: () => Promise.reject({ __proto__: null }), rejectError: () => Promise.reject(new TypeError('t')),
  symbol: () => { throw Symbol('s'); }, proxy: () => { throw new Proxy({}, { get() { throw 2; } }); }, number: () => { throw 10n; }, empty: () => { throw ''; },
  bare: () => { throw { __proto__: null }; }, toStringThrows: () => { throw { toString() { throw 1; } }; }, undefined: () => { throw undefined; },
  noStack: () => { throw Object.assign(new Error('e'), { stack: undefined }); }, named: () => { throw { name: 'N', message: 'm' }; }, getter: () => { throw { get message() { throw 1; } }; },
  cause: () => { throw new Error('outer', { cause: new Error('inner') }); }, code: () => { throw Object.assign(new RangeError('c'), { code: 'C', detail: [1] }); },
  open: () => fs.readFileSync('/no/such/file'), list: () => fs.readdirSync('/no/such'), stat: () => fs.statSync('/no'), write: () => fs.writeFileSync('/no/a', ''), make: () => fs.mkdirSync('/no/a'),
  type: () => fs.readFileSync({}), mode: () => fs.openSync('a', {}), bufferSize: () => Buffer.alloc(-1), bufferFrom: () => Buffer.from(5), range: () => Buffer.alloc(2).readUInt32LE(0),
  emit: () => new EventEmitter().emit('error', new Error('unheard')), emitValue: () => new EventEmitter().emit('error', 5), listener: () => new EventEmitter().on('a', 1),
  url: () => new URL('no url'), params: () => new URLSearchParams([1]), path: () => require('path').join(1), exit: () => process.exit('x'), kill: () => process.kill(1, 'NO'), chdir: () => process.chdir('/no'),
  assert: () => require('assert').strictEqual(1, 2), assertThrows: () => require('assert').throws(() => {}), deep: () => require('assert').deepStrictEqual({ a: 1 }, { a: 2 }), fail: () => require('assert').fail('text'),
  timer: () => setTimeout('code'), immediate: () => setImmediate(() => fs.rmdirSync('/no')), tick: () => process.nextTick(5), micro: () => queueMicrotask(1), signal: () => new AbortController().signal.throwIfAborted(),
  abort: () => AbortSignal.abort().throwIfAborted(), clone: () => structuredClone(() => {}), text: () => new TextDecoder('no'), parse: () => require('util').parseArgs({ args: ['--x'] }), inherits: () => require('util').inherits(1),
  promisify: () => require('util').promisify(1), stream: () => { const { Readable } = require('stream'); new Readable().read(); }, destroyed: () => { const { Writable } = require('stream'); const w = new Writable({ write() {} }); w.end(); w.write('x'); },
  spawn: () => require('child_process').spawn('/no/such/program'), spawnType: () => require('child_process').spawn(5), exec: () => require('child_process').execSync('exit 3'),
  listen: () => require('net').createServer().listen(-1), connect: () => require('net').connect({ port: 1, host: '127.0.0.1' }), dns: () => require('dns').lookup(5), vm: () => require('vm').runInNewContext('throw new Error("in vm")'), syntax: () => require('vm').runInThisContext('a b'), json: () => JSON.parse('{'),
  header: () => new Headers([['a b', 'c']]), event: () => new EventTarget().dispatchEvent(5), performance: () => performance.measure('a', 'b'), zlib: () => require('zlib').inflateSync('x'), readline: () => require('readline').createInterface(), os: () => require('os').setPriority(1, 99),
  hash: () => require('crypto').createHash('no'), random: () => require('crypto').randomBytes(-1), cluster: () => require('cluster').fork.call(null, { get a() { throw new Error('env'); } }), stringDecoder: () => new (require('string_decoder').StringDecoder)('no'), hooks: () => require('async_hooks').createHook({ init: 1 }),
};
if (process.argv[2] === 'names') console.log(Object.keys(ways).join('\n'));
else ways[process.argv[2]]();
END
mkdir -p away
"$KILN" build src/main.js -o app "${flags[@]}" >log 2>&1 || { cat log >&2; exit 1; }
# text FILE COMMAND…
text() {
  local out=$1 status=0
  shift
  (cd away && timeout 20 "$@" >../raw 2>&1 </dev/null) || status=$?
  sed -E -e "s#$scratch/src#/kiln#g" -e '/^ +at |^\(Use `|lines matching cause stack trace/d' -e 's/^Node\.js v.*//; s/^  pid: [0-9]+/  pid: N/' raw >"$out"
  echo "status $status" >>"$out"
}
mapfile -t ways < <("$KILN_NODE" src/main.js names)
((${#ways[@]} > 70)) || { echo "only ${#ways[@]} ways" >&2; exit 1; }
for way in "${ways[@]}"; do
  text node.out "$KILN_NODE" "$scratch/src/main.js" "$way"
  text app.out "$scratch/app" "$way"
  diff node.out app.out >diff.out || { echo "-- $way (< node, > app)" >&2; head -20 diff.out >&2; differ+=("$way"); }
done
report_differences
