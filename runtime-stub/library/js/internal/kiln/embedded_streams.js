'use strict';

// internal/kiln/embedded_streams: what fs.ReadStream does for an embedded file. It reads the file
// without a descriptor (runtime-stub/bindings/fs/embedded_file.cc); `stream.fd` is a property that
// opens one when it is read.

const {
  Symbol,
} = primordials;

const fs = require('fs');
const EventEmitter = require('events');
const { stringToFlags } = require('internal/fs/utils');
const embedded = internalBinding('embedded_files');
const binding = internalBinding('fs');

const kFile = Symbol('kFile');
const { emit } = EventEmitter.prototype;

function isOriginal() {
  const { originals } = module.exports;
  return originals !== undefined && fs.open === originals.open && fs.read === originals.read &&
         fs.close === originals.close;
}

module.exports = {
  // The functions of fs as they were before the app could replace them; set by fs.
  originals: undefined,
  // Returns false if the path is not embedded, or if the app has replaced functions that would see
  // the descriptor.
  open(path, flags, callback) {
    if (!isOriginal()) return false;
    const req = new binding.FSReqCallback();
    req.oncomplete = callback;
    return embedded.open(path, stringToFlags(flags), req) === true;
  },
  setFile(stream, file) {
    stream[kFile] = file;
    embedded.defineDescriptor(stream, file);
  },
  // What the stream reads from: the file while nobody has asked for a descriptor, then `stream.fd`.
  fdOf(stream) {
    const file = stream[kFile];
    return file === undefined || !isOriginal() || embedded.hasDescriptor(stream) ? stream.fd : file;
  },
  isFile: (fd) => typeof fd === 'object' && fd !== null,
  read(file, buffer, offset, length, position, callback) {
    const req = new binding.FSReqCallback();
    req.oncomplete = (error, bytes) => callback(error, bytes || 0, buffer);
    binding.read(file, buffer, offset, length, position ?? -1, req);
  },
  // Whether emitting the event has an effect. Without an embedded file it always may.
  hears(stream, event) {
    return stream[kFile] === undefined || stream.emit !== emit || stream.listenerCount(event) > 0;
  },
};
