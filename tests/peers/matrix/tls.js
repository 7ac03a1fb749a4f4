'use strict';
// TLS without another protocol above it. peer.js describes the cases.

const tls = require('node:tls');
const net = require('node:net');
const crypto = require('node:crypto');
const { duplexPair } = require('node:stream');
const { once } = require('node:events');

const big = Buffer.alloc(1_500_000, 'every byte counts. ');
const refused = 'SSL_OP_NO_TICKET';

// Resolves to the state of a client's connection: 'secure', or the code of the error that ends it.
function outcome(socket, code) {
  return new Promise((resolve) => {
    socket.once('error', (err) => resolve(code(err)));
    socket.once('secureConnect', () => resolve('secure'));
    socket.once('close', () => resolve('closed'));
  });
}

// Resolves to all data that arrives until the end.
async function drain(socket) {
  const parts = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts);
}

const connect = (t, options = {}) =>
  tls.connect({ port: t.port, host: '127.0.0.1', servername: 'localhost', ...t.as(), ...options });

// A server that sends `text(socket)` to each client and then ends.
const greeter = (options, text) => tls.createServer(options, (socket) => {
  socket.on('error', () => {});
  socket.end(text(socket));
});

// A server that notes the errors of connections that fail before they are secure.
const watched = (t, options, listener = (socket) => { socket.on('error', () => {}); socket.end('hello'); }) =>
  tls.createServer(options, listener).on('tlsClientError', (err) => t.note(t.code(err)));

exports['echo of 1.5 MB'] = {
  serve: (t) => tls.createServer(t.as('server'), (socket) => socket.pipe(socket)),
  async ask(t) {
    const socket = connect(t);
    socket.end(big);
    const got = await drain(socket);
    return `${got.equals(big)} ${socket.authorized}`;
  },
};

exports['many small writes'] = {
  serve: (t) => tls.createServer(t.as('server'), async (socket) => t.note(t.sha(await drain(socket)))),
  notes: 1,
  async ask(t) {
    const socket = connect(t);
    for (let i = 0; i < 2000; i++) socket.write(`${i} `);
    socket.end();
    socket.resume();
    await once(socket, 'close');
    return 'sent';
  },
};

for (const [name, offers] of [['ALPN', ['b', 'a']], ['ALPN without a match', ['c']], ['no ALPN', undefined]]) {
  exports[name] = {
    serve: (t) => greeter({ ...t.as('server'), ALPNProtocols: ['a', 'b'] }, (socket) => `${socket.alpnProtocol}`)
      .on('tlsClientError', (err) => t.note(t.code(err))),
    notes: name === 'ALPN without a match' ? 1 : 0,
    async ask(t) {
      const socket = connect(t, { ALPNProtocols: offers });
      const saw = await outcome(socket, t.code);
      return saw === 'secure' ? `${socket.alpnProtocol} ${await drain(socket)}` : saw;
    },
  };
}

exports['ALPNCallback'] = {
  serve: (t) => watched(t, {
    ...t.as('server'),
    ALPNCallback({ servername, protocols }) {
      t.note(`${servername} ${protocols}`);
      return protocols.includes('yes') ? 'yes' : undefined;
    },
  }),
  notes: 3,
  async ask(t) {
    const results = [];
    for (const ALPNProtocols of [['no', 'yes'], ['no']]) {
      const socket = connect(t, { ALPNProtocols });
      results.push(await outcome(socket, t.code), socket.alpnProtocol);
      await drain(socket).catch(() => {});
    }
    return results.join(' ');
  },
};

exports['SNI with contexts'] = {
  serve(t) {
    const server = greeter(t.as('server'), (socket) => `${socket.servername}`);
    server.addContext('a.example', t.as('a'));
    server.addContext('*.wild.example', t.as('wild'));
    return server;
  },
  async ask(t) {
    const results = [];
    for (const servername of ['localhost', 'a.example', 'x.wild.example', 'b.example', '']) {
      const socket = connect(t, { servername, checkServerIdentity: () => undefined });
      await outcome(socket, t.code);
      const { subject } = socket.getPeerCertificate();
      results.push(`${await drain(socket)}=${subject.CN}`);
    }
    return results.join(' ');
  },
};

