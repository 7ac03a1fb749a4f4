'use strict';

// internal/kiln/problems: reports to the compiler what is wrong with a module of the app while the
// snapshot is taken, one line of JSON for each problem (snapshot/take.cc reads them).

const {
  JSONStringify,
  SafeSet,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
} = primordials;

const { arrow_message_private_symbol: kArrowMessage } = internalBinding('util').privateSymbols;

function isRangeError(error) {
  return error?.name === 'RangeError' && error.message === 'Maximum call stack size exceeded';
}

const reported = new SafeSet();

// `severity` is "error" or "warning". The place is in the error's arrow message: NAME:LINE, the
// source line, and marks below the column.
function report(error, severity) {
  const problem = { __proto__: null, severity, text: `${error?.message ?? error}` };
  const arrow = `${error?.[kArrowMessage] ?? ''}`;
  const { 0: head, 1: lineText, 2: marks } = StringPrototypeSplit(arrow, '\n');
  const colon = StringPrototypeLastIndexOf(head, ':');
  if (marks !== undefined && colon !== -1) {
    problem.name = StringPrototypeSlice(head, 0, colon);
    problem.line = +StringPrototypeSlice(head, colon + 1);
    problem.column = StringPrototypeIndexOf(marks, '^') + 1;
    problem.lineText = lineText;
  }
  if (isRangeError(error)) {
    // V8 throws it without a place when the source is nested too deeply for its stack.
    problem.name = require('internal/kiln/table').lastCompiled();
    problem.line = problem.column = 0;
    problem.lineText = '';
    problem.text = `The code is nested too deeply: ${error.message}`;
  }
  const line = JSONStringify(problem);
  if (reported.has(line)) return;  // several modules may import what is wrong
  reported.add(line);
  process._rawDebug(`kiln-problem ${line}`);
}

module.exports = { report };
