'use strict';

// internal/kiln/source_maps: the source maps in the executable. A bundle's modules have one each, if
// they were translated; a linked bundle (--link=scope) has one for its script.

const {
  JSONParse,
  SafeMap,
} = primordials;

const app = internalBinding('kiln');
const { sourceMap } = internalBinding('bundled_modules');
const table = require('internal/kiln/table');
const { placeOf } = require('internal/kiln/specifiers');

const maps = new SafeMap();  // name of a script -> SourceMap, or undefined if it has none

function textOf(name) {
  if (app.isLinkedScope()) return name === app.entry() ? app.sourceMap() : '';
  const place = placeOf(name);
  const id = place && table.idOf(place.path, place.suffix);
  return id === undefined ? '' : sourceMap(id);
}

function mapOf(name) {
  if (typeof name !== 'string') return;
  if (maps.has(name)) return maps.get(name);
  const text = textOf(name);
  const { SourceMap } = require('internal/source_map/source_map');
  const map = text === '' ? undefined : new SourceMap(JSONParse(text));
  maps.set(name, map);
  return map;
}

module.exports = { mapOf, has: (name) => mapOf(name) !== undefined };
