'use strict';
// Patches that make the primordials lazy, part of library_patches.js. Node copies about 800
// functions and constants of V8 into one object when it boots, and makes half of them anew (bound to
// `call`). Here their originals are recorded in one array, so that what a program does to them later
// has no effect, and a property is made when it is first read: `primordials` inherits from a Proxy.
// Nothing here calls what user code can replace.

const kId = 'internal/per_context/primordials';

module.exports = [
  {
    id: kId,
    find: `function getNewKey(key) {
`,
    replace: `// For each copied object: prefix, object, kind, index of the next; then for each property: key, flags
// and value, or getter and setter.
const copied = [];
const kStatic = 0, kBound = 1, kMethods = 2;
const kEnumerable = 1, kWritable = 2, kConfigurable = 4, kAccessor = 8;
let symbolNames = new globalThis.Map();  // one string for each symbol
function record(src, prefix, kind) {
  const start = copied.length;
  copied.push(prefix, src, kind, 0);
  for (const key of ReflectOwnKeys(src)) {
    if (typeof key === 'symbol' && !symbolNames.has(key)) symbolNames.set(key, getNewKey(key));
    const desc = ReflectGetOwnPropertyDescriptor(src, key);
    const flags = (desc.enumerable ? kEnumerable : 0) | (desc.writable ? kWritable : 0) |
      (desc.configurable ? kConfigurable : 0) | ('get' in desc ? kAccessor : 0);
    copied.push(typeof key === 'symbol' ? symbolNames.get(key) : key, flags);
    if ('get' in desc) copied.push(desc.get, desc.set);
    else copied.push(desc.value);
  }
  copied[start + 3] = copied.length;
}
const slice = uncurryThis(''.slice), upper = uncurryThis(''.toUpperCase), bindTo = uncurryThis(bind);
function isVarargs(name) {
  for (let i = 0; i < varargsMethods.length; i++) if (varargsMethods[i] === name) return true;
  return false;
}
function define(name, value, flags) {
  ReflectDefineProperty(primordials, name, {
    __proto__: null, value, enumerable: (flags & kEnumerable) !== 0,
    writable: (flags & kWritable) !== 0, configurable: (flags & kConfigurable) !== 0,
  });
  return value;
}
// Makes the property, and returns its value. Several copied objects may have one of that name: as when
// Node copies all in turn, the last one counts, unless an earlier one cannot be redefined.
function make(name) {
  let value, found = -1;
  for (let at = 0; at < copied.length; at = copied[at + 3]) {
    const prefix = copied[at];
    if (slice(name, 0, prefix.length) !== prefix) continue;
    const rest = slice(name, prefix.length), src = copied[at + 1], kind = copied[at + 2];
    for (let i = at + 4; i < copied[at + 3];) {
      const key = copied[i], flags = copied[i + 1], original = copied[i + 2];
      const newKey = \`\${upper(key[0])}\${slice(key, 1)}\`;
      if (flags & kAccessor) {
        if (rest === \`Get\${newKey}\`) { value = uncurryThis(original); found = flags & kEnumerable; }
        if (rest === \`Set\${newKey}\` && copied[i + 3] !== undefined) {
          value = uncurryThis(copied[i + 3]); found = flags & kEnumerable;
        }
        i += 4;
      } else {
        const isFunction = typeof original === 'function';
        if (rest === newKey) {
          value = isFunction && kind === kMethods ? uncurryThis(original) :
            isFunction && kind === kBound ? bindTo(original, src) : original;
          found = flags;
        } else if (rest === \`\${newKey}Apply\` && isVarargs(\`\${prefix}\${newKey}\`)) {
          value = kind === kMethods ? applyBind(original) : applyBind(original, src); found = 0;
        }
        i += 3;
      }
      if (found >= 0 && (found & kConfigurable) === 0) return define(name, value, found);
    }
  }
  return found < 0 ? undefined : define(name, value, found);
}
Reflect.setPrototypeOf(primordials, new Proxy({ __proto__: null }, {
  __proto__: null, get(target, name) { return typeof name === 'string' ? make(name) : undefined; },
}));
function getNewKey(key) {
`,
  },
  ...[['copyPropsRenamed', 'kStatic'], ['copyPropsRenamedBound', 'kBound'], ['copyPrototype', 'kMethods']]
    .map(([name, kind]) => ({
      id: kId,
      find: `function ${name}(src, dest, prefix) {
`,
      replace: `function ${name}(src, dest, prefix) { return record(src, prefix, ${kind});
`,
    })),
  {
    id: kId,
    find: `ObjectSetPrototypeOf(primordials, null);
ObjectFreeze(primordials);
`,
    replace: `symbolNames = undefined;
`,
  },
];
