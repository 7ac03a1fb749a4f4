'use strict';
// HTTP/2 over TLS. peer.js describes the cases.

const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const tls = require('node:tls');
const { once } = require('node:events');

const big = Buffer.alloc(2_000_000);
for (let i = 0; i < big.length; i++) big[i] = i * 7 + (i >> 8);

const names = Object.fromEntries(Object.entries(http2.constants)
  .filter(([name]) => /^NGHTTP2_(NO_ERROR|.*_ERROR|SETTINGS_TIMEOUT|CANCEL|REFUSED_STREAM|ENHANCE_YOUR_CALM|STREAM_CLOSED|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/.test(name) && !/_ERR_/.test(name))
  .map(([name, value]) => [value, name.slice(8)]));

function connect(t, options = {}) {
  const client = http2.connect(`https://127.0.0.1:${t.port}`, { servername: 'localhost', ...t.as(), ...options });
  client.on('error', () => {});
  return client;
}

// Sends one request and resolves at its end: { status, headers, body, trailers, info, error }.
function get(client, headers = {}, data, options) {
  return new Promise((resolve) => {
    const answer = { info: [] };
    const parts = [];
    let req;
    try {
      req = client.request({ ':path': '/', ':method': data ? 'POST' : 'GET', ...headers }, options);
    } catch (err) {
      return resolve({ ...answer, error: err.code, body: Buffer.alloc(0) });
    }
    req.on('headers', (h) => answer.info.push(h[':status']));
    req.on('response', (h) => { answer.status = h[':status']; answer.headers = h; });
    req.on('trailers', (h) => answer.trailers = h);
    req.on('data', (part) => parts.push(part));
    req.on('error', (err) => answer.error = err.code);
    req.on('close', () => resolve({ ...answer, rst: names[req.rstCode], body: Buffer.concat(parts) }));
    if (data !== null) req.end(data);
  });
}

async function closed(client) {
  if (client.destroyed) return;
  const end = once(client, 'close');
  client.close();
  await end;
}

// A case with a server whose streams go to `listener`, and a client that runs `ask(client)`.
function pair(listener, ask, { server = {}, client = {}, notes } = {}) {
  return {
    notes,
    serve: (t) => http2.createSecureServer({ ...t.as('server'), ...server })
      .on('stream', (stream, ...more) => {
        stream.on('error', () => {});
        listener(stream, ...more, t);
      })
      .on('sessionError', () => {}),
    async ask(t) {
      const session = connect(t, client);
      const said = await ask(session, t);
      await closed(session);
      return said;
    },
  };
}

exports['h2, a big body each way'] = pair(
  (stream) => { stream.respond(); stream.pipe(stream); },
  async (client) => `${(await get(client, {}, big)).body.equals(big)} ${client.alpnProtocol} ${client.encrypted}`);

exports['h2, push'] = pair(
  (stream) => {
    stream.pushStream({ ':path': '/pushed' }, (err, pushed) => { pushed.respond({ 'x-a': '1' }); pushed.end('more'); });
    stream.respond();
    stream.end('main');
  },
  async (client) => {
    const pushed = once(client, 'stream').then(async ([stream, headers]) => {
      let text = '';
      for await (const part of stream) text += part;
      return `${headers[':path']} ${text}`;
    });
    return `${(await get(client)).body} ${await pushed}`;
  });

exports['h2, push refused'] = pair(
  (stream) => {
    let why = 'none';
    try { stream.pushStream({ ':path': '/p' }, () => {}); } catch (err) { why = err.code; }
    stream.respond();
    stream.end(`${stream.pushAllowed} ${why}`);
  },
  async (client) => `${(await get(client)).body}`, { client: { settings: { enablePush: false } } });

exports['h2, trailers both ways'] = pair(
  (stream) => {
    stream.on('trailers', (headers) => {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': headers['x-in'] }));
      stream.end('body');
    });
    stream.resume();
  },
  (client) => new Promise((resolve) => {
    const req = client.request({ ':method': 'POST' }, { waitForTrailers: true });
    req.on('wantTrailers', () => req.sendTrailers({ 'x-in': '7' }));
    req.on('trailers', (headers) => resolve(headers['x-sum']));
    req.resume();
    req.end('data');
  }));

exports['h2, 100, 103 and 204'] = pair(
  (stream) => {
    stream.additionalHeaders({ ':status': 103, 'link': '</a>' });
    stream.respond({ ':status': 204 }, { endStream: true });
  },
  async (client) => {
    const { info, status } = await get(client);
    return `${info} ${status}`;
  });

exports['h2, files'] = pair(
  (stream, headers) => {
    const options = { offset: 10, length: 100, statCheck: (stat, h) => { h['x-size'] = stat.size; } };
    if (headers[':path'] === '/fd') {
      const fd = fs.openSync(__filename);
      stream.on('close', () => fs.closeSync(fd));
      return stream.respondWithFD(fd, {}, options);
    }
    const path = headers[':path'] === '/none' ? '/no/such/file' : __filename;
    stream.respondWithFile(path, {}, { ...options, onError: (err) => { stream.respond({ ':status': 404 }); stream.end(err.code); } });
  },
  async (client) => {
    const results = [];
    for (const path of ['/file', '/fd', '/none']) {
      const { status, body, headers } = await get(client, { ':path': path });
      results.push(`${status} ${body.length} ${'x-size' in headers}`);
    }
    return results.join(', ');
  });

exports['h2, 300 streams through a limit of 20'] = {
  serve(t) {
    let open = 0, most = 0;
    return http2.createSecureServer({ ...t.as('server'), settings: { maxConcurrentStreams: 20 } })
      .on('stream', (stream, headers) => {
        most = Math.max(most, ++open);
        stream.on('close', () => open--);
        setImmediate(() => { stream.respond(); stream.end(headers[':path'] === '/most' ? `${most <= 20}` : headers[':path']); });
      });
  },
  async ask(t) {
    const client = connect(t);
    await once(client, 'remoteSettings');
    const all = await Promise.all(Array.from({ length: 300 }, (_, i) => get(client, { ':path': `/${i}` })));
    const good = all.every(({ body }, i) => String(body) === `/${i}`);
    const most = (await get(client, { ':path': '/most' })).body;
    await closed(client);
    return `${good} ${most}`;
  },
};

exports['h2, settings, windows and ping'] = pair(
  (stream) => {
    const { initialWindowSize, headerTableSize } = stream.session.remoteSettings;
    stream.respond();
    stream.end(`${initialWindowSize} ${headerTableSize}`);
  },
  async (client) => {
    const { body } = await get(client);
    const [, , payload] = await new Promise((resolve) => client.ping(Buffer.from('12345678'), (...all) => resolve(all)));
    const acknowledged = await new Promise((resolve) => client.settings({ initialWindowSize: 100_000 }, (err) => resolve(!err)));
    client.setLocalWindowSize(1 << 20);
    return `${body} ${client.remoteSettings.maxFrameSize} ${payload} ${acknowledged} ${client.state.effectiveLocalWindowSize} ${client.localSettings.initialWindowSize}`;
  }, { server: { settings: { maxFrameSize: 20_000 } }, client: { settings: { initialWindowSize: 70_000, headerTableSize: 100 } } });

exports['h2, every reset code'] = pair(
  (stream, headers) => stream.close(Number(headers[':path'].slice(1))),
  async (client) => {
    const results = [];
    for (let code = 0; code < 14; code++) {
      const { rst, error } = await get(client, { ':path': `/${code}` });
      results.push(`${rst}:${error ?? 'fine'}`);
    }
    return results.join(' ');
  });

exports['h2, the client resets'] = {
  notes: 2,
  serve: (t) => http2.createSecureServer(t.as('server')).on('stream', (stream) => {
    stream.on('error', (err) => t.note(t.code(err)));
    stream.on('aborted', () => t.note(`aborted ${names[stream.rstCode]}`));
    stream.respond();
    stream.write('some');
  }),
  async ask(t) {
    const client = connect(t);
    const results = [];
    for (const code of [http2.constants.NGHTTP2_CANCEL, http2.constants.NGHTTP2_INTERNAL_ERROR]) {
      const req = client.request({ ':method': 'POST' });
      req.on('error', (err) => results.push(t.code(err)));
      await once(req, 'data');
      req.close(code);
      await once(req, 'close').catch(() => {});
    }
    const abort = new AbortController();
    const req = client.request({ ':method': 'POST' }, { signal: abort.signal });
    req.on('error', (err) => results.push(t.code(err)));
    await once(req, 'response');
    const end = new Promise((resolve) => req.on('close', resolve));
    abort.abort();
    await end;
    results.push(req.destroyed);
    client.destroy();
    return results.join(' ');
  },
};

exports['h2, GOAWAY from the server'] = {
  serve: (t) => http2.createSecureServer(t.as('server')).on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const { session } = stream;
    session.on('error', () => {});
    if (headers[':path'] === '/graceful') {
      session.close();
      stream.respond();
      return setTimeout(() => stream.end('finished'), 20);
    }
    if (headers[':path'] === '/goaway') session.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('why'));
    else session.destroy(http2.constants.NGHTTP2_INADEQUATE_SECURITY);
  }),
  async ask(t) {
    const results = [];
    for (const path of ['/graceful', '/goaway', '/destroy']) {
      const client = connect(t);
      client.on('goaway', (code, last, data) => results.push(`[${names[code]} ${last} ${data ?? ''}]`));
      const end = new Promise((resolve) => client.on('close', resolve));
      const { body, error } = await get(client, { ':path': path });
      await end;
      results.push(`${body}:${error ?? 'fine'}`);
    }
    return results.join(' ');
  },
};

