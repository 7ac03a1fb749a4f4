'use strict';
// Seeds of the fuzz target payload.cc: small payloads as snapshot/format/FORMAT.md describes them, and
// a section of each kind by itself.
const zlib = require('node:zlib');

const kNoChoices = Buffer.alloc(24);

const u16 = (...values) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values) => Buffer.from(BigUint64Array.from(values, BigInt).buffer);
const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((16 - bytes.length % 16) % 16)]);

// Appends texts behind `at`, and returns the offset of each.
class Texts {
  parts = [];
  constructor(at) { this.end = at; }
  add(bytes, align = 1) {
    const gap = (align - this.end % align) % align;
    this.parts.push(Buffer.alloc(gap), Buffer.from(bytes));
    const offset = this.end + gap;
    this.end = offset + bytes.length;
    return offset;
  }
}

// modules: { path, suffix, source (Buffer), twoByte, map, edges: [[specifier, text, names, module, import, target]] }
function modulesSection(modules) {
  const edges = modules.flatMap((module) => module.edges ?? []);
  const texts = new Texts(8 + modules.length * 68 + edges.length * 48);
  let first = 0;
  const rows = modules.map(({ path, suffix = '', source, twoByte, map = '', edges = [] }, i) => {
    const at = texts.add(path + suffix), text = texts.add(source, 16), mapAt = texts.add(map);
    const row = Buffer.concat([u64(at, text, source.length, mapAt, map.length),
                               u32(path.length, suffix.length, 2, (twoByte ? 1 : 0) | 2, first, edges.length)]);
    first += edges.length;
    return row;
  });
  const byPath = modules.map((module, i) => [module.path + (module.suffix ?? ''), i]).sort().map(([, i]) => i);
  const edgeRows = edges.map(([specifier, text, names, module, isImport, target]) => Buffer.concat([
    u64(texts.add(specifier), texts.add(text), texts.add(names)),
    u32(specifier.length, text.length, names.length, module), u16(isImport, target), u32(0)]));
  return Buffer.concat([u32(modules.length, edges.length), ...rows, u32(...byPath), ...edgeRows, ...texts.parts]);
}

// files: [path, content, isCompressed, isLink], sorted by path
function filesSection(files) {
  const texts = new Texts(8 + files.length * 48);
  const rows = files.map(([path, content, isCompressed, isLink]) => {
    const stored = isCompressed ? zlib.zstdCompressSync(content) : Buffer.from(content);
    const at = texts.add(path), data = texts.add(stored, 16);
    return Buffer.concat([u64(at, data), u32(path.length, isLink ? 0o120777 : 0o644, isCompressed ? 1 : 0, 0),
                          u64(stored.length, content.length)]);
  });
  return Buffer.concat([u32(files.length, files.filter(([, , , isLink]) => isLink).length), ...rows, ...texts.parts]);
}

function payload(sections) {
  let at = 80 + sections.length * 32;
  at += (16 - at % 16) % 16;
  const rows = sections.map(([kind, bytes]) => {
    const row = Buffer.concat([u32(kind, 0), u64(at, bytes.length, bytes.length)]);
    at += padded(bytes).length;
    return row;
  });
  const header = Buffer.alloc(80);
  header.write('KILNPAY1');
  u32(4, 1, sections.length, 0).copy(header, 8);
  u64(at).copy(header, 24);
  return Buffer.concat([padded(Buffer.concat([header, ...rows])), ...sections.map(([, bytes]) => padded(bytes))]);
}

// A position table of one source, one name and two entries.
function positionTable() {
  const head = 28 + 12 + 16 + 8 + 32;
  const texts = new Texts(head);
  const entries = texts.add([0x02, 0, 0, 0x53, 4, 2, 0]), name = texts.add('x'), nameEnd = texts.end;
  const frame = Buffer.from('\x01{"sources":\x02,"sourcesContent":\x03,"names":\x04,"mappings":\x05}');
  const frameAt = texts.add(frame), path = texts.add('a.ts'), content = texts.add('let a');
  return Buffer.concat([u32(2, 1, 1, 1, 1, frameAt, frame.length), u32(0, 0, entries), u32(path, 4, content, 5),
                        u32(name, nameEnd), u32(0, 0, 0, 1, 0, 1, 2, 5), ...texts.parts]);
}

module.exports = {
  *seeds() {
    const modules = modulesSection([
      { path: '/kiln/main.mjs', source: Buffer.from('import "./a.mjs?1"'), map: positionTable(),
        edges: [['./a.mjs?1', '', '', 1, 1, 0], ['fs', 'fs', 'default\n*\n', 0, 1, 1], ['./b.node', 'an addon', '', 0, 0, 2]] },
      { path: '/kiln/a.mjs', suffix: '?1', source: Buffer.from('"\u0100"', 'utf16le'), twoByte: true },
      { path: '/kiln/lib/b.cjs', source: Buffer.from('// \xe9', 'latin1'), edges: [['./main.mjs', '', '', 0, 0, 0]] },
    ]);
    const files = filesSection([['/kiln/data/a.txt', 'text', false], ['/kiln/data/deep/b', 'b'.repeat(600), true],
                                ['/kiln/z.json', '{}', false]]);
    const links = filesSection([['/kiln/a/f', 'text'], ['/kiln/a/up', '..', false, true], ['/kiln/l', 'l', false, true],
                                ['/kiln/out', '../../etc', false, true], ['/kiln/to', '/kiln/a/../a/up/to2', false, true],
                                ['/kiln/to2', 'a/', false, true]]);
    const options = Buffer.from('entry=/kiln/main.mjs\nintl=none\n');
    yield [kNoChoices, payload([[5, options], [6, modules], [4, files]])];
    yield [kNoChoices, payload([[1, Buffer.alloc(40)], [7, Buffer.alloc(50)], [8, Buffer.from('env CI\ntty 1\n')], [5, options]])];
    yield [kNoChoices, payload([[5, options], [2, Buffer.from('return 1')], [3, positionTable()]])];
    yield [kNoChoices, modules];
    yield [kNoChoices, files];
    yield [kNoChoices, links];
    yield [kNoChoices, positionTable()];
  },
  words: ['KILNPAY1', '/kiln/', '/', '..', '\xff\xff\xff\xff', '\x00\x00\x00\x00'],
};
