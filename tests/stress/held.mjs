// Objects of many kinds, made while the program is built.
export const names = Array.from({ length: 1500 }, (_, i) => `name${(i * 7919) % 1500}`);
export const table = new Map(names.map((name, i) => [name, { name, numbers: [i, i / 3, -i], pair: { left: name, right: [name] } }]));
export const set = new Set(names.filter((_, i) => i % 3));
export const byObject = new WeakMap([...table.values()].map((value, i) => [value, i]));
export const dictionary = Object.fromEntries(names.map((name, i) => [`key ${name}`, i % 2 ? i : `value ${i}`]));
export class Shape {
  #side; static count = 0; tag = `shape ${Shape.count++}`;
  constructor(side) { this.#side = side; if (side % 2) this.odd = { side }; }
  get area() { return this.#side ** 2; }
  describe() { return `${this.tag} of ${this.#side}`; }
}
export const shapes = Array.from({ length: 200 }, (_, i) => new (i % 5 ? Shape : class Named extends Shape { extra = [i]; })(i));
export const buffer = Uint8Array.from({ length: 5000 }, (_, i) => i * i).buffer;
export const views = [new Uint16Array(buffer, 2, 100), new Float64Array([0.5, -0, NaN]), new DataView(buffer, 7, 9), new BigInt64Array(3),
  Buffer.alloc(9, 'ab'), new Uint8Array(new ArrayBuffer(8, { maxByteLength: 64 }))];
export const text = 'Ω and a long text of two bytes a character '.repeat(50);
export const big = 2n ** 300n - 1n, sparse = Object.assign([], { 3: 'three', 4000: 'far' }), pattern = /(\d+)(?=\D*$)/g;
export const functions = Array.from({ length: 300 }, (_, i) => (x) => x * i + names[i].length);
export const weak = new WeakRef(table.get('name7')), symbol = Symbol('own'), constants = Object.freeze({ a: [1, 2.5, [null, 'deep']], b: { c: 1e21 } });
export const first = { value: null };
functions.forEach((make) => make(1)); names.forEach((name) => name.replace(pattern, '$1'));
