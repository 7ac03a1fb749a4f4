'use strict';
// internal/frames/modules/run_main: the functions that start the entry (library/place_frames.py).

//@ async function asyncRunEntryPointWithESMLoader(callback) {
async function asyncRunEntryPointWithESMLoader(callback) {
//@ await callback(cascadedLoader);
await callback();
}

//@ function executeUserEntryPoint(
function executeUserEntryPoint(self, id) {
const { wrapModuleLoad } = require('internal/frames/modules/cjs/loader');
//@ wrapModuleLoad(main, null, true);
wrapModuleLoad(self, id);
}

module.exports = { asyncRunEntryPointWithESMLoader, executeUserEntryPoint };
