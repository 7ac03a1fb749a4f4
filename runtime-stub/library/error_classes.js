'use strict';
// Makes the ~350 error classes of internal/errors lazy. Each E('ERR_X', ...) statement becomes a
// case of one function, and `codes` becomes a Proxy that calls it when a code is first read.

const { parse } = require('./parse.js');
const { replaceKeepingLines } = require('./patching.js');

const kCodes = `const defined = {};
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
});`;

function makeErrorClassesLazy(text) {
  const program = parse(text);
  const isE = (s) => s.type === 'ExpressionStatement' && s.expression.type === 'CallExpression' &&
    s.expression.callee.name === 'E' && s.expression.arguments[0]?.type === 'Literal';
  const first = program.body.findIndex(isE), last = program.body.findLastIndex(isE);
  const calls = program.body.slice(first, last + 1);
  if (first < 0 || !calls.every(isE)) {
    throw new Error(`the E('ERR_…') statements are not one uninterrupted block any more. ` +
      'Adapt makeErrorClassesLazy() in runtime-stub/library/error_classes.js.');
  }
  const codes = calls.map((call) => JSON.stringify(call.expression.arguments[0].value));
  let result = `${text.slice(0, calls[0].start)}function defineError($code){switch($code){`;
  let done = calls[0].start;
  calls.forEach((call, i) => {
    result += `${text.slice(done, call.start)}case ${codes[i]}: ${text.slice(call.start, call.end)} break;`;
    done = call.end;
  });
  result += ` } } const errorCodes = () => [${codes.join(',')}];${text.slice(done)}`;
  return replaceKeepingLines(result, 'const codes = {};', kCodes);
}

module.exports = { makeErrorClassesLazy };