exports['h2, GOAWAY from the client'] = {
  notes: 2,
  serve: (t) => http2.createSecureServer(t.as('server')).on('session', (session) => {
    session.on('error', (err) => t.note(t.code(err)));
    session.on('goaway', (code, last, data) => t.note(`${names[code]} ${last} ${data}`));
  }).on('stream', (stream) => { stream.on('error', () => {}); stream.respond(); }),
  async ask(t) {
    const client = connect(t);
    await once(client, 'remoteSettings');
    client.goaway(http2.constants.NGHTTP2_INTERNAL_ERROR, 0, Buffer.from('bye'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.destroy();
    return 'gone';
  },
};

exports['h2, CONNECT and extended CONNECT'] = pair(
  (stream, headers) => {
    stream.respond();
    stream.write(`${headers[':authority']} ${headers[':protocol'] ?? '-'} ${headers[':path'] ?? '-'} `);
    stream.pipe(stream);
  },
  async (client) => {
    await once(client, 'remoteSettings');
    const results = [];
    for (const headers of [{ ':authority': 'far:1' },
                           { ':authority': 'near:1', ':protocol': 'websocket', ':path': '/chat', ':scheme': 'https' }]) {
      const req = client.request({ ':method': 'CONNECT', ...headers });
      let text = '';
      req.setEncoding('utf8').on('data', (part) => text += part);
      req.end('tunnel');
      await once(req, 'close');
      results.push(text);
    }
    return results.join(', ');
  }, { server: { settings: { enableConnectProtocol: true } } });

exports['h2, ALTSVC and ORIGIN'] = {
  serve: (t) => http2.createSecureServer({ ...t.as('server'), origins: ['https://a.example', 'https://b.example'] })
    .on('session', (session) => session.altsvc('h3=":443"', 'https://a.example'))
    .on('stream', (stream) => { stream.session.origin('https://c.example'); stream.respond(); stream.end(); }),
  async ask(t) {
    const client = connect(t);
    const seen = [];
    client.on('altsvc', (value, origin) => seen.push(`${value} of ${origin}`));
    client.on('origin', (origins) => seen.push(origins.join('+')));
    await get(client);
    seen.push([...client.originSet].length);
    await closed(client);
    return seen.sort().join(', ');
  },
};

exports['h2, header lists'] = pair(
  (stream, headers) => {
    stream.respond({ 'set-cookie': ['a=1', 'b=2'], 'x-many': ['1', '2'], 'x-long': 'l'.repeat(20_000),
                     'x-never': 'secret', [http2.sensitiveHeaders]: ['x-never'] });
    stream.end(`${headers.cookie} ${headers['x-list']} ${headers['x-ä'] ?? '-'}`);
  },
  async (client) => {
    const { headers, body } = await get(client, { 'cookie': ['c=3', 'd=4'], 'x-list': ['p', 'q'] });
    return `${body} ${headers['set-cookie']} ${headers['x-many']} ${headers['x-long'].length} ` +
           `${headers[http2.sensitiveHeaders]}`;
  });

exports['h2, too many headers'] = pair(
  (stream) => { stream.respond(); stream.end('fine'); },
  async (client) => {
    const results = [];
    for (const number of [10, 40, 200]) {
      const many = Object.fromEntries(Array.from({ length: number }, (_, i) => [`x-${i}`, 'v']));
      const { error, status, rst } = await get(client, many);
      results.push(`${status} ${rst} ${error}`);
    }
    return results.join(', ');
  }, { server: { maxHeaderListPairs: 30 } });

exports['h2, a header list over the limit'] = pair(
  (stream) => { stream.respond(); stream.end('fine'); },
  async (client) => {
    await once(client, 'remoteSettings');
    const { error, status } = await get(client, { 'x-long': 'l'.repeat(3000) });
    return `${status} ${error} ${client.remoteSettings.maxHeaderListSize}`;
  }, { server: { settings: { maxHeaderListSize: 1000 } } });

exports['h2, padding'] = pair(
  (stream) => { stream.respond(); stream.pipe(stream); },
  async (client) => `${(await get(client, {}, big.subarray(0, 300_000))).body.equals(big.subarray(0, 300_000))}`,
  { server: { paddingStrategy: http2.constants.PADDING_STRATEGY_MAX },
    client: { paddingStrategy: http2.constants.PADDING_STRATEGY_ALIGNED } });

exports['h2, the interface of http'] = {
  serve: (t) => http2.createSecureServer(t.as('server'), async (req, res) => {
    const parts = [];
    for await (const part of req) parts.push(part);
    res.setHeader('x-a', ['1', '2']);
    res.writeEarlyHints?.({ link: '</style>; rel=preload' });
    res.createPushResponse({ ':path': '/p' }, (err, pushed) => pushed.end('pushed'));
    res.addTrailers({ 'x-end': 'yes' });
    res.writeHead(201, { 'content-type': 'text/plain' });
    res.write(`${req.httpVersion} ${req.method} ${req.url} ${req.authority} `);
    res.end(Buffer.concat(parts));
  }),
  async ask(t) {
    const client = connect(t);
    client.on('stream', (stream) => stream.resume());
    const { status, headers, trailers, info, body } =
      await get(client, { ':path': '/x', ':authority': 'me' }, Buffer.from('data'));
    await closed(client);
    return `${status} ${headers['x-a']} ${trailers?.['x-end']} ${info} ${body}`;
  },
};

// ---- protocol negotiation

const both = (req, res) => {
  const { alpnProtocol } = req.httpVersion === '2.0' ? req.stream.session.socket : req.socket;
  res.end(`${req.httpVersion} ${alpnProtocol}`);
};
for (const allowHTTP1 of [true, false]) {
  exports[`h2 server, allowHTTP1 ${allowHTTP1}`] = {
    serve: (t) => http2.createSecureServer({ ...t.as('server'), allowHTTP1 }, both),
    async ask(t) {
      const results = [];
      const client = connect(t);
      results.push(String((await get(client)).body));
      await closed(client);
      for (const ALPNProtocols of [['http/1.1'], undefined, ['other']]) {
        results.push(await new Promise((resolve) => {
          https.get({ host: '127.0.0.1', port: t.port, servername: 'localhost', ...t.as(), ALPNProtocols, agent: false },
                    async (res) => {
                      let text = `${res.statusCode} `;
                      for await (const part of res) text += part;
                      resolve(text.replace(/\s+/g, ' ').slice(0, 60));
                    }).on('error', (err) => resolve(t.code(err)));
        }));
      }
      return results.join(', ');
    },
  };
}

exports['h2 server, unknownProtocol'] = {
  notes: 1,
  serve: (t) => http2.createSecureServer({ ...t.as('server'), unknownProtocolTimeout: 50 })
    .on('unknownProtocol', (socket) => { t.note(`unknown ${socket.alpnProtocol}`); socket.end('no'); }),
  async ask(t) {
    const socket = tls.connect({ port: t.port, host: '127.0.0.1', servername: 'localhost', ...t.as() });
    let text = '';
    for await (const part of socket) text += part;
    return text;
  },
};

exports['h2 client, a server without h2'] = {
  serve: (t) => https.createServer(t.as('server'), (req, res) => res.end('one')),
  async ask(t) {
    const client = http2.connect(`https://127.0.0.1:${t.port}`, { servername: 'localhost', ...t.as() });
    const [err] = await once(client, 'error');
    return t.code(err);
  },
};

exports['h2, SNI and certificates of clients'] = {
  serve(t) {
    const server = http2.createSecureServer({ ...t.as('server'), requestCert: true, rejectUnauthorized: false });
    server.addContext('a.example', t.as('a'));
    return server.on('stream', (stream) => {
      const { socket } = stream.session;
      stream.respond();
      stream.end(`${socket.servername} ${socket.authorized} ${socket.getPeerCertificate().subject?.CN}`);
    });
  },
  async ask(t) {
    const results = [];
    for (const [servername, who] of [['localhost', 'client'], ['a.example', undefined], ['a.example', 'stranger']]) {
      const client = connect(t, { servername, ...t.as(who) });
      results.push(`${(await get(client)).body} from ${client.socket.getPeerCertificate().subject.CN}`);
      await closed(client);
    }
    return results.join(', ');
  },
};

exports['h2, a resumed session'] = {
  serve: (t) => http2.createSecureServer(t.as('server')).on('stream', (stream) => {
    stream.respond();
    stream.end(`${stream.session.socket.isSessionReused()}`);
  }),
  async ask(t) {
    const results = [];
    let session;
    for (let i = 0; i < 2; i++) {
      const socket = tls.connect({ port: t.port, host: '127.0.0.1', servername: 'localhost', ...t.as(),
                                   ALPNProtocols: ['h2'], session });
      socket.on('session', (made) => session = made);
      const client = http2.connect(`https://localhost:${t.port}`, { createConnection: () => socket });
      results.push(String((await get(client)).body));
      await closed(client);
    }
    return results.join(' ');
  },
};

exports['h2, the connection is cut'] = {
  notes: 1,
  serve: (t) => http2.createSecureServer(t.as('server'))
    .on('session', (session) => session.on('close', () => t.note(`session closed ${session.destroyed}`)))
    .on('stream', (stream) => { stream.on('error', () => {}); stream.respond(); stream.write('part'); }),
  async ask(t) {
    const client = connect(t);
    const req = client.request();
    const seen = [];
    req.on('error', (err) => seen.push(t.code(err)));
    await once(req, 'data');
    client.destroy();
    await once(req, 'close');
    return `${seen} ${req.destroyed}`;
  },
};

exports['h2, timeouts'] = {
  notes: 1,
  serve: (t) => http2.createSecureServer(t.as('server')).on('session', (session) => {
    session.setTimeout(60, () => { t.note('session is idle'); session.close(); });
  }),
  async ask(t) {
    const client = connect(t);
    await once(client, 'close');
    return 'closed';
  },
};
