'use strict';
// Which modules of Node's library are not made lazy, in whole or in part, and the check that
// these tables fit the library.

const { originsOf } = require('./lazy_names.js');

// Modules that keep their text: dependencies in a style of their own, and scripts that run
// before require() exists. An entry that ends with a slash is a folder.
const KEEP = ['internal/deps/', 'internal/per_context/', 'internal/bootstrap/realm',
              'internal/v8_prof_polyfill'];

// Names that modules of a server's hot path look up when they load, as in Node. The modules and
// bindings that they come from are always loaded by then. The optimizing compiler treats a `const`
// as a constant: it folds a symbol that names a property or a flag of a stream's state, and
// inlines a function. The `let` of a lazy name is loaded and compared at each use.
const kTicks = ['internal/async_context_frame', 'internal/async_hooks', 'internal/fixed_queue',
                'internal/linkedlist', 'internal/priority_queue', 'internal/process/promises',
                'internal/timers', 'internal/validators', 'async_context_frame', 'async_wrap',
                'task_queue', 'timers'];
const kServers = [...kTicks, 'internal/stream_base_commons', 'internal/util/types', 'buffer',
                  'internal/buffer', 'stream', 'stream_wrap', 'uv'];
const kHttp = [...kServers, '_http_common', '_http_incoming', '_http_outgoing', 'http_parser',
               'internal/freelist', 'internal/http', 'net'];
const EAGER = [
  { modules: ['internal/async_context_frame', 'internal/async_hooks', 'internal/process/task_queues',
              'internal/timers', 'timers'],
    from: kTicks },
  { modules: ['internal/streams/destroy', 'internal/streams/duplex', 'internal/streams/readable',
              'internal/streams/writable'],
    from: ['internal/streams/utils'] },
  { modules: ['internal/stream_base_commons', 'net'],
    from: kServers },
  { modules: ['internal/http', '_http_common', '_http_incoming', '_http_outgoing', '_http_server'],
    from: kHttp },
];

const keeps = (entry, id) => (entry.endsWith('/') ? id.startsWith(entry) : id === entry);

// Whether a module keeps its text.
const isKept = (id) => KEEP.some((entry) => keeps(entry, id));

// The modules and bindings that a module takes names from as it loads.
const eagerOrigins = (id) => EAGER.find(({ modules }) => modules.includes(id))?.from ?? [];

// What is wrong with the tables for this library, one sentence each.
function checkTables(modules, keep = KEEP, eager = EAGER) {
  const here = 'runtime-stub/library/modules.js';
  const ids = [...modules.keys()];
  const errors = keep.filter((entry) => !ids.some((id) => keeps(entry, id)))
    .map((entry) => `KEEP names ${entry}, which matches no module of Node's library. Correct or remove it in ${here}.`);
  const used = new Set(), named = new Set();
  for (const group of eager) {
    for (const name of group.from) named.add(name);
    for (const id of group.modules) {
      if (!modules.has(id)) {
        errors.push(`EAGER names the module ${id}, which Node's library does not have. Correct or remove it in ${here}.`);
        continue;
      }
      const taken = [...originsOf(modules.get(id))].filter((name) => group.from.includes(name));
      if (taken.length === 0)
        errors.push(`EAGER names the module ${id}, which takes names from none of its group's modules. Remove it in ${here}.`);
      for (const name of taken) used.add(name);
    }
  }
  for (const name of named) {
    if (!used.has(name))
      errors.push(`EAGER lists ${name}, from which no module of its groups takes a name. Correct or remove it in ${here}.`);
  }
  return errors;
}

module.exports = { isKept, eagerOrigins, checkTables };
