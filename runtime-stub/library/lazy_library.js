'use strict';
// Makes Node's library lazy by construction. A start-up snapshot costs by the number of its
// objects (architecture.md, 3), and most of them are there because each module destructures
// what it needs from others while it loads. This rewrites
//
//   const { a, b: c } = require('x');      let a, c;
//   y = z;                            to   y = z;a ??= $require('x').a;
//   f(a, g && c(1));                       f(a, g && (c ??= $require('x').b)(1));
//
// for require() and internalBinding() at the top of a module, so a module or a binding
// comes into being when it is first used. A name is looked up once and kept, as the
// destructuring did.
//
// Stack traces show lines and columns as node's do: every line stays where it is, and what
// a statement uses in any case is looked up at the end of the line before it. Where that
// is not possible (g && c) the lookup is in place and the columns behind it are others.
//
// User code may change what public modules export. If one is loaded already when a module
// that destructures it loads, its values are taken then, as in node.
//
// In internal/errors the ~350 error classes become cases of one function, which makes a
// class when its code is first read. library_patches.js has further, single changes.
//
//   lazy_library.js LIBRARY_DIR OUT_DIR        (run by the pinned node at build time)

const fs = require('node:fs');
const path = require('node:path');

const [library, out] = process.argv.slice(2);
const acorn = require(path.resolve(library, 'internal/deps/acorn/acorn/dist/acorn.js'));

// Modules that keep their text: dependencies in a style of their own, and scripts that run
// before require() exists.
const KEEP = /^internal\/(deps|per_context|v8_prof_polyfill|bootstrap\/realm$)/;

// What a module of a server's hot path takes from others as Node does, when it loads. The
// others are there by then in any case. A `const` is a constant to the optimizing compiler: it
// folds a symbol that names a property, a flag of a stream's state, a function to inline. From
// the `let` of a lazy name it loads and compares each time.
const kTicks = ['internal/async_context_frame', 'internal/async_hooks', 'internal/fixed_queue',
                'internal/linkedlist', 'internal/priority_queue', 'internal/process/promises',
                'internal/timers', 'internal/validators', 'async_context_frame', 'async_wrap',
                'task_queue', 'timers'];
const kStreams = ['internal/streams/utils'];
const kServers = [...kTicks, 'internal/stream_base_commons', 'internal/util/types', 'buffer',
                  'internal/buffer', 'stream', 'stream_wrap', 'uv', 'primordials'];
const kHttp = [...kServers, '_http_common', '_http_incoming', '_http_outgoing', 'http_parser',
               'internal/freelist', 'internal/http', 'net'];
const EAGER = {
  '__proto__': null,
  'internal/async_context_frame': kTicks,
  'internal/async_hooks': kTicks,
  'internal/process/task_queues': kTicks,
  'internal/timers': kTicks,
  'timers': kTicks,
  'internal/streams/destroy': kStreams,
  'internal/streams/duplex': kStreams,
  'internal/streams/readable': kStreams,
  'internal/streams/writable': kStreams,
  'internal/stream_base_commons': kServers,
  'net': kServers.filter((name) => name !== 'primordials'),
  'internal/http': kHttp,
  '_http_common': kHttp,
  '_http_incoming': kHttp,
  '_http_outgoing': kHttp,
  '_http_server': kHttp,
};

// ---------------------------------------------------------------- scopes

function patternNames(node, names = []) {
  switch (node?.type) {
    case 'Identifier': names.push(node.name); break;
    case 'ObjectPattern': for (const p of node.properties) patternNames(p.type === 'RestElement' ? p.argument : p.value, names); break;
    case 'ArrayPattern': for (const e of node.elements) patternNames(e, names); break;
    case 'AssignmentPattern': patternNames(node.left, names); break;
    case 'RestElement': patternNames(node.argument, names); break;
  }
  return names;
}

const isFunction = (node) => node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression';

function children(node) {
  const found = [];
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const v of value) if (v && typeof v.type === 'string') found.push(v);
    } else if (value && typeof value.type === 'string') {
      found.push(value);
    }
  }
  return found;
}

// Names that `var` and function statements declare in a function body, blocks included.
function hoisted(node, names) {
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    for (const d of node.declarations) patternNames(d.id, names);
  if (node.type === 'FunctionDeclaration') names.push(node.id.name);
  if (isFunction(node) || node.type === 'ClassBody') return;
  for (const child of children(node)) hoisted(child, names);
}

function lexical(statements, names = []) {
  for (const s of statements) {
    if (s.type === 'VariableDeclaration' && s.kind !== 'var')
      for (const d of s.declarations) patternNames(d.id, names);
    if (s.type === 'ClassDeclaration' || s.type === 'FunctionDeclaration') names.push(s.id.name);
  }
  return names;
}

