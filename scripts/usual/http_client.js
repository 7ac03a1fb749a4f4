// when: library _http_client ClientRequest
// mentions: http.request
// mentions: https.request
// mentions: http.get(
// mentions: https.get(
// The server is the program that runs this one.
const http = require('node:http');

const url = process.argv[2];
const agent = new http.Agent({ keepAlive: true });
http.get(url, { agent }, (response) => {
  response.setEncoding('utf8');
  response.on('data', () => {});
  response.on('end', () => {
    const options = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, agent };
    const request = http.request(url, options, async (answer) => {
      for await (const chunk of answer) chunk.length;
      agent.destroy();
    });
    request.on('error', () => {});
    request.setTimeout(5000);
    request.write('a');
    request.end();
  });
});
