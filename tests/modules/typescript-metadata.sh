. "$(dirname "$0")/common.sh"
# More types with emitDecoratorMetadata: enums, interfaces, aliases, unions, generics and their constraints, TypeScript's own
# helper types, parameter properties, accessors, names that are declared later (report 20).
# The expected texts were printed by node from what tsc 5.9 wrote.
finish_files() {
  cat >src/reflect.cts <<'TS'
export const store: string[] = [];
(Reflect as any).metadata = (key: string, value: any) => (target: any, property?: any, index?: any) => {
  const name = (x: any): any => Array.isArray(x) ? '[' + x.map(name).join() + ']' : typeof x === 'function' ? x.name : String(x);
  store.push(`${target.name ?? target.constructor.name}.${String(property)} ${key} ${name(value)}`);
};
TS
  echo '{"compilerOptions":{"target":"es2022","module":"commonjs","experimentalDecorators":true,"emitDecoratorMetadata":true,"useDefineForClassFields":false,"strict":true}}' >src/tsconfig.json
}
files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
import { Repo, type Opts, Status, type Id, Base, Pair } from './t.cjs';
import type { Repo as RepoT } from './t.cjs';
import * as t from './t.cjs';
const d = (...args: any[]): any => undefined; const p = () => d;
function forwardRef<T>(f: () => T): any { return (..._: any[]) => { void f; }; }
enum Color { Red, Green = 5 } enum Word { A = 'a', B = 'b' } const enum Inline { X = 1 } enum Mixed { A = 1, B = 'b' } declare enum Ambient { Q }
interface Face { a: 1 } interface Call { (): void } interface Generic<T> { t: T }
type Str = string; type StrOrNull = Str | null; type Un = 'a' | 'b' | undefined; type Obj = { [k: string]: number }; type Arr = Array<number>; type Rec = Record<string, number>; type Part = Partial<Face>; type Fn = (a: number) => string; type Ctor<T = {}> = new (...a: any[]) => T; type Nested = StrOrNull | undefined; type Num = 1 | 2; type Big = 1n; type B = true | false; type Id2 = Id; type Gen<T> = T[]; type Cond<T> = T extends string ? 'y' : 'n'; type Tpl = `x-${string}`;
class Local { self!: Local } class Later0 {} abstract class Abstract {} class Gen1<T> { constructor(public v: T) {} }
class Enums { @d a!: Color; @d b!: Word; @d c!: Inline; @d m!: Mixed; @d e!: Color.Red; @d f!: Color | null; @d g!: Color | Word; @d h!: Word | string; @d i!: Status; @d j!: t.Status; @d k!: Status | undefined; @d l!: keyof typeof Color; @d n!: Color[]; @d o?: Color; @d q!: Word.A | Word.B; }
class Faces { @d a!: Face; @d b!: Call; @d c!: Generic<string>; @d d!: Opts; @d e!: t.Opts; @d f!: Face | null; @d g!: Face[]; @d h!: Face & Local; @d i!: Local & Face; @d j!: Partial<Local>; @d k!: Readonly<Local>; @d l!: Pick<Local, 'self'>; @d m!: Record<string, Local>; @d n!: Iterable<number>; @d o!: ArrayLike<string>; @d p!: PromiseLike<void>; @d q!: Omit<Local, 'self'>; }
class Aliases { @d a!: Str; @d b!: StrOrNull; @d c!: Un; @d d!: Obj; @d e!: Arr; @d f!: Rec; @d g!: Part; @d h!: Fn; @d i!: Ctor; @d j!: Nested; @d k!: Num; @d l!: Big; @d m!: B; @d n!: Id2; @d o!: Gen<string>; @d p!: Cond<string>; @d q!: Tpl; @d r!: Id; @d s!: Ctor<Local>; }
class Unions { @d a!: string | number; @d b!: string | undefined; @d c!: null | number; @d d!: Local | undefined; @d e!: Local | null; @d f!: Local | Repo; @d g!: Date | null | undefined; @d h!: 'a' | null; @d i!: true | null; @d j!: 1 | 'a'; @d k!: string[] | null; @d l!: string[] | number[]; @d m!: (() => void) | null; @d n!: undefined | null; @d o!: never | string; @d p!: unknown | string; @d q!: any | string; @d r!: object | null; @d s!: {} | null; @d t!: Promise<string> | undefined; @d u!: Map<string, Local> | null; @d v!: -1 | 1; @d w!: -1; @d x!: bigint | 1n; @d y!: symbol | undefined; @d z!: void | undefined; }
class Generics<T, U extends Local, V extends string> { @d a!: T; @d b!: U; @d c!: T[]; @d d!: Promise<T>; @d e!: Map<string, T>; @d f!: Gen1<T>; @d g!: V; @d h!: T | null; @d i!: Set<number>; @d j!: WeakMap<object, string>; @d k!: Array<T>; @d l!: ReadonlyArray<T>; @d m!: readonly T[]; @d n!: [T, U]; @d o!: T extends string ? 1 : 2; @d p!: U['self']; @d q!: Promise<Repo | null>; @d r!: Pair<string, number>; @d s!: ReadonlyMap<string, T>; @d u!: AsyncGenerator<T>; }
class Builtins { @d a!: Date; @d b!: RegExp; @d c!: Error; @d d!: TypeError; @d e!: Function; @d f!: Object; @d g!: String; @d h!: Number; @d i!: Boolean; @d j!: Symbol; @d k!: BigInt; @d l!: Uint8Array; @d m!: ArrayBuffer; @d n!: DataView; @d o!: URL; @d p!: AbortSignal; @d q!: WeakRef<Local>; @d r!: Proxy<any>; @d s!: JSON; @d t!: Math; @d u!: typeof globalThis; @d v!: this; @d x!: SharedArrayBuffer; @d y!: Intl.NumberFormat; @d z!: Promise<void>; }
declare class Proxy<T> { private x: T } 
class Imports { @d a!: Repo; @d b!: RepoT; @d c!: t.Repo; @d d!: t.Deep.Inner; @d h!: Base; @d i!: Pair<string, number>; @d j!: typeof Repo; @d k!: import('./t.cjs').Repo; @d l!: InstanceType<typeof Repo>; @d m!: Id; @d n!: t.Deep.Shape; @d o!: t.Deep.E; @d p!: Array<Repo>; @d q!: Repo[][]; }
@d class Params { constructor(private readonly a: Repo, public b: string, protected c?: Color, @p() readonly d: Face | null = null, @p() private e: Repo[] = [], ...rest: number[]) {} }
@d class Params2 { constructor(@p() a: () => void, { x }: { x: number }, [y]: [string], public z = 5, w = 'w', v?: Date, u: Local = new Local(), @p() private t?: Repo) {} }
@d class NoParams { } @d class EmptyParams { constructor() {} } @d class Inherits extends Base { } @d class Inherits2 extends Base { constructor(private local: Local, a: string) { super(a); } }
@d abstract class AbstractD { constructor(@p() protected a: Abstract) {} abstract m(a: string): void; @d abstract f: number; }
class Methods { @d a(): void {} @d b(): string { return ''; } @d c(x: number, y?: string): Promise<Repo> { return null!; } @d async e() {} @d async f(): Promise<void> {} @d *g(): Iterable<number> {} @d async *h(): AsyncIterable<number> {} @d i(x: Date): this { return this; } @d j<T>(x: T, y: T[]): T { return x; } @d k(r: any): r is string { return true; } @d l(x: any): asserts x is string {} @d m(@p() x: Color, @p() y: Face): never { throw 1; } @d n(): Color | null { return null; } @d static o(x: Repo): Repo { return x; } @d p(x = 1, y = 'a', z = true, q = [1], r = new Date(), s = null, t = {} as Face, u = () => 1) {} @d ['computed']() {} @d 'quoted name'(a: string) {} @d 5(a: number) {} @d q(a?: number | null): string | undefined { return undefined; } }
class Overloads { @d r(a: any, b?: string): any { } q(x: string): void; q(x: number): void; @d q(x: any): void {} }
class Accessors { @d get a(): string { return ''; } @d get b() { return 1; } set b(v: number) {} get c(): Repo { return null!; } @d set c(v: Repo) {} @d set e(v: string | null) {} @d static get f(): Date { return null!; } @d get g(): Face { return null!; } @d get h(): Promise<string> { return null!; } @d accessor i: string = ''; }
class Fields { @d a = 1; @d b = 'x'; @d c: any; @d readonly e: string = ''; @d static f: Repo; @d private g!: Local; @d protected h?: Date; @d declare i: string; @d toString!: () => string; @d ['k']!: number; @d 'l m'!: string; @d 7!: boolean; @p() @d n!: string; @d static readonly o: number = 1; @forwardRef(() => Late) p!: string; @d q: Repo | undefined = undefined; @d r!: any[]; @d s: Array<{ a: 1 }> = []; }
class Late { @d a!: Late; @d b!: Late[]; @d c!: Promise<Late>; @d e(x: Late): Late { return x; } }
namespace Space { export class In { @d a!: In; } export class Other {} export enum E { A } export interface I {} @d class Hidden { constructor(a: In, b: E, c: I) {} } export namespace Deeper { export class D {} } }
class Spaces { @d a!: Space.In; @d b!: Space.E; @d c!: Space.I; @d e!: Space.Deeper.D; }
function inside() { class Inner2 {} class Inner { @d a!: Inner2; @d b!: Repo; } return Inner; } try { inside(); } catch (e: any) { store.push('inside ' + e.message); }
{ class Block {} class Uses { @d a!: Block; } void Uses; }
export class Exported { @d a!: Exported; } export default class Def { @d a!: Def; @d b!: Exported; constructor(@p() x: Def) {} }
console.log(store.join('\n'));
-- t.cts --
export class Repo {} export interface Opts { a?: 1 } export enum Status { On, Off } export type Id = string | number; export class Base { constructor(public a: string) {} } export class Pair<A, B> { a!: A; b!: B }
export namespace Deep { export class Inner {} export interface Shape {} export enum E { A = 'a' } }
APP
finish_files
as_expected 'members and parameters' main.cts <<'OUT'
Enums.a design:type Number
Enums.b design:type String
Enums.c design:type Number
Enums.m design:type Object
Enums.e design:type Number
Enums.f design:type Object
Enums.g design:type Object
Enums.h design:type String
Enums.i design:type Number
Enums.j design:type Number
Enums.k design:type Object
Enums.l design:type Object
Enums.n design:type Array
Enums.o design:type Number
Enums.q design:type String
Faces.a design:type Object
Faces.b design:type Function
Faces.c design:type Object
Faces.d design:type Object
Faces.e design:type Object
Faces.f design:type Object
Faces.g design:type Array
Faces.h design:type Object
Faces.i design:type Object
Faces.j design:type Object
Faces.k design:type Object
Faces.l design:type Object
Faces.m design:type Object
Faces.n design:type Object
Faces.o design:type Object
Faces.p design:type Object
Faces.q design:type Object
Aliases.a design:type String
Aliases.b design:type Object
Aliases.c design:type Object
Aliases.d design:type Object
Aliases.e design:type Array
Aliases.f design:type Object
Aliases.g design:type Object
Aliases.h design:type Function
Aliases.i design:type Object
Aliases.j design:type Object
Aliases.k design:type Number
Aliases.l design:type BigInt
Aliases.m design:type Boolean
Aliases.n design:type Object
Aliases.o design:type Array
Aliases.p design:type String
Aliases.q design:type String
Aliases.r design:type Object
Aliases.s design:type Object
Unions.a design:type Object
Unions.b design:type Object
Unions.c design:type Object
Unions.d design:type Object
Unions.e design:type Object
Unions.f design:type Object
Unions.g design:type Object
Unions.h design:type Object
Unions.i design:type Object
Unions.j design:type Object
Unions.k design:type Object
Unions.l design:type Array
Unions.m design:type Object
Unions.n design:type undefined
Unions.o design:type String
Unions.p design:type Object
Unions.q design:type Object
Unions.r design:type Object
Unions.s design:type Object
Unions.t design:type Object
Unions.u design:type Object
Unions.v design:type Number
Unions.w design:type Number
Unions.x design:type BigInt
Unions.y design:type Object
Unions.z design:type undefined
Generics.a design:type Object
Generics.b design:type Object
Generics.c design:type Array
Generics.d design:type Promise
Generics.e design:type Map
Generics.f design:type Gen1
Generics.g design:type String
Generics.h design:type Object
Generics.i design:type Set
Generics.j design:type WeakMap
Generics.k design:type Array
Generics.l design:type Array
Generics.m design:type Array
Generics.n design:type Array
Generics.o design:type Number
Generics.p design:type Object
Generics.q design:type Promise
Generics.r design:type Pair
Generics.s design:type Object
Generics.u design:type Object
Builtins.a design:type Date
Builtins.b design:type RegExp
Builtins.c design:type Error
Builtins.d design:type TypeError
Builtins.e design:type Function
Builtins.f design:type Object
Builtins.g design:type String
Builtins.h design:type Number
Builtins.i design:type Boolean
Builtins.j design:type Object
Builtins.k design:type Object
Builtins.l design:type Uint8Array
Builtins.m design:type ArrayBuffer
Builtins.n design:type DataView
Builtins.o design:type URL
Builtins.p design:type AbortSignal
Builtins.q design:type WeakRef
Builtins.r design:type Proxy
Builtins.s design:type Object
Builtins.t design:type Object
Builtins.u design:type Object
Builtins.v design:type Object
Builtins.x design:type SharedArrayBuffer
Builtins.y design:type NumberFormat
Builtins.z design:type Promise
Imports.a design:type Repo
Imports.b design:type Function
Imports.c design:type Repo
Imports.d design:type Inner
Imports.h design:type Base
Imports.i design:type Pair
Imports.j design:type Object
Imports.k design:type Object
Imports.l design:type undefined
Imports.m design:type Object
Imports.n design:type Object
Imports.o design:type String
Imports.p design:type Array
Imports.q design:type Array
Params.undefined design:paramtypes [Repo,String,Number,Object,Array,Number]
Params2.undefined design:paramtypes [Function,Object,Array,Object,Object,Date,Local,Repo]
EmptyParams.undefined design:paramtypes []
Inherits2.undefined design:paramtypes [Local,String]
AbstractD.f design:type Number
AbstractD.undefined design:paramtypes [Abstract]
Methods.a design:returntype undefined
Methods.a design:paramtypes []
Methods.a design:type Function
Methods.b design:returntype String
Methods.b design:paramtypes []
Methods.b design:type Function
Methods.c design:returntype Promise
Methods.c design:paramtypes [Number,String]
Methods.c design:type Function
Methods.e design:returntype Promise
Methods.e design:paramtypes []
Methods.e design:type Function
Methods.f design:returntype Promise
Methods.f design:paramtypes []
Methods.f design:type Function
Methods.g design:returntype Object
Methods.g design:paramtypes []
Methods.g design:type Function
Methods.h design:returntype Object
Methods.h design:paramtypes []
Methods.h design:type Function
Methods.i design:returntype Object
Methods.i design:paramtypes [Date]
Methods.i design:type Function
Methods.j design:returntype Object
Methods.j design:paramtypes [Object,Array]
Methods.j design:type Function
Methods.k design:returntype Boolean
Methods.k design:paramtypes [Object]
Methods.k design:type Function
Methods.l design:returntype undefined
Methods.l design:paramtypes [Object]
Methods.l design:type Function
Methods.m design:returntype undefined
Methods.m design:paramtypes [Number,Object]
Methods.m design:type Function
Methods.n design:returntype Object
Methods.n design:paramtypes []
Methods.n design:type Function
Methods.p design:returntype undefined
Methods.p design:paramtypes [Object,Object,Object,Object,Object,Object,Object,Object]
Methods.p design:type Function
Methods.computed design:returntype undefined
Methods.computed design:paramtypes []
Methods.computed design:type Function
Methods.quoted name design:returntype undefined
Methods.quoted name design:paramtypes [String]
Methods.quoted name design:type Function
Methods.5 design:returntype undefined
Methods.5 design:paramtypes [Number]
Methods.5 design:type Function
Methods.q design:returntype Object
Methods.q design:paramtypes [Object]
Methods.q design:type Function
Methods.o design:returntype Repo
Methods.o design:paramtypes [Repo]
Methods.o design:type Function
Overloads.r design:returntype Object
Overloads.r design:paramtypes [Object,String]
Overloads.r design:type Function
Overloads.q design:returntype undefined
Overloads.q design:paramtypes [Object]
Overloads.q design:type Function
Accessors.a design:paramtypes []
Accessors.a design:type String
Accessors.b design:paramtypes [Number]
Accessors.b design:type Number
Accessors.c design:paramtypes [Repo]
Accessors.c design:type Repo
Accessors.e design:paramtypes [Object]
Accessors.e design:type Object
Accessors.g design:paramtypes []
Accessors.g design:type Object
Accessors.h design:paramtypes []
Accessors.h design:type Promise
Accessors.i design:type String
Accessors.f design:paramtypes []
Accessors.f design:type Date
Fields.a design:type Object
Fields.b design:type Object
Fields.c design:type Object
Fields.e design:type String
Fields.g design:type Local
Fields.h design:type Date
Fields.i design:type String
Fields.toString design:type Function
Fields.k design:type Number
Fields.l m design:type String
Fields.7 design:type Boolean
Fields.n design:type String
Fields.p design:type String
Fields.q design:type Object
Fields.r design:type Array
Fields.s design:type Array
Fields.f design:type Repo
Fields.o design:type Number
Late.a design:type Late
Late.b design:type Array
Late.c design:type Promise
Late.e design:returntype Late
Late.e design:paramtypes [Late]
Late.e design:type Function
In.a design:type In
Hidden.undefined design:paramtypes [In,Number,Object]
Spaces.a design:type In
Spaces.b design:type Number
Spaces.c design:type Object
Spaces.e design:type D
Inner.a design:type Inner2
Inner.b design:type Repo
Uses.a design:type Block
Exported.a design:type Exported
Def.a design:type Def
Def.b design:type Exported
Def.undefined design:paramtypes [Def]
OUT

