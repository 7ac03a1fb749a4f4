'use strict';

// internal/kiln/tls_writes: reports complete writes of TLS connections, those of all connections in
// one call (runtime-stub/bindings/tls_wrap/direct_write.cc). For each write it does what a callback
// from native code does in the check phase, where ticks and microtasks run after all callbacks.

const { emitBefore, emitAfter, emitDestroy } = require('internal/async_hooks');
const AsyncContextFrame = require('internal/async_context_frame');
const { recycleWriteWrap } = require('internal/stream_base_commons');
const { setWriteReporter } = internalBinding('tls_wrap');

let current;
let at = 0;

// `list` has five elements for each write: the request, which is undefined if the write was
// canceled, its async id and trigger id, its AsyncLocalStorage frame, and the handle. A second call
// for the same list continues after the write whose callback threw.
function reportWrites(list) {
  if (list !== current) {
    current = list;
    at = 0;
  }
  while (at < list.length) {
    const i = at;
    at += 5;
    const req = list[i];
    if (req === undefined) continue;
    list[i] = undefined;
    const asyncId = list[i + 1];
    const priorContextFrame = AsyncContextFrame.exchange(list[i + 3]);
    emitBefore(asyncId, list[i + 2], req);
    try {
      if (typeof req.oncomplete === 'function') req.oncomplete(0, list[i + 4], undefined);
    } finally {
      emitDestroy(asyncId);
    }
    emitAfter(asyncId);
    AsyncContextFrame.set(priorContextFrame);
    recycleWriteWrap(req);
  }
  current = undefined;
}

setWriteReporter(reportWrites);
