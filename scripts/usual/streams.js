// when: library internal/streams/readable Readable
// when: library internal/streams/transform Transform
// when: library internal/streams/pipeline pipeline
const { Readable, Transform, Writable, pipeline, PassThrough } = require('node:stream');
const { finished, pipeline: wait } = require('node:stream/promises');

const upper = () => new Transform({
  objectMode: true,
  transform(chunk, encoding, done) {
    done(null, String(chunk).toUpperCase());
  },
  flush(done) {
    done();
  },
});
const sink = () => new Writable({
  write(chunk, encoding, done) {
    setImmediate(done);
  },
});
(async () => {
  const source = new Readable({ read() {} });
  source.on('data', () => {});
  source.push('a');
  source.push(null);
  await finished(source);
  await wait(Readable.from(['a', 'b', 'c']), upper(), sink());
  for await (const chunk of Readable.from(['a', 'b']).pipe(new PassThrough())) chunk.length;
  const target = sink();
  target.write('a');
  target.write('b');
  target.end('c');
  await finished(target);
  const broken = new Readable({ read() {} });
  pipeline(broken, sink(), () => {});
  broken.destroy(new Error('text'));
})();
