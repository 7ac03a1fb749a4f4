'use strict';
// Parses a module of Node's library with acorn, the parser that the library itself contains.
// Node exposes it with --expose-internals, so the pinned node needs no other package.

const acorn = require('internal/deps/acorn/acorn/dist/acorn');

// Modules are the bodies of functions: `return` is allowed at the top level.
// `comments`, if given, receives acorn's comment objects: { type, start, end, value }.
function parse(text, comments) {
  return acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'script',
                             allowReturnOutsideFunction: true, allowHashBang: true,
                             onComment: comments });
}

// The nodes directly below a node, in the order of acorn's properties.
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

const isFunction = (node) => node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression';

// A text that is equal for two programs if and only if they differ in nothing but positions.
function shapeOf(program) {
  return JSON.stringify(program, (key, value) => {
    if (key === 'start' || key === 'end') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

// The text with each [start, end, replacement] applied. Edits do not overlap; those that only
// insert, at equal positions, stay in their order.
function applyEdits(text, edits) {
  const sorted = [...edits].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let result = '', done = 0;
  for (const [start, end, replacement] of sorted) {
    result += text.slice(done, start) + replacement;
    done = end;
  }
  return result + text.slice(done);
}

module.exports = { parse, children, isFunction, shapeOf, applyEdits };
