'use strict';
// internal/frames/modules/esm/loader: what is in stacks while import() or require() loads an ES
// module (library/place_frames.py). The work is done by internal/kiln/esm.

const { ModuleJob } = require('internal/frames/modules/esm/module_job');
const moduleJob = new ModuleJob();
const identity = (f) => f;

// For require(): a loader whose function calls `requireEsm`.
function loaderOf(requireEsm) {
//@ class ModuleLoader {
class ModuleLoader {
//@ importSyncForRequire(mod, filename, source, isMain, parent) {
importSyncForRequire(self, id, parent) {
self.exports =
//@ runSync(parent).namespace
requireEsm(id, self, parent);
}
}
return new ModuleLoader();
}

// For import(): with `waits` what Node does before is awaited, too.
function importer(module, waits, ready, begin, explain) { return identity(
//@ async () => {
async () => {
if (waits) await undefined;
//@ await moduleJob.run(isEntryPoint);
await moduleJob.run(
module, ready, begin, explain);
return module.getNamespace();
});
}

module.exports = { loaderOf, importer };
