. "$(dirname "$0")/common.sh"
# Source maps that an app's modules name in comments: while the app enables source maps, as under node; and
# the functions of node:module about them. The scripts were made of lib.ts by esbuild.
files <<'APP'
-- main.js --
const module_ = require('node:module');
const show = (label, value) => console.log(label, JSON.stringify(value));
const stackOf = (f) => { try { f(); return 'no error'; } catch (e) { return e.stack.split('\n').filter((l) => !/node:internal/.test(l)).join('\n'); } };
show('at first', module_.getSourceMapsSupport());
show('frozen', Object.isFrozen(module_.getSourceMapsSupport()));
show('process', process.sourceMapsEnabled);
for (const bad of [undefined, 1, 'x', null]) try { module_.setSourceMapsSupport(bad); } catch (e) { show(String(bad), e.message); }
for (const bad of [1, null, { nodeModules: 1 }, { generatedCode: 'x' }]) try { module_.setSourceMapsSupport(true, bad); } catch (e) { show(JSON.stringify(bad), e.message); }
show('none found', module_.findSourceMap(__filename) === undefined);
const early = require('./inline.js');
console.log(stackOf(() => new early.Shape('early').area(2)));
show('early map', module_.findSourceMap(require.resolve('./inline.js')) !== undefined);
delete require.cache[require.resolve('./inline.js')];
module_.setSourceMapsSupport(true);
show('on', module_.getSourceMapsSupport());
show('process', process.sourceMapsEnabled);
const inline = require('./inline.js'), linked = require('./linked.js');
console.log(stackOf(() => new inline.Shape('inline').area(2)));
console.log(stackOf(() => new linked.Shape('linked').area(2)));
console.log(stackOf(() => new (require('dep').Shape)('dep').area(2)));
const describe = (file) => {
  const map = module_.findSourceMap(file);
  if (!map) return 'no map';
  const { payload } = map;
  return { keys: Object.keys(payload), sources: payload.sources, mappings: payload.mappings, entries: [[0, 0], [5, 3], [20, 5], [25, 70], [1e9, 0]].map(([l, c]) => map.findEntry(l, c)), origins: [[1, 1], [26, 9], [30, 11]].map(([l, c]) => map.findOrigin(l, c)), lineLengths: map.lineLengths };
};
for (const file of ['./inline.js', './linked.js', 'dep', './main.js']) show(file, describe(require.resolve(file)));
module_.setSourceMapsSupport(true, { nodeModules: true });
delete require.cache[require.resolve('dep')];
console.log(stackOf(() => new (require('dep').Shape)('dep').area(2)));
show('dep', describe(require.resolve('dep')));
import('./inline.mjs').then(async (m) => {
  console.log(stackOf(() => new m.Shape('esm').area(2)));
  await m.later(5).catch((e) => console.log(e.stack.split('\n').filter((l) => !/node:internal/.test(l)).join('\n')));
  show('esm', describe(require('url').pathToFileURL(require.resolve('./inline.mjs')).href));
  process.setSourceMapsEnabled(false);
  show('off', [module_.getSourceMapsSupport(), process.sourceMapsEnabled]);
  console.log(stackOf(() => new inline.Shape('inline').area(2)));
});
-- lib.ts --
interface Unused { a: number }

export class Shape<T> {
  constructor(private readonly name: string) {}

