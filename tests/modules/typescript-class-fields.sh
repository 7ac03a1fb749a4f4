. "$(dirname "$0")/common.sh"
# Class fields of TypeScript as tsc translates them, by target and useDefineForClassFields (report 19).
# The expected texts were printed by node from what tsc 5.9 wrote.
fields() {
  cat <<'TS'
const log: string[] = [];
class Setter { set value(x: unknown) { log.push('set ' + x); } get value() { return 'got'; } }
// @ts-ignore
class Field extends Setter { value = 1; }
// @ts-ignore
class Bare extends Setter { value; }
class Early { constructor() { this.hook(); } hook() {} }
class Late extends Early { kept?: string; filled = 'by field'; declare typed?: string; override hook() { this.kept = 'by hook'; this.filled = 'by hook'; this.typed = 'typed'; } }
class Parameters { sum = this.a + 1; constructor(readonly a: number, protected b = a * 2) { log.push(Object.keys(this).join()); } }
class Static { static first = 1; static second = Static.first + 1; static self = this; static { log.push('block ' + this.second); } }
const order: string[] = []; const key = (k: string) => (order.push(k), k);
class Computed { [key('one')] = order.push('value'); static [key('two')] = order.push('static'); [key('three')]() {} }
class Arrow { self = () => this; name2 = (() => this.constructor.name)(); #hidden = 5; accessorLike = () => this.#hidden; }
new Parameters(1); const late = new Late();
console.log(Object.keys(new Field()).join(), new Field().value, Object.keys(new Bare()).join(), new Bare().value);
console.log(late.kept, late.filled, late.typed, Object.keys(late).join(), 'typed' in late);
console.log(log.join('; '), order.join(), (new Computed(), order.length));
console.log(Object.getOwnPropertyDescriptor(Static, 'first')!.writable, Static.self === Static, new Arrow().name2, new Arrow().accessorLike());
TS
}
define='value 1 value undefined
undefined by field typed kept,filled,typed true
block 2; a,b,sum one,two,three,static 5
true true Arrow 5'
assign=' got  got
by hook by field typed kept,filled,typed true
block 2; a,b,sum; set 1; set 1 one,two,three,static 5
true true Arrow 5'
# with CONFIG EXPECTED: `extends` has the same effect as the option itself.
with() {
  rm -rf src hidden && mkdir src
  fields >src/main.cts
  echo "{\"compilerOptions\":$1}" >src/base.json
  echo '{"extends":"./base.json"}' >src/tsconfig.json
  as_expected "fields with $1" main.cts <<<"$2"
}
with '{"target":"es2022"}' "$define"
with '{"target":"es2022","useDefineForClassFields":false}' "$assign"
with '{"target":"es2021"}' "$assign"
with '{"target":"es2020","useDefineForClassFields":true}' "$define"
with '{"target":"esnext"}' "$define"
report_differences
