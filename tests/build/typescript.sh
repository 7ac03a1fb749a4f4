. "$(dirname "$0")/common.sh"
# TypeScript and JSX, with tsconfig.json; import names that only TypeScript code uses.
file tsconfig.json <<'JSON'
{ // comments are fine
  "extends": "./base.json",
  "compilerOptions": { "paths": { "~/*": ["./src/*"] }, "jsx": "react", "jsxFactory": "h", },
}
JSON
file base.json <<< '{"compilerOptions": {"experimentalDecorators": true}}'
file src/main.ts <<'TS'
import { greet, type Name } from '~/greet.js';
import { View } from './view';
import type { Absent } from './absent';
enum Color { Red, Green = 'g' }
function mark(target: any, key: string): void { target.marked = key; }
class Thing { @mark field!: number; constructor(private readonly x: number) {} get twice(): number { return this.x! * 2; } }
const name: Name = { first: 'Ann' };
console.log(greet(name), Color.Green, new Thing(4).twice, (Thing.prototype as any).marked, View());
TS
file src/greet.ts <<< 'export interface Name { first: string } export const greet = (n: Name): string => `hello ${n.first}`;'
file src/view.tsx <<< 'const h = (tag: string, props: object | null, ...rest: string[]) => `<${tag}>${rest.join("")}</${tag}>`; export const View = () => <b>{"it"}&apos;s</b>;'
build src/main.ts
expect <<'OUT'
hello Ann g 8 field <b>it's</b>
OUT

# CommonJS variables together with import, decorators, and a re-exported interface.
file package.json <<< '{}'
file old/main.ts <<'TS'
import * as path from 'path';
import { Shape, area } from './shapes';
import { side } from './side';
const shape: Shape = { w: 2, h: 3 };
function logged(value: Function, context: { name: string | symbol }) { return () => `${String(context.name)}: ${value()}`; }
class Service { @logged run() { return 'ran'; } }
if (require.main === module) console.log('main', area(shape), path.basename(__dirname), path.basename(__filename), side);
console.log(new Service().run(), require('./side').side, typeof require('os').EOL);
TS
file old/shapes.ts <<< 'export { Shape } from "./types"; import { Shape } from "./types"; export const area = (s: Shape) => s.w * s.h;'
file old/types.ts <<< 'export interface Shape { w: number; h: number }'
file old/side.ts <<< 'export const side = require.main === module;'
file old/tsconfig.json <<< '{}'
build old/main.ts
expect <<'OUT'
main 6 old main.ts false
run: ran false string
OUT
