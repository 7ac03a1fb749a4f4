'use strict';

// internal/kiln/specifiers: names of modules as paths and URLs.

const {
  RegExpPrototypeExec,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = primordials;

function isRelative(specifier) {
  return RegExpPrototypeExec(/^(?:\.{0,2}\/|\.{1,2}$)/, specifier) !== null;
}

function fileURL(path) {
  if (RegExpPrototypeExec(/[^\w/.@+-]/, path) === null) return `file://${path}`;
  return require('internal/url').pathToFileURL(path).href;
}

// The path and the suffix (query and fragment) that a file URL names, or undefined for another URL.
// What V8 reports as the name of a CommonJS module is a path.
function placeOf(name) {
  if (name[0] === '/') return { __proto__: null, path: name, suffix: '' };
  if (!StringPrototypeStartsWith(name, 'file://')) return;
  if (RegExpPrototypeExec(/^file:\/\/\/[\w/.@+-]*$/, name) !== null) {
    return { __proto__: null, path: StringPrototypeSlice(name, 7), suffix: '' };
  }
  const { URL, fileURLToPath } = require('internal/url');
  const url = new URL(name);
  return { __proto__: null, path: fileURLToPath(url), suffix: url.search + url.hash };
}

// The same for a specifier of an import in the module of URL `parent`, if it names a file. No file
// is looked at. Undefined for the name of a package, for other URLs, and for encoded slashes, of
// which Node's loader says that they are not allowed.
function placeNamed(specifier, parent) {
  if (RegExpPrototypeExec(/%2f|%5c/i, specifier) !== null) return;
  if (isRelative(specifier)) {
    const { URL } = require('internal/url');
    return placeOf(new URL(specifier, parent).href);
  }
  if (StringPrototypeStartsWith(specifier, 'file:')) {
    const { URL } = require('internal/url');
    return placeOf(new URL(specifier).href);
  }
}

module.exports = { isRelative, fileURL, placeOf, placeNamed };
