'use strict';
// Patches that make an HTTP server faster, part of library_patches.js. They remove work for each
// request that has no observable effect: the bytes on the wire, the order of events and callbacks,
// and the byte counts of streams stay as in Node.

const kFrame = 'internal/async_context_frame';
const kOutgoing = '_http_outgoing';
const kServer = '_http_server';
const kTicks = 'internal/process/task_queues';
const kStreamBase = 'internal/stream_base_commons';

module.exports = [
  // ---- Each nextTick reads the current frame, and each tick exchanges it. V8 inlines functions
  // that are own properties of a class, but not those found on its replaced prototype.
  {
    id: kFrame,
    find: `    ObjectSetPrototypeOf(AsyncContextFrame, ActiveAsyncContextFrame);
`,
    replace: `    ObjectSetPrototypeOf(AsyncContextFrame, ActiveAsyncContextFrame);
    // eslint-disable-next-line no-use-before-define
    const frame = AsyncContextFrame;
    frame.current = getContinuationPreservedEmbedderData;
    frame.set = setContinuationPreservedEmbedderData;
    frame.exchange = (value) => {
      const prior = getContinuationPreservedEmbedderData();
      setContinuationPreservedEmbedderData(value);
      return prior;
    };
`,
  },
  // ---- process._exiting is a getter on an object in dictionary mode; it reads this field.
  {
    id: kTicks,
    find: `  if (process._exiting)
    return;

  let args;`,
    replace: `  if (exitFields[0] === 1)
    return;

  let args;`,
  },
  {
    id: kTicks,
    find: `const queue = new FixedQueue();
`,
    replace: `const queue = new FixedQueue();
const exitFields = process[internalBinding('util').privateSymbols.exit_info_private_symbol];
`,
  },
  // ---- A chunked response that is one string is five writes in Node, joined again by cork().
  // Where every character is one byte on the wire, they can be one string, in the encoding
  // Latin-1, for which the characters need not be examined. A program that has replaced
  // write() of its sockets sees the same calls as under Node.
  {
    id: kOutgoing,
    find: `    } else {
      msg._send(len.toString(16), 'latin1', null);
      msg._send(crlf_buf, null, null);
      msg._send(chunk, encoding, null, len);
      ret = msg._send(crlf_buf, null, callback);
    }
  } else {`,
    replace: `    } else if (isSingleByte(chunk, encoding, len) && msg[kSocket]?.write === kSocketWrite) {
      ret = msg._send(\`\${len.toString(16)}\\r\\n\${chunk}\\r\\n\`, 'latin1', callback);
    } else {
      msg._send(len.toString(16), 'latin1', null);
      msg._send(crlf_buf, null, null);
      msg._send(chunk, encoding, null, len);
      ret = msg._send(crlf_buf, null, callback);
    }
  } else {`,
  },
  {
    id: kOutgoing,
    find: `function write_(msg, chunk, encoding, callback, fromEnd) {
`,
    replace: `const kSocketWrite = Stream.Writable.prototype.write;

// Whether a string of \`len\` bytes is the same bytes as Latin-1.
function isSingleByte(chunk, encoding, len) {
  return typeof chunk === 'string' && len === chunk.length &&
    (!encoding || encoding === 'utf8' || encoding === 'utf-8' || encoding === 'latin1');
}

// The whole of end() where header, only chunk and end are one write to a socket that holds
// nothing back. False: nothing was sent.
function sendWhole(msg, chunk, encoding, callback) {
  const socket = msg[kSocket];
  if (typeof chunk !== 'string' || msg.finished || msg.destroyed || msg.strictContentLength ||
      msg[kCorked] !== 0 || msg.outputData.length !== 0 || socket === null ||
      socket._httpMessage !== msg || socket.write !== kSocketWrite ||
      socket._writableState?.corked !== 0)
    return false;

  if (!msg._header) {
    msg._contentLength = Buffer.byteLength(chunk, encoding);
    msg._implicitHeader();
  }
  if (!msg._header || msg._headerSent || !msg._hasBody) return false;

  if (msg.chunkedEncoding) {
    const len = Buffer.byteLength(chunk, encoding);
    if (!isSingleByte(chunk, encoding, len)) return false;
    chunk = \`\${len.toString(16)}\\r\\n\${chunk}\\r\\n0\\r\\n\${msg._trailer}\\r\\n\`;
    encoding = 'latin1';
  } else if (encoding && encoding !== 'utf8' && encoding !== 'latin1') {
    return false;  // the header goes by itself
  }
  if (typeof callback === 'function') {
    queueEndCallback(msg, callback);
  }
  msg._send(chunk, encoding, onFinish.bind(undefined, msg));
  msg.finished = true;
  if (msg.outputData.length === 0 && msg[kSocket] && msg[kSocket]._httpMessage === msg) {
    msg._finish();
  }
  return true;
}

function write_(msg, chunk, encoding, callback, fromEnd) {
`,
  },
  {
    id: kOutgoing,
    find: `    if (this[kSocket]) {
      this[kSocket].cork();
    }

    if (maybePrepareFinalChunk(this, chunk, encoding)) {`,
    replace: `    if (sendWhole(this, chunk, encoding, callback)) {
      return this;
    }

    if (this[kSocket]) {
      this[kSocket].cork();
    }

    if (maybePrepareFinalChunk(this, chunk, encoding)) {`,
  },
  // ---- A write that completed synchronously leaves its request object unused; native code has
  // attached nothing to it. The next write reuses it.
  {
    id: kStreamBase,
    find: `function createWriteWrap(handle, callback) {
  const req = new WriteWrap();
`,
    replace: `let spareWriteWrap = null;

function createWriteWrap(handle, callback) {
  const spare = spareWriteWrap;
  if (spare !== null) {
    spareWriteWrap = null;
    spare.handle = handle;
    spare.callback = callback;
    return spare;
  }
  const req = new WriteWrap();
`,
  },
  {
    id: kStreamBase,
    find: `  if (!req.async && typeof req.callback === 'function') {
    req.callback();
  }
`,
    replace: `  if (!req.async) {
    if (typeof req.callback === 'function') {
      req.callback();
    }
    req.handle = null;
    req.buffer = null;
    req.callback = null;
    req._chunks = null;
    spareWriteWrap = req;
  }
`,
  },
  {
    id: kStreamBase,
    find: `  req.callback = callback;

  return req;
}
`,
    replace: `  req.callback = callback;
  req._chunks = null;

  return req;
}
`,
  },
  // ---- One function for each connection instead of one for each request.
  {
    id: kServer,
    find: `  res._onPendingData = updateOutgoingData.bind(undefined,
                                               socket, state);
`,
    replace: `  res._onPendingData = state.onPendingData ??=
    updateOutgoingData.bind(undefined, socket, state);
`,
  },
  {
    id: kServer,
    find: `    onDrain: null,
    outgoing: [],`,
    replace: `    onDrain: null,
    onPendingData: undefined,
    outgoing: [],`,
  },
];
