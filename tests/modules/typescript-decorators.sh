. "$(dirname "$0")/common.sh"
# Decorators and emitDecoratorMetadata as tsc has them (report 20).
# The expected texts were printed by node from what tsc 5.9 wrote.
reflect() {
  cat <<'TS'
export const store: string[] = [];
(Reflect as any).metadata = (key: string, value: any) => (target: any, property?: any, index?: any) => {
  const name = (x: any): any => Array.isArray(x) ? '[' + x.map(name).join() + ']' : typeof x === 'function' ? x.name : String(x);
  store.push(`${target.name ?? target.constructor.name}.${String(property)} ${key} ${name(value)}`);
};
TS
}
config='{"compilerOptions":{"target":"es2022","module":"commonjs","experimentalDecorators":true,"emitDecoratorMetadata":true,"useDefineForClassFields":false,"skipLibCheck":true,"types":[],"strict":true,"outDir":"out"}}'
files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
import { Service, Shape, Kind, type Only } from './types.cjs';
import type { Erased } from './types.cjs';
const d = (...args: any[]): any => undefined;
enum Local { A } enum Text { A = 'a' } interface Face { x: 1 } type Alias = string; type Fn = () => void; namespace Space { export class Inside {} }
class Generic<T> { @d t!: T; @d list!: T[]; }
class Types {
  @d s!: string; @d n!: number; @d b!: boolean; @d big!: bigint; @d sym!: symbol; @d u!: undefined; @d nul!: null; @d v!: void; @d nev!: never; @d any!: any; @d unk!: unknown;
  @d obj!: object; @d lit!: 'a'; @d lits!: 'a' | 'b'; @d mixed!: 'a' | 1; @d num!: 1 | 2; @d tru!: true; @d opt?: string; @d nullable!: string | null; @d arr!: string[]; @d tup!: [string, number]; @d ro!: readonly string[];
  @d fn!: () => void; @d fnAlias!: Fn; @d alias!: Alias; @d face!: Face; @d inline!: { a: 1 }; @d date!: Date; @d map!: Map<string, number>; @d prom!: Promise<void>; @d svc!: Service; @d shape!: Shape; @d kind!: Kind; @d only!: Only; @d erased!: Erased;
  @d local!: Local; @d text!: Text; @d inside!: Space.Inside; @d gen!: Generic<string>; @d tmpl!: `a${string}`; @d inter!: Service & Date; @d buf!: Uint8Array; @d self!: Types; @d maybe!: Service | undefined; @d keyof!: keyof Types; @d cond!: string extends string ? 1 : 2; @d paren!: (string); @d ctor!: new () => Date; @d re!: RegExp; @d fnType!: Function; @d err!: Error;
}
console.log(store.join('\n'));
-- types.cts --
export class Service {} export interface Shape { a: 1 } export enum Kind { A, B } export class Only {} export class Erased {}
APP
reflect >src/reflect.cts; echo "$config" >src/tsconfig.json
as_expected 'types of fields' main.cts <<'OUT'
Generic.t design:type Object
Generic.list design:type Array
Types.s design:type String
Types.n design:type Number
Types.b design:type Boolean
Types.big design:type BigInt
Types.sym design:type Symbol
Types.u design:type undefined
Types.nul design:type undefined
Types.v design:type undefined
Types.nev design:type undefined
Types.any design:type Object
Types.unk design:type Object
Types.obj design:type Object
Types.lit design:type String
Types.lits design:type String
Types.mixed design:type Object
Types.num design:type Number
Types.tru design:type Boolean
Types.opt design:type String
Types.nullable design:type Object
Types.arr design:type Array
Types.tup design:type Array
Types.ro design:type Array
Types.fn design:type Function
Types.fnAlias design:type Function
Types.alias design:type String
Types.face design:type Object
Types.inline design:type Object
Types.date design:type Date
Types.map design:type Map
Types.prom design:type Promise
Types.svc design:type Service
Types.shape design:type Object
Types.kind design:type Number
Types.only design:type Function
Types.erased design:type Function
Types.local design:type Number
Types.text design:type String
Types.inside design:type Inside
Types.gen design:type Generic
Types.tmpl design:type String
Types.inter design:type Object
Types.buf design:type Uint8Array
Types.self design:type Types
Types.maybe design:type Object
Types.keyof design:type Object
Types.cond design:type Number
Types.paren design:type String
Types.ctor design:type Function
Types.re design:type RegExp
Types.fnType design:type Function
Types.err design:type Error
OUT

