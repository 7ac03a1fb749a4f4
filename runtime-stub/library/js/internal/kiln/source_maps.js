'use strict';

// internal/kiln/source_maps: the source maps in the executable. A bundle's modules have one each,
// if they were translated; a linked bundle (--link=scope) has one for its script.

const {
  JSONParse,
  RegExpPrototypeExec,
  SafeMap,
  SafeSet,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} = primordials;

const app = internalBinding('kiln');
const { sourceMap } = internalBinding('bundled_modules');
const table = require('internal/kiln/table');
const { fileURL, placeOf } = require('internal/kiln/specifiers');

const maps = new SafeMap();  // name of a script -> SourceMap
const ofModules = new SafeSet();  // those of modules that keep their places in stack traces

// The map of a module, with the name that Node gives it: a URL for ES modules and TypeScript.
function moduleMap(id) {
  const text = sourceMap(id);
  if (text === '') return;
  const payload = JSONParse(text);
  const path = table.pathOf(id);
  const isUrl = table.kindOf(id) === table.kEsm || RegExpPrototypeExec(/\.[cm]?tsx?$/, path) !== null;
  payload.sources = [isUrl ? fileURL(path) + table.suffixOf(id) : path];
  const map = new (sourceMapClass())(payload);
  ofModules.add(map);
  return map;
}

function sourceMapClass() {
  return require('internal/source_map/source_map').SourceMap;
}

function findMap(name) {
  if (app.isLinkedScope()) {
    const text = name === app.entry() ? app.sourceMap() : '';
    return text === '' ? undefined : new (sourceMapClass())(JSONParse(text));
  }
  const place = placeOf(name);
  const id = place && table.idOf(place.path, place.suffix);
  return id === undefined ? undefined : moduleMap(id);
}

function mapOf(name) {
  if (typeof name !== 'string') return;
  const known = maps.get(name);
  if (known !== undefined) return known;
  const found = findMap(name);
  if (found !== undefined) maps.set(name, found);
  return found;
}

// A frame of a module as V8 formats it, with the original line and column, which count from 0.
// Undefined for another map.
function placed(map, callSite, line, column) {
  if (!ofModules.has(map)) return;
  const text = `${callSite}`;
  const old = `:${callSite.getLineNumber()}:${callSite.getColumnNumber()}`;
  const at = StringPrototypeLastIndexOf(text, old);
  if (at === -1) return;
  return StringPrototypeSlice(text, 0, at) + `:${line + 1}:${column + 1}` +
         StringPrototypeSlice(text, at + old.length);
}

module.exports = {
  mapOf,
  placed,
  has: (name) => mapOf(name) !== undefined,
  isOfModule: (map) => ofModules.has(map),
};
