'use strict';
// Makes one module lazy. The time to read a start-up snapshot depends on the number of its objects,
// and most of them exist only because each module destructures what it needs from others while it
// loads. This rewrites
//
//   const { a, b: c } = require('x');      let a, c;
//   f(y);                             to   f(y);a ??= $require('x').a;
//   g(a, y && c(1));                       g(a, y && (c ??= $require('x').b)(1));
//
// for require() and internalBinding() at the top level of a module, so that a module or a binding
// is created when it is first used. A name is looked up once and kept, as by the destructuring.
//
// Stack traces show lines and columns as Node's do: every line keeps its number, and a name that
// a statement always uses is looked up at the end of the line before. Where that is not
// possible (y && c) the lookup is in place, and later columns of that line are different.
//
// User code may change what public modules export. If such a module has loaded already when a
// module that destructures it loads, its values are taken at that time, as in Node ($peek).

const { parse, applyEdits } = require('./parse.js');
const { findUses } = require('./scopes.js');
const { protectIteration, dropInferredNames } = require('./late_loading.js');

const kInspect = '$require("internal/util/inspect").inspect';

// The expression that a lazy name is read from, for an initializer that is a require() or
// internalBinding() call or a property of one; else null. `$require` and `$internalBinding` are
// constants that no inner scope can shadow.
function sourceOf(init) {
  if (init.type === 'CallExpression' && init.callee.type === 'Identifier' && init.arguments.length === 1 &&
      init.arguments[0].type === 'Literal' && typeof init.arguments[0].value === 'string' &&
      (init.callee.name === 'require' || init.callee.name === 'internalBinding'))
    return `$${init.callee.name}(${JSON.stringify(init.arguments[0].value)})`;
  if (init.type === 'MemberExpression' && !init.computed && !init.optional) {
    const object = sourceOf(init.object);
    return object && `${object}.${init.property.name}`;
  }
  return null;
}

// Map from name to expression, or null when the pattern has defaults, rests or computed keys.
function namesOf(id, source, names = new Map()) {
  if (id.type === 'Identifier') return names.set(id.name, source);
  if (id.type !== 'ObjectPattern') return null;
  for (const p of id.properties) {
    if (p.type !== 'Property' || p.computed) return null;
    const key = p.key.type === 'Identifier' ? `.${p.key.name}` : `[${JSON.stringify(p.key.value)}]`;
    if (!namesOf(p.value, source + key, names)) return null;
  }
  return names;
}

// The module or binding of such an expression.
const originOf = (source) => source.match(/^\$\w+\("([^"]*)"\)/)[1];

// The top-level statements that can become lazy: [{ statement, names }].
function lazyDeclarations(program) {
  const found = [];
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    const names = new Map();
    const all = statement.declarations.every((d) => {
      const source = d.init && sourceOf(d.init);
      return source && namesOf(d.id, source, names);
    });
    if (all && names.size > 0) found.push({ statement, names });
  }
  return found;
}

// The modules and bindings that a module takes names from in such statements.
function originsOf(text) {
  return new Set(lazyDeclarations(parse(text)).flatMap(({ names }) => [...names.values()].map(originOf)));
}

// `let a, c;` for the statement. Its line breaks stay, so that every later line keeps its number.
function declaration(text, { statement, names }) {
  const lines = text.slice(statement.start, statement.end).replace(/[^\n]/g, '');
  const declared = [...names].map(([name, source]) => {
    const { 1: id, 2: key } = /^\$require\("(?!internal\/)([^"]+)"\)\.(\w+)$/.exec(source) ?? [];
    return id === undefined ? name : `${name}=$peek("${id}","${key}")`;
  });
  return [statement.start, statement.end, `let ${declared.join(',')};${lines}`];
}

// The module's text made lazy, except for the statements that take names from `eager` only.
function makeLazy(text, eager = []) {
  const program = parse(text);
  const lazy = new Map(), skip = new Set(), edits = [];
  for (const found of lazyDeclarations(program)) {
    if ([...found.names.values()].every((source) => eager.includes(originOf(source)))) continue;
    for (const [name, source] of found.names) lazy.set(name, source);
    skip.add(found.statement);
    edits.push(declaration(text, found));
  }
  const peeks = edits.some(([, , value]) => value.includes('=$peek('));
  edits.push(...dropInferredNames(program), ...protectIteration(program));
  if (edits.length === 0) return text;

  const lookups = new Map();  // offset -> the edit that inserts lookups there
  let usesSymbol = false;
  findUses(text, program, lazy, skip, (node, parent, place) => {
    // A class names the method by this symbol while it loads; util.inspect is not needed.
    if (parent.type === 'MemberExpression' && parent.object === node && !parent.computed &&
        parent.property.name === 'custom' && lazy.get(node.name) === kInspect) {
      edits.push([parent.start, parent.end, `$SymbolFor('nodejs.util.inspect.custom')`]);
      usesSymbol = true;
      return false;
    }
    if (place >= 0) {
      const edit = lookups.get(place) ?? [place, place, ''];
      if (!lookups.has(place)) edits.push(edit);
      lookups.set(place, edit);
      const lookup = `;${node.name}??=${lazy.get(node.name)}`;
      if (!edit[2].includes(`${lookup};`)) edit[2] = `${edit[2].slice(0, -1)}${lookup};`;
      return true;
    }
    const value = `(${node.name}??=${lazy.get(node.name)})`;
    const shorthand = parent.type === 'Property' && parent.shorthand;
    edits.push([node.start, node.end, shorthand ? `${node.name}:${value}` : value]);
    return false;
  });

  const aliases = ['require', 'internalBinding']
    .filter((name) => [...lazy.values()].some((source) => source.startsWith(`$${name}`)))
    .map((name) => `$${name}=${name}`);
  if (peeks) aliases.push('$peek=require.peek');
  if (usesSymbol) aliases.push('$SymbolFor=primordials.SymbolFor');
  const first = program.body[0];
  const top = first.directive ? first.end : first.start;
  if (aliases.length > 0) edits.unshift([top, top, `const ${aliases.join(',')};`]);
  return applyEdits(text, edits);
}

module.exports = { makeLazy, originsOf };