files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
import { Logger } from './logger.cjs';
const log: string[] = [];
const d = (label: string): any => (log.push('make ' + label), (...a: any[]) => { log.push(`${label}(${a.map((x) => typeof x === 'function' ? x.name || 'fn' : typeof x === 'object' ? Object.keys(x ?? {}).join('+') || x?.constructor.name : String(x)).join()})`); });
@d('class 1') @d('class 2')
class Controller {
  @d('static') static count: number = 1;
  @d('field') private name: string = 'n';
  constructor(@d('param 0') private readonly logger: Logger, @d('param 1') public size?: number, plain?: any) {}
  @d('method') run(@d('arg 0') a: Date, ...rest: string[]): Promise<void> { return Promise.resolve(); }
  @d('getter') get value(): number { return 1; } set value(v: number) {}
  @d('static method') static make(this: void, x = 5, { y }: { y: 1 } = { y: 1 }): Controller { return new Controller(new Logger()); }
  @d('async') async later() {} @d('generator') *gen(): Generator<number> {}
}
abstract class Plain { constructor(public x: Logger) {} abstract go(a: string | number): void; }
class Child extends Controller { @d('override') override run(): any {} }
@d('empty') class Empty {}
console.log(log.join('\n')); console.log(store.join('\n')); console.log(Controller.name, new Controller(new Logger()).constructor === Controller, Object.keys(new Controller(new Logger())).join());
-- logger.cts --
export class Logger {}
APP
reflect >src/reflect.cts; echo "$config" >src/tsconfig.json
as_expected 'order and parameters' main.cts <<'OUT'
make field
field(Controller,name,undefined)
make method
make arg 0
arg 0(Controller,run,0)
method(Controller,run,value+writable+enumerable+configurable)
make getter
getter(Controller,value,get+set+enumerable+configurable)
make async
async(Controller,later,value+writable+enumerable+configurable)
make generator
generator(Controller,gen,value+writable+enumerable+configurable)
make static
static(Controller,count,undefined)
make static method
static method(Controller,make,value+writable+enumerable+configurable)
make class 1
make class 2
make param 0
make param 1
param 1(Controller,undefined,1)
param 0(Controller,undefined,0)
class 2(Controller)
class 1(Controller)
make override
override(Child,run,value+writable+enumerable+configurable)
make empty
empty(Empty)
Controller.name design:type String
Controller.run design:returntype Promise
Controller.run design:paramtypes [Date,String]
Controller.run design:type Function
Controller.value design:paramtypes [Number]
Controller.value design:type Number
Controller.later design:returntype Promise
Controller.later design:paramtypes []
Controller.later design:type Function
Controller.gen design:returntype Object
Controller.gen design:paramtypes []
Controller.gen design:type Function
Controller.count design:type Number
Controller.make design:returntype Controller
Controller.make design:paramtypes [Object,Object]
Controller.make design:type Function
Controller.undefined design:paramtypes [Logger,Number,Object]
Child.run design:returntype Object
Child.run design:paramtypes []
Child.run design:type Function
Controller true logger,size,name
OUT

files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
const replace = (C: any): any => class Replaced extends C { extra = 1; };
const upper = (t: any, k: string, desc: PropertyDescriptor): any => ({ ...desc, value: (...a: any[]) => String(desc.value(...a)).toUpperCase() });
@replace class Model { static self = () => Model.name; @upper hello(name: string): string { return 'hello ' + name; } @((t: any, k: string) => { Object.defineProperty(t, k, { get: () => 'from a getter', set() {} }); }) lazy!: string; }
@replace class Dated { constructor(a?: Date, b: Dated | null = null) {} }
const m = new Model() as any; console.log(m.hello('x'), m.extra, m.lazy, Model.name, Model.self(), Object.keys(m).join());
export default Dated; console.log(store.join('\n'));
APP
reflect >src/reflect.cts; echo "$config" >src/tsconfig.json
as_expected 'decorators that replace' main.cts <<'OUT'
HELLO X 1 from a getter Replaced Replaced extra
Model.hello design:returntype String
Model.hello design:paramtypes [String]
Model.hello design:type Function
Model.lazy design:type String
Dated.undefined design:paramtypes [Date,Object]
OUT
report_differences
