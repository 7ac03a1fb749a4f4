. "$(dirname "$0")/common.sh"
# Functions and classes keep their names, although modules share a scope.
file main.mjs <<'JS'
import { Item as A, make as makeA } from './a.mjs';
import { Item as B, make as makeB, Self } from './b.mjs';
import anonymous from './default.mjs';
import Klass from './default-class.mjs';
class Item { static count = Item.name.length; }
function make() {}
console.log(A.name, B.name, Item.name, Item.count, makeA.name, makeB.name, make.name, Self.name);
console.log(anonymous.name, Klass.name, new B().constructor.name, (await import('./lazy.mjs')).Item.name);
console.log(`
var Item2 = class _Item {
`);
JS
file a.mjs <<< 'export class Item {} export function make() {}'
file b.mjs <<< 'import { Item as Other } from "./a.mjs"; export class Item extends Other { static self = Item; } export function make() {} export class Self { static all = [Self]; }'
file default.mjs <<< 'export default function () {}'
file default-class.mjs <<< 'export default class {}'
file lazy.mjs <<< 'export class Item { static x = () => Item; }'
build main.mjs
expect <<'OUT'
Item Item Item 4 make make make Self
default default Item Item

var Item2 = class _Item {

OUT