exports['SNICallback'] = {
  serve: (t) => watched(t, {
    ...t.as('server'),
    SNICallback(name, done) {
      setTimeout(() => {
        if (name === 'a.example') return done(null, tls.createSecureContext(t.as('a')));
        if (name === 'bad.example') return done(new Error('no such name'));
        done(null, undefined);
      }, 5);
    },
  }),
  notes: 1,
  async ask(t) {
    const results = [];
    for (const servername of ['a.example', 'other.example', 'bad.example']) {
      const socket = connect(t, { servername, checkServerIdentity: () => undefined });
      results.push(await outcome(socket, t.code), socket.getPeerCertificate()?.subject?.CN);
      await drain(socket).catch(() => {});
    }
    return results.join(' ');
  },
};

// Connects `times` times, each time with the last session of the previous connection.
async function resume(t, times, options = {}, ports = [t.port]) {
  const reused = [];
  let session;
  for (let i = 0; i < times; i++) {
    const socket = connect(t, { session, port: ports[i % ports.length], ...options });
    let fresh = 0;
    socket.on('session', (made) => { session = made; fresh++; });
    await outcome(socket, t.code);
    const known = socket.isSessionReused();
    await drain(socket);
    reused.push(`${known}+${fresh}`);
  }
  return reused.join(' ');
}

exports['session tickets'] = {
  serve: (t) => greeter(t.as('server'), (socket) => { t.note(socket.isSessionReused()); return 'hello'; }),
  notes: 3,
  ask: (t) => resume(t, 3),
};

exports['session ids in a store'] = {
  only: 'TLSv1.2',
  serve(t) {
    const store = new Map();
    const server = greeter({ ...t.as('server'), secureOptions: crypto.constants[refused] },
                           (socket) => `${socket.isSessionReused()}`);
    server.on('newSession', (id, data, done) => {
      store.set(id.toString('hex'), data);
      t.note('kept');
      setImmediate(done);
    });
    server.on('resumeSession', (id, done) => {
      t.note(`asked ${store.has(id.toString('hex'))}`);
      setImmediate(done, null, store.get(id.toString('hex')));
    });
    return server;
  },
  notes: 3,
  ask: (t) => resume(t, 3),
};

exports['session that the store has lost'] = {
  only: 'TLSv1.2',
  serve(t) {
    const server = greeter({ ...t.as('server'), secureOptions: crypto.constants[refused] }, () => 'hello');
    server.on('newSession', (id, data, done) => done());
    server.on('resumeSession', (id, done) => { t.note('asked'); done(null, null); });
    return server;
  },
  notes: 1,
  ask: (t) => resume(t, 2),
};

exports['ticket keys of two servers, then new ones'] = {
  serve(t) {
    const keys = Buffer.alloc(48, 7);
    const make = (listener) => greeter({ ...t.as('server'), ticketKeys: keys }, listener);
    const second = make(() => 'second');
    const first = make(() => `${second.address().port}`);
    const old = tls.createServer(t.as('server'));
    t.note(`${old.getTicketKeys().length} ${first.getTicketKeys().equals(keys)}`);
    second.listen(0, '127.0.0.1');
    let count = 0;
    second.on('secureConnection', () => { if (++count === 2) second.setTicketKeys(Buffer.alloc(48, 8)); });
    return first;
  },
  notes: 1,
  async ask(t) {
    const port = Number(await drain(connect(t)));
    return resume(t, 7, {}, [t.port, port]);
  },
};

exports['sessionTimeout is over'] = {
  serve: (t) => greeter({ ...t.as('server'), sessionTimeout: 1 }, () => 'hello'),
  async ask(t) {
    let session;
    const first = connect(t).on('session', (made) => session = made);
    await drain(first);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const second = connect(t, { session });
    await outcome(second, t.code);
    return `${second.isSessionReused()} ${await drain(second)}`;
  },
};

exports['renegotiation'] = {
  only: 'TLSv1.2',
  serve: (t) => tls.createServer({ ...t.as('server'), requestCert: true }, (socket) => {
    socket.on('error', (err) => { t.note(t.code(err)); socket.destroy(); });
    socket.pipe(socket);
  }),
  notes: 1,
  async ask(t) {
    const socket = connect(t, t.as('client'));
    const results = [await outcome(socket, t.code)];
    let last;
    const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')));
    socket.on('error', (err) => last = err);
    socket.on('data', (data) => results.push(String(data)));
    for (let i = 0; i < 4 && !last; i++) {
      results.push(await new Promise((resolve) => {
        closed.then(resolve);
        socket.renegotiate({ rejectUnauthorized: true }, (err) => resolve(t.code(err)));
      }));
      socket.write(`round ${i}`);
      await Promise.race([new Promise((resolve) => socket.once('data', resolve)), closed]);
    }
    return results.join(' ');
  },
};

