'use strict';
// One end of the matrix of TLS, HTTPS and HTTP/2 (see ../matrix.py). The same program is run by the
// official node and compiled by Kiln; the result of a case must not depend on which end is which.
// Each case is run with TLS 1.2 and TLS 1.3:
//
//   peer.js serve FOLDER           starts all servers, prints the port of a server for their notes
//   peer.js ask FOLDER PORT [CASE] runs the cases; prints a line for each
//
// A case is { serve(t), ask(t), notes, only }: serve() returns a server (which then listens on a
// free port), ask() is the client and resolves to a text with its results. The server calls
// `t.note(text)` to record what it observed; `notes` is the number of these calls until the end.
// `only` names a TLS version if the case applies to that one only.

const fs = require('node:fs');
const http = require('node:http');
const crypto = require('node:crypto');

const cases = { ...require('./tls.js'), ...require('./https.js'), ...require('./http2.js') };
const versions = ['TLSv1.2', 'TLSv1.3'];
const [role, folder, controlPort, chosen] = process.argv.slice(2);

const read = (name) => fs.readFileSync(`${folder}/${name}`);

// The tools that both ends of a case get.
function tools(version) {
  const one = { minVersion: version, maxVersion: version };
  return {
    version,
    read,
    // Options of an end with the certificate `name`, or without one.
    as: (name) => ({ ...one, ca: read('ca.pem'),
                     ...(name && { key: read(`${name}.key`), cert: read(`${name}.pem`) }) }),
    sha: (bytes) => crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 8),
    code: (err) => err ? err.code || err.message : 'no error',
  };
}

function eachCase(visit) {
  const all = [];
  for (const [name, test] of Object.entries(cases)) {
    if (chosen && !name.includes(chosen)) continue;
    for (const version of versions)
      if (!test.only || test.only === version) all.push(visit(`${name}, ${version}`, version, test));
  }
  return all;
}

async function serve() {
  const seen = new Map();
  await Promise.all(eachCase((name, version, test) => new Promise((resolve) => {
    const notes = { list: [], port: 0, changed: () => {}, want: test.notes ?? 0 };
    seen.set(name, notes);
    const server = test.serve({
      ...tools(version),
      note: (text) => { notes.list.push(text); notes.changed(); },
    });
    server.listen(0, '127.0.0.1', () => {
      notes.port = server.address().port;
      resolve();
    });
  })));
  // GET /name: the case's port. POST /name: its notes, when they are complete or time is up.
  const control = http.createServer((request, response) => {
    const notes = seen.get(decodeURIComponent(request.url.slice(1)));
    if (request.method === 'GET') return response.end(`${notes.port}`);
    const timer = setTimeout(() => finish('(late)'), 4000);
    const finish = (more) => {
      clearTimeout(timer);
      notes.changed = () => {};
      response.end([...notes.list, ...more].join(', '));
    };
    notes.changed = () => { if (notes.list.length >= notes.want) finish([]); };
    notes.changed();
  });
  control.listen(0, '127.0.0.1', () => console.log(control.address().port));
}

const control = (method, name) => new Promise((resolve, reject) => {
  http.request({ host: '127.0.0.1', port: controlPort, method, path: `/${encodeURIComponent(name)}` },
               async (response) => {
                 let text = '';
                 for await (const part of response) text += part;
                 resolve(text);
               }).on('error', reject).end();
});

async function ask() {
  let now = 'nothing';
  process.on('uncaughtException', (err) => {
    console.log(`${now}: UNCAUGHT ${err.stack}`);
    process.exit(1);
  });
  for (const [name, version, test] of eachCase((...all) => all)) {
    now = name;
    const port = Number(await control('GET', name));
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, 8000, 'LATE'); });
    const saw = await Promise.race([late, test.ask({ ...tools(version), port })
      .catch((err) => `FAILED ${err.stack}`)]);
    clearTimeout(timer);
    const notes = await control('POST', name);
    console.log(`${name}: ${saw}${notes && ` / ${notes}`}`);
  }
  process.exit();
}

if (role === 'serve') serve(); else ask();
