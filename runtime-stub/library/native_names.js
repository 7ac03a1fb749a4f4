'use strict';
// Finds the native names that a module uses: `internalBinding('fs').open`, also by way of a
// variable (`const binding = internalBinding('fs'); binding.open()`), of destructuring, and of
// several steps (`internalBinding('constants').os.signals`).

const { parse, children } = require('./parse.js');
const { findUses, patternNames } = require('./scopes.js');

// Returns { names, escapes }. `names` is a Map from a dotted path ("fs.open") to the line of its
// first use. `escapes` lists the uses of a whole binding that cannot be followed (it is passed
// to a function, spread, or read by a computed name) as { binding, line }.
function nativeNames(text) {
  const names = new Map(), escapes = [];
  const program = parse(text);
  const lineOf = (node) => text.slice(0, node.start).split('\n').length;
  const name = (path, node) => {
    const key = path.join('.');
    if (!names.has(key)) names.set(key, lineOf(node));
  };

  const parents = new Map();
  const calls = [], blocks = [];
  (function visit(node) {
    if (bindingOf(node)) calls.push(node);
    if (node.type === 'Program' || node.type === 'BlockStatement') blocks.push(node);
    for (const child of children(node)) {
      parents.set(child, node);
      visit(child);
    }
  })(program);

  const aliases = new Map();  // declared identifier node -> path; found while calls are followed
  const seen = new Set();

  // Follows an expression whose value is what `path` leads to.
  function follow(node, path) {
    const parent = parents.get(node);
    switch (parent.type) {
      case 'MemberExpression': {
        if (parent.object !== node) return;  // x[binding.y]
        const key = parent.computed ? parent.property.value : parent.property.name;
        if (typeof key !== 'string') return escape(path, parent);
        if (isWritten(parent)) return;
        name([...path, key], parent.property);
        return follow(parent, [...path, key]);
      }
      case 'ChainExpression': case 'ParenthesizedExpression': case 'AwaitExpression':
        return follow(parent, path);
      case 'LogicalExpression': case 'ConditionalExpression':
        if (parent.test === node) return;
        return follow(parent, path);
      case 'VariableDeclarator':
        return destructure(parent.id, path);
      case 'AssignmentExpression':
        if (parent.right !== node) return;
        destructure(parent.left, path);
        return follow(parent, path);
      case 'ExpressionStatement':
        return;  // only makes the binding
      case 'Property':
        if (path.length > 1 || parents.get(parent).type === 'ObjectPattern') return;
        return escape(path, node);
      default:
        if (path.length === 1) escape(path, node);
    }
  }

  function escape(path, node) {
    if (path.length === 1 && !isTest(node)) escapes.push({ binding: path[0], line: lineOf(node) });
  }

  // `binding === undefined`, `if (binding)`, `!binding`
  function isTest(node) {
    const parent = parents.get(node);
    return parent.test === node || parent.type === 'UnaryExpression' || parent.type === 'BinaryExpression';
  }

  // `x.y = 1` and `delete x.y`
  function isWritten(member) {
    const parent = parents.get(member);
    return (parent.type === 'AssignmentExpression' && parent.left === member && parent.operator === '=') ||
      (parent.type === 'UnaryExpression' && parent.operator === 'delete');
  }

  function destructure(pattern, path) {
    switch (pattern.type) {
      case 'Identifier':
        aliases.set(pattern, path);
        return;
      case 'AssignmentPattern':
        return destructure(pattern.left, path);
      case 'ObjectPattern':
        for (const p of pattern.properties) {
          if (p.type === 'RestElement') { escape(path, p); continue; }
          const key = p.key.type === 'Identifier' && !p.computed ? p.key.name : p.key.value;
          if (typeof key !== 'string') { escape(path, p); continue; }
          name([...path, key], p);
          destructure(p.value, [...path, key]);
        }
        return;
      case 'MemberExpression':  // this.binding = internalBinding('x')
        escape(path, pattern);
    }
  }

  for (const call of calls) follow(call, [bindingOf(call)]);

  // The uses of variables that hold a binding or a part of one; they may lead to further ones.
  for (let found = true; found;) {
    found = false;
    for (const [id, path] of [...aliases]) {
      if (seen.has(id)) continue;
      seen.add(id);
      found = true;
      const block = blockThatDeclares(id);
      if (!block) { escape(path, id); continue; }
      findUses(text, block, new Set([id.name]), new Set(), (node) => {
        if (node !== id) follow(node, path);
        return false;
      });
    }
  }

  // The innermost block around `id` that has a declaration of its name.
  function blockThatDeclares(id) {
    for (let node = id; node; node = parents.get(node)) {
      if (!blocks.includes(node)) continue;
      const declares = node.body.some((s) => s.type === 'VariableDeclaration' &&
        s.declarations.some((d) => patternNames(d.id).includes(id.name)));
      if (declares) return node;
    }
    return null;
  }

  return { names, escapes };
}

// 'x' for the node internalBinding('x').
function bindingOf(node) {
  return node.type === 'CallExpression' && node.callee.type === 'Identifier' &&
    node.callee.name === 'internalBinding' && typeof node.arguments[0]?.value === 'string' ?
    node.arguments[0].value : null;
}

module.exports = { nativeNames };
