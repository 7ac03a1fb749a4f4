'use strict';

// internal/kiln/late_values: variables of baked modules that hold what is known only at start: the standard
// streams, and, where a recipe allows it, the working directory or the number of processors (docs/baking.md,
// "Late values"). When modules are baked, their variables that hold such a value are found and become
// undefined. At start they are set when the module is loaded, which is when its code would have asked.
//
// That the value is nowhere else, and nothing was made of it, is seen by a comparison with another
// environment, where it is another one.

const {
  ArrayPrototypePush,
  MathMax,
  SafeMap,
  SafeSet,
} = primordials;

const { kStreams } = require('internal/kiln/assumed_process');
const table = require('internal/kiln/table');

// Numbers of BakePlan::late (snapshot/take.h).
const kCwd = 0;
const kProcessors = 1;

const kGet = {
  '__proto__': null,
  'stdin': () => process.stdin,
  'stdout': () => process.stdout,
  'stderr': () => process.stderr,
  [kCwd]: () => process.cwd(),
  [kProcessors]: () => MathMax(require('os').cpus().length, 1),
};

let allowed;  // while modules are baked: number of a module -> what it may keep
// The number of processors while modules are baked, which no other number equals by chance.
let processors;

function idOfScript(name) {
  return table.idOf(name) ?? require.peek('internal/kiln/esm', 'idOfURL')?.(name);
}

// Before modules are baked. `lines` of the plan.
function begin(lines) {
  allowed = new SafeMap();
  for (let i = 0; i < lines.length; i++) {
    const { 0: key, 1: id, 2: what } = lines[i];
    if (key !== 'late') continue;
    if (!allowed.has(id)) allowed.set(id, new SafeSet());
    allowed.get(id).add(what);
    // In another environment the folder has another name.
    if (what === kProcessors) processors = 2147400000 + process.cwd().length;
  }
}

// For os.cpus().
function markProcessors(result) {
  if (processors !== undefined) result.length = processors;
  return result;
}

// Ends it. `streams`: the objects in place of the streams, by descriptor; mayKeep(id): whether a module is
// loaded as a whole at start; hasCollected: garbage was collected after all modules were evaluated.
// Returns path of a module -> [function, depth, slot, what, …].
function take(native, streams, mayKeep, hasCollected) {
  const values = [];
  const kinds = [];
  if (allowed.size > 0) {
    // Node's library keeps the folder: without need a deferred module would not be seen to ask for it.
    ArrayPrototypePush(values, process.cwd());
    ArrayPrototypePush(kinds, kCwd);
  }
  if (processors !== undefined) {
    ArrayPrototypePush(values, processors);
    ArrayPrototypePush(kinds, kProcessors);
  }
  for (let fd = 0; fd < streams.length; fd++) {
    ArrayPrototypePush(values, streams[fd]);
    ArrayPrototypePush(kinds, kStreams[fd]);
  }
  const late = { __proto__: null };
  const seen = new SafeSet();
  const found = native.variablesWith(values, hasCollected);
  for (let i = 0; i < found.length; i += 6) {
    const kind = kinds[found[i + 3]];
    const variable = `${found[i + 4]} ${found[i + 2]}`;
    const id = idOfScript(found[i + 5]);
    if (id === undefined || seen.has(variable) || !mayKeep(id)) continue;
    if (typeof kind === 'number' && !allowed.get(id)?.has(kind)) continue;
    seen.add(variable);
    ArrayPrototypePush(late[table.pathOf(id)] ??= [], found[i], found[i + 1], found[i + 2], kind);
    native.setVariable(found[i], found[i + 1], found[i + 2], undefined);
  }
  allowed = processors = undefined;
  return late;
}

// Sets the variables of a module. Throws what process.cwd() throws.
function set(list, contextOffset) {
  const { setClosureVariable } = internalBinding('kiln');
  for (let i = 0; i < list.length; i += 4) {
    setClosureVariable(contextOffset, list[i], list[i + 1], list[i + 2], kGet[list[i + 3]]());
  }
}

module.exports = { begin, markProcessors, take, set };
