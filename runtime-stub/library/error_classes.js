'use strict';
// Makes the ~350 error classes of internal/errors lazy. Each E('ERR_X', ...) statement becomes a
// case of a function, and `codes` becomes a Proxy that calls it when a code is first read. There are
// several such functions, because all strings of one that has been compiled are in the snapshot.

const { parse } = require('./parse.js');
const { replaceKeepingLines } = require('./patching.js');

const kCasesPerFunction = 16;

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
  const codes = calls.map((call) => call.expression.arguments[0].value);
  const unsorted = codes.find((code, i) => i > 0 && code <= codes[i - 1]);
  if (unsorted !== undefined) {
    throw new Error(`the E('ERR_…') statements are not in the order of their codes any more: see ${unsorted}. ` +
      'Adapt makeErrorClassesLazy() in runtime-stub/library/error_classes.js.');
  }
  let result = text.slice(0, calls[0].start);
  let done = calls[0].start, finder = '';
  calls.forEach((call, i) => {
    const part = Math.floor(i / kCasesPerFunction);
    if (i % kCasesPerFunction === 0) {
      if (i > 0) {
        result += ' } } ';
        finder += `if($code<${JSON.stringify(codes[i])})return defineError${part - 1}($code);`;
      }
      result += `function defineError${part}($code){switch($code){`;
    }
    result += `${text.slice(done, call.start)}case ${JSON.stringify(codes[i])}: ` +
      `${text.slice(call.start, call.end)} break;`;
    done = call.end;
  });
  const lastPart = Math.floor((calls.length - 1) / kCasesPerFunction);
  result += ` } } function defineError($code){${finder}defineError${lastPart}($code);} ` +
    `const errorCodes = () => ${JSON.stringify(codes)};${text.slice(done)}`;
  return replaceKeepingLines(result, 'const codes = {};', kCodes);
}

module.exports = { makeErrorClassesLazy };
