'use strict';

// internal/kiln/cycles: the prototype of module.exports while a CommonJS module runs and another
// one requires it, as in Node's loader.

const {
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeHasOwnProperty,
  Proxy,
  String,
} = primordials;

function warn(name) {
  process.emitWarning(`Accessing non-existent property '${String(name)}' of module exports ` +
                      'inside circular dependency');
}

const prototype = new Proxy({}, {
  __proto__: null,
  get(target, name) {
    if (name in target || name === '__esModule') return target[name];
    warn(name);
  },
  getOwnPropertyDescriptor(target, name) {
    if (ObjectPrototypeHasOwnProperty(target, name) || name === '__esModule') {
      return ObjectGetOwnPropertyDescriptor(target, name);
    }
    warn(name);
  },
});

module.exports = { prototype };