exports['renegotiation refused'] = {
  serve: (t) => tls.createServer(t.as('server'), (socket) => {
    socket.disableRenegotiation();
    socket.on('error', (err) => t.note(t.code(err)));
    socket.write('ready');
  }),
  notes: 1,
  only: 'TLSv1.2',
  async ask(t) {
    const socket = connect(t);
    await once(socket, 'data');
    return new Promise((resolve) => {
      socket.on('error', () => {});
      socket.on('close', () => resolve('closed'));
      socket.renegotiate({}, (err) => { if (!err) resolve('allowed'); });
    });
  },
};

exports['renegotiation does not exist'] = {
  only: 'TLSv1.3',
  serve: (t) => tls.createServer(t.as('server'), (socket) => { socket.on('error', () => {}); socket.write('ready'); }),
  async ask(t) {
    const socket = connect(t);
    await once(socket, 'data');
    socket.on('error', () => {});
    const text = await new Promise((resolve) => socket.renegotiate({}, (err) => resolve(t.code(err))));
    socket.destroy();
    return text;
  },
};

exports['OCSP stapling'] = {
  serve: (t) => greeter(t.as('server'), () => 'hello')
    .on('OCSPRequest', (certificate, issuer, done) => {
      t.note(`${new crypto.X509Certificate(certificate).subject} ${issuer?.length > 0}`);
      setImmediate(done, null, Buffer.from('a good answer'));
    }),
  notes: 1,
  async ask(t) {
    const results = [];
    for (const requestOCSP of [true, false]) {
      const socket = connect(t, { requestOCSP });
      socket.on('OCSPResponse', (response) => results.push(`${response}`));
      await drain(socket);
      results.push('end');
    }
    return results.join(' ');
  },
};

exports['OCSP without an answer'] = {
  serve: (t) => greeter(t.as('server'), () => 'hello')
    .on('OCSPRequest', (certificate, issuer, done) => done(null, null)),
  async ask(t) {
    const socket = connect(t, { requestOCSP: true });
    const response = new Promise((resolve) => socket.on('OCSPResponse', resolve));
    return `${await drain(socket)} ${await response}`;
  },
};

const psk = (identity, key) => ({
  ciphers: 'PSK+AES128:TLS_AES_128_GCM_SHA256', ca: undefined, key: undefined, cert: undefined,
  pskCallback: () => ({ identity, psk: Buffer.from(key) }),
  checkServerIdentity: () => undefined,
});
exports['PSK'] = {
  serve: (t) => tls.createServer({
    ...t.as(), ca: undefined, ciphers: 'PSK+AES128:TLS_AES_128_GCM_SHA256', pskIdentityHint: 'a hint',
    pskCallback: (socket, identity) => identity === 'me' ? Buffer.from('0123456789abcdef0123456789abcdef') : undefined,
  }, (socket) => socket.end(`hello ${socket.getCipher().name}`))
    .on('tlsClientError', (err) => t.note(t.code(err))),
  notes: 2,
  async ask(t) {
    const results = [];
    for (const options of [psk('me', '0123456789abcdef0123456789abcdef'), psk('you', 'x'.repeat(32)),
                           psk('me', 'x'.repeat(32))]) {
      const socket = connect(t, options);
      const saw = await outcome(socket, t.code);
      results.push(saw === 'secure' ? `${await drain(socket)}` : saw);
    }
    return results.join(', ');
  },
};

// ---- certificates

