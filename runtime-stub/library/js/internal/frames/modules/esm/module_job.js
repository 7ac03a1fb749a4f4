'use strict';
// internal/frames/modules/esm/module_job: what is in stacks while an ES module is evaluated
// (library/place_frames.py). The functions are those of internal/kiln/esm: `ready` returns what is awaited
// before, `begin` is called then, `explain` adds an explanation to an error.

const base = {
//@ throwIfAsyncGraph(parent) {
throwIfAsyncGraph(parent) {
const { module, filename } = this;
if (!module.hasAsyncGraph) return; const locations = [], { ERR_REQUIRE_ASYNC_MODULE } =
require('internal/errors').codes;
//@ throw new ERR_REQUIRE_ASYNC_MODULE(filename, parent, locations);
throw new ERR_REQUIRE_ASYNC_MODULE(filename, parent, locations);
}
};

//@ class ModuleJob extends
class ModuleJob {
//@ async run(isEntryPoint = false) {
async run(module, ready, begin, explain) {
await ready(module);
begin(module);
try {
//@ await this.module.evaluate(timeout, breakOnSigint);
await      module.evaluate(-1, false);
//@ } catch (e) {
} catch (e) {
//@ explainCommonJSGlobalLikeNotDefinedError(
explain(e, module);
//@ throw e;
throw e;
}
}
}

// For require() of the file: a job that evaluates the module.
function syncJob(module, begin, explain, filename) {
//@ class ModuleJobSync extends
class ModuleJobSync {
module = module;
filename = filename;
//@ runSync(parent) {
runSync(parent) {
//@ this.throwIfAsyncGraph(parent);
this.throwIfAsyncGraph(parent);
begin(module);
try {
return (
//@ this.module.evaluateSync();
(    module.evaluateSync()));
//@ } catch (e) {
} catch (e) {
//@ explainCommonJSGlobalLikeNotDefinedError(
explain(e, module);
//@ throw e;
throw e;
}
}
}
ModuleJobSync.prototype.throwIfAsyncGraph = base.throwIfAsyncGraph;
return new ModuleJobSync();
}

module.exports = { ModuleJob, syncJob };
