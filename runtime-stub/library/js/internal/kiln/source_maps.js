'use strict';

// internal/kiln/source_maps: the source maps in the executable. A bundle's modules have one each,
// if they were translated; a linked bundle (--link=scope) has one for its script. They are position
// tables, which native code searches in place; Node's SourceMap uses them through PositionTable.
// Stack traces do not use SourceMap for modules: frameOf() replaces the position in a frame's text.

const {
  ErrorPrototypeToString,
  JSONParse,
  Number,
  RegExpPrototypeExec,
  SafeMap,
  StringPrototypeStartsWith,
} = primordials;

const app = internalBinding('kiln');
const native = internalBinding('source_maps');
const modules = require('internal/kiln/table');
const { fileURL, placeOf } = require('internal/kiln/specifiers');

// The table of a module, which has one source, or of the script.
class PositionTable {
  #number;
  #source;  // what the source of a module is called
  #sources = [];  // paths of the script's sources that were asked for

  constructor(number, source) {
    this.#number = number;
    this.#source = source;
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #number in value;
  }

  get isOfModule() { return this.#number !== native.kScript; }

  // As SourceMap.prototype.findEntry().
  findEntry(line, column) {
    // Node compares what it is given with `<` and `===`.
    if (typeof line !== 'number') {
      line = Number(line);
      column = Infinity;
    }
    const entry = native.find(this.#number, line, typeof column === 'number' ? column : Number(column));
    if (entry === undefined) return {};
    const source = entry[2];
    return {
      generatedLine: entry[0],
      generatedColumn: entry[1],
      originalSource: source === undefined ? undefined : this.#sourceOf(source),
      originalLine: entry[3],
      originalColumn: entry[4],
      name: entry[5],
    };
  }

  #sourceOf(source) {
    if (source === -1) return;
    return this.isOfModule ? this.#source : this.#sources[source] ??= native.source(this.#number, source);
  }

  // The map as an object.
  payload() {
    const payload = JSONParse(native.json(this.#number));
    if (this.isOfModule) payload.sources = [this.#source];
    return payload;
  }

  // The text of a source, or undefined if the map does not contain it.
  contentOf(source) {
    if (typeof source !== 'string') return;
    if (!this.isOfModule) return native.content(this.#number, native.findSource(this.#number, source));
    if (source === this.#source) return native.content(this.#number, 0);
  }
}

// A module's source has the name that Node gives the module: a URL for ES modules and TypeScript.
function tableOfModule(id) {
  if (!native.has(id)) return;
  const path = modules.pathOf(id);
  const isUrl = modules.kindOf(id) === modules.kEsm || RegExpPrototypeExec(/\.[cm]?tsx?$/, path) !== null;
  return new PositionTable(id, isUrl ? fileURL(path) + modules.suffixOf(id) : path);
}

function findTable(name) {
  if (app.isLinkedScope()) {
    const entry = app.entry();
    if ((name === entry || name === fileURL(entry)) && native.has(native.kScript)) {
      return new PositionTable(native.kScript);
    }
    return;
  }
  const place = placeOf(name);
  const id = place && modules.idOf(place.path, place.suffix);
  return id === undefined ? undefined : tableOfModule(id);
}

const maps = new SafeMap();  // name of a script -> SourceMap
const tables = new SafeMap();  // SourceMap -> PositionTable

function mapOf(name) {
  if (typeof name !== 'string') return;
  const known = maps.get(name);
  if (known !== undefined) return known;
  const table = findTable(name);
  if (table === undefined) return;
  const { SourceMap } = require('internal/source_map/source_map');
  const map = new SourceMap(table);
  maps.set(name, map);
  tables.set(map, table);
  return map;
}

// The table of a map, if it is one of the executable's.
function tableOf(map) {
  return tables.get(map);
}

// --- Stack traces ---------------------------------------------------------------------

const numbers = new SafeMap();  // file name of a module or the script -> its number, or kNoTable
const kNoTable = -2;

// The number of the table of what V8 calls `name`. Only names of modules and the script are kept,
// since the app can make any number of others.
function numberOf(name) {
  let number = numbers.get(name);
  if (number !== undefined) return number;
  if (typeof name !== 'string' || StringPrototypeStartsWith(name, 'node:')) return kNoTable;
  if (app.isLinkedScope()) {
    if (name !== app.entry() || !native.has(native.kScript)) return kNoTable;
    numbers.set(name, native.kScript);
    return native.kScript;
  }
  const place = placeOf(name);
  const id = place && modules.idOf(place.path, place.suffix);
  if (id === undefined) return kNoTable;
  number = native.has(id) ? id : kNoTable;
  numbers.set(name, number);
  return number;
}

// A frame as V8 formats it, with the original position; undefined if its file, `name`, is not a
// translated module.
function frameOf(callSite, name) {
  const number = numberOf(name);
  if (number >= 0) return native.place(number, `${callSite}`);
}

// What native.frame() returns for a frame of a linked bundle; undefined for other frames.
function findInScript(callSite) {
  if (callSite === undefined || numberOf(callSite.getFileName()) !== native.kScript) return;
  return native.frame(native.kScript, callSite.getLineNumber() - 1, callSite.getColumnNumber() - 1,
                      callSite.getEnclosingLineNumber() - 1, callSite.getEnclosingColumnNumber() - 1);
}

const paths = [];  // of the script's sources, null where the map has none

function pathOf(source) {
  if (source === -1) return null;
  return paths[source] ??= filePath(native.source(native.kScript, source));
}

function filePath(source) {
  if (typeof source !== 'string') return null;
  return StringPrototypeStartsWith(source, 'file://') ?
    require('internal/url').fileURLToPath(source) : source;
}

// A frame as serializeJSStackFrame() of Node's internal/source_map/prepare_stack_trace formats it.
// `found` and `next` are what findInScript() returns for it and for the frame below.
function frameInScript(callSite, found, next) {
  const { 0: source, 1: line, 2: column, 3: enclosingName } = found;
  const path = pathOf(source);
  if (path === null) return `${callSite}`;
  const name = enclosingName || next?.[4] ||
    (callSite.getFunctionName() ?? callSite.getMethodName()) || '<anonymous>';
  const prefix = callSite.isAsync() ? 'async ' : callSite.isConstructor() ? 'new ' : '';
  const typeName = callSite.getTypeName();
  const owner = typeName !== null && typeName !== 'global' ? `${typeName}.` : '';
  return `${prefix}${owner}${name} (${path}:${line}:${column})`;
}

// What formats `error.stack` while only the executable's own maps apply, as defaultPrepareStackTrace()
// of internal/errors.
function prepareStackTrace(error, trace) {
  const { kIsNodeError } = require('internal/errors');
  let text = kIsNodeError in error ?
    `${error.name} [${error.code}]: ${error.message}` : ErrorPrototypeToString(error);
  if (app.isLinkedScope()) {
    let next = findInScript(trace[0]);
    for (let i = 0; i < trace.length; i++) {
      const found = next;
      next = findInScript(trace[i + 1]);
      text += `\n    at ${found === undefined ? trace[i] : frameInScript(trace[i], found, next)}`;
    }
    return text;
  }
  let name, number = kNoTable;  // of the last frame, since the next one often has the same
  for (let i = 0; i < trace.length; i++) {
    const callSite = trace[i];
    const file = callSite.getFileName();
    if (file !== name) {
      name = file;
      number = numberOf(file);
    }
    text += `\n    at ${number === kNoTable ? callSite : native.place(number, `${callSite}`)}`;
  }
  return text;
}

// Whether it is the map of a module.
function isOfModule(map) {
  return tables.get(map)?.isOfModule === true;
}

// --- Maps that the app's modules name -------------------------------------------------

// For modules that are loaded while the app has enabled source maps: `url` is that of the comment
// sourceMappingURL, if there is one. As Node's loaders, which remember maps when they compile a module.
function rememberMap(module, id, name, url) {
  if (!url || id === undefined || native.has(id)) return;
  require('internal/source_map/source_map_cache')
    .maybeCacheSourceMap(name, modules.sourceOf(id), module, false, undefined, url);
}

module.exports = {
  PositionTable,
  rememberMap,
  mapOf,
  tableOf,
  frameOf,
  prepareStackTrace,
  has: (name) => mapOf(name) !== undefined,
  isOfModule,
};