for (const [name, who, refuses] of [['given', 'client', false], ['missing', undefined, true],
                                    ["a stranger's", 'stranger', true], ['revoked', 'void', true]]) {
  exports[`client certificate required, ${name}`] = {
    serve: (t) => tls.createServer({
      ...t.as('server'), requestCert: true, rejectUnauthorized: true, crl: t.read('ca.crl'),
    }, (socket) => {
      t.note(`${socket.authorized} ${socket.getPeerCertificate().subject.CN}`);
      socket.end('hello');
    }).on('tlsClientError', (err) => t.note(t.code(err))),
    notes: 1,
    async ask(t) {
      const socket = connect(t, who && t.as(who));
      const saw = await outcome(socket, t.code);
      // With TLS 1.3 the client is ready before the server has verified its certificate. Whether
      // it then reads an alert or a reset depends on timing.
      if (t.version === 'TLSv1.3' && refuses) {
        const end = await drain(socket).catch((err) => err);
        return `${saw}, then ${end instanceof Error || end.length === 0 ? 'refused' : end}`;
      }
      return saw === 'secure' ? `${await drain(socket)}` : saw === 'ECONNRESET' || /ALERT/.test(saw) ? 'refused' : saw;
    },
  };
  exports[`client certificate optional, ${name}`] = {
    serve: (t) => greeter({ ...t.as('server'), requestCert: true, rejectUnauthorized: false, crl: t.read('ca.crl') },
                          (socket) => `${socket.authorized} ${socket.authorizationError} ` +
                                      `${socket.getPeerCertificate().subject?.CN}`),
    async ask(t) { return `${await drain(connect(t, who && t.as(who)))}`; },
  };
}

for (const [name, certificate, options = () => ({})] of [
  ['a stranger', 'stranger'], ['itself', 'ca-self'], ['an authority, too late', 'late'],
  ['an authority, for another name', 'a'], ['an authority that takes it back', 'void', (t) => ({ crl: t.read('ca.crl') })],
  ['an authority, checked by us', 'server', () => ({ checkServerIdentity: () => Object.assign(new Error('no'), { code: 'MINE' }) })],
]) {
  exports[`server certificate of ${name}`] = {
    serve: (t) => greeter(t.as(certificate), () => 'hello'),
    async ask(t) {
      const results = [];
      for (const rejectUnauthorized of [true, false]) {
        const socket = connect(t, { rejectUnauthorized, ...options(t) });
        results.push(await outcome(socket, t.code), `${socket.authorizationError}`);
        socket.destroy();
      }
      return results.join(' ');
    },
  };
}

exports['certificates of both kinds'] = {
  serve: (t) => greeter({ ...t.as('server'), key: [t.read('rsa.key'), t.read('server.key')],
                          cert: [t.read('rsa.pem'), t.read('server.pem')] }, () => 'hello'),
  async ask(t) {
    const results = [];
    for (const sigalgs of ['rsa_pss_rsae_sha256:RSA+SHA256', 'ECDSA+SHA256']) {
      const socket = connect(t, { sigalgs });
      await outcome(socket, t.code);
      results.push(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType);
      socket.destroy();
    }
    return results.join(' ');
  },
};

exports['PKCS #12 with a passphrase'] = {
  serve: (t) => greeter({ ...t.as(), pfx: t.read('client.p12'), passphrase: 'secret' },
                        (socket) => socket.getCertificate().subject.CN),
  async ask(t) {
    const socket = connect(t, { checkServerIdentity: () => undefined });
    return `${await drain(socket)} ${socket.authorized}`;
  },
};

exports['encrypted key'] = {
  serve: (t) => greeter({ ...t.as('server'), key: [{ pem: t.read('locked.key'), passphrase: 'secret' }] }, () => 'hello'),
  async ask(t) { return `${await drain(connect(t))}`; },
};

exports['what is known of the peer'] = {
  serve: (t) => greeter({ ...t.as('server'), requestCert: true }, (socket) => {
    const { subject, issuerCertificate, fingerprint256 } = socket.getPeerCertificate(true);
    return `${subject.CN} ${issuerCertificate?.subject.CN} ` +
           `${fingerprint256 === new crypto.X509Certificate(t.read('client.pem')).fingerprint256}`;
  }),
  async ask(t) {
    const socket = connect(t, t.as('client'));
    const said = await drain(socket);
    return `${said}`;
  },
};

// ---- parameters

const suites = {
  'TLSv1.2': ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305',
              'ECDHE-RSA-AES128-SHA256', 'DHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-CCM8', 'AES128-SHA',
              'ECDHE-ARIA128-GCM-SHA256', 'ECDHE-ECDSA-CAMELLIA128-SHA256', 'ADH-AES128-SHA'],
  'TLSv1.3': ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
              'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256'],
};
exports['cipher suites'] = {
  serve: (t) => greeter({ ...t.as('server'), ciphers: 'ALL:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:' +
                            'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:@SECLEVEL=0',
                          dhparam: 'auto', key: [t.read('rsa.key'), t.read('server.key')],
                          cert: [t.read('rsa.pem'), t.read('server.pem')] },
                        (socket) => socket.getCipher().standardName),
  async ask(t) {
    const results = [];
    for (const suite of suites[t.version]) {
      const ciphers = t.version === 'TLSv1.2' ? `${suite}:@SECLEVEL=0` : suite;
      const socket = connect(t, { ciphers, rejectUnauthorized: false });
      const saw = await outcome(socket, t.code);
      if (saw !== 'secure') { results.push(saw); continue; }
      const { type, size, name } = socket.getEphemeralKeyInfo();
      results.push(`${await drain(socket)} ${[type, name, size].filter(Boolean).join('-') || 'none'}`);
    }
    return results.join(', ');
  },
};

