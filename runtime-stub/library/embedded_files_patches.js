'use strict';
// Patches of Node's library (as library_patches.js) for reading embedded files without a descriptor:
// runtime-stub/bindings/fs/embedded_file.cc has the design. An EmbeddedFile takes the place of the
// descriptor in Node's own code, which reads it with the functions of the binding. Functions of fs that
// an app has replaced must see a descriptor, so then it is opened as any file is.

module.exports = [
  // ---- fs.readFile, fs.readFileSync
  {
    id: 'fs',
    find: `  binding.open(getValidatedPath(path), flagsNumber, 0o666, req);
}
`,
    replace: `  path = getValidatedPath(path);
  if (internalBinding('embedded_files').open(path, flagsNumber, req)) return;
  binding.open(path, flagsNumber, 0o666, req);
}
`,
  },
  {
    id: 'fs',
    find: `  const fd = isUserFd ? path : fs.openSync(path, options.flag, 0o666);
`,
    replace: `  const fd = isUserFd ? path : openEmbeddedSync(path, options.flag) ?? fs.openSync(path, options.flag, 0o666);
`,
  },
  {
    id: 'fs',
    find: `    bytesRead = fs.readSync(fd, buffer, pos, len);
`,
    replace: `    bytesRead = typeof fd === 'object' ? binding.read(fd, buffer, pos, len, -1) : fs.readSync(fd, buffer, pos, len);
`,
  },
  {
    id: 'fs',
    find: `function tryStatSync(fd, isUserFd) {
`,
    replace: `function openEmbeddedSync(path, flag) {
  if (fs.openSync !== openSync || fs.readSync !== readSync || fs.closeSync !== closeSync) return;
  return internalBinding('embedded_files').open(getValidatedPath(path), stringToFlags(flag));
}
function tryStatSync(fd, isUserFd) {
`,
  },
  // ---- fs.promises.readFile
  {
    id: 'internal/fs/promises',
    find: `  const fd = await open(path, flag, 0o666);
  return handleFdClose(readFileHandle(fd, options), fd.close);
`,
    replace: `  path = getValidatedPath(path);
  const embedded = internalBinding('embedded_files').open(path, stringToFlags(flag), kUsePromises);
  if (embedded !== undefined) {
    const file = await PromisePrototypeThen(embedded, undefined, handleErrorFromBinding);
    return handleFdClose(readFileHandle({ __proto__: null, fd: file }, options),
                         () => binding.close(file, kUsePromises));
  }
  const fd = await open(path, flag, 0o666);
  return handleFdClose(readFileHandle(fd, options), fd.close);
`,
  },
  // ---- fs.ReadStream: the event 'open' has the descriptor as its argument, so it is only emitted for
  // a listener.
  {
    id: 'fs',
    find: `function lazyLoadStreams() {
  if (!ReadStream) {
    ({ ReadStream, WriteStream } = require('internal/fs/streams'));
`,
    replace: `function lazyLoadStreams() {
  if (!ReadStream) {
    ({ ReadStream, WriteStream } = require('internal/fs/streams'));
    require('internal/kiln/embedded_streams').originals = { __proto__: null, open, read, close };
`,
  },
  {
    id: 'internal/fs/streams',
    find: `    stream[kFs].open(stream.path, stream.flags, stream.mode, (er, fd) => {
      if (er) {
        callback(er);
      } else {
        stream.fd = fd;
        callback();
        stream.emit('open', stream.fd);
        stream.emit('ready');
      }
    });
`,
    replace: `    const opened = (er, fd) => {
      if (er) {
        callback(er);
      } else {
        if (typeof fd === 'object') embedded.setFile(stream, fd); else stream.fd = fd;
        callback();
        if (embedded.hears(stream, 'open')) stream.emit('open', stream.fd);
        stream.emit('ready');
      }
    };
    if (stream[kFs] !== fs || stream.open !== openReadFs || !embedded.open(stream.path, stream.flags, opened))
      stream[kFs].open(stream.path, stream.flags, stream.mode, opened);
`,
  },
  {
    id: 'internal/fs/streams',
    find: `const kFs = Symbol('kFs');
`,
    replace: `const kFs = Symbol('kFs'); const embedded = require('internal/kiln/embedded_streams');
`,
  },
  {
    id: 'internal/fs/streams',
    find: `  if (!stream.fd) {
    cb(err);
`,
    replace: `  if (!embedded.fdOf(stream)) {
    cb(err);
`,
  },
  {
    id: 'internal/fs/streams',
    find: `  stream[kFs].close(stream.fd, (er) => {
    cb(er || err);
  });
  stream.fd = null;
`,
    replace: `  stream[kFs].close(embedded.fdOf(stream), (er) => {
    cb(er || err);
  });
  stream.fd = null;
`,
  },
  {
    id: 'internal/fs/streams',
    find: `  this[kIsPerformingIO] = true;
  this[kFs]
    .read(this.fd, buf, 0, n, this.pos, (er, bytesRead, buf) => {
      this[kIsPerformingIO] = false;

      // Tell ._destroy() that it's safe to close the fd now.
      if (this.destroyed) {
        this.emit(kIoDone, er);
        return;
      }

      if (er) {
        errorOrDestroy(this, er);
      } else if (bytesRead > 0) {
        if (this.pos`,
    replace: `  this[kIsPerformingIO] = true;
  const fd = embedded.fdOf(this);
  (embedded.isFile(fd) ? embedded : this[kFs])
    .read(fd, buf, 0, n, this.pos, (er, bytesRead, buf) => {
      this[kIsPerformingIO] = false;

      // Tell ._destroy() that it's safe to close the fd now.
      if (this.destroyed) {
        this.emit(kIoDone, er);
        return;
      }

      if (er) {
        errorOrDestroy(this, er);
      } else if (bytesRead > 0) {
        if (this.pos`,
  },
  {
    id: 'internal/fs/streams',
    find: `ObjectDefineProperty(ReadStream.prototype, 'pending', {
  __proto__: null,
  get() { return this.fd === null; },
`,
    replace: `ObjectDefineProperty(ReadStream.prototype, 'pending', {
  __proto__: null,
  get() { return embedded.fdOf(this) === null; },
`,
  },
];
