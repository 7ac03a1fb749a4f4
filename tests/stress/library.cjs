const path = require('path'), url = require('url'), util = require('util'), { EventEmitter } = require('events'), querystring = require('querystring');
const emitter = new EventEmitter(), seen = [];
emitter.on('one', (value) => seen.push(value));
const address = new url.URL('https://user@host.example:8080/a/b?c=d#e'), format = util.inspect(new Map([['a', { deep: [1, [2, [3]]] }]]), { depth: 5 });
exports.use = () => {
  seen.length = 0;
  emitter.emit('one', path.resolve('/a', '../b', 'c')); emitter.emit('one', address.href); emitter.emit('one', format);
  return JSON.stringify([seen, querystring.parse('a=b&c=d'), util.format('%s %d %j', 'x', 1, { y: 2 }), Buffer.from('zz').toString('base64')]);
};
