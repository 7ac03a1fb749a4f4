'use strict';
// internal/frames/modules/helpers: require() of a CommonJS module (library/place_frames.py).

const { requireFrom } = require('internal/kiln/commonjs');

//@ function makeRequireFunction(mod) {
function makeRequireFunction(module, id) {
//@ function require(path) {
function require(path) {
return (
//@ require(path);
requireFrom(module, id, path)
);
}
return require;
}

module.exports = { makeRequireFunction };