files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
const d = (...args: any[]): any => undefined; class Local { m(a: string): number { return 1; } } type Str = 'a' | 'b' | null; type F = () => string; interface I { a: 1; b: 2 }
interface Newable { new (): Local } interface CallNew { (): void; new (): Local } interface Ext extends Array<string> {} interface Fx extends Function {} interface C2 { (a: string): void; prop: number } interface Sub extends C2 {} 
class U<S extends string, N extends number, B extends boolean, A extends any[], P extends () => void, E extends Kind, O extends object, X extends Str, L extends Local, K extends keyof I> {
@d a!: Partial<I>; @d b!: Required<I>; @d c!: Readonly<I>; @d d!: Pick<I, 'a'>; @d e!: Record<string, I>; @d f!: Exclude<'a' | 'b', 'a'>; @d g!: Extract<'a' | 1, 'a'>; @d h!: Omit<I, 'a'>; @d i!: NonNullable<Str>; @d j!: Parameters<F>; @d k!: ConstructorParameters<typeof Local>; @d l!: ReturnType<F>; @d m!: InstanceType<typeof Local>; @d n!: ThisParameterType<F>; @d o!: OmitThisParameter<F>; @d p!: ThisType<I>; @d q!: Uppercase<'a'>; @d r!: Lowercase<'a'>; @d s!: Capitalize<'a'>; @d t!: Uncapitalize<'a'>; @d u!: Awaited<Promise<string>>; @d v!: NoInfer<string>; @d w!: PropertyKey; @d x!: PropertyDescriptor; @d y!: TemplateStringsArray; @d z!: ArrayLike<string>;
@d s1!: S; @d s2!: N; @d s3!: B; @d s4!: A; @d s5!: P; @d s6!: E; @d s7!: O; @d s8!: X; @d s9!: L; @d t0!: S | null; @d t1!: S[];
@d c1!: Newable; @d c2!: CallNew; @d c3!: Ext; @d c4!: Fx; @d c5!: C2; @d c6!: Sub; @d c7!: ReadonlyArray<string>; @d c8!: ReadonlySet<string>; @d c9!: ReadonlyMap<string, string>; @d c0!: PromiseLike<string>; @d e1!: CallableFunction; @d e2!: NewableFunction; @d e3!: IArguments; @d e4!: Symbol; @d e5!: BigInt; @d e6!: Iterable<string>; @d e7!: Generator<string>; @d e8!: PromiseConstructor; @d e9!: Math; @d e0!: JSON; @d f1!: Atomics; @d f3!: ArrayBufferLike; @d f4!: ArrayBufferView; @d f5!: Intl.DateTimeFormat; @d f6!: Intl.DateTimeFormatOptions; @d f7!: WebAssembly.Module; @d f8!: ErrorOptions; @d f9!: AggregateError; @d f0!: FinalizationRegistry<Local>; 
@d g1!: Local['m']; @d g2!: ReturnType<Local['m']>; @d g3!: I['a']; @d g4!: (typeof arr)[number]; @d g5!: typeof arr; @d g6!: [...string[]]; @d g7!: [a: string, b?: number]; @d g8!: readonly [1, 2]; @d g9!: new (...a: any[]) => Local; @d g0!: abstract new () => Local; @d h1!: { (): void }; @d h2!: { new (): Local }; @d h3!: { [K in keyof I]: string }; @d h4!: (string | null)[]; @d h5!: ((a: string) => void)[]; @d h6!: (() => void) | (() => string); @d h7!: `${number}`; @d h8!: Uppercase<S>;
@d i1!: (string); @d i2!: ((string | number)); @d i3!: (Local); @d i4!: (Local)[]; @d i5!: keyof I; @d i7!: string & { brand: 1 }; @d i8!: number & {}; @d i9!: Local & I; @d i0!: I & I; @d j1!: 'a' & string; @d j2!: F | null; @d j3!: I | Local; @d j4!: string extends S ? 1 : 'a'; @d j5!: S extends string ? string[] : number[]; @d j6!: S extends 'a' ? Local : Local; @d j7!: Kind | 0; @d j8!: Kind.A | null; @d j9!: true | false | null; @d j0!: object | undefined;
}
 enum Kind { A, B } const arr = ['a', 'b'] as const; declare namespace WebAssembly { class Module {} }