// Calls found(identifier, parent, place) for each use of a name of `wanted` that no inner
// scope declares. `place`, if there is one, is an offset before the use's statement, at the
// end of an earlier line, where an expression that is evaluated there is evaluated before
// the use; found() answers whether it put one there. No call is made for a use that comes
// after such a place on every way.
function findUses(text, program, wanted, skip, found) {
  const scopes = [];
  const shadowed = (name) => scopes.some((s) => s.has(name));
  const within = (names, body) => { scopes.push(new Set(names)); body(); scopes.pop(); };
  const list = (nodes, parent) => { for (const n of nodes) if (n) visit(n, parent); };
  let place = -1;  // of the expressions that are being visited
  let known = null;  // names that are there already; null outside of functions
  const at = (newPlace, body) => { const old = place; place = newPlace; body(); place = old; };
  const sometimes = (body) => at(-1, body);

  // Statements that follow each other; `start` is behind the bracket before the first.
  function statements(nodes, parent, start) {
    const before = known;
    if (known) known = new Set(known);
    let end = start;
    for (const node of nodes) {
      const free = end >= 0 && !node.directive && text.slice(end, node.start).includes('\n');
      statement(node, parent, free ? end : -1);
      end = node.end;
    }
    known = before;
  }

  // Visits with `newPlace` what the statement evaluates first and in any case.
  function statement(node, parent, newPlace) {
    switch (node.type) {
      case 'ExpressionStatement': case 'ReturnStatement': case 'ThrowStatement':
      case 'VariableDeclaration':
        at(newPlace, () => visit(node, parent));
        return;
      case 'IfStatement':
        at(newPlace, () => visit(node.test, node));
        sometimes(() => { visit(node.consequent, node); if (node.alternate) visit(node.alternate, node); });
        return;
      case 'WhileStatement':
        at(newPlace, () => visit(node.test, node));
        sometimes(() => visit(node.body, node));
        return;
      default:
        sometimes(() => visit(node, parent));
    }
  }

  function pattern(node) {  // a declared pattern: only its defaults and computed keys are uses
    switch (node?.type) {
      case 'ObjectPattern':
        for (const p of node.properties) {
          if (p.type === 'RestElement') { pattern(p.argument); continue; }
          if (p.computed) visit(p.key, p);
          pattern(p.value);
        }
        break;
      case 'ArrayPattern': for (const e of node.elements) pattern(e); break;
      case 'AssignmentPattern':
        pattern(node.left);
        sometimes(() => visit(node.right, node));
        break;
      case 'RestElement': pattern(node.argument); break;
    }
  }

  function func(node) {
    const before = known;
    known = new Set();
    sometimes(() => funcBody(node));
    known = before;
  }

  function funcBody(node) {
    const names = [];
    for (const p of node.params) patternNames(p, names);
    if (node.type !== 'ArrowFunctionExpression') names.push('arguments');
    if (node.type === 'FunctionExpression' && node.id) names.push(node.id.name);
    if (node.body.type === 'BlockStatement') {
      for (const s of node.body.body) hoisted(s, names);
      lexical(node.body.body, names);
    }
    within(names, () => {
      for (const p of node.params) pattern(p);
      if (node.body.type === 'BlockStatement') statements(node.body.body, node.body, node.body.start + 1);
      else visit(node.body, node);
    });
  }

  function visit(node, parent) {
    if (skip.has(node)) return;
    switch (node.type) {
      case 'Identifier':
        if (!wanted.has(node.name) || shadowed(node.name) || known?.has(node.name)) return;
        if (found(node, parent, place)) known?.add(node.name);
        return;
      case 'FunctionDeclaration': case 'FunctionExpression': case 'ArrowFunctionExpression':
        func(node);
        return;
      case 'ClassDeclaration': case 'ClassExpression':
        within(node.id ? [node.id.name] : [], () => {
          if (node.superClass) visit(node.superClass, node);
          sometimes(() => list(node.body.body, node.body));
        });
        return;
      case 'MethodDefinition': case 'PropertyDefinition':
        if (node.computed) visit(node.key, node);
        if (node.value) visit(node.value, node);
        return;
      case 'StaticBlock': {
        const names = lexical(node.body);
        for (const s of node.body) hoisted(s, names);
        within(names, () => statements(node.body, node, -1));
        return;
      }
      case 'Property':
        if (node.computed) visit(node.key, node);
        visit(node.value, node);
        return;
      case 'MemberExpression':
        visit(node.object, node);
        if (node.computed) visit(node.property, node);
        return;
      case 'VariableDeclarator':
        pattern(node.id);
        if (node.init) visit(node.init, node);
        return;
      case 'BlockStatement':
        within(lexical(node.body), () => statements(node.body, node, node.start + 1));
        return;
      case 'SwitchCase':
        if (node.test) visit(node.test, node);
        statements(node.consequent, node, -1);
        return;
      case 'LogicalExpression':
        visit(node.left, node);
        sometimes(() => visit(node.right, node));
        return;
      case 'ConditionalExpression':
        visit(node.test, node);
        sometimes(() => { visit(node.consequent, node); visit(node.alternate, node); });
        return;
      case 'AssignmentExpression':
        visit(node.left, node);
        if (/[&|?]{2}=/.test(node.operator)) sometimes(() => visit(node.right, node));
        else visit(node.right, node);
        return;
      case 'ChainExpression':
        sometimes(() => list(children(node), node));
        return;
      case 'SwitchStatement':
        visit(node.discriminant, node);
        within(lexical(node.cases.flatMap((c) => c.consequent)), () => list(node.cases, node));
        return;
      case 'ForStatement': case 'ForInStatement': case 'ForOfStatement': {
        const head = node.init ?? node.left;
        within(head?.type === 'VariableDeclaration' && head.kind !== 'var' ? lexical([head]) : [],
               () => list(children(node), node));
        return;
      }
      case 'CatchClause':
        within(node.param ? patternNames(node.param) : [], () => {
          if (node.param) pattern(node.param);
          visit(node.body, node);
        });
        return;
      case 'LabeledStatement': visit(node.body, node); return;
      case 'BreakStatement': case 'ContinueStatement': case 'MetaProperty': return;
      default:
        list(children(node), node);
    }
  }
  statements(program.body, program, -1);
}

