'use strict';

// internal/kiln/packages: where a compiled app looks for packages, which are modules that are named
// without a path. Only what is in the executable is found, so that no variable or folder of the
// machine where it runs can replace or add code: not NODE_PATH, ~/.node_modules, ~/.node_libraries,
// PREFIX/lib/node, or a folder on disk that is named like a virtual one. Names that --external gave
// are also looked for beside the executable. Code that the app loads from disk by its path finds
// packages in the folders node_modules from its own folder upwards, as under Node.
// library_patches.js calls these functions from Node's loaders. --packages=disk disables them.

const {
  ArrayPrototypeFilter,
  ArrayPrototypePush,
  StringPrototypeEndsWith,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = primordials;

const native = internalBinding('bundled_modules');
const { isRelative } = require('internal/kiln/specifiers');

let known = false;
let externals;

// The names that --external gave; undefined if Node's search applies.
function externalNames() {
  if (!known) {
    externals = native.externals();
    known = true;
  }
  return externals;
}

function isConfined() {
  return externalNames() !== undefined;
}

function isEmbedded(path) {
  return path === '/kiln' || StringPrototypeStartsWith(path, '/kiln/');
}

// As Graph::IsExternal (bundler/graph.cc).
function isExternal(request) {
  const names = externalNames();
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const star = StringPrototypeIndexOf(name, '*');
    if (star === -1) {
      if (request === name || StringPrototypeStartsWith(request, `${name}/`)) return true;
    } else if (request.length + 1 >= name.length &&
               StringPrototypeStartsWith(request, StringPrototypeSlice(name, 0, star)) &&
               StringPrototypeEndsWith(request, StringPrototypeSlice(name, star + 1))) {
      return true;
    }
  }
  return false;
}

// The folders for externals. There are none in a process with more rights than its user, who may
// have linked the executable into another folder.
function besideExecutable() {
  const folders = [];
  const path = process.execPath;
  if (typeof path !== 'string' || path[0] !== '/' || native.isPrivileged()) return folders;
  for (let end = path.length; (end = StringPrototypeLastIndexOf(path, '/', end - 1)) !== -1;) {
    const folder = StringPrototypeSlice(path, 0, end);
    if (!StringPrototypeEndsWith(folder, '/node_modules')) {
      ArrayPrototypePush(folders, `${folder}/node_modules`);
    }
    if (end === 0) break;
  }
  return folders;
}

// Whether a module of the app names a file outside of the executable with a relative path that is in
// its text: the build has not found that file, and one of this virtual path on disk is another one.
// Relative paths that the app computes are not in its text.
function isMissing(request, from) {
  if (!isConfined() || request[0] !== '.' || !isEmbedded(from)) return false;
  if (isEmbedded(require('path').resolve(from, '..', request))) return false;
  const table = require('internal/kiln/table');
  const id = table.idOf(from);
  const text = id === undefined ? undefined : table.sourceOf(id);
  if (text === undefined) return false;
  return StringPrototypeIncludes(text, `'${request}'`) ||
         StringPrototypeIncludes(text, `"${request}"`) ||
         StringPrototypeIncludes(text, `\`${request}\``);
}

// --- For Node's CommonJS loader ---------------------------------------------------------

// What Module._resolveLookupPaths has found for a package that the module `parent` names. The folder
// node_modules of the root is left out even for code on disk, because the virtual paths of the app
// have the same root.
function lookupPaths(request, parent, paths) {
  if (!isConfined() || isRelative(request)) return paths;
  const rest = ArrayPrototypeFilter(paths, (path) => path !== '/node_modules');
  const place = parent?.filename ?? parent?.paths?.[0];
  if (typeof place !== 'string' || !isEmbedded(place) || !isExternal(request)) return rest;
  const all = besideExecutable();
  for (let i = 0; i < rest.length; i++) ArrayPrototypePush(all, rest[i]);
  return all;
}

// For Module._initPaths(), which an app may call after it has set process.env.NODE_PATH: folders of
// the executable count.
function globalPaths(paths) {
  return isConfined() ? ArrayPrototypeFilter(paths, isEmbedded) : paths;
}

// --- For Node's loader of ES modules ----------------------------------------------------

// Whether a folder `path` of a package exists for packageJsonReader.getPackageJSONURL, which looks
// for it from a module's folder upwards.
function isHidden(path) {
  return StringPrototypeStartsWith(path, '/node_modules/') && isConfined();
}

// The package.json of an external package that a module of the app at URL `base` names; undefined if
// it is none or not there.
function externalPackage(specifier, name, base) {
  if (!isConfined() || !StringPrototypeStartsWith(base, 'file:///kiln/') ||
      !isExternal(specifier)) return;
  const folders = besideExecutable();
  for (let i = 0; i < folders.length; i++) {
    const folder = `${folders[i]}/${name}`;
    if (internalBinding('fs').internalModuleStat(folder) === 1) return `${folder}/package.json`;
  }
}

// Throws if a relative specifier in the module at URL `parent` names what the build has not found.
// Folders cannot be imported.
function throwIfMissing(specifier, parent) {
  if (!isConfined() || specifier[0] !== '.' || StringPrototypeEndsWith(specifier, '.') ||
      StringPrototypeEndsWith(specifier, '/') ||
      !StringPrototypeStartsWith(parent, 'file:///kiln/')) {
    return;
  }
  const { URL, fileURLToPath } = require('internal/url');
  const from = fileURLToPath(parent);
  if (!isMissing(specifier, from)) return;
  const { ERR_MODULE_NOT_FOUND } = require('internal/errors').codes;
  const url = new URL(specifier, parent);
  throw new ERR_MODULE_NOT_FOUND(fileURLToPath(url), from, url);
}

// The URL of the module that an import without one comes from: code that has no file, which Node
// treats as a file in the working directory. Packages are those of the app.
function parentOf(specifier, folder) {
  if (!isConfined() || isRelative(specifier)) return folder;
  return `file://${internalBinding('kiln').entry()}`;
}

// Whether NODE_COMPILE_CACHE is ignored and the folder of a compile cache is checked, unless the app
// has named the folder.
function isCacheChecked() {
  return isConfined() || native.isPrivileged();
}

module.exports = {
  lookupPaths,
  globalPaths,
  isConfined,
  isCacheChecked,
  isHidden,
  isMissing,
  throwIfMissing,
  externalPackage,
  parentOf,
};
