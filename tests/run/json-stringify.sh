. "$(dirname "$0")/../build/common.sh"
# JSON.stringify() takes V8's fast path, repaired (scripts/parts/v8-patches), unless it has a
# replacer argument, even null. Random values of all kinds give the same text with and without it.
file main.js <<'JS'
let seed = 1;
const random = (below) => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >> 8) % below;
};
const oneOf = (list) => list[random(list.length)];
const keys = ['a', 'b', 'key', 'a"b', 'back\\slash', 'ключ', 'ж"', 'line\nfeed', '0', '7', '4294967295', '-1',
  'toString', 'ÿé', '\u2028', '\ud800', 'длинный ключ с "кавычками"', 'x'.repeat(40), 'y"'.repeat(20), '\x1f'];
const texts = ['', 'plain', 'with "quotes"', 'tab\t', 'кириллица', '\ud83d\ude00', '\ud800', '\udc00x', 'é', '\x00',
  'long '.repeat(30), 'lo"ng '.repeat(30), 'ж'.repeat(100), 'x'.repeat(31) + '"', 'x'.repeat(15) + '\\' + 'y'.repeat(16)];
// Put together and flattened since, but not by a new allocation.
const joined = texts.map((one, i) => one + texts[(i + 3) % texts.length]);
for (const one of joined) /x/.test(one);
class WithPrivate { #hidden = 1; shown = 2; }
class WithToJSON { toJSON() { return { d: 1 }; } }
const oddities = [() => () => 1, () => new Number(4.5), () => new Boolean(false), () => Object(Symbol()), () => new Date(0),
  () => /x/, () => new WithPrivate(), () => new WithToJSON(), () => Object.create(null), () => new Map([[1, 2]])];
// Most rounds are plain data, which is what the fast path takes.
let plain = true;
const odd = (below) => !plain && random(below) === 0;

function text() {
  if (odd(6)) return oneOf(texts) + oneOf(texts);
  if (random(6) === 0) return oneOf(joined);
  if (odd(6)) return new String(oneOf(texts));
  return oneOf(texts);
}
function value(depth) {
  if (odd(10)) return oneOf(oddities)();
  switch (random(depth > 0 ? 16 : 10)) {
    case 0: return undefined;
    case 1: return null;
    case 2: return true;
    case 3: return random(1000) - 500;
    case 4: return random(1000) / 7;
    case 5: return oneOf([NaN, -0, 1e21, 2 ** 31, -(2 ** 31) - 1, Infinity]);
    case 6: return Symbol('s');
    case 7: case 8: case 9: return text();
    case 10: case 11: return array(depth - 1);
    case 12: return oneOf(shapes)(depth - 1);
    default: return object(depth - 1);
  }
}
function array(depth) {
  const list = [];
  const kind = random(6);
  for (let i = random(6); i > 0; i--)
    list.push(kind === 0 ? random(99) : kind === 1 ? random(99) / 3 : kind === 2 ? text() : value(depth));
  if (random(8) === 0) list.length += random(3);
  if (random(12) === 0) delete list[0];
  if (random(60) === 0) for (let i = 0; i < 4100; i++) list.push(i & 1 ? value(0) : i);
  if (odd(30)) list.extra = 1;
  if (odd(60)) list.toJSON = () => 'list';
  return list;
}
// Objects of a shape are made again later, so that what was learnt of the shape is used.
const shapes = [() => ({})];
function object(depth) {
  const mine = Array.from({ length: random(7) }, () => oneOf(keys)).filter((key) => !plain || !/^\d/.test(key));
  const symbol = random(12) === 0 && Symbol('k');
  const hidden = random(15) === 0, getter = odd(25), dictionary = odd(25);
  const make = (deep) => {
    const made = {};
    if (symbol) made[symbol] = 1;
    for (const key of mine) made[key] = value(deep);
    if (hidden) Object.defineProperty(made, 'hid', { value: 1, enumerable: false });
    if (getter) Object.defineProperty(made, 'get', { get: () => 'got', enumerable: true });
    if (dictionary) { made.gone = 1; delete made[mine[0]]; delete made.gone; }
    if (odd(50)) Object.freeze(made);
    return made;
  };
  shapes[random(40)] = make;
  for (let i = 0; i < shapes.length; i++) shapes[i] ??= make;
  return make(depth);
}

const outcome = (run) => {
  try {
    return run();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
let different = 0;
for (let round = 0; round < 6000; round++) {
  plain = round % 4 !== 0;
  let made = random(2) ? array(4) : object(4);
  if (random(4) === 0) {
    const shape = oneOf(shapes);
    made = { list: Array.from({ length: random(30) }, () => shape(2)), made };
  }
  if (random(50) === 0 && Object.isExtensible(made)) made.self = made;
  const fast = outcome(() => JSON.stringify(made));
  const slow = outcome(() => JSON.stringify(made, null));
  if (fast !== slow && different++ < 3) console.log(`round ${round}:\n${fast}\n${slow}`);
}
console.log('random values:', different, 'differ');

// What V8 13.6 gets wrong: keys not looked at when their shape was first met.
const quoted = (v) => ({ 'a"b': v }), wide = (v) => ({ 'ключ': v });
for (const make of [quoted, wide]) for (const v of [1, undefined, 's']) make(v);
console.log(JSON.stringify([quoted(undefined), quoted(1)]), JSON.stringify([wide(undefined), wide(1)]));
const both = (v) => ({ 'a"b': 1, text: v });
console.log(JSON.stringify([both('ж'), both('ж')]));

// A cycle is noticed before its text fills the memory.
const cycle = { text: 'x'.repeat(1e6) };
cycle.self = cycle;
console.log(outcome(() => JSON.stringify(cycle)).split('\n')[0], process.memoryUsage().rss < 400e6 || !!process.env.KILN_SANITIZED);
JS
build main.js
expect <<'OUT'
random values: 0 differ
[{},{"a\"b":1}] [{},{"ключ":1}]
[{"a\"b":1,"text":"ж"},{"a\"b":1,"text":"ж"}]
TypeError: Converting circular structure to JSON true
OUT
