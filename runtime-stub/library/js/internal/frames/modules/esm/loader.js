'use strict';
// internal/frames/modules/esm/loader: what is in stacks while import() or require() loads an ES
// module (library/place_frames.py). The work is done by internal/kiln/esm.

const { requireEsm } = require('internal/kiln/commonjs');
const identity = (f) => f;

//@ class ModuleLoader {
class ModuleLoader {
//@ importSyncForRequire(mod, filename, source, isMain, parent) {
importSyncForRequire(self, id, parent) {
self.exports =
//@ runSync(parent).namespace
requireEsm(id, self, parent);
}
}

// import(): `ready` is awaited before the module runs.
function importer(job, ready) {
return identity(
//@ async () => {
async () => {
if (ready) await undefined;
//@ await moduleJob.run(isEntryPoint);
await job.run();
return job.module.getNamespace();
});
}

const cascadedLoader = new ModuleLoader();
module.exports = { cascadedLoader, importer };
