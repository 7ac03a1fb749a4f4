. "$(dirname "$0")/../modules/common.sh"
# What reads embedded files without a descriptor behaves as node does with one: contents, errors, options,
# streams and their events, descriptors for code that asks for them, functions of fs that are replaced.
files <<'SRC'
-- main.js --
const fs = require('fs'), path = require('path'), cp = require('child_process'), { EventEmitter } = require('events'), util = require('util');
const at = (...names) => path.join(__dirname, 'data', ...names);
const t = async (label, work) => {
  try { console.log(label, await work()); } catch (e) { console.log(label, 'threw', e.name, e.code, e.syscall, e.message.replaceAll(__dirname, '/HERE').replaceAll(/\d{3,}/g, 'N'), Object.keys(e).join()); }
};
const sum = (data) => [data.length, typeof data, require('crypto').createHash('md5').update(data).digest('hex').slice(0, 8)].join(' ');
const call = (f, ...args) => new Promise((done, fail) => f(...args, (e, v) => e ? fail(e) : done(v)));
const all = async (stream) => { const list = []; for await (const x of stream) list.push(x); return list; };
const events = (stream, ...extra) => new Promise((done) => {
  const seen = [];
  for (const name of ['ready', 'data', 'end', 'error', 'close', ...extra])
    stream.on(name, (x) => seen.push(name + (name === 'data' ? x.length : name === 'error' ? x.code : typeof x)));
  stream.on('close', () => done(seen.join()));
});
const files = ['small.txt', 'empty.txt', 'big.txt', 'utf8.txt', 'bytes.bin', 'run.sh', '../main.js', '../wide.js', '../ascii.js'];
const ways = {
  sync: (f, o) => fs.readFileSync(f, o), callback: (f, o) => call(fs.readFile, f, o), promise: (f, o) => fs.promises.readFile(f, o),
  handle: async (f, o) => { await using h = await fs.promises.open(f, o?.flag); return await h.readFile(o); },
  descriptor: (f, o) => { const fd = fs.openSync(f, o?.flag); try { return fs.readFileSync(fd, o); } finally { fs.closeSync(fd); } },
};
(async () => {
  require('./wide.js'); require('./ascii.js');
  for (const [way, read] of Object.entries(ways)) {
    for (const file of files)
      for (const encoding of [undefined, 'utf8', 'utf-8', 'latin1', 'hex', 'utf16le', 'base64url', 'buffer'])
        await t(`${way} ${file} ${encoding}`, async () => { const v = await read(at(file), { encoding }); return sum(v); });
    for (const file of ['none', '.', 'deep', 'small.txt/x', 'small.txt/', 'x'.repeat(300), '\0'])
      for (const options of [{}, { encoding: 'utf8' }])
        await t(`${way} ${file.slice(0, 20)} ${options.encoding}`, () => read(at(file), options));
    for (const flag of ['r', 'rs', 'r+', 'w', 'wx', 'a', 'ax+', 'zz', 0, fs.constants.O_RDONLY | fs.constants.O_EXCL, fs.constants.O_DIRECTORY, 1.5])
      for (const encoding of [undefined, 'utf8'])
        if (!/w|a|\+/.test(flag) || /x/.test(flag)) await t(`${way} flag ${flag} ${encoding}`, async () => sum(await read(at('small.txt'), { flag, encoding })));
    for (const size of [0, 3, 6, 10])
      await t(`${way} buffer ${size}`, async () => { const buffer = Buffer.alloc(size), got = await read(at('small.txt'), { buffer }); return [got.length, got.buffer === buffer.buffer, String(buffer)]; });
    await t(`${way} Buffer`, async () => sum(await read(Buffer.from(at('small.txt')), 'utf8')));
    await t(`${way} URL`, async () => sum(await read(require('url').pathToFileURL(at('small.txt')), null)));
    await t(`${way} bad`, () => read({}, 'utf8'));
    await t(`${way} bad encoding`, () => read(at('small.txt'), 'none'));
    await t(`${way} pooled`, async () => { const b = await read(at('small.txt')); return [b.buffer.byteLength > b.length, b.constructor.name]; });
  }
  for (const read of [ways.callback, ways.promise])
    for (const when of [0, 1]) await t('abort ' + when, async () => { const c = new AbortController(); if (!when) c.abort(); const p = read(at('big.txt'), { signal: c.signal }); c.abort(new Error('why')); return sum(await p); });
  await t('many at once', async () => (await Promise.all(Array.from({ length: 40 }, (_, i) => ways[i % 2 ? 'callback' : 'promise'](at(files[i % files.length]))))).map(sum).join());
  await t('order', async () => { const seen = []; const p = fs.promises.readFile(at('small.txt')).then(() => seen.push('read')); setImmediate(() => seen.push('immediate')); process.nextTick(() => seen.push('tick')); await p; return seen.slice(0, 2); });
  await t('async_hooks', async () => { const types = []; const hook = require('async_hooks').createHook({ init(id, type) { if (/FS/.test(type)) types.push(type); } }).enable(); await call(fs.readFile, at('small.txt')); hook.disable(); return types.join(); });
  await t('async context', () => { const s = new (require('async_hooks').AsyncLocalStorage)(); return s.run(7, () => call((f, cb) => fs.readFile(f, (e) => cb(e, s.getStore())), at('small.txt'))); });

  // Streams.
  for (const o of [{}, { start: 2 }, { start: 1, end: 3 }, { end: 0 }, { start: 100 }, { highWaterMark: 1, end: 20 }, { highWaterMark: 100000 }, { encoding: 'utf8' }, { flags: 'w' }, { flags: 'r+' }, { flags: 'zz' }, { autoClose: false, end: 2 }, { emitClose: false }, { fd: null }, { start: -1 }, { signal: AbortSignal.abort() }])
    for (const file of ['small.txt', 'big.txt', 'empty.txt', 'none', 'deep'])
      if (o.flags !== 'w' || file === 'deep') if (o.flags !== 'r+' || file === 'none') await t(`stream ${file} ${Object.entries(o).join()}`, async () => { const parts = await all(fs.createReadStream(at(file), o)); return [parts.length, sum(typeof parts[0] === 'string' ? parts.join('') : Buffer.concat(parts))]; });
  await t('events', () => events(fs.createReadStream(at('small.txt'))));
  await t('events with open', () => events(fs.createReadStream(at('small.txt')), 'open'));
  await t('events none', () => events(fs.createReadStream(at('none')), 'open'));
  await t('destroyed at once', () => { const s = fs.createReadStream(at('big.txt')); s.destroy(); return events(s, 'open'); });
  await t('destroyed', () => { const s = fs.createReadStream(at('big.txt')); s.once('data', () => s.destroy()); return events(s); });
  await t('destroyed with error', () => { const s = fs.createReadStream(at('big.txt')); s.once('data', () => s.destroy(Object.assign(new Error('e'), { code: 'MINE' }))); return events(s); });
  await t('close', () => new Promise((done) => { const s = fs.createReadStream(at('big.txt')); s.once('ready', () => s.close((e) => done([e, s.fd, s.destroyed, s.pending, s.closed]))); }));
  const opened = async (o, file = 'small.txt') => { const s = fs.createReadStream(at(file), o); await EventEmitter.once(s, 'ready'); return s; };
  await t('state', async () => { const s = fs.createReadStream(at('small.txt')), seen = [s.fd, s.pending, s.bytesRead, s.path === at('small.txt'), s.flags, s.mode]; await EventEmitter.once(s, 'ready'); seen.push(typeof s.fd, s.fd > 2, s.pending); await all(s); return [...seen, s.bytesRead, s.fd, s.pending]; });
  await t('keys', async () => { const s = await opened(); const keys = Object.keys(s).join(); s.destroy(); return keys; });
  await t('property', async () => { const s = await opened(); const d = Object.getOwnPropertyDescriptor(s, 'fd'); s.destroy(); return [typeof d.value, d.writable, d.enumerable, d.configurable]; });
  await t('inspect', async () => { const s = await opened(); const text = util.inspect(s, { depth: 0 }); s.destroy(); return text.replaceAll(__dirname, '/HERE').replace(/fd: \d+/, 'fd: N').split('\n').filter((l) => !/Symbol/.test(l)).join('\n'); });
  await t('descriptor', async () => { const s = await opened(); const fd = s.fd, same = fd === s.fd, size = fs.fstatSync(fd).size; const rest = await all(s); let code; try { fs.fstatSync(fd); } catch (e) { code = e.code; } return [same, size, String(rest), code]; });
  await t('descriptor while a read waits', async () => { const s = await opened({ highWaterMark: 1000 }, 'big.txt'); for (let i = 0; i < 8; i++) require('crypto').pbkdf2('a', 'b', 50000, 64, 'sha512', () => {}); s.read(0); const size = fs.fstatSync(s.fd).size; return [size, sum(Buffer.concat(await all(s))), s.bytesRead]; });
  await t('descriptor in the middle', async () => { const s = fs.createReadStream(at('big.txt'), { highWaterMark: 1000 }); let fd, n = 0; const h = require('crypto').createHash('md5'); for await (const x of s) { h.update(x); if (++n === 3) { fd = s.fd; fs.fstatSync(fd); } } return [n, h.digest('hex'), s.bytesRead]; });
  await t('descriptor read', async () => { const s = await opened({ autoClose: false }, 'utf8.txt'); const b = Buffer.alloc(4); const n = fs.readSync(s.fd, b, 0, 4, 0); fs.closeSync(s.fd); return [n, b.toString('hex')]; });
  await t('not closed', async () => { const s = fs.createReadStream(at('small.txt'), { autoClose: false }); await all(s).catch(() => {}); const r = [s.destroyed, typeof s.fd, fs.fstatSync(s.fd).size]; s.destroy(); return r; });
  await t('as stdin', async () => { const s = await opened(); const r = cp.spawnSync('cat', { stdio: [s, 'pipe', 'inherit'] }); s.destroy(); return String(r.stdout); });
  await t('fd as stdin', async () => { const s = await opened({ start: 0 }); const c = cp.spawn('cat', { stdio: [s.fd, 'pipe', 'inherit'] }); const out = await all(c.stdout); s.destroy(); return String(Buffer.concat(out)); });
  await t('fd replaced', async () => { const s = await opened({ start: 0 }), fd = fs.openSync(at('utf8.txt')); s.fd = fd; const text = (await all(s)).join(''); let code; try { fs.fstatSync(fd); } catch (e) { code = e.code; } return [text.length, code]; });
  await t('pipe', () => new Promise((done) => fs.createReadStream(at('big.txt')).pipe(fs.createWriteStream('copy.txt')).on('finish', () => done(sum(fs.readFileSync('copy.txt'))))));
  await t('pipeline', async () => { await require('stream/promises').pipeline(fs.createReadStream(at('big.txt')), require('zlib').createGzip(), fs.createWriteStream('copy.gz')); return sum(require('zlib').gunzipSync(fs.readFileSync('copy.gz'))); });
  await t('lines', async () => (await all(require('readline').createInterface({ input: fs.createReadStream(at('utf8.txt')) }))).join('|'));
  await t('new', async () => String(await all(new fs.ReadStream(at('small.txt')))));
  await t('emit replaced', async () => { class Mine extends fs.ReadStream { emit(name, ...args) { if (name === 'open') this.seen = typeof args[0]; return super.emit(name, ...args); } } const s = new Mine(at('small.txt')); await all(s); return s.seen; });
  await t('open replaced', async () => { const names = []; const mine = { open: (...a) => { names.push('open'); fs.open(...a); }, read: (...a) => { names.push('read', typeof a[0]); fs.read(...a); }, close: (...a) => { names.push('close'); fs.close(...a); } }; const text = String(await all(fs.createReadStream(at('small.txt'), { fs: mine }))); return [text, names.join()]; });
  await t('handle', async () => { const h = await fs.promises.open(at('big.txt')); const text = await all(h.createReadStream({ start: 3, end: 8 })); return [String(text), h.fd]; });
  await t('positions', async () => { const h = await fs.promises.open(at('utf8.txt')); const b = Buffer.alloc(3); const seen = []; for (const p of [null, 1, null, 1000, 0n]) seen.push((await h.read(b, 0, 3, p)).bytesRead, b.toString('hex')); await h.close(); let code; try { await h.read(b); } catch (e) { code = e.code; } return [...seen, code, h.fd]; });
  await t('closed', () => { const fd = fs.openSync(at('small.txt')); fs.closeSync(fd); return fs.readSync(fd, Buffer.alloc(1)); });
  await t('closed twice', () => { const fd = fs.openSync(at('small.txt')); fs.closeSync(fd); fs.closeSync(fd); });
  await t('write', () => { const fd = fs.openSync(at('small.txt')); try { fs.writeSync(fd, 'x'); } finally { fs.closeSync(fd); } });
  await t('fstat', () => { const fd = fs.openSync(at('run.sh')), a = fs.fstatSync(fd), b = fs.statSync(at('run.sh')); fs.closeSync(fd); return ['size', 'mode', 'mtimeMs', 'uid', 'gid'].map((k) => a[k] === b[k]); });
  await t('stat', async () => { const s = fs.statSync(at('small.txt')); return [s.uid === process.getuid(), s.gid === process.getgid(), s.isFile(), s.nlink, (await fs.promises.stat(at('deep'))).isDirectory()]; });

  // Functions of fs that an app replaces see descriptors.
  const replaced = async (name, work) => { const old = fs[name], seen = []; fs[name] = function (...args) { seen.push(typeof args[0]); return Reflect.apply(old, this, args); }; try { await work(); } finally { fs[name] = old; } return seen.join(); };
  for (const name of ['openSync', 'readSync', 'closeSync']) await t(name, () => replaced(name, () => fs.readFileSync(at('small.txt'))));
  for (const name of ['open', 'read', 'close']) await t(name, () => replaced(name, async () => { await all(fs.createReadStream(at('small.txt'))); }));
})();
-- wide.js --
exports.text = 'żółw 日本 😀';
-- ascii.js --
exports.text = 'plain';
-- data/small.txt --
small
-- data/utf8.txt --
zwölf Boxkämpfer jagen Viktor
日本語 😀
-- data/deep/x.txt --
x
-- data/run.sh --
#!/bin/sh
SRC
: >src/data/empty.txt
seq 1 200000 >src/data/big.txt
python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 300)' >src/data/bytes.bin
chmod +x src/data/run.sh; chmod -R go-w,go+r src
limit=60 as_node 'reads' main.js --asset 'src/data/**'
same "the end of the output" $'close number\nstatus 0' "$(tail -n 2 node.out)"
report_differences