console.log(store.join('\n'));
APP
finish_files
as_expected 'helper types, constraints and interfaces' main.cts <<'OUT'
U.a design:type Object
U.b design:type Object
U.c design:type Object
U.d design:type Object
U.e design:type Object
U.f design:type Object
U.g design:type Object
U.h design:type Object
U.i design:type Object
U.j design:type Object
U.k design:type Object
U.l design:type undefined
U.m design:type undefined
U.n design:type Object
U.o design:type Object
U.p design:type Object
U.q design:type Object
U.r design:type Object
U.s design:type Object
U.t design:type Object
U.u design:type Object
U.v design:type Object
U.w design:type Object
U.x design:type Object
U.y design:type Object
U.z design:type Object
U.s1 design:type String
U.s2 design:type Number
U.s3 design:type Boolean
U.s4 design:type Object
U.s5 design:type Object
U.s6 design:type Number
U.s7 design:type Object
U.s8 design:type Object
U.s9 design:type Object
U.t0 design:type Object
U.t1 design:type Array
U.c1 design:type Object
U.c2 design:type Function
U.c3 design:type Object
U.c4 design:type Object
U.c5 design:type Function
U.c6 design:type Function
U.c7 design:type Array
U.c8 design:type Object
U.c9 design:type Object
U.c0 design:type Object
U.e1 design:type Object
U.e2 design:type Object
U.e3 design:type Object
U.e4 design:type Object
U.e5 design:type Object
U.e6 design:type Object
U.e7 design:type Object
U.e8 design:type Object
U.e9 design:type Object
U.e0 design:type Object
U.f1 design:type Object
U.f3 design:type Object
U.f4 design:type Object
U.f5 design:type DateTimeFormat
U.f6 design:type Object
U.f7 design:type Module
U.f8 design:type Object
U.f9 design:type AggregateError
U.f0 design:type FinalizationRegistry
U.g1 design:type Object
U.g2 design:type undefined
U.g3 design:type Object
U.g4 design:type Object
U.g5 design:type Object
U.g6 design:type Array
U.g7 design:type Array
U.g8 design:type Array
U.g9 design:type Function
U.g0 design:type Function
U.h1 design:type Object
U.h2 design:type Object
U.h3 design:type Object
U.h4 design:type Array
U.h5 design:type Array
U.h6 design:type Function
U.h7 design:type String
U.h8 design:type Object
U.i1 design:type String
U.i2 design:type Object
U.i3 design:type Local
U.i4 design:type Array
U.i5 design:type Object
U.i7 design:type Object
U.i8 design:type Object
U.i9 design:type Object
U.i0 design:type Object
U.j1 design:type String
U.j2 design:type Object
U.j3 design:type Object
U.j4 design:type Object
U.j5 design:type Array
U.j6 design:type Local
U.j7 design:type Number
U.j8 design:type Object
U.j9 design:type Object
U.j0 design:type Object
OUT

