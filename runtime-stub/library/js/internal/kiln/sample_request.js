'use strict';

// internal/kiln/sample_request: in an observed process, gives each HTTP server that the app has made a request
// for its root, as from a client, so that it is known which functions an answer calls. The record of the run
// is complete by then, and acts are not performed, so only those functions are kept.

const {
  ArrayPrototypePush,
  SafeArrayIterator,
} = primordials;

const { liveInstances } = internalBinding('kiln');

// What a socket has, besides those of a stream, that code asks it for.
const kSocket = {
  '__proto__': null,
  'remoteAddress': '127.0.0.1',
  'remoteFamily': 'IPv4',
  'remotePort': 50000,
  'localAddress': '127.0.0.1',
  'localPort': 80,
  'connecting': false,
};
const kSocketMethods = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'];

function newSocket() {
  const { Duplex } = require('stream');
  const socket = new Duplex({
    __proto__: null,
    read() {},
    write(chunk, encoding, done) {
      done();
    },
  });
  for (const key in kSocket) socket[key] = kSocket[key];
  for (let i = 0; i < kSocketMethods.length; i++) {
    socket[kSocketMethods[i]] = function() {
      return this;
    };
  }
  return socket;
}

function newRequest() {
  const { IncomingMessage } = require('_http_incoming');
  const request = new IncomingMessage(newSocket());
  request.method = 'GET';
  request.url = '/';
  request.httpVersionMajor = request.httpVersionMinor = 1;
  request.httpVersion = '1.1';
  request._addHeaderLines(['Host', 'localhost', 'User-Agent', 'sample', 'Accept', '*/*'], 6);
  request.complete = true;
  request.push(null);
  return request;
}

function ask() {
  const prototypes = [];
  for (const id of ['_http_server', 'https']) {
    const Server = require.peek(id, 'Server');
    if (Server !== undefined) ArrayPrototypePush(prototypes, Server.prototype);
  }
  if (prototypes.length === 0) return;
  const { ServerResponse } = require('_http_server');
  for (const server of new SafeArrayIterator(liveInstances(prototypes))) {
    if (server.listenerCount('request') === 0) continue;
    const request = newRequest();
    const response = new ServerResponse(request);
    response.assignSocket(request.socket);
    try {
      server.emit('request', request, response);
    } catch {
      // It may come from what was not performed. The others are asked, too.
    }
  }
}

// What ticks have put off runs after any callback.
function wait() {
  process.nextTick(() => {});
}

module.exports = { wait, ask };
