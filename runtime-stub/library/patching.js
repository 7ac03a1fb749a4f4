'use strict';
// Applies the patches of library_patches.js. A patch replaces one piece of a module's text, which
// must occur there exactly once. The replacement takes as many lines as what it replaces, so
// that all later lines of the module keep Node's numbers in stack traces.

const { parse, shapeOf } = require('./parse.js');

const lineBreaks = (text) => text.split('\n').length - 1;

// Applies all patches to `modules` (a Map from id to text) and returns what is wrong, one
// sentence each. Modules of patches that do not fit stay as they are.
function applyPatches(modules, patches) {
  const errors = [];
  for (const { id, find, replace } of patches) {
    const name = `the patch of ${id} that replaces \`${find.trim().split('\n')[0]}\``;
    const text = modules.get(id);
    if (text === undefined) {
      errors.push(`${name}: Node's library has no module ${id}. If it was renamed, move the patch ` +
        'to the new module; if it was removed, remove the patch or find what does its work now.');
      continue;
    }
    try {
      modules.set(id, replaceKeepingLines(text, find, replace));
    } catch (error) {
      errors.push(`${name}: ${error.message}`);
    }
  }
  return errors;
}

// `text` with its one occurrence of `find` replaced. A replacement that has fewer lines gets line
// breaks at its end. One that has more loses its line comments, and its last lines are joined.
function replaceKeepingLines(text, find, replace) {
  const start = text.indexOf(find);
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`its text occurs ${count} times in the module instead of once. ` +
      'Compare it with the module of this Node version and adapt the patch.');
  }
  const before = text.slice(0, start), after = text.slice(start + find.length);
  const surplus = lineBreaks(replace) - lineBreaks(find);
  if (surplus <= 0) return before + replace + '\n'.repeat(-surplus) + after;

  const comments = [];
  const intended = parseOrExplain(before + replace + after, comments);
  const result = before + joinLines(withoutComments(replace, start, comments), surplus) + after;
  if (lineBreaks(result) !== lineBreaks(text)) {
    throw new Error(`it has ${surplus} lines too many. Let its text to replace include more lines.`);
  }
  // Joined lines may mean something else: without a semicolon, or inside a template literal.
  if (shapeOf(parseOrExplain(result)) !== shapeOf(intended)) {
    throw new Error('its last lines, joined to one, are another program. End every statement in ' +
      'it with a semicolon, and move literals of several lines to its start.');
  }
  return result;
}

function parseOrExplain(text, comments) {
  try {
    return parse(text, comments);
  } catch (error) {
    throw new Error(`the patched module does not parse: ${error.message}`);
  }
}

// `replace`, which starts at offset `start` of the text that was parsed, without line comments.
function withoutComments(replace, start, comments) {
  let result = replace;
  for (const comment of comments.toReversed()) {
    const from = comment.start - start, to = comment.end - start;
    if (comment.type === 'Line' && from >= 0 && to <= replace.length)
      result = result.slice(0, from) + result.slice(to);
  }
  return result;
}

// The text with `surplus` lines fewer: the last ones become one.
function joinLines(text, surplus) {
  const end = text.endsWith('\n') ? '\n' : '';
  const lines = text.slice(0, text.length - end.length).split('\n').map((line) => line.trimEnd());
  const kept = lines.splice(0, lines.length - surplus - 1);
  const joined = lines.map((line) => line.trim()).filter(Boolean).join(' ');
  return [...kept, joined].join('\n') + end;
}

module.exports = { applyPatches, replaceKeepingLines };
