// when: library internal/util/inspect formatValue
const util = require('node:util');

class Point {
  x = 1;
  y = [1.5, null, undefined, 'text', true, 10n, Symbol('s')];
}
console.log({ a: 1, b: { c: { d: { e: 1 } } }, 'key-1': [new Point(), () => {}, class A {}, new Date(0), /x/g] });
console.log([new Map([[1, { a: 2 }]]), new Set(['a']), new Uint8Array(3), Buffer.from('a'), Promise.resolve(1)]);
console.log(new Error('text'), Array.from({ length: 120 }, (_, i) => i), [undefined, , 3], 'a'.repeat(200).split(''));
console.log(util.inspect({ long: 'word '.repeat(60), nested: [[[[]]]], get value() { return 1; } }, { depth: null, colors: true }));
console.log(util.format('%s %d %i %j %o %%', 'a', 1, 2.5, {}, { a: 1 }), -0, 1e21);