  area(this: Shape<T>, scale: number): string {
    if (scale > 1) {
      throw new RangeError(`no area for ${this.name}` as string);
    }
    return this.name;
  }
}
export enum Kind { One = 1, Two }
export async function later(x: number): Promise<string> {
  await null;
  return new Shape<number>('later').area(x);
}
-- inline.js --
var t=Object.defineProperty;var i=Object.getOwnPropertyDescriptor;var m=Object.getOwnPropertyNames;var c=Object.prototype.hasOwnProperty;var h=(e,r)=>{for(var a in r)t(e,a,{get:r[a],enumerable:!0})},l=(e,r,a,s)=>{if(r&&typeof r=="object"||typeof r=="function")for(let n of m(r))!c.call(e,n)&&n!==a&&t(e,n,{get:()=>r[n],enumerable:!(s=i(r,n))||s.enumerable});return e};var p=e=>l(t({},"__esModule",{value:!0}),e);var w={};h(w,{Kind:()=>u,Shape:()=>o,later:()=>g});module.exports=p(w);class o{constructor(r){this.name=r}name;area(r){if(r>1)throw new RangeError(`no area for ${this.name}`);return this.name}}var u=(a=>(a[a.One=1]="One",a[a.Two=2]="Two",a))(u||{});async function g(e){return await null,new o("later").area(e)}
//# sourceMappingURL=data:application/json;base64,ewogICJ2ZXJzaW9uIjogMywKICAic291cmNlcyI6IFsibGliLnRzIl0sCiAgIm1hcHBpbmdzIjogIjRaQUFBLElBQUFBLEVBQUEsR0FBQUMsRUFBQUQsRUFBQSxVQUFBRSxFQUFBLFVBQUFDLEVBQUEsVUFBQUMsSUFBQSxlQUFBQyxFQUFBTCxHQUVPLE1BQU1HLENBQVMsQ0FDcEIsWUFBNkJHLEVBQWMsQ0FBZCxVQUFBQSxDQUFlLENBQWYsS0FFN0IsS0FBcUJDLEVBQXVCLENBQzFDLEdBQUlBLEVBQVEsRUFDVixNQUFNLElBQUksV0FBVyxlQUFlLEtBQUssSUFBSSxFQUFZLEVBRTNELE9BQU8sS0FBSyxJQUNkLENBQ0YsQ0FDTyxJQUFLTCxPQUFPQSxJQUFBLElBQU0sR0FBTixNQUFTQSxJQUFBLGFBQWhCQSxPQUFBLElBQ1osZUFBc0JFLEVBQU1JLEVBQTRCLENBQ3RELGFBQU0sS0FDQyxJQUFJTCxFQUFjLE9BQU8sRUFBRSxLQUFLSyxDQUFDLENBQzFDIiwKICAibmFtZXMiOiBbImxpYl9leHBvcnRzIiwgIl9fZXhwb3J0IiwgIktpbmQiLCAiU2hhcGUiLCAibGF0ZXIiLCAiX190b0NvbW1vbkpTIiwgIm5hbWUiLCAic2NhbGUiLCAieCJdCn0K
-- node_modules/dep/index.js --
var t=Object.defineProperty;var i=Object.getOwnPropertyDescriptor;var m=Object.getOwnPropertyNames;var c=Object.prototype.hasOwnProperty;var h=(e,r)=>{for(var a in r)t(e,a,{get:r[a],enumerable:!0})},l=(e,r,a,s)=>{if(r&&typeof r=="object"||typeof r=="function")for(let n of m(r))!c.call(e,n)&&n!==a&&t(e,n,{get:()=>r[n],enumerable:!(s=i(r,n))||s.enumerable});return e};var p=e=>l(t({},"__esModule",{value:!0}),e);var w={};h(w,{Kind:()=>u,Shape:()=>o,later:()=>g});module.exports=p(w);class o{constructor(r){this.name=r}name;area(r){if(r>1)throw new RangeError(`no area for ${this.name}`);return this.name}}var u=(a=>(a[a.One=1]="One",a[a.Two=2]="Two",a))(u||{});async function g(e){return await null,new o("later").area(e)}
//# sourceMappingURL=data:application/json;base64,ewogICJ2ZXJzaW9uIjogMywKICAic291cmNlcyI6IFsibGliLnRzIl0sCiAgIm1hcHBpbmdzIjogIjRaQUFBLElBQUFBLEVBQUEsR0FBQUMsRUFBQUQsRUFBQSxVQUFBRSxFQUFBLFVBQUFDLEVBQUEsVUFBQUMsSUFBQSxlQUFBQyxFQUFBTCxHQUVPLE1BQU1HLENBQVMsQ0FDcEIsWUFBNkJHLEVBQWMsQ0FBZCxVQUFBQSxDQUFlLENBQWYsS0FFN0IsS0FBcUJDLEVBQXVCLENBQzFDLEdBQUlBLEVBQVEsRUFDVixNQUFNLElBQUksV0FBVyxlQUFlLEtBQUssSUFBSSxFQUFZLEVBRTNELE9BQU8sS0FBSyxJQUNkLENBQ0YsQ0FDTyxJQUFLTCxPQUFPQSxJQUFBLElBQU0sR0FBTixNQUFTQSxJQUFBLGFBQWhCQSxPQUFBLElBQ1osZUFBc0JFLEVBQU1JLEVBQTRCLENBQ3RELGFBQU0sS0FDQyxJQUFJTCxFQUFjLE9BQU8sRUFBRSxLQUFLSyxDQUFDLENBQzFDIiwKICAibmFtZXMiOiBbImxpYl9leHBvcnRzIiwgIl9fZXhwb3J0IiwgIktpbmQiLCAiU2hhcGUiLCAibGF0ZXIiLCAiX190b0NvbW1vbkpTIiwgIm5hbWUiLCAic2NhbGUiLCAieCJdCn0K
-- linked.js --
var t=Object.defineProperty;var i=Object.getOwnPropertyDescriptor;var m=Object.getOwnPropertyNames;var c=Object.prototype.hasOwnProperty;var h=(e,r)=>{for(var a in r)t(e,a,{get:r[a],enumerable:!0})},l=(e,r,a,s)=>{if(r&&typeof r=="object"||typeof r=="function")for(let n of m(r))!c.call(e,n)&&n!==a&&t(e,n,{get:()=>r[n],enumerable:!(s=i(r,n))||s.enumerable});return e};var p=e=>l(t({},"__esModule",{value:!0}),e);var w={};h(w,{Kind:()=>u,Shape:()=>o,later:()=>g});module.exports=p(w);class o{constructor(r){this.name=r}name;area(r){if(r>1)throw new RangeError(`no area for ${this.name}`);return this.name}}var u=(a=>(a[a.One=1]="One",a[a.Two=2]="Two",a))(u||{});async function g(e){return await null,new o("later").area(e)}
//# sourceMappingURL=linked.js.map
-- linked.js.map --
{
  "version": 3,
  "sources": ["lib.ts"],
  "mappings": "4ZAAA,IAAAA,EAAA,GAAAC,EAAAD,EAAA,UAAAE,EAAA,UAAAC,EAAA,UAAAC,IAAA,eAAAC,EAAAL,GAEO,MAAMG,CAAS,CACpB,YAA6BG,EAAc,CAAd,UAAAA,CAAe,CAAf,KAE7B,KAAqBC,EAAuB,CAC1C,GAAIA,EAAQ,EACV,MAAM,IAAI,WAAW,eAAe,KAAK,IAAI,EAAY,EAE3D,OAAO,KAAK,IACd,CACF,CACO,IAAKL,OAAOA,IAAA,IAAM,GAAN,MAASA,IAAA,aAAhBA,OAAA,IACZ,eAAsBE,EAAMI,EAA4B,CACtD,aAAM,KACC,IAAIL,EAAc,OAAO,EAAE,KAAKK,CAAC,CAC1C",
  "names": ["lib_exports", "__export", "Kind", "Shape", "later", "__toCommonJS", "name", "scale", "x"]
}
-- inline.mjs --
class n{constructor(a){this.name=a}name;area(a){if(a>1)throw new RangeError(`no area for ${this.name}`);return this.name}}var t=(r=>(r[r.One=1]="One",r[r.Two=2]="Two",r))(t||{});async function s(e){return await null,new n("later").area(e)}export{t as Kind,n as Shape,s as later};
//# sourceMappingURL=data:application/json;base64,ewogICJ2ZXJzaW9uIjogMywKICAic291cmNlcyI6IFsibGliLnRzIl0sCiAgIm1hcHBpbmdzIjogIkFBRU8sTUFBTUEsQ0FBUyxDQUNwQixZQUE2QkMsRUFBYyxDQUFkLFVBQUFBLENBQWUsQ0FBZixLQUU3QixLQUFxQkMsRUFBdUIsQ0FDMUMsR0FBSUEsRUFBUSxFQUNWLE1BQU0sSUFBSSxXQUFXLGVBQWUsS0FBSyxJQUFJLEVBQVksRUFFM0QsT0FBTyxLQUFLLElBQ2QsQ0FDRixDQUNPLElBQUtDLE9BQU9BLElBQUEsSUFBTSxHQUFOLE1BQVNBLElBQUEsYUFBaEJBLE9BQUEsSUFDWixlQUFzQkMsRUFBTUMsRUFBNEIsQ0FDdEQsYUFBTSxLQUNDLElBQUlMLEVBQWMsT0FBTyxFQUFFLEtBQUtLLENBQUMsQ0FDMUMiLAogICJuYW1lcyI6IFsiU2hhcGUiLCAibmFtZSIsICJzY2FsZSIsICJLaW5kIiwgImxhdGVyIiwgIngiXQp9Cg==
APP
as_node 'maps that modules name' main.js --asset 'src/*.map' --asset src/lib.ts

