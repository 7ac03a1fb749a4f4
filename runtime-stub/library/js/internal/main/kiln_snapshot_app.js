'use strict';

// Runs in the snapshot builder after internal/main/kiln_snapshot. It loads the public modules that
// the app's module graph names, and compiles and links the app's modules.

const { BuiltinModule } = require('internal/bootstrap/realm');
const { builtins, compileFunctions, setStart } = internalBinding('kiln');
const {
  ArrayPrototypeMap,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertySymbols,
  RegExpPrototypeExec,
} = primordials;

// Throws for a module that this version of Node does not have: such an entry of the lists below
// would otherwise have no effect, silently.
function existing(id) {
  if (BuiltinModule.map.has(id)) return id;
  throw new Error(`internal/main/kiln_snapshot_app names the module ${id}, which does not exist`);
}

const { loadedAtStart } = require('internal/kiln/builtins');
for (const id in loadedAtStart) existing(id);
for (const id of builtins()) {
  if (loadedAtStart[id] || !BuiltinModule.canBeRequiredByUsers(id)) continue;
  // A module that cannot be loaded here throws again when the app loads it.
  try {
    BuiltinModule.map.get(id).compileForPublicLoader();
  } catch {
    continue;
  }
}

setStart(require('internal/kiln/start').run);
if (require('internal/kiln/bundle').mentions(['Buffer', 'stdin', 'stdout', 'stderr', 'fetch']))
  require('buffer');
if (!require('internal/kiln/bundle').prepare()) process.reallyExit(1);

// What every start runs, and what most apps call first.
{
  const bundle = require('internal/kiln/bundle');
  const commonjs = require('internal/kiln/commonjs');
  const getStdout = ObjectGetOwnPropertyDescriptor(process, 'stdout').get;
  compileFunctions([
    require('internal/v8/startup_snapshot').runDeserializeCallbacks,
    bundle.start,
    commonjs.main,
    commonjs.makeMain,
    commonjs.BundledModule,
    commonjs.dirname,
    commonjs.evaluate,
    commonjs.makeRequire,
    console.log,
    ...ArrayPrototypeMap(ObjectGetOwnPropertySymbols(console), (key) => console[key]),
    require('events').prototype.emit,
    getStdout.directFd,
  ]);
  commonjs.makeRequire({}, 0);
  getStdout.directFd();
}
for (const id of ['internal/kiln/builtins', 'internal/kiln/link'])
  delete BuiltinModule.records[existing(id)];

// RegExp.lastMatch and the like are empty when the app starts, as in Node's internal/main/run_main_module.
RegExpPrototypeExec(/^/, '');
