'use strict';
// Uses common packages over TLS with servers.js. Its output is the same in every run; ../apps.sh
// compares the output under node with that of Kiln's executable.

const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const axios = require('axios');
const bcrypt = require('bcryptjs');
const jwt = require('jsonwebtoken');
const nodemailer = require('nodemailer');
const pg = require('pg');
const { Redis } = require('ioredis');
const undici = require('undici');

const ports = JSON.parse(process.argv[2]);
const ca = fs.readFileSync('ca.pem');
const client = { key: fs.readFileSync('client.key'), cert: fs.readFileSync('client.pem') };
const rsa = fs.readFileSync('rsa.key', 'utf8');
const sha = (data) => crypto.createHash('sha256').update(data).digest('hex').slice(0, 12);
const code = (err) => `${err.code ?? err.name}: ${err.message}`.split('\n')[0].replace(/:\d{4,5}\b/g, ':PORT');

const parts = {
  async bcryptjs() {
    const salt = '$2b$08$abcdefghijklmnopqrstuu';
    const hash = await bcrypt.hash('a password', salt);
    console.log(hash, await bcrypt.compare('a password', hash), bcrypt.compareSync('another', hash));
    console.log(bcrypt.getRounds(bcrypt.genSaltSync(5)), (await bcrypt.genSalt(6)).length);
  },

  async jsonwebtoken() {
    const now = 1_700_000_000;
    const options = { clockTimestamp: now };
    const ec = fs.readFileSync('server.key', 'utf8');
    for (const [algorithm, key] of [['HS256', 'secret'], ['HS512', 'secret'], ['RS256', rsa], ['RS512', rsa],
                                    ['PS256', rsa], ['ES256', ec]]) {
      const token = jwt.sign({ who: 'me', iat: now }, key, { algorithm, expiresIn: 60, audience: 'you' });
      const shown = algorithm.startsWith('HS') ? key : crypto.createPublicKey(key);
      const known = /^[HR]/.test(algorithm) ? sha(token) : token.length;
      console.log(algorithm, known, JSON.stringify(jwt.verify(token, shown, { ...options, algorithms: [algorithm] })));
      for (const [what, run] of [
        ['late', () => jwt.verify(token, shown, { clockTimestamp: now + 61 })],
        ['other audience', () => jwt.verify(token, shown, { ...options, audience: 'they' })],
        ['changed', () => jwt.verify(`${token.slice(0, -8)}AAAAAAAA`, shown, options)],
        ['other algorithm', () => jwt.verify(token, shown, { ...options, algorithms: ['HS384'] })],
      ]) {
        try { console.log(what, run()); } catch (err) { console.log(` ${what}: ${code(err)}`); }
      }
    }
  },

  async pg() {
    const options = { host: 'localhost', port: ports.pg, user: 'me', password: 'secret', database: 'd' };
    for (const enableChannelBinding of [false, true]) {
      const pool = new pg.Pool({ ...options, max: 3, enableChannelBinding, ssl: { ca, ...client } });
      pool.on('error', (err) => console.log('pool', code(err)));
      const used = await pool.connect();
      used.connection.on('parameterStatus', () => {});
      console.log(used.ssl !== false, used.connection.stream.encrypted, used.connection.stream.authorized);
      used.release();
      console.log(JSON.stringify((await pool.query('SELECT 1')).rows));
      console.log(JSON.stringify((await pool.query('SELECT $1, $2', ['a', 'ü'])).rows));
      const many = await Promise.all([1, 2, 3, 4].map(() => pool.query('SELECT many')));
      console.log(many.map(({ rows }) => sha(JSON.stringify(rows))).join());
      console.log(await pool.query('SELECT fail').catch(code));
      await pool.end();
    }
    for (const [what, more] of [['wrong password', { password: 'x', ssl: { ca } }], ['unknown authority', { ssl: true }],
                                ['no TLS there', { port: ports.pgPlain, ssl: { ca } }]]) {
      const one = new pg.Client({ ...options, ...more });
      one.on('error', () => {});
      console.log(what, await one.connect().then(() => 'connected', code));
      await one.end().catch(() => {});
    }
  },

  async ioredis() {
    const redis = new Redis({ host: 'localhost', port: ports.redis, username: 'u', password: 'secret', tls: { ca },
                              retryStrategy: null });
    redis.on('error', (err) => console.log('redis', code(err)));
    console.log(await redis.set('a', 'ü'.repeat(1000)), sha(await redis.get('a')), await redis.get('none'));
    const pipeline = redis.pipeline();
    for (let i = 0; i < 500; i++) pipeline.incr('n');
    console.log((await pipeline.exec()).at(-1));
    console.log(await redis.call('nothing').catch(code));
    const listener = redis.duplicate();
    listener.on('error', (err) => console.log('redis', code(err)));
    const news = new Promise((resolve) => listener.on('message', (channel, text) => resolve(`${channel}: ${text}`)));
    await listener.subscribe('channel');
    console.log(await news, await redis.quit());
    listener.disconnect();
    const refused = new Redis({ host: 'localhost', port: ports.redis, tls: {}, retryStrategy: null, lazyConnect: true });
    refused.on('error', (err) => console.log('refused', code(err)));
    await refused.connect().catch((err) => console.log(code(err)));
  },

  async nodemailer() {
    const mail = { from: 'me@localhost', to: 'you@localhost', subject: 'Ünïcode', text: 'hello\n.\nworld\n',
                   messageId: '<1@localhost>', date: new Date(0), xMailer: false,
                   attachments: [{ filename: 'a.bin', content: Buffer.alloc(50_000, 'attached') }] };
    const options = { host: 'localhost', port: ports.smtp, requireTLS: true, auth: { user: 'me', pass: 'secret' }, name: 'me',
                      tls: { ca, ...client } };
    const transport = nodemailer.createTransport(options);
    console.log(await transport.verify());
    // The whole message, because it is signed: its MIME boundary must be the same each time.
    const { accepted, response } = await transport.sendMail({
      ...mail, boundaryPrefix: 'b', attachments: undefined,
      dkim: { domainName: 'localhost', keySelector: 'k', privateKey: rsa } });
    console.log(accepted, response);
    console.log((await transport.sendMail(mail)).response.replace(/queued \w+/, 'queued'));
    transport.close();
    for (const [what, more] of [['wrong password', { auth: { user: 'me', pass: 'x' } }], ['unknown authority', { tls: {} }]]) {
      const other = nodemailer.createTransport({ ...options, ...more });
      console.log(what, await other.sendMail(mail).then(() => 'sent', code));
      other.close();
    }
  },

  async undici() {
    const origin = `https://localhost:${ports.web}`;
    for (const allowH2 of [false, true]) {
      const agent = new undici.Agent({ allowH2, connections: 4, connect: { ca, ...client } });
      const request = (path, more) => undici.request(origin + path, { dispatcher: agent, ...more });
      console.log(JSON.stringify(await (await request('/')).body.json()));
      console.log((await (await request('/big')).body.arrayBuffer()).byteLength);
      console.log(JSON.stringify(await (await request('/', { method: 'POST', body: Buffer.alloc(1_000_000) })).body.json()));
      const many = await Promise.all(Array.from({ length: 50 }, () => request('/').then(({ body }) => body.json())));
      console.log(many.every(({ method }) => method === 'GET'));
      console.log(await request('/slow', { bodyTimeout: 200, headersTimeout: 200 }).then(() => 'answered', code));
      const form = new undici.FormData();
      form.set('file', new Blob(['data'.repeat(1000)]), 'a.txt');
      const fetched = await undici.fetch(`${origin}/`, { method: 'POST', body: form, dispatcher: agent });
      console.log(fetched.status, (await fetched.json()).type);
      await agent.destroy();
    }
    console.log(await undici.request(`${origin}/`).then(() => 'trusted', code));
  },

  async axios() {
    const agent = new https.Agent({ ca, ...client, keepAlive: true });
    const web = axios.create({ baseURL: `https://localhost:${ports.web}`, httpsAgent: agent });
    web.interceptors.response.use((response) => ({ ...response, seen: true }));
    const { data, status, seen } = await web.post('/echo', { a: 1 });
    console.log(status, seen, JSON.stringify(data));
    console.log(JSON.stringify((await web.get('/redirect')).data));
    console.log((await web.get('/big', { responseType: 'arraybuffer' })).data.length);
    console.log(await web.get('/error').catch((err) => `${code(err)} ${err.response.data}`));
    console.log(await web.get('/slow', { timeout: 200 }).catch(code));
    console.log(await web.get('/', { httpsAgent: new https.Agent() }).then(() => 'trusted', code));
    console.log(await web.get('/big', { maxContentLength: 1000 }).catch(code));
    const stream = (await web.get('/big', { responseType: 'stream' })).data;
    let size = 0;
    for await (const part of stream) size += part.length;
    console.log(size);
    agent.destroy();
  },
};

(async () => {
  for (const [name, run] of Object.entries(parts)) {
    console.log(`== ${name}`);
    await run().catch((err) => { console.log('FAILED', err); process.exitCode = 1; });
  }
  process.exit();
})();
