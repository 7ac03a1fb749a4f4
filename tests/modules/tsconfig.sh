. "$(dirname "$0")/common.sh"
# tsconfig.json: `extends` by path, package and list, with paths, JSX and decorators (report 21).
# The expected texts are what tsc's rules give; `tsc --showConfig` lists the options.
files <<'APP'
-- main.tsx --
import { a } from '@app/a'; import { b } from 'exact'; import { c } from 'wild-c-card'; import d from 'pkg-real'; import { e } from 'base/e';
const make = (t: any, p: any, ...c: any[]) => `${t}(${JSON.stringify(p)})${c.join()}`;
const Fragment = 'F';
console.log(a, b, c, d, e, <x y={1}>z<></></x>);
-- src/a.ts --
export const a = 'a';
-- src/exact.ts --
export const b = 'exact';
-- src/c.ts --
export const c = 'wild c';
-- lib/e.ts --
export const e = 'by baseUrl';
-- node_modules/pkg-real/index.js --
module.exports = 'real package';
-- tsconfig.json --
{ "extends": "./configs/middle", "compilerOptions": { "jsxFactory": "make" } }
-- configs/middle.json --
{ "extends": "./deep/base.json", "compilerOptions": { "jsxFragmentFactory": "Fragment", }, /* comment */ }
-- configs/deep/base.json --
{ "compilerOptions": { "jsx": "react", "jsxFactory": "wrong", "baseUrl": "../..", "paths": { "@app/*": ["./src/*"], "exact": ["./src/exact"], "wild-*-card": ["./src/*"], "pkg-*": ["./nowhere/*"], "base/*": ["./lib/*"] } } }
APP
as_expected 'a chain of files' main.tsx <<'OUT'
a exact wild c real package by baseUrl x({"y":1})z,F(null)
OUT

files <<'APP'
-- main.ts --
import { x } from 'x';
function mark(target: any, key: string) { (target.marks ??= []).push(key); }
class Parent { constructor() { this.init(); } init() {} }
class Child extends Parent { @mark field!: string; init() { this.field = 'kept'; } }
console.log(x, new Child().field, (Child.prototype as any).marks);
-- over/x.ts --
export const x = 'from the last of the list';
-- first/x.ts --
export const x = 'from the first of the list';
-- tsconfig.json --
{ "extends": ["@org/config/strict.json", "node-config", "./local.json"], "compilerOptions": { "target": "es2022" } }
-- local.json --
{ "compilerOptions": { "paths": { "x": ["./over/x.ts"] } } }
-- node_modules/@org/config/package.json --
{ "name": "@org/config" }
-- node_modules/@org/config/strict.json --
{ "extends": "./tsconfig.base.json", "compilerOptions": { "useDefineForClassFields": true } }
-- node_modules/@org/config/tsconfig.base.json --
{ "compilerOptions": { "experimentalDecorators": true, "paths": { "x": ["../../../first/x.ts"] } } }
-- node_modules/node-config/package.json --
{ "name": "node-config", "version": "1.0.0" }
-- node_modules/node-config/tsconfig.json --
{ "compilerOptions": { "useDefineForClassFields": false } }
APP
as_expected 'a list of packages and files' main.ts <<'OUT'
from the last of the list kept [ 'field' ]
OUT

files <<'APP'
-- app/src/main.tsx --
import { shared } from '@shared/index'; import { own } from '~/own';
const jsx = <div id="a">{shared}{own}</div>;
console.log(JSON.stringify(jsx));
-- app/src/own.ts --
export const own = 'own';
-- app/tsconfig.json --
{ "extends": "../tsconfig.base.json", "compilerOptions": { "jsxImportSource": "tiny" } }
-- tsconfig.base.json --
{ "compilerOptions": { "jsx": "react-jsx", "paths": { "@shared/*": ["./shared/*"], "~/*": ["${configDir}/src/*"] } } }
-- shared/index.ts --
export const shared = 'shared';
-- node_modules/tiny/package.json --
{ "name": "tiny", "exports": { "./jsx-runtime": "./runtime.js" } }
-- node_modules/tiny/runtime.js --
exports.jsx = exports.jsxs = (type, props) => ({ type, props, by: 'tiny' });
APP
as_expected 'a workspace with configDir' app/src/main.tsx <<'OUT'
{"type":"div","props":{"id":"a","children":["shared","own"]},"by":"tiny"}
OUT

files <<'APP'
-- main.ts --
import { value } from './sub/inner'; import { Type } from './types'; import { unused } from './effect'; import type { Only } from './gone';
export type { Type }; console.log(value);
-- sub/inner.ts --
class P { constructor() { this.i(); } i() {} } class C extends P { f!: number; i() { this.f = 1; } }
export const value = Object.keys(new C()).join() + new C().f;
-- tsconfig.json --
{ "compilerOptions": { "target": "es2022", "useDefineForClassFields": false, "module": "commonjs" } }
-- types.ts --
export interface Type {} console.log('not imported');
-- effect.ts --
export const unused = 1; console.log('not imported either');
APP
as_expected 'imports of types only are removed' main.ts <<'OUT'
f1
OUT
report_differences