// ---------------------------------------------------------------- the rewrite

// The expression that a lazy name is read from, with shadow-proof loaders; null if the
// initialiser is anything else.
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

// name -> expression, or null when the pattern has defaults, rests or computed keys.
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

// The arrays in `new SafeMap([...])` and `new SafeSet([...])` that run while the module loads.
// Node has most modules in its snapshot; here user code may have changed Array's iterator.
function loadedFrom(node, found = []) {
  if (isFunction(node) || node.type === 'ClassBody') return found;
  const { 0: list } = node.type === 'NewExpression' ? node.arguments : [];
  if (list?.type === 'ArrayExpression' && /^Safe(Map|Set)$/.test(node.callee.name)) found.push(list);
  for (const child of children(node)) loadedFrom(child, found);
  return found;
}

// Functions without a name that V8 names after what stands around them, as in
// `X['.js'] = function() {}` at the top and `a.b(() => {}, { __proto__: null })`. In node's
// snapshot such names are gone.
function misnamed(node, found = []) {
  if (node.type === 'Program') {
    for (const { expression } of node.body) {
      if (expression?.type === 'AssignmentExpression' && expression.left.type === 'MemberExpression' &&
          expression.left.computed && expression.left.property.type === 'Literal' &&
          expression.right.type === 'FunctionExpression') found.push(expression.right);
    }
  }
  if (node.type === 'CallExpression') {
    const { 0: first, 1: second } = node.arguments;
    if (first && isFunction(first) && second?.type === 'ObjectExpression' &&
        second.properties.some((p) => p.key?.name === '__proto__')) found.push(first);
  }
  for (const child of children(node)) misnamed(child, found);
  return found;
}

const kInspect = '$require("internal/util/inspect").inspect';

// The module or binding of a source; "primordials" for those.
const originOf = (source) => source.match(/^\$\w+\("([^"]*)"\)/)?.[1] ?? 'primordials';

