'use strict';
// HTTP/1.1 over TLS. peer.js describes the cases.

const http = require('node:http');
const https = require('node:https');
const { once } = require('node:events');

const big = Buffer.alloc(2_000_000, 'every byte counts. ');

async function body(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function request(t, options = {}, data) {
  return new Promise((resolve, reject) => {
    const req = https.request({ host: '127.0.0.1', port: t.port, servername: 'localhost', ...t.as(), ...options });
    req.on('error', reject);
    req.on('response', async (response) => resolve({ response, body: await body(response), req }));
    req.end(data);
  });
}

exports['HTTPS, bodies both ways'] = {
  serve: (t) => https.createServer(t.as('server'), async (req, res) => {
    const got = await body(req);
    res.setHeader('x-sum', t.sha(got));
    res.end(big);
  }),
  async ask(t) {
    const { response, body: got } = await request(t, { method: 'POST' }, big);
    return `${response.headers['x-sum'] === t.sha(big)} ${got.equals(big)}`;
  },
};

exports['HTTPS, trailers, 100 and 103'] = {
  serve: (t) => https.createServer(t.as('server'))
    .on('checkContinue', async (req, res) => {
      res.writeContinue();
      await body(req);
      t.note(JSON.stringify(req.trailers));
      res.writeEarlyHints({ link: '</a>; rel=preload' });
      res.writeHead(200, { Trailer: 'x-end' });
      res.addTrailers({ 'x-end': 'yes' });
      res.end('ok');
    }),
  notes: 1,
  ask: (t) => new Promise((resolve, reject) => {
    const seen = [];
    const req = https.request({ host: '127.0.0.1', port: t.port, servername: 'localhost', ...t.as(), method: 'POST',
                                headers: { Expect: '100-continue', Trailer: 'x-mine' } });
    req.on('information', ({ statusCode }) => seen.push(statusCode));
    req.on('continue', () => {
      req.addTrailers({ 'x-mine': '1' });
      req.end('data');
    });
    req.on('error', reject);
    req.on('response', async (response) => {
      seen.push(String(await body(response)), JSON.stringify(response.trailers));
      resolve(seen.join(' '));
    });
  }),
};

exports['HTTPS, agent with and without keep-alive'] = {
  serve: (t) => https.createServer(t.as('server'), (req, res) => res.end(`${req.socket.isSessionReused()}`)),
  async ask(t) {
    const results = [];
    for (const keepAlive of [true, false]) {
      const agent = new https.Agent({ keepAlive, maxSockets: 1 });
      for (let i = 0; i < 3; i++) {
        const { body: said, req } = await request(t, { agent });
        results.push(`${req.reusedSocket}:${said}`);
        if (!keepAlive) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      agent.destroy();
    }
    return results.join(' ');
  },
};

exports['HTTPS, many at once'] = {
  serve: (t) => https.createServer(t.as('server'), (req, res) => res.end(req.url.repeat(1000))),
  async ask(t) {
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => request(t, { path: `/${i}` })));
    return `${all.every(({ body: got }, i) => String(got) === `/${i}`.repeat(1000))}`;
  },
};

exports['HTTPS, upgrade'] = {
  serve: (t) => https.createServer(t.as('server')).on('upgrade', (req, socket, head) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.write(head);
    socket.pipe(socket);
  }),
  async ask(t) {
    const req = https.request({ host: '127.0.0.1', port: t.port, servername: 'localhost', ...t.as(),
                                headers: { Connection: 'Upgrade', Upgrade: 'echo' } });
    req.end();
    const [, socket] = await once(req, 'upgrade');
    socket.end('over to you');
    return `${await body(socket)}`;
  },
};

exports['HTTPS through a proxy with CONNECT'] = {
  serve(t) {
    const inner = https.createServer(t.as('server'), (req, res) => res.end(`inner ${req.headers.host}`));
    return http.createServer().on('connect', (req, socket) => {
      t.note(req.url);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.emit('connection', socket);
    });
  },
  notes: 1,
  async ask(t) {
    const req = http.request({ host: '127.0.0.1', port: t.port, method: 'CONNECT', path: 'localhost:443' });
    req.end();
    const [, socket] = await once(req, 'connect');
    const { body: said } = await request(t, { socket, agent: false, headers: { Host: 'localhost' } });
    return `${said}`;
  },
};

exports['HTTPS, abort within a body'] = {
  serve: (t) => https.createServer(t.as('server'), (req, res) => {
    res.on('close', () => t.note(`closed, finished ${res.writableFinished}`));
    res.write(big);
  }),
  notes: 1,
  ask: (t) => new Promise((resolve) => {
    const req = https.get({ host: '127.0.0.1', port: t.port, servername: 'localhost', ...t.as() }, (res) => {
      res.once('data', () => res.destroy());
      res.on('error', (err) => resolve(t.code(err)));
      res.on('close', () => resolve(`complete ${res.complete}`));
    });
    req.on('error', () => {});
  }),
};

exports['HTTPS, a stranger'] = {
  serve: (t) => https.createServer(t.as('stranger'), (req, res) => res.end()),
  ask: (t) => request(t).then(() => 'answered', t.code),
};

exports['fetch'] = {
  // fetch() uses only the authorities that the process trusts, so it must reject ours.
  serve: (t) => https.createServer(t.as('server'), (req, res) => res.end('hello')),
  ask: (t) => fetch(`https://localhost:${t.port}/`).then((res) => res.text(), (err) => t.code(err.cause)),
};