files <<'APP'
-- main.cts --
import { store } from './reflect.cjs';
const d = (...args: any[]): any => undefined; const t = (label: string, f: () => void) => { try { f(); store.push(label + ' ok'); } catch (e: any) { store.push(label + ' ' + e.name + ' ' + e.message); } };
t('field', () => { class A { @d a!: B; } class B {} });
t('array', () => { class A { @d a!: B[]; @d b!: Promise<B>; @d c?: B | null; } class B {} });
t('parameter', () => { @d class A { constructor(a: B) {} } class B {} });
t('method', () => { class A { @d a(x: B): void {} } class B {} });
t('return', () => { class A { @d a(): B { return null!; } } class B {} });
t('accessor', () => { class A { @d get a(): B { return null!; } } class B {} });
t('itself', () => { @d class A { @d a!: A; @d static b: A; constructor(@d x: A) {} } });
t('declared before', () => { class B {} class A { @d a!: B; } });
t('type alias', () => { type T = B; class A { @d a!: T; } class B {} });
t('interface and class', () => { class A { @d a!: M; } class M {} interface M { x: 1 } });
t('reexported', () => { class A { @d a!: Space.In; } });
namespace Space { export class In { @d x!: In; } }
console.log(store.join('\n'));
APP
finish_files
as_expected 'classes that are declared later' main.cts <<'OUT'
field ReferenceError Cannot access 'B' before initialization
A.a design:type Array
A.b design:type Promise
A.c design:type Object
array ok
parameter ReferenceError Cannot access 'B' before initialization
method ReferenceError Cannot access 'B' before initialization
return ReferenceError Cannot access 'B' before initialization
accessor ReferenceError Cannot access 'B' before initialization
A.a design:type A
A.b design:type A
A.undefined design:paramtypes [A]
itself ok
A.a design:type B
declared before ok
A.a design:type Object
type alias ok
interface and class ReferenceError Cannot access 'M' before initialization
reexported TypeError Cannot read properties of undefined (reading 'In')
In.x design:type In
OUT

report_differences