# The maps that the build makes: lookups in the app's position table give what node's SourceMap gives for the
# payload of the same map; in a linked bundle, frames are formatted as node does.
files <<'APP'
-- main.ts --
import module from 'node:module';
import { writeFileSync } from 'node:fs';
import { Shape, later, Kind } from './lib.ts';
import { lookUp } from './look-up.cjs';
// A linked bundle has one map. The text of main.ts is used as it is, without the types, so it needs none.
const map = module.findSourceMap(import.meta.url) ?? module.findSourceMap(new URL('lib.ts', import.meta.url).href)!;
const payload = map.payload as any;
writeFileSync('payload.json', JSON.stringify(payload));
writeFileSync('found.json', lookUp(map));
const again = new module.SourceMap(payload);
console.log('mappings' in payload || 'sections' in payload, payload.version, lookUp(again) === lookUp(map), again.payload !== payload, map.payload !== payload);
class Wide extends Shape<number> { static make = () => new Wide('made'); get size() { return this.area(3); } }
const stacks = async () => {
  const all: string[] = [], note = (e: any) => all.push(String(e.stack).replace(/\n +at (?:async )?stacks [^]*/, ''));
  try { new Shape<number>('a').area(2); } catch (e) { note(e); }
  try { Wide.make().size; } catch (e) { note(e); }
  try { [3].map((x) => new Wide('b').area(x)); } catch (e) { note(e); }
  try { ({ ['x y']() { throw new TypeError(Kind[1]); } })['x y'](); } catch (e) { note(e); }
  try { new (class Made { constructor() { throw new Error('new'); } })(); } catch (e) { note(e); }
  try { new Function('throw new Error("made")')(); } catch (e) { note(e); }
  try { (0, eval)('(() => { throw new Error("eval"); })()\n//# sourceURL=evaluated.js'); } catch (e) { note(e); }
  try { (null as any).x; } catch (e) { note(e); }
  await later(9).catch(note);
  await Promise.all([later(8)]).catch(note);
  await (async () => { await null; await (async function named() { await null; throw new Error('deep'); })(); })().catch(note);
  note(Object.assign(Object.create(Error.prototype), { stack: 'no frames' }));
  const coded = new RangeError('coded'); (coded as any).code = 'E_CODE'; note(coded);
  try { process.chdir(1 as any); } catch (e) { note(e); }
  return all;
};
const all: string[][] = [];
for (const enabled of [false, true, false]) {
  process.setSourceMapsEnabled(enabled);
  all.push(await stacks());
}
for (const i in all[0]) if (all[0][i] !== all[1][i] || all[0][i] !== all[2][i]) console.log(i, all.map((list) => list[i]).join('\n'));
console.log(all[0].length, all[0][0].match(/lib.ts:\d+/)![0]);
-- look-up.cjs --
exports.lookUp = (map) => {
  const found = [];
  const places = [[-1, 0], [0, -5], [1e9, 0], [0, 1e9], [0.5, 0.5], [NaN, 1], [0, NaN], [Infinity, 0], ['1', '2'], [undefined, undefined]];
  for (let line = 0; line < 60; line++) for (let column = 0; column < 130; column += line ? 3 : 1) places.push([line, column]);
  for (const [line, column] of places) found.push(map.findEntry(line, column), map.findOrigin(line, column));
  return JSON.stringify(found);
};
-- lib.ts --
interface Unused { a: number }

export class Shape<T> {
  constructor(private readonly name: string) {}

  area(this: Shape<T>, scale: number): string {
    if (scale > 1) {
      throw new RangeError(`no area for ${this.name}` as string);
    }
    return this.name;
  }
}
export enum Kind { One = 1, Two }
export async function later(x: number): Promise<string> {
  await null;
  return new Shape<number>('later').area(x);
}
APP
for form in '' --minify; do
  "$KILN" build src/main.ts -o app "${flags[@]}" $form >log 2>&1
  mkdir -p away
  run_to app.out "$scratch/app"
  printf '%s\n' 'true 3 true true true' '14 lib.ts:8' 'status 0' >wanted
  diff wanted app.out || differ+=("'frames $form'")
  "$KILN_NODE" -e 'const { SourceMap } = require("module"), fs = require("fs");
    const found = require("./src/look-up.cjs").lookUp(new SourceMap(JSON.parse(fs.readFileSync("away/payload.json"))));
    process.exitCode = +(found !== fs.readFileSync("away/found.json", "utf8") || found.length < 1e5)' ||
    differ+=("'lookups $form'")
done
report_differences