function rewrite(text, eager = []) {
  const program = acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'script',
                                      allowReturnOutsideFunction: true, allowHashBang: true });
  const lazy = new Map(), skip = new Set(), edits = [];
  let peeks = false;
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    const names = new Map();
    const all = statement.declarations.every((d) => {
      const source = d.init && sourceOf(d.init);
      return source && namesOf(d.id, source, names);
    });
    if (!all || names.size === 0) continue;
    if ([...names.values()].every((source) => eager.includes(originOf(source)))) continue;
    for (const [name, source] of names) lazy.set(name, source);
    skip.add(statement);
    // The line breaks stay, so that every later line keeps its number.
    const lines = text.slice(statement.start, statement.end).replace(/[^\n]/g, '');
    const declared = [...names].map(([name, source]) => {
      const { 1: id, 2: key } = /^\$require\("(?!internal\/)([^"]+)"\)\.(\w+)$/.exec(source) ?? [];
      if (id === undefined) return name;
      peeks = true;
      return `${name}=$peek("${id}","${key}")`;
    });
    edits.push([statement.start, statement.end, `let ${declared.join(',')};${lines}`]);
  }
  for (const node of misnamed(program)) {
    edits.push([node.start, node.start, '((f)=>f)(']);
    edits.push([node.end, node.end, ')']);
  }
  for (const list of loadedFrom(program)) {
    edits.push([list.start, list.start, 'new primordials.SafeArrayIterator(']);
    edits.push([list.end, list.end, ')']);
  }
  if (lazy.size === 0 && edits.length === 0) return text;
  const lookups = new Map();  // place -> edit
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
  const used = ['require', 'internalBinding'].filter(
    (name) => [...lazy.values()].some((source) => source.startsWith(`$${name}`)));
  const first = program.body[0];
  const at = first.directive ? first.end : first.start;
  const aliases = used.map((name) => `$${name}=${name}`);
  if (peeks) aliases.push('$peek=require.peek');
  if (usesSymbol) aliases.push('$SymbolFor=primordials.SymbolFor');
  if (aliases.length > 0) edits.unshift([at, at, `const ${aliases.join(',')};`]);
  edits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let result = '', done = 0;
  for (const [start, end, value] of edits) {
    result += text.slice(done, start) + value;
    done = end;
  }
  return result + text.slice(done);
}

// E('ERR_X', ...) statements -> cases of a function behind a Proxy in the place of `codes`.
function makeErrorsLazy(text) {
  const program = acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true });
  const isE = (s) => s.type === 'ExpressionStatement' && s.expression.type === 'CallExpression' &&
    s.expression.callee.name === 'E' && s.expression.arguments[0]?.type === 'Literal';
  const first = program.body.findIndex(isE), last = program.body.findLastIndex(isE);
  const calls = program.body.slice(first, last + 1);
  if (first < 0 || !calls.every(isE)) throw new Error('internal/errors: the E() calls are not one block any more');
  let result = text.slice(0, calls[0].start), done = calls[0].start;
  result += 'function defineError($code){switch($code){';
  for (const call of calls) {
    result += text.slice(done, call.start) + `case ${JSON.stringify(call.expression.arguments[0].value)}: ` +
      text.slice(call.start, call.end) + ' break;';
    done = call.end;
  }
  result += ` } } const errorCodes = () => [${calls.map((c) => JSON.stringify(c.expression.arguments[0].value)).join(',')}];` +
    text.slice(done);
  return replaceOnce('internal/errors', result, 'const codes = {};', `const defined = {};
const codes = new Proxy(defined, {
  __proto__: null,
  get(target, code) {
    if (target[code] === undefined) defineError(code);
    return target[code];
  },
  has(target, code) {
    if (target[code] === undefined) defineError(code);
    return code in target;
  },
  ownKeys(target) {
    for (const code of errorCodes()) if (target[code] === undefined) defineError(code);
    return ObjectKeys(target);
  },
});`);
}

// `text` with as many line breaks as `model` has, so that what follows keeps its lines.
// What is too long loses its comments, and its last lines become one.
function withLinesOf(model, text) {
  const more = model.split('\n').length - text.split('\n').length;
  if (more >= 0) return text + '\n'.repeat(more);
  const end = text.endsWith('\n') ? '\n' : '';
  const lines = text.slice(0, text.length - end.length).split('\n')
    .map((line) => line.replace(/(^|  )\/\/ .*/, '').trimEnd());
  const kept = lines.splice(0, lines.length + more - 1);
  const joined = lines.map((line) => line.trim()).filter(Boolean).join(' ');
  return [...kept, joined].join('\n') + end;
}

function replaceOnce(id, text, find, replace) {
  if (text.split(find).length !== 2) throw new Error(`${id}: a patch does not fit: ${find.slice(0, 80)}`);
  return text.replace(find, () => withLinesOf(find, replace));
}

const patches = require('./library_patches.js');

let changed = 0;
for (const file of fs.readdirSync(library, { recursive: true })) {
  if (!file.endsWith('.js')) continue;
  const original = fs.readFileSync(path.join(library, file), 'utf8');
  const id = file.slice(0, -3);
  let text = original;
  for (const patch of patches)
    if (patch.id === id) text = replaceOnce(id, text, patch.find, patch.replace);
  if (id === 'internal/errors') text = makeErrorsLazy(text);
  const result = KEEP.test(id) ? text : rewrite(text, EAGER[id]);
  if (result !== original) changed++;
  fs.mkdirSync(path.dirname(path.join(out, file)), { recursive: true });
  fs.writeFileSync(path.join(out, file), result);
}
console.log(`lazy_library: ${changed} modules rewritten`);
