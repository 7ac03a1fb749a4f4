// when: library internal/url URL
const url = new URL('../b?x=1&y=2#h', 'https://user@example.com:8080/a/');
url.searchParams.get('x');
url.searchParams.append('z', '3');
[url.href, url.host, url.hostname, url.port, url.pathname, url.search, url.hash, url.origin, url.protocol].join();
url.pathname = '/c';
new URLSearchParams({ a: 1 }).toString();
[...new URLSearchParams('a=1&b=2')].length;
URL.canParse('a');
require('node:url').fileURLToPath('file:///a%20b');
require('node:url').pathToFileURL('/a b').href;
