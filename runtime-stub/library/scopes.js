'use strict';
// Scope analysis: finds the uses of names that are declared at the top of a module, leaving out
// those that an inner scope declares again. For each use it also reports whether its value can
// be looked up earlier, at the end of the line before the statement that contains the use.

const { children, isFunction } = require('./parse.js');

// The names that a pattern declares: `a` and `c` for `{ a, b: [c] }`.
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

// The names that `var` and function statements declare in a function body, blocks included.
function hoisted(node, names) {
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    for (const d of node.declarations) patternNames(d.id, names);
  if (node.type === 'FunctionDeclaration') names.push(node.id.name);
  if (isFunction(node) || node.type === 'ClassBody') return;
  for (const child of children(node)) hoisted(child, names);
}

// The names that `let`, `const`, `class` and function statements declare in one block.
function lexical(statements, names = []) {
  for (const s of statements) {
    if (s.type === 'VariableDeclaration' && s.kind !== 'var')
      for (const d of s.declarations) patternNames(d.id, names);
    if (s.type === 'ClassDeclaration' || s.type === 'FunctionDeclaration') names.push(s.id.name);
  }
  return names;
}

// Calls found(identifier, parent, place) for each use of a name of `wanted` (a Map or a Set) that
// no inner scope declares. Nodes in `skip` are not visited.
//
// `place` is an offset at the end of a line before the use's statement. What is evaluated there
// is evaluated before the use and only if the use is. It is -1 if there is no such offset: the
// use is conditional, or its statement does not start a line. found() returns true if it put a
// lookup at `place`; uses that always come after that lookup are then not reported.
function findUses(text, program, wanted, skip, found) {
  const scopes = [];
  const shadowed = (name) => scopes.some((s) => s.has(name));
  const within = (names, body) => { scopes.push(new Set(names)); body(); scopes.pop(); };
  const list = (nodes, parent) => { for (const n of nodes) if (n) visit(n, parent); };
  let place = -1;  // for the expressions that are being visited
  let known = null;  // names whose lookup was placed already; null outside of functions
  const at = (newPlace, body) => { const old = place; place = newPlace; body(); place = old; };
  const sometimes = (body) => at(-1, body);

  // A list of statements. `start` is the offset after the bracket before the first one, or -1.
  function statements(nodes, parent, start) {
    const before = known;
    if (known) known = new Set(known);
    let end = start;
    for (const node of nodes) {
      const startsLine = end >= 0 && !node.directive && text.slice(end, node.start).includes('\n');
      statement(node, parent, startsLine ? end : -1);
      end = node.end;
    }
    known = before;
  }

  // Visits with `newPlace` what the statement evaluates first and unconditionally.
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

module.exports = { findUses, patternNames };
