// The program of run.py: its modules are baked, so each start gets their objects from the snapshot. It uses all of them and
// prints what they contain, which must not depend on where the heap is, on seeds, or on when garbage is collected.
import { createHash } from 'node:crypto';
import * as held from './held.mjs';
import library from './library.cjs';

const rounds = Number(process.argv[2] ?? 1);
const digest = () => {
  const hash = createHash('sha256');
  for (const [key, value] of held.table) hash.update(`${key} ${JSON.stringify(value)}`);
  for (const key of Object.keys(held.dictionary)) hash.update(`${key} ${held.dictionary[key]} ${key in held.dictionary}`);
  for (const name of held.names) hash.update(`${held.table.has(name)} ${held.set.has(name)} ${held.byObject.get(held.table.get(name))}`);
  for (const one of held.shapes) hash.update(`${one.area} ${one instanceof held.Shape} ${one.describe()} ${Object.keys(one)}`);
  for (const view of held.views) hash.update(`${view.constructor.name} ${view.byteOffset} ${view.length ?? view.byteLength}`);
  hash.update(new Uint8Array(held.buffer)).update(held.text).update(String(held.big)).update(held.sparse.join());
  for (const make of held.functions) hash.update(String(make(3)));
  hash.update(held.names.map((name) => name.replace(held.pattern, (all, digits) => digits * 2)).join());
  hash.update(String(held.weak.deref()?.name)).update(held.symbol.description).update(JSON.stringify(held.constants));
  return hash.update(library.use()).digest('hex');
};
for (let round = 0; round < rounds; round++) {
  const garbage = Array.from({ length: 2000 }, (_, i) => ({ i, text: `text ${i}`, inner: [i] }));
  held.table.set('changed', { round, last: garbage.at(-1) }).delete('changed');
  held.dictionary[`changed ${round}`] = garbage[round % 2000];
  delete held.dictionary[`changed ${round}`];
  const one = digest(), late = await import('./late.mjs');
  if (round === 0) console.log(one, late.sum(held.table.size));
  else if (one !== held.first.value) throw new Error(`round ${round} has another digest`);
  held.first.value = one;
  await new Promise(setImmediate);
}