exports['groups'] = {
  serve: (t) => greeter({ ...t.as('server'), ecdhCurve: 'X25519MLKEM768:SecP256r1MLKEM768:X25519:X448:P-256:P-384:P-521' },
                        () => 'hello'),
  async ask(t) {
    const results = [];
    for (const ecdhCurve of ['X25519', 'X448', 'P-256', 'P-384', 'P-521', 'X25519MLKEM768', 'secp256k1']) {
      const socket = connect(t, { ecdhCurve });
      const saw = await outcome(socket, t.code);
      const info = socket.getEphemeralKeyInfo();
      results.push(saw === 'secure' ? `${ecdhCurve}:${info?.name}:${info?.size}` : saw);
      socket.destroy();
    }
    return results.join(' ');
  },
};

exports['no common version'] = {
  serve: (t) => watched(t, t.as('server')),
  notes: 1,
  ask(t) {
    const other = t.version === 'TLSv1.2' ? 'TLSv1.3' : 'TLSv1.2';
    return outcome(connect(t, { minVersion: other, maxVersion: other }), t.code);
  },
};

exports['no common cipher'] = {
  serve: (t) => watched(t, { ...t.as('server'), ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256' }),
  notes: 1,
  ask: (t) => outcome(connect(t, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:TLS_AES_256_GCM_SHA384' }), t.code),
};

exports['no common group'] = {
  serve: (t) => watched(t, { ...t.as('server'), ecdhCurve: 'P-256' }),
  notes: 1,
  ask: (t) => outcome(connect(t, { ecdhCurve: 'P-384' }), t.code),
};

exports['signature algorithms in common'] = {
  serve: (t) => greeter(t.as('server'), (socket) => socket.getSharedSigalgs().join('+')),
  async ask(t) {
    return `${await drain(connect(t, { sigalgs: 'ecdsa_secp256r1_sha256:ECDSA+SHA384:ed25519' }))}`;
  },
};

exports['exported keys and Finished'] = {
  serve: (t) => greeter(t.as('server'), (socket) => {
    const part = (buffer) => t.sha(buffer);
    return [part(socket.exportKeyingMaterial(64, 'a label')),
            part(socket.exportKeyingMaterial(32, 'a label', Buffer.from('context'))),
            part(socket.getFinished()), part(socket.getPeerFinished())].join(' ');
  }),
  async ask(t) {
    const socket = connect(t);
    await outcome(socket, t.code);
    const mine = [socket.exportKeyingMaterial(64, 'a label'),
                  socket.exportKeyingMaterial(32, 'a label', Buffer.from('context')),
                  socket.getPeerFinished(), socket.getFinished()].map((buffer) => t.sha(buffer)).join(' ');
    return `${mine === `${await drain(socket)}`}`;
  },
};

exports['key log'] = {
  serve(t) {
    const lines = [];
    const server = greeter(t.as('server'), () => 'hello');
    server.on('keylog', (line) => {
      lines.push(String(line).split(' ')[0]);
      if (lines.length === (t.version === 'TLSv1.3' ? 5 : 1)) t.note(lines.sort().join('+'));
    });
    return server;
  },
  notes: 1,
  async ask(t) {
    const lines = [];
    const socket = connect(t).on('keylog', (line) => lines.push(String(line).split(' ')[0]));
    await drain(socket);
    return lines.sort().join('+');
  },
};

exports['small fragments'] = {
  serve: (t) => greeter(t.as('server'), (socket) => {
    t.note(`${socket.setMaxSendFragment(600)} ${socket.setMaxSendFragment(10)}`);
    return big.subarray(0, 100_000);
  }),
  notes: 1,
  async ask(t) { return t.sha(await drain(connect(t))); },
};

// ---- how connections begin and end

exports['half open'] = {
  serve: (t) => tls.createServer({ ...t.as('server'), allowHalfOpen: true }, async (socket) => {
    const got = await drain(socket);
    setTimeout(() => socket.end(`got ${got}`), 20);
  }),
  async ask(t) {
    const socket = connect(t, { allowHalfOpen: true });
    socket.end('all');
    return `${await drain(socket)}`;
  },
};

exports['dropped without a goodbye'] = {
  serve: (t) => tls.createServer(t.as('server'), (socket) => {
    socket.on('error', (err) => t.note(t.code(err)));
    socket.on('data', () => socket._handle && socket.destroy());
  }),
  async ask(t) {
    const socket = connect(t);
    socket.write('go');
    return drain(socket).then((got) => `end after ${got.length}`, t.code);
  },
};

exports['TCP reset'] = {
  serve: (t) => tls.createServer(t.as('server'), (socket) => {
    socket.on('error', (err) => t.note(t.code(err)));
    socket.write('hello');
    socket.on('close', (failed) => t.note(failed));
  }),
  notes: 2,
  async ask(t) {
    const raw = net.connect(t.port, '127.0.0.1');
    const socket = tls.connect({ ...t.as(), socket: raw, servername: 'localhost' });
    await once(socket, 'data');
    raw.resetAndDestroy();
    return 'reset';
  },
};

exports['silence'] = {
  serve: (t) => watched(t, { ...t.as('server'), handshakeTimeout: 50 })
    .on('tlsClientError', (err, socket) => socket.destroy()),
  notes: 1,
  async ask(t) {
    const socket = net.connect(t.port, '127.0.0.1');
    await drain(socket);
    return 'closed';
  },
};

exports['HTTP spoken to a TLS server'] = {
  serve: (t) => watched(t, t.as('server')),
  notes: 1,
  async ask(t) {
    const socket = net.connect(t.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    const got = await drain(socket).catch(t.code);
    return `${got.toString('hex')}`;
  },
};

exports['TLS spoken to an HTTP server'] = {
  serve: () => net.createServer((socket) => { socket.on('error', () => {}); socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'); }),
  ask: (t) => outcome(connect(t), t.code),
};

exports['an unsecured connection is upgraded'] = {
  serve: (t) => net.createServer((socket) => {
    socket.write('say STARTTLS\n');
    socket.once('data', (data) => {
      t.note(String(data));
      const secure = new tls.TLSSocket(socket, { isServer: true, ...t.as('server') });
      secure.on('secure', () => t.note('secure'));
      secure.pipe(secure);
      socket.write('go');
    });
  }),
  notes: 2,
  async ask(t) {
    const raw = net.connect(t.port, '127.0.0.1');
    await once(raw, 'data');
    raw.write('STARTTLS');
    await once(raw, 'data');
    const socket = tls.connect({ socket: raw, ...t.as(), servername: 'localhost' });
    socket.end('through');
    return `${await drain(socket)} ${socket.authorized}`;
  },
};

exports['TLS in TLS'] = {
  serve(t) {
    const inner = tls.createServer(t.as('server'), (socket) => socket.pipe(socket));
    return tls.createServer(t.as('server'), (socket) => inner.emit('connection', socket));
  },
  async ask(t) {
    const outer = connect(t);
    const socket = tls.connect({ socket: outer, ...t.as(), servername: 'localhost' });
    socket.end(big.subarray(0, 200_000));
    return t.sha(await drain(socket));
  },
};

exports['TLS over a stream of JavaScript'] = {
  serve: (t) => tls.createServer(t.as('server'), (socket) => socket.pipe(socket)),
  async ask(t) {
    const [near, far] = duplexPair();
    const raw = net.connect(t.port, '127.0.0.1');
    far.pipe(raw).pipe(far);
    const socket = tls.connect({ socket: near, ...t.as(), servername: 'localhost' });
    socket.end(big.subarray(0, 200_000));
    return t.sha(await drain(socket));
  },
};

exports['new credentials while it runs'] = {
  serve(t) {
    const server = tls.createServer(t.as('server'), (socket) => {
      socket.end('hello');
      server.setSecureContext(t.as('a'));
    });
    return server;
  },
  async ask(t) {
    const results = [];
    for (let i = 0; i < 2; i++) {
      const socket = connect(t, { checkServerIdentity: () => undefined });
      await outcome(socket, t.code);
      results.push(socket.getPeerCertificate().subject.CN);
      await drain(socket);
    }
    return results.join(' ');
  },
};
