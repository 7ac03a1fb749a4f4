// when: library internal/deps/undici/undici fetch
// mentions: await fetch(
// mentions: globalThis.fetch
// The server is the program that runs this one.
(async () => {
  const url = process.argv[2];
  await (await fetch(url)).json();
  await (await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ a: 1 }),
    headers: { 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(5000),
  })).text();
  const response = await fetch(new Request(url, { headers: new Headers({ a: 'b' }) }));
  response.headers.get('content-type');
  await response.arrayBuffer();
  await fetch('http://127.0.0.1:1/').catch((error) => error.message);
})();
