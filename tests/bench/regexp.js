// Parses a web server's log with regular expressions of many kinds: groups, lazy and
// greedy, look-around, back references, Unicode, sticky, and replacing with a function.
'use strict';

const measure = require('./measure.js');

let seed = 12345;
const random = (below) => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed % below;
};
const pick = (list) => list[random(list.length)];

const lines = Array.from({ length: 4000 }, (_, i) => [
  `${random(256)}.${random(256)}.${random(256)}.${random(256)} - ${pick(['-', 'ann', 'bob'])}`,
  `[${String(1 + random(28)).padStart(2, '0')}/Nov/2026:${String(random(24)).padStart(2, '0')}:10:07 +0000]`,
  `"${pick(['GET', 'POST', 'HEAD'])} /${pick(['a', 'shop', 'über'])}/item-${i}?q=${pick(['x', 'two+words', '%20'])}&n=${random(99)} HTTP/1.1"`,
  `${pick([200, 200, 304, 404, 500])} ${random(90000)}`,
  `"${pick(['Mozilla/5.0 (X11; Linux)', 'curl/8.1', 'Bot <bot@example.org>'])}"`,
].join(' '));
const text = lines.join('\n');

const entry = /^(\d{1,3}(?:\.\d{1,3}){3}) - (\S+) \[([^\]]+)\] "(GET|POST|HEAD) (.*?) HTTP\/1\.\d" (\d{3}) (\d+) "([^"]*)"$/;
const token = /\s*(?:(\d+(?:\.\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(.))/suy;

function tokens(source) {
  let count = 0;
  token.lastIndex = 0;
  for (let match; (match = token.exec(source)) !== null;) count += match[2] ? 3 : match[1] ? 2 : 1;
  return count;
}

measure('regexp', 60, () => {
  let check = 0;
  const paths = new Map();
  for (const line of lines) {
    const match = entry.exec(line);
    if (match === null) throw new Error(line);
    const path = match[5].replace(/[?&](\w+)=([^&]*)/g, (_, key, value) => `;${key}:${value.length}`);
    paths.set(path, (paths.get(path) ?? 0) + Number(match[7]));
    if (/\b5\d\d\b(?= \d+ ")/.test(line)) check++;
  }
  check += paths.size;
  check += text.match(/(?<=item-)\d*7\b/g).length;
  check += text.match(/(\d)\1/g).length;
  check += text.match(/[\w.+-]+@[\w-]+\.\w+/g).length;
  check += text.split(/\r?\n/).length;
  check += tokens(text.slice(0, 60000));
  return check;
});
