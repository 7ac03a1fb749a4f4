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
files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
import { Service, Shape, Kind, Str, CE, Mixed, Alias, Fn, Arr, ToClass, U, Obj, Lits, Gen, Cond, Ctor, MaybeS, Tup, V, Nev, Dt, Bo, Sy, Bg, Any, Pr, KindA, Tpl, Inter, Nu, MaybeC, NS, Abs, Renamed } from './t.cjs';
import type { Service as T_Service, Shape as T_Shape, Kind as T_Kind, Str as T_Str, CE as T_CE, Mixed as T_Mixed, Alias as T_Alias, Fn as T_Fn, Arr as T_Arr, ToClass as T_ToClass, U as T_U, Obj as T_Obj, Lits as T_Lits, Gen as T_Gen, Cond as T_Cond, Ctor as T_Ctor, MaybeS as T_MaybeS, Tup as T_Tup, V as T_V, Nev as T_Nev, Dt as T_Dt, Bo as T_Bo, Sy as T_Sy, Bg as T_Bg, Any as T_Any, Pr as T_Pr, KindA as T_KindA, Tpl as T_Tpl, Inter as T_Inter, Nu as T_Nu, MaybeC as T_MaybeC, NS as T_NS, Abs as T_Abs, Renamed as T_Renamed } from './t.cjs';
import * as ns from './t.cjs'; import type * as nt from './t.cjs'; import Def from './t.cjs'; import type DefT from './t.cjs';
import { Service as S2, SameKind } from './again.cjs';
const d = (...args: any[]): any => undefined; // returns nothing, also as @d(x)
class Uses {
  @d Service!: Service; @d Shape!: Shape; @d Kind!: Kind; @d Str!: Str; @d CE!: CE; @d Mixed!: Mixed; @d Alias!: Alias; @d Fn!: Fn; @d Arr!: Arr;
  @d ToClass!: ToClass; @d U!: U; @d Obj!: Obj; @d Lits!: Lits; @d Gen!: Gen<string>; @d Cond!: Cond; @d Ctor!: Ctor; @d MaybeS!: MaybeS; @d Tup!: Tup;
  @d V!: V; @d Nev!: Nev; @d Dt!: Dt; @d Bo!: Bo; @d Sy!: Sy; @d Bg!: Bg; @d Any!: Any; @d Pr!: Pr; @d KindA!: KindA;
  @d Tpl!: Tpl; @d Inter!: Inter; @d Nu!: Nu; @d MaybeC!: MaybeC; @d NS_In!: NS.In; @d NS_Face!: NS.Face; @d NS_E!: NS.E; @d Abs!: Abs; @d Renamed!: Renamed;
 @d a!: ns.Service; @d b!: ns.Kind; @d c!: ns.Shape; @d e!: nt.Service; @d f!: nt.Kind; @d g!: Def; @d h!: DefT; @d i!: Service | Kind; @d j!: T_Service | undefined; @d k!: Kind | number; @d l!: Service[]; @d m!: Kind.A; @d n!: Kind.A | Kind.B; @d o!: typeof Kind; @d p!: Str | string;
}
class Types {
  @d Service!: T_Service; @d Shape!: T_Shape; @d Kind!: T_Kind; @d Str!: T_Str; @d CE!: T_CE; @d Mixed!: T_Mixed; @d Alias!: T_Alias; @d Fn!: T_Fn; @d Arr!: T_Arr;
  @d ToClass!: T_ToClass; @d U!: T_U; @d Obj!: T_Obj; @d Lits!: T_Lits; @d Gen!: T_Gen<string>; @d Cond!: T_Cond; @d Ctor!: T_Ctor; @d MaybeS!: T_MaybeS; @d Tup!: T_Tup;
  @d V!: T_V; @d Nev!: T_Nev; @d Dt!: T_Dt; @d Bo!: T_Bo; @d Sy!: T_Sy; @d Bg!: T_Bg; @d Any!: T_Any; @d Pr!: T_Pr; @d KindA!: T_KindA;
  @d Tpl!: T_Tpl; @d Inter!: T_Inter; @d Nu!: T_Nu; @d MaybeC!: T_MaybeC; @d NS_In!: T_NS.In; @d NS_Face!: T_NS.Face; @d NS_E!: T_NS.E; @d Abs!: T_Abs; @d Renamed!: T_Renamed;
}
const d2 = (f: () => any): any => (t: any) => { void f().name; };
class Again { @d a!: S2; @d b!: SameKind; }
class Self { @d2(() => Self) self!: Self; static all = [Self]; static make() { return new Self(); } }
export class Named { @d one!: Named; }
console.log(Self.name, Self.all[0] === Self, Self.make().constructor.name, Named.name);
console.log(store.join('\n'));
-- t.cts --
export class Service {} export interface Shape { a: 1 } export enum Kind { A, B } export enum Str { A = 'a' } export const enum CE { A = 1 } export enum Mixed { A = 'a', B = 1 }
export type Alias = string; export type Fn = () => void; export type Arr = string[]; export type ToClass = Service; export type U = 'a' | 1; export type Obj = { a: 1 }; export type Lits = 'a' | 'b'; export type Gen<T> = T; export type Cond = string extends string ? 1 : 2; export type Ctor = new () => Service; export type MaybeS = string | null; export type Tup = [1, 2]; export type V = void; export type Nev = never; export type Dt = Date; export type Bo = true; export type Sy = symbol; export type Bg = bigint; export type Any = any; export type Pr = Promise<void>; export type KindA = Kind.A; export type Tpl = `a${string}`; export type Inter = string & { x: 1 }; export type Nu = null; export type MaybeC = Service | undefined;
export namespace NS { export class In {} export interface Face {} export enum E { A } }
export abstract class Abs {} export default class Def {} class Local {} export { Local as Renamed }; export const val = 1;
-- again.cts --
export * from './t.cjs'; export { Kind as SameKind } from './t.cjs';
APP
reflect >src/reflect.cts; echo "$config" >src/tsconfig.json
as_expected 'types of other files, names of classes' main.cts <<'OUT'
Self true Self Named
Uses.Service design:type Service
Uses.Shape design:type Object
Uses.Kind design:type Number
Uses.Str design:type String
Uses.CE design:type Number
Uses.Mixed design:type Object
Uses.Alias design:type String
Uses.Fn design:type Function
Uses.Arr design:type Array
Uses.ToClass design:type Object
Uses.U design:type Object
Uses.Obj design:type Object
Uses.Lits design:type String
Uses.Gen design:type Object
Uses.Cond design:type Number
Uses.Ctor design:type Object
Uses.MaybeS design:type Object
Uses.Tup design:type Array
Uses.V design:type undefined
Uses.Nev design:type undefined
Uses.Dt design:type Object
Uses.Bo design:type Boolean
Uses.Sy design:type Symbol
Uses.Bg design:type BigInt
Uses.Any design:type Object
Uses.Pr design:type Object
Uses.KindA design:type Number
Uses.Tpl design:type String
Uses.Inter design:type String
Uses.Nu design:type undefined
Uses.MaybeC design:type Object
Uses.NS_In design:type In
Uses.NS_Face design:type Object
Uses.NS_E design:type Number
Uses.Abs design:type Abs
Uses.Renamed design:type Local
Uses.a design:type Service
Uses.b design:type Number
Uses.c design:type Object
Uses.e design:type Function
Uses.f design:type Number
Uses.g design:type Def
Uses.h design:type Function
Uses.i design:type Object
Uses.j design:type Object
Uses.k design:type Number
Uses.l design:type Array
Uses.m design:type Number
Uses.n design:type Number
Uses.o design:type Object
Uses.p design:type String
Types.Service design:type Function
Types.Shape design:type Object
Types.Kind design:type Number
Types.Str design:type String
Types.CE design:type Number
Types.Mixed design:type Object
Types.Alias design:type String
Types.Fn design:type Function
Types.Arr design:type Array
Types.ToClass design:type Object
Types.U design:type Object
Types.Obj design:type Object
Types.Lits design:type String
Types.Gen design:type Object
Types.Cond design:type Number
Types.Ctor design:type Object
Types.MaybeS design:type Object
Types.Tup design:type Array
Types.V design:type undefined
Types.Nev design:type undefined
Types.Dt design:type Object
Types.Bo design:type Boolean
Types.Sy design:type Symbol
Types.Bg design:type BigInt
Types.Any design:type Object
Types.Pr design:type Object
Types.KindA design:type Number
Types.Tpl design:type String
Types.Inter design:type String
Types.Nu design:type undefined
Types.MaybeC design:type Object
Types.NS_In design:type Function
Types.NS_Face design:type Object
Types.NS_E design:type Number
Types.Abs design:type Function
Types.Renamed design:type Function
Again.a design:type Service
Again.b design:type Number
Self.self design:type Self
Named.one design:type Named
OUT

report_differences
