'use strict';
// Small servers that implement just enough of PostgreSQL, Redis, SMTP and HTTP over TLS for
// client.js. Run by the official node in a folder with the certificates; prints the ports.

const crypto = require('node:crypto');
const fs = require('node:fs');
const http2 = require('node:http2');
const net = require('node:net');
const tls = require('node:tls');

const credentials = { key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem'), ca: fs.readFileSync('ca.pem') };
const secured = (socket) => new tls.TLSSocket(socket, { isServer: true, ...credentials, requestCert: true });
const sha = (data) => crypto.createHash('sha256').update(data).digest('hex').slice(0, 12);

// ---- PostgreSQL: SSLRequest, SCRAM-SHA-256 with or without channel binding, queries

const word = (value) => { const b = Buffer.alloc(4); b.writeInt32BE(value); return b; };
const short = (value) => { const b = Buffer.alloc(2); b.writeInt16BE(value); return b; };
const text = (value) => Buffer.from(`${value}\0`);
const message = (type, ...parts) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), word(body.length + 4), body]);
};
const hmac = (key, data) => crypto.createHmac('sha256', key).update(data).digest();

function postgres(socket) {
  let waiting = Buffer.alloc(0), step = 'startup', first, serverFirst, nonce, binding = 'biws';
  let current = socket;
  const salt = Buffer.from('0123456789abcdef'), iterations = 4096;
  const row = (...values) => message('D', short(values.length), ...values.flatMap((value) => {
    const bytes = Buffer.from(String(value));
    return [word(bytes.length), bytes];
  }));
  const columns = (...names) => message('T', short(names.length), ...names.flatMap((name) =>
    [text(name), word(0), short(0), word(name === 'number' ? 23 : 25), short(-1), word(-1), short(0)]));
  const ready = () => message('Z', Buffer.from('I'));
  const answer = (query, values = []) => {
    if (/fail/.test(query)) {
      return [message('E', text('SERROR'), text('C42P01'), text('Mno such table'), Buffer.from([0]))];
    }
    const rows = /many/.test(query) ? Array.from({ length: 2000 }, (_, i) => row(i, `row ${i}`)) :
      [row(7, values.join('+') || 'seven')];
    return [columns('number', 'name'), ...rows, message('C', text(`SELECT ${rows.length}`))];
  };
  let parsed = '', bound = [];
  const take = (data) => {
    waiting = Buffer.concat([waiting, data]);
    for (;;) {
      if (step === 'startup') {
        if (waiting.length < 8 || waiting.length < waiting.readInt32BE(0)) return;
        const size = waiting.readInt32BE(0);
        const code = waiting.readInt32BE(4);
        waiting = waiting.subarray(size);
        if (code === 80877103) {
          socket.removeListener('data', take);
          socket.write('S');
          current = secured(socket);
          current.on('data', take);
          current.on('error', () => {});
          return;
        }
        step = 'auth';
        current.write(message('R', word(10), text('SCRAM-SHA-256-PLUS'), text('SCRAM-SHA-256'), Buffer.from([0])));
        continue;
      }
      if (waiting.length < 5 || waiting.length < 1 + waiting.readInt32BE(1)) return;
      const type = String.fromCharCode(waiting[0]);
      const body = waiting.subarray(5, 1 + waiting.readInt32BE(1));
      waiting = waiting.subarray(1 + waiting.readInt32BE(1));
      if (type === 'p' && step === 'auth') {
        const mechanism = body.toString('latin1', 0, body.indexOf(0));
        const initial = body.toString('utf8', body.indexOf(0) + 5);
        const plus = mechanism.endsWith('PLUS');
        first = initial.slice(initial.indexOf('n=', 2));
        nonce = `${/r=(.*)/.exec(first)[1]}server`;
        serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
        const own = crypto.createHash('sha256').update(new crypto.X509Certificate(credentials.cert).raw).digest();
        if (plus) binding = Buffer.concat([Buffer.from('p=tls-server-end-point,,'), own]).toString('base64');
        else binding = Buffer.from(initial.slice(0, initial.indexOf('n=', 2))).toString('base64');
        step = `final ${mechanism}`;
        current.write(message('R', word(11), Buffer.from(serverFirst)));
      } else if (type === 'p') {
        const final = body.toString();
        const salted = crypto.pbkdf2Sync('secret', salt, iterations, 32, 'sha256');
        const stored = crypto.createHash('sha256').update(hmac(salted, 'Client Key')).digest();
        const bare = final.slice(0, final.indexOf(',p='));
        const all = `${first},${serverFirst},${bare}`;
        const proof = Buffer.from(final.slice(final.indexOf(',p=') + 3), 'base64');
        const signature = hmac(stored, all);
        const key = Buffer.from(proof.map((byte, i) => byte ^ signature[i]));
        const good = bare === `c=${binding},r=${nonce}` && crypto.createHash('sha256').update(key).digest().equals(stored);
        if (!good) {
          current.end(message('E', text('SFATAL'), text('C28P01'), text('Mpassword authentication failed'), Buffer.from([0])));
          return;
        }
        const verifier = hmac(hmac(salted, 'Server Key'), all).toString('base64');
        current.write(Buffer.concat([
          message('R', word(12), Buffer.from(`v=${verifier}`)), message('R', word(0)),
          message('S', text('used_mechanism'), text(step.slice(6))), message('K', word(1), word(2)), ready()]));
        step = 'query';
      } else if (type === 'Q') {
        current.write(Buffer.concat([...answer(body.toString('utf8', 0, body.length - 1)), ready()]));
      } else if (type === 'P') {
        const name = body.indexOf(0);
        parsed = body.toString('utf8', name + 1, body.indexOf(0, name + 1));
        current.write(message('1'));
      } else if (type === 'B') {
        let at = body.indexOf(0, body.indexOf(0) + 1) + 1;
        at += 2 + 2 * body.readInt16BE(at);
        bound = [];
        for (let left = body.readInt16BE(at), p = at + 2; left > 0; left--) {
          const size = body.readInt32BE(p);
          bound.push(body.toString('utf8', p + 4, p + 4 + size));
          p += 4 + size;
        }
        current.write(message('2'));
      } else if (type === 'E') {
        current.write(Buffer.concat(answer(parsed, bound).slice(1)));
      } else if (type === 'D') {
        current.write(columns('number', 'name'));
      } else if (type === 'S') {
        current.write(ready());
      } else if (type === 'X') {
        current.end();
      }
    }
  };
  socket.on('data', take);
  socket.on('error', () => {});
}

