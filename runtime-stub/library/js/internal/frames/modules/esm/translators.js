'use strict';
// internal/frames/modules/esm/translators: what is in stacks while an import statement loads a CommonJS
// module (library/place_frames.py).

const { ObjectPrototypeHasOwnProperty } = primordials;
const { loadForImport } = require('internal/kiln/commonjs');
const identity = (f) => f;

// Evaluates the synthetic module of a CommonJS module, whose exports have these names.
function evaluation(id, exportNames) {
return identity(
//@ function() {
function() {
const exports =
//@ loadCJSModuleWithModuleLoad(
loadCJSModuleWithModuleLoad(id);
for (let i = 0; i < exportNames.length; i++) {
const exportName = exportNames[i];
if (exportName === 'default' || exportName === 'module.exports' ||
!ObjectPrototypeHasOwnProperty(exports, exportName)) continue;
// A getter may throw.
let value;
try {
//@ value = exports[exportName];
value = exports[exportName];
} catch {
continue;
}
//@ this.setExport(exportName, value);
this.setExport(exportName, value);
}
//@ this.setExport('default', exports);
this.setExport('default', exports);
this.setExport('module.exports', exports);
});
}

//@ function loadCJSModuleWithModuleLoad(
function loadCJSModuleWithModuleLoad(id) {
return (
//@ wrapModuleLoad(filename, undefined, isMain, kShouldSkipModuleHooks);
loadForImport(id)
);
}

module.exports = { evaluation };
