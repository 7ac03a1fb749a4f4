'use strict';
// internal/frames/modules/esm/module_job: what is in stacks while an ES module is evaluated
// (library/place_frames.py). The functions are those of internal/kiln/esm: `ready` returns what is awaited
// before, `begin` is called then, `explain` adds an explanation to an error.

//@ class ModuleJob extends
class ModuleJob {
constructor(module, ready, begin, explain) {
this.module = module;
this.ready = ready;
this.begin = begin;
this.explain = explain;
}

//@ async run(isEntryPoint = false) {
async run() {
const { module, ready, begin, explain } = this;
await ready(module);
begin(module);
try {
//@ await this.module.evaluate(timeout, breakOnSigint);
await this.module.evaluate(-1, false);
//@ } catch (e) {
} catch (e) {
//@ explainCommonJSGlobalLikeNotDefinedError(
explain(e, module);
//@ throw e;
throw e;
}
}
}

//@ class ModuleJobSync extends
class ModuleJobSync {
constructor(module) { this.module = module; }

//@ runSync(parent) {
runSync() {
return (
//@ this.module.evaluateSync();
this.module.evaluateSync());
}
}

module.exports = { ModuleJob, ModuleJobSync };