// ---- Redis

function redis(socket) {
  const store = new Map();
  let waiting = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  const bulk = (value) => value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
  const commands = {
    auth: (user, password) => password === 'secret' ? '+OK\r\n' : '-WRONGPASS invalid password\r\n',
    info: () => bulk('redis_version:7.0.0\r\nloading:0\r\n'),
    set: (key, value) => { store.set(key, value); return '+OK\r\n'; },
    get: (key) => bulk(store.get(key)),
    incr: (key) => { store.set(key, String(Number(store.get(key) ?? 0) + 1)); return `:${store.get(key)}\r\n`; },
    subscribe: (channel) => `*3\r\n${bulk('subscribe')}${bulk(channel)}:1\r\n*3\r\n${bulk('message')}${bulk(channel)}${bulk('news')}`,
    quit: () => '+OK\r\n',
    client: () => '+OK\r\n',
  };
  socket.on('data', (data) => {
    waiting += data;
    for (;;) {
      const head = /^\*(\d+)\r\n/.exec(waiting);
      if (!head) return;
      let at = head[0].length;
      const words = [];
      for (let i = 0; i < Number(head[1]); i++) {
        const end = waiting.indexOf('\r\n', at);
        const size = Number(waiting.slice(at + 1, end));
        if (end < 0 || waiting.length < end + 4 + size) return;
        words.push(waiting.slice(end + 2, end + 2 + size));
        at = end + 4 + size;
      }
      waiting = waiting.slice(at);
      const command = commands[words[0].toLowerCase()];
      socket.write(command ? command(...words.slice(1)) : `-ERR unknown command '${words[0]}'\r\n`, 'latin1');
    }
  });
}

// ---- SMTP with STARTTLS

function smtp(plain) {
  plain.on('error', () => {});
  let socket = plain, waiting = '', body;
  const say = (...lines) => socket.write(lines.map((line) => `${line}\r\n`).join(''));
  const take = (data) => {
    waiting += data;
    for (let end; (end = waiting.indexOf(body === undefined ? '\r\n' : '\r\n.\r\n')) >= 0;) {
      if (body !== undefined) {
        body = waiting.slice(0, end);
        waiting = waiting.slice(end + 5);
        say(`250 queued ${sha(body.replace(/^DKIM-Signature:(.|\r\n\s)*\r\n/m, ''))} of ${body.length}, ` +
            `DKIM ${sha(/ b=((?:.|\r\n\s)*?)\r\n\S/.exec(body)?.[1].replace(/\s/g, '') ?? 'none')}`);
        body = undefined;
        continue;
      }
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 2);
      if (/^EHLO/i.test(line)) say('250-here', socket === plain ? '250 STARTTLS' : '250 AUTH PLAIN');
      else if (/^STARTTLS/i.test(line)) {
        say('220 go');
        plain.removeListener('data', take);
        socket = secured(plain);
        socket.on('data', take).on('error', () => {});
      } else if (/^AUTH PLAIN/i.test(line)) {
        const good = Buffer.from(line.split(' ')[2], 'base64').toString() === '\0me\0secret';
        say(good ? '235 welcome' : '535 who are you');
      } else if (/^DATA/i.test(line)) { body = ''; say('354 go on'); }
      else if (/^QUIT/i.test(line)) { say('221 bye'); socket.end(); }
      else say('250 fine');
    }
  };
  plain.on('data', take);
  say('220 localhost ESMTP');
}

// ---- HTTP/1.1 and HTTP/2

const web = http2.createSecureServer({ ...credentials, allowHTTP1: true, requestCert: true, rejectUnauthorized: false },
                                     async (req, res) => {
  const parts = [];
  for await (const part of req) parts.push(part);
  const data = Buffer.concat(parts);
  const { socket } = req.httpVersion === '2.0' ? req.stream.session : req;
  if (req.url === '/redirect') return res.writeHead(302, { location: '/echo' }).end();
  if (req.url === '/slow') return setTimeout(() => res.end('late'), 3000).unref();
  if (req.url === '/big') return res.end(Buffer.alloc(3_000_000, 'big '));
  if (req.url === '/error') return res.writeHead(503).end('not now');
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ method: req.method, version: req.httpVersion, type: req.headers['content-type']?.split(';')[0],
                           size: data.length, client: socket.getPeerCertificate().subject?.CN ?? null }));
});

const listeners = {
  pg: net.createServer(postgres),
  pgPlain: net.createServer((socket) => socket.once('data', () => socket.write('N'))),
  redis: tls.createServer(credentials, redis),
  smtp: net.createServer(smtp),
  web,
};
Promise.all(Object.values(listeners).map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))))
  .then(() => console.log(JSON.stringify(Object.fromEntries(
    Object.entries(listeners).map(([name, server]) => [name, server.address().port])))));
