'use strict';
// internal/frames/modules/cjs/loader: the functions of Node's CommonJS loader that are in stacks
// (library/place_frames.py). They lead from require() to the module's function; the work in between
// is done by internal/kiln/commonjs. `self` is the module, `id` its number.

const { JSONParse, ReflectApply } = primordials;
const { bodyOf, argumentsOf, begin, end, requireEsm } =
require('internal/kiln/commonjs');
const { isEsm, isJson, jsonText } = require('internal/kiln/commonjs');
let cascadedLoader;
const own = module;
function Module() {}
module = new Module();
Module._extensions = { __proto__: null };
// What is assigned directly gets a name, which Node's functions have lost in its snapshot.
function define(object, name, f) { object[name] = f; }

//@ function wrapModuleLoad(
function wrapModuleLoad(self, id, parent) {
//@ return Module._load(request
return Module._load(self, id, parent);
}

define(Module, '_load', (
//@ function(request, parent, isMain, internalOptions
function(self, id, parent) {
//@ module.load(filename);
module.load(self, id, parent);
}));

define(Module.prototype, 'load', (
//@ function(filename) {
function(self, id, parent) {
const extension = isJson(id) ? '.json' : '.js';
//@ Module._extensions[extension](this, filename);
Module._extensions[extension](self, id, parent);
}));

define(Module.prototype, 'require', (
//@ function(id) {
function(self, id, parent) {
//@ return wrapModuleLoad(id, this, /* isMain */ false);
return wrapModuleLoad(self, id, parent);
}));

//@ function loadESMFromCJS(
function loadESMFromCJS(self, id, parent) {
const { loaderOf } = require('internal/frames/modules/esm/loader');
cascadedLoader ??= loaderOf(requireEsm);
//@ cascadedLoader.importSyncForRequire(
cascadedLoader.importSyncForRequire(self, id, parent);
}

//@ function wrapSafe(
function wrapSafe(id) {
const body =
//@ compileFunctionForCJSLoader(content, filename, false /* is_sea_main */, shouldDetectModule);
bodyOf(id);
return body;
}

define(Module.prototype, '_compile', (
//@ function(content, filename, format) {
function(self, id, parent) {
let body;
if (!isEsm(id)) body =
//@ wrapSafe(filename, content, this, format);
wrapSafe(id);
if (body === undefined) {
//@ loadESMFromCJS(this, filename, format, content);
loadESMFromCJS(self, id, parent);
return;
}
const args = argumentsOf(self, id, body);
begin(id);
try {
//@ FunctionPrototypeCall(compiledWrapper, thisValue
ReflectApply(body, self.exports, args);
} finally { end(id); }
}));

define(Module._extensions, '.js', (
//@ function(module, filename) {
function(self, id, parent) {
//@ module._compile(source, filename, loadedFormat);
module._compile(self, id, parent);
}));

define(Module._extensions, '.json', (
//@ function(module, filename) {
function(self, id) {
const { filename } = self, content = jsonText(filename);
//@ try {
try {
//@ setOwnProperty(module, 'exports', JSONParse(
self.exports =                    JSONParse(content);
//@ } catch (err) {
} catch (err) {
//@ err.message =
err.message = filename + ': ' + err.message;
//@ throw err;
throw err;
}
}));

own.exports = { Module, module, wrapModuleLoad };
