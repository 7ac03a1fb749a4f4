// An input is compressed data of any of the formats. It is decompressed by one call, and as a
// stream in pieces, with output chunks, windows and limits that the input chooses. The results must
// agree.
'use strict';

const zlib = require('node:zlib');
const { attempt } = require('./harness.js');

const kinds = [
  ['inflateRaw', 'deflateRaw'], ['inflate', 'deflate'], ['gunzip', 'gzip'], ['unzip', 'gzip'],
  ['brotliDecompress', 'brotliCompress'], ['zstdDecompress', 'zstdCompress'],
];
const className = (name) => name[0].toUpperCase() + name.slice(1);
const dictionary = Buffer.from('a dictionary with words that are in the text');
const kMaxOutput = 1 << 20;

exports.feed = (choices, bytes) => {
  const [name] = choices.of(kinds);
  const options = {
    chunkSize: choices.of([64, 257, 258, 259, 289, 290, 291, 1000, 16384, 65536]),
    windowBits: choices.of([15, 15, 9, 8 + choices.below(8)]),
    maxOutputLength: kMaxOutput,
    dictionary: choices.below(3) ? undefined : dictionary,
  };
  if (!name.includes('nflate') && !name.includes('nzip')) delete options.dictionary;
  const whole = attempt(() => zlib[`${name}Sync`](bytes, options));

  const stream = attempt(() => zlib[`create${className(name)}`](options));
  if (!stream) return undefined;
  let size = 0;
  stream.on('data', (part) => {
    size += part.length;
    if (size > kMaxOutput) stream.destroy();
  });
  stream.on('end', () => {
    if (!whole || size === whole.length) return;
    console.error(`${name}: ${whole.length} bytes at once, ${size} by a stream`);
    process.reallyExit(70);
  });
  stream.on('error', () => {});
  const piece = choices.of([1, 6, 7, 8, 9, 100, 1 << 20]);
  for (let at = 0; at < Math.min(bytes.length, piece * 200); at += piece) stream.write(bytes.subarray(at, at + piece));
  stream.write(bytes.subarray(piece * 200));
  stream.end();
  return (last) => { if (last) stream.destroy(); };
};

exports.seeds = () => {
  const text = Buffer.from('a text with words that come again, and again, '.repeat(20));
  const mixed = Buffer.concat([Buffer.alloc(3000, 'ab'), text, Buffer.from(Array.from({ length: 2000 }, (_, i) => i * i >> 3 & 255)), text]);
  const out = [];
  kinds.forEach(([, compress], kind) => {
    for (const data of [text, mixed, Buffer.alloc(40000, 1), Buffer.alloc(0)])
      for (const options of [{}, { level: 1 }, { strategy: 4 }, { strategy: 2 }, { level: 0 }, { windowBits: 9 }]) {
        if (kind > 3 && Object.keys(options).length) continue;
        const packed = zlib[`${compress}Sync`](data, options);
        for (const choices of [[kind, 8, 0, 1, 6], [kind, 3, 0, 1, 0], [kind, 0, 2, 1, 3]]) out.push([choices, packed]);
      }
  });
  out.push([[1, 8, 0, 0, 6], zlib.deflateSync(text, { dictionary })]);
  return out;
};

exports.words = ['\x1f\x8b\x08', '\x78\x9c', '\x28\xb5\x2f\xfd', '\x00\x00\xff\xff'];
