'use strict';
// Patches that make an HTTP server faster, part of library_patches.js. They remove work for each
// request that has no observable effect: the bytes on the wire, the order of events and callbacks,
// and the byte counts of streams stay as in Node.

const kCommon = '_http_common';
const kFrame = 'internal/async_context_frame';
const kOutgoing = '_http_outgoing';
const kServer = '_http_server';
const kTicks = 'internal/process/task_queues';
const kStreamBase = 'internal/stream_base_commons';
const kTimers = 'internal/timers';

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
    replace: `let spareWriteWrap = null;  // the first of a list, linked by \`buffer\`
let spareWriteWraps = 0;

// A request of createWriteWrap() that nothing else refers to.
function recycleWriteWrap(req) {
  if (spareWriteWraps === 64 || req.oncomplete !== onWriteComplete || usesExecutionAsyncResource())
    return;
  req.handle = null;
  req.callback = null;
  req._chunks = null;
  req.buffer = spareWriteWrap;
  spareWriteWrap = req;
  spareWriteWraps++;
}

function createWriteWrap(handle, callback) {
  const spare = spareWriteWrap;
  if (spare !== null) {
    spareWriteWrap = spare.buffer;
    spareWriteWraps--;
    spare.buffer = null;
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
    recycleWriteWrap(req);
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
  {
    id: kStreamBase,
    find: `module.exports = {
`,
    replace: `module.exports = {
  recycleWriteWrap,
`,
  },
  {
    id: kStreamBase,
    find: `const { owner_symbol } = require('internal/async_hooks').symbols;
`,
    replace: `const { owner_symbol } = require('internal/async_hooks').symbols;
const { async_hook_fields: hookFields, constants: { kUsesExecutionAsyncResource } } =
  internalBinding('async_wrap');
const usesExecutionAsyncResource = () => hookFields[kUsesExecutionAsyncResource] !== 0;
`,
  },
  {
    id: 'internal/tls/wrap',
    find: `const tls_wrap = internalBinding('tls_wrap');
`,
    replace: `const tls_wrap = internalBinding('tls_wrap');
require('internal/kiln/tls_writes');
`,
  },
  // ---- Native code does not read the limit for each message (HttpParser::CheckHeaderCount). -431 is
  // its kTooManyHeaders.
  {
    id: kCommon,
    find: `  // Parser is also used by http client
`,
    replace: `  if (typeof method === 'number' && parser.maxHeaderPairs > 0 &&
      headers.length > parser.maxHeaderPairs)
    return -431;

  // Parser is also used by http client
`,
  },
  // ---- The resource of a tick: the same properties of a plain object, but made by a constructor,
  // so that V8 reserves their place in the object.
  {
    id: kTicks,
    find: `  const tickObject = {
    [async_id_symbol]: asyncId,
    [trigger_async_id_symbol]: triggerAsyncId,
    [async_context_frame]: AsyncContextFrame.current(),
    callback,
    args,
  };
`,
    replace: `  const tickObject = new Tick(asyncId, triggerAsyncId, AsyncContextFrame.current(), callback, args);
`,
  },
  {
    id: kTicks,
    find: `// \`nextTick()\` will not enqueue any callback when`,
    replace: `const Tick = function Object(asyncId, triggerAsyncId, frame, callback, args) {
  this[async_id_symbol] = asyncId;
  this[trigger_async_id_symbol] = triggerAsyncId;
  this[async_context_frame] = frame;
  this.callback = callback;
  this.args = args;
};
Tick.prototype = primordials.ObjectPrototype;

// \`nextTick()\` will not enqueue any callback when`,
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
  // ---- And: without pipelining each of the two lists holds at most one element. V8 gives an array
  // to which the first element is added room for 17, and takes that away again when it becomes
  // empty, in C++. It leaves an array with room for one as it is.
  {
    id: kServer,
    find: `    onDrain: null,
    outgoing: [],
    incoming: [],`,
    replace: `    onDrain: null,
    onPendingData: undefined,
    outgoing: emptyList(socket),
    incoming: emptyList(socket),`,
  },
  {
    id: kServer,
    find: `function connectionListener(socket) {
`,
    replace: `function emptyList(element) {
  const list = [element];
  list.pop();
  return list;
}

function connectionListener(socket) {
`,
  },
  // ---- The two listeners of each request. What on() does is written out where nothing was
  // replaced and nobody listens to the event or to 'newListener': V8 knows the properties of these
  // objects, but not those of all emitters.
  {
    id: kServer,
    find: `  res.on('finish',
         resOnFinish.bind(undefined,
                          req, res, socket, state, server));
`,
    replace: `  const onFinish = resOnFinish.bind(undefined,
                                    req, res, socket, state, server);
  const events = res._events;
  if (res.on === kEmitterOn && events !== undefined && events.newListener === undefined &&
      events.finish === undefined) {
    events.finish = onFinish;
    ++res._eventsCount;
  } else {
    res.on('finish', onFinish);
  }
`,
  },
  {
    id: kServer,
    find: `      req.on('end', clearIncoming);
`,
    replace: `      const events = req._events;
      if (req.on === kReadableOn && Stream.prototype.on === kEmitterOn &&
          events !== undefined && events.newListener === undefined && events.end === undefined) {
        events.end = clearIncoming;
        ++req._eventsCount;
      } else {
        req.on('end', clearIncoming);
      }
`,
  },
  {
    id: kServer,
    find: `class HTTPServerAsyncResource {
`,
    replace: `const Stream = require('stream');
const kEmitterOn = EE.prototype.on;
const kReadableOn = Stream.Readable.prototype.on;

class HTTPServerAsyncResource {
`,
  },
  // ---- Responses repeat. The status line is kept for each status code.
  {
    id: kServer,
    find: `  if (checkInvalidHeaderChar(this.statusMessage))
    throw new ERR_INVALID_CHAR('statusMessage');

  const statusLine = \`HTTP/1.1 \${statusCode} \${this.statusMessage}\\r\\n\`;
`,
    replace: `  const message = this.statusMessage;
  let line = statusLines[statusCode & 63];
  if (line === undefined || line.code !== statusCode || line.message !== message) {
    if (checkInvalidHeaderChar(message))
      throw new ERR_INVALID_CHAR('statusMessage');
    const text = \`HTTP/1.1 \${statusCode} \${message}\\r\\n\`;
    line = { code: statusCode, message, text };
    if (typeof message === 'string') statusLines[statusCode & 63] = line;
  }
  const statusLine = line.text;
`,
  },
  {
    id: kServer,
    find: `ServerResponse.prototype.writeHead = writeHead;
`,
    replace: `const statusLines = [];
ServerResponse.prototype.writeHead = writeHead;
`,
  },
  // ---- Header fields that are those of an earlier message are not checked, examined and joined
  // again. A HeaderMemo has the fields of one message, whose names and values are strings or
  // numbers, and which have no effect on the message except for Content-Length's; and the text for
  // them. The table has one for each of sixteen kinds of messages, told apart by lengths.
  {
    id: kOutgoing,
    find: `OutgoingMessage.prototype._storeHeader = _storeHeader;
`,
    replace: `class HeaderMemo {
  constructor() {
    this.firstLine = undefined;
    this.validated = false;
    this.names = [];
    this.values = [];
    this.text = '';
    this.hasLength = false;   // Content-Length is one of the fields
    this.contentLength = 0;
    // What followed the fields in the last header, and that header, if it was the same as the one
    // before.
    this.date = undefined;
    this.connection = '';
    this.chunked = false;
    this.bodyLength = undefined;
    this.whole = '';
    // How many messages with other fields come before one that replaces these: more after each
    // message that has them, and after each replacement that was of no use.
    this.left = 1;
    this.wait = 1;
  }
}
const kMostFields = 32;
const kLongestText = 1024;
const headerMemos = [];

function findMemo(firstLine, value) {
  const length = typeof value === 'string' ? value.length : 0;
  const index = (firstLine.length + length) & 15;
  while (headerMemos.length <= index) headerMemos.push(undefined);
  return headerMemos[index] ??= new HeaderMemo();
}

// The same string, not in parts.
function flatString(string) {
  for (const key in { __proto__: null, [string]: 0 }) return key;
}

function isSimpleField(name, value) {
  if (typeof name !== 'string' || name.length === 0 ||
      (typeof value === 'string' ? value.length > kLongestText : typeof value !== 'number'))
    return false;
  switch (name.toLowerCase()) {
    case 'content-disposition':
    case 'keep-alive':
    case 'set-cookie':
      return false;
    default:
      return true;
  }
}

function recordMemo(memo, self, state, firstLine, validated, names, values) {
  memo.left = memo.wait = memo.wait < 1024 ? memo.wait * 2 : 1024;
  if (state.connection || state.te || state.date || state.expect || state.trailer ||
      names.length > kMostFields || firstLine.length > kLongestText)
    return;
  for (let i = 0; i < names.length; i++) {
    if (!isSimpleField(names[i], values[i])) return;
  }
  memo.firstLine = firstLine;
  memo.validated = validated;
  memo.names = names;
  memo.values = values;
  memo.text = flatString(state.header);
  memo.hasLength = state.contLen;
  memo.contentLength = self._contentLength;
  memo.date = undefined;
  memo.whole = '';
}

// Stores the fields of an object. Returns the memo if they are all in it. Getters of a program's
// object run once each, in order, and before the next field is checked.
function storeFields(self, state, headers, firstLine) {
  const validate = headers !== self[kOutHeaders];
  let memo;
  let known = true;
  let count = 0;
  let names;
  let values;
  for (const key in headers) {
    if (validate && !ObjectHasOwn(headers, key)) continue;
    const entry = headers[key];
    const name = validate ? key : entry[0];
    const value = validate ? entry : entry[1];
    if (known) {
      if (count === 0) {
        memo = findMemo(firstLine, value);
        known = memo.firstLine === firstLine && memo.validated === validate;
      }
      if (known && count < memo.names.length && memo.names[count] === name &&
          memo.values[count] === value) {
        count++;
        continue;
      }
      known = false;
      if (--memo.left <= 0) {
        names = memo.names.slice(0, count);
        values = memo.values.slice(0, count);
      }
      for (let i = 0; i < count; i++)
        storeHeader(self, state, memo.names[i], memo.values[i], false, false);
    }
    if (names !== undefined) {
      names.push(name);
      values.push(value);
    }
    processHeader(self, state, name, value, validate, false);
  }
  if (known) {
    if (memo === undefined) {
      memo = findMemo(firstLine, undefined);
      known = memo.firstLine === firstLine;
    }
    if (known && memo.names.length === count) {
      state.header = memo.text;
      if (memo.hasLength) {
        state.contLen = true;
        self._contentLength = memo.contentLength;
        self._removedContLen = false;
      }
      if (memo.left < 32) memo.left++;
      if (memo.wait !== 1) memo.wait = 1;
      return memo;
    }
    if (--memo.left <= 0) {
      names = memo.names.slice(0, count);
      values = memo.values.slice(0, count);
    }
    for (let i = 0; i < count; i++)
      storeHeader(self, state, memo.names[i], memo.values[i], false, false);
  }
  if (names !== undefined) recordMemo(memo, self, state, firstLine, validate, names, values);
  return null;
}

// The whole header. bodyLength: the value for Content-Length, or undefined. One that occurs for
// the second time in turn is kept.
function finishHeader(memo, header, date, connection, chunked, bodyLength) {
  const same = memo !== null && memo.date === date && memo.connection === connection &&
    memo.chunked === chunked && memo.bodyLength === bodyLength;
  if (same && memo.whole !== '') return memo.whole;
  header += date + connection;
  if (chunked) header += 'Transfer-Encoding: chunked\\r\\n';
  if (bodyLength !== undefined) header += 'Content-Length: ' + bodyLength + '\\r\\n';
  header += '\\r\\n';
  if (same) {
    memo.whole = header = flatString(header);
  } else if (memo !== null) {
    memo.date = date;
    memo.connection = connection;
    memo.chunked = chunked;
    memo.bodyLength = bodyLength;
    memo.whole = '';
  }
  return header;
}

let dateText;
let dateLine = '';
function getDateLine() {
  const date = utcDate();
  if (date !== dateText) {
    dateText = date;
    dateLine = flatString('Date: ' + date + '\\r\\n');
  }
  return dateLine;
}

let keepAliveSeconds = -1;
let keepAliveLines = '';
function getKeepAliveLines(seconds) {
  if (seconds !== keepAliveSeconds) {
    keepAliveSeconds = seconds;
    keepAliveLines = flatString(\`Connection: keep-alive\\r\\nKeep-Alive: timeout=\${seconds}\\r\\n\`);
  }
  return keepAliveLines;
}

OutgoingMessage.prototype._storeHeader = _storeHeader;
`,
  },
  {
    id: kOutgoing,
    find: `  if (headers) {
    if (headers === this[kOutHeaders]) {
      for (const key in headers) {`,
    replace: `  let memo = null;
  if (!lenient && (!headers || headers === this[kOutHeaders] ||
                   (!ArrayIsArray(headers) && typeof headers === 'object'))) {
    memo = storeFields(this, state, headers, firstLine);
  } else if (headers) {
    if (headers === this[kOutHeaders]) {
      for (const key in headers) {`,
  },
  {
    id: kOutgoing,
    find: `  // Date header
  if (this.sendDate && !state.date) {
    header += 'Date: ' + utcDate() + '\\r\\n';
  }
`,
    replace: `  // Date header
  let date = '';
  let connection = '';
  let chunked = false;
  let bodyLength;
  if (this.sendDate && !state.date) {
    date = getDateLine();
  }
`,
  },
  {
    id: kOutgoing,
    find: `    if (shouldSendKeepAlive && this.maxRequestsOnConnectionReached) {
      header += 'Connection: close\\r\\n';
    } else if (shouldSendKeepAlive) {
      header += 'Connection: keep-alive\\r\\n';
      if (this._keepAliveTimeout && this._defaultKeepAlive) {
        const timeoutSeconds = MathFloor(this._keepAliveTimeout / 1000);
        let max = '';
        if (~~this._maxRequestsPerSocket > 0) {
          max = \`, max=\${this._maxRequestsPerSocket}\`;
        }
        header += \`Keep-Alive: timeout=\${timeoutSeconds}\${max}\\r\\n\`;
      }
    } else {
      this._last = true;
      header += 'Connection: close\\r\\n';
    }`,
    replace: `    if (shouldSendKeepAlive && this.maxRequestsOnConnectionReached) {
      connection = 'Connection: close\\r\\n';
    } else if (shouldSendKeepAlive) {
      connection = 'Connection: keep-alive\\r\\n';
      if (this._keepAliveTimeout && this._defaultKeepAlive) {
        const timeoutSeconds = MathFloor(this._keepAliveTimeout / 1000);
        if (~~this._maxRequestsPerSocket > 0) {
          connection += \`Keep-Alive: timeout=\${timeoutSeconds}, max=\${this._maxRequestsPerSocket}\\r\\n\`;
        } else {
          connection = getKeepAliveLines(timeoutSeconds);
        }
      }
    } else {
      this._last = true;
      connection = 'Connection: close\\r\\n';
    }`,
  },
  {
    id: kOutgoing,
    find: `      header += 'Content-Length: ' + this._contentLength + '\\r\\n';
    } else if (!this._removedTE) {
      header += 'Transfer-Encoding: chunked\\r\\n';
      this.chunkedEncoding = true;`,
    replace: `      bodyLength = this._contentLength;
    } else if (!this._removedTE) {
      chunked = true;
      this.chunkedEncoding = true;`,
  },
  {
    id: kOutgoing,
    find: `  this._header = header + '\\r\\n';
  this._headerSent = false;

  // Wait until`,
    replace: `  this._header = finishHeader(memo, header, date, connection, chunked, bodyLength);
  this._headerSent = false;

  // Wait until`,
  },
  // ---- The list of timers of the last duration needs no look-up. A list that leaves the map has
  // another duration from then on.
  {
    id: kTimers,
    find: `  let list = timerListMap[msecs];
  if (list === undefined) {
    debug('no %d list`,
    replace: `  let list = lastTimersList;
  if (list.msecs !== msecs)
    lastTimersList = list = timerListMap[msecs] ?? noTimersList;
  if (list === noTimersList) {
    debug('no %d list`,
  },
  {
    id: kTimers,
    find: `    timerListMap[msecs] = list = new TimersList(expiry, msecs);
`,
    replace: `    timerListMap[msecs] = lastTimersList = list = new TimersList(expiry, msecs);
`,
  },
  {
    id: kTimers,
    find: `// We need to use the binding as the receiver for fast API calls.
function insert(`,
    replace: `const noTimersList = { msecs: undefined };
let lastTimersList = noTimersList;

// We need to use the binding as the receiver for fast API calls.
function insert(`,
  },
  {
    id: kTimers,
    find: `      delete timerListMap[msecs];
`,
    replace: `      delete timerListMap[msecs];
      list.msecs = -1;
`,
  },
  {
    id: 'timers',
    find: `      delete timerListMap[list.msecs];
`,
    replace: `      delete timerListMap[list.msecs];
      list.msecs = -1;
`,
  },
];
