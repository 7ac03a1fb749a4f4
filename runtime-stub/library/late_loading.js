'use strict';
// Two corrections for code that runs while a module loads. Node loads most modules when it
// builds its own snapshot; here a module may load after user code has run, and V8 compiles its
// functions then. With both a program sees what it sees under Node. They return edits.

const { children, isFunction } = require('./parse.js');

// The arrays in `new SafeMap([...])` and `new SafeSet([...])` outside of functions: user code
// may have replaced Array's iterator by then.
function protectIteration(program) {
  return collectionArrays(program).flatMap((list) => [
    [list.start, list.start, 'new primordials.SafeArrayIterator('], [list.end, list.end, ')']]);
}

function collectionArrays(node, found = []) {
  if (isFunction(node) || node.type === 'ClassBody') return found;
  const { 0: list } = node.type === 'NewExpression' ? node.arguments : [];
  if (list?.type === 'ArrayExpression' && /^Safe(Map|Set)$/.test(node.callee.name)) found.push(list);
  for (const child of children(node)) collectionArrays(child, found);
  return found;
}

// Anonymous functions that V8 names after the code around them, as in
// `X['.js'] = function() {}` at the top and `a.b(() => {}, { __proto__: null })`. In Node's
// snapshot such names are lost, so stack traces do not show them.
function dropInferredNames(program) {
  return inferredNames(program).flatMap((node) => [
    [node.start, node.start, '((f)=>f)('], [node.end, node.end, ')']]);
}

function inferredNames(node, found = []) {
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
  for (const child of children(node)) inferredNames(child, found);
  return found;
}

module.exports = { protectIteration, dropInferredNames };
