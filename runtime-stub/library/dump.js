// Writes Node's own JavaScript library to a folder: node --expose-internals FILE FOLDER.
// The node binary that runs this contains the sources. lib/<id>.js is each module's source,
// unchanged; ids.txt has the sorted ids, categories.json those that may not be required, and
// config.json the text that becomes process.config. An incomplete library is an error.
'use strict';

const fs = require('fs');
const path = require('path');
const { builtinModules } = require('module');
const { internalBinding } = require('internal/test/binding');

const folder = process.argv[2];
const { natives, builtinIds, builtinCategories, config } = internalBinding('builtins');

const ids = [...builtinIds].sort();
const missing = ids.concat(builtinModules.map((id) => id.replace(/^node:/, '')))
  .filter((id) => typeof natives[id] !== 'string' || natives[id] === '');
if (missing.length > 0) {
  console.error(`ERROR: no source for ${missing.join(', ')}`);
  process.exit(1);
}
for (const id of ids) {
  const file = path.join(folder, 'lib', `${id}.js`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, natives[id]);
}
const categories = {};
for (const name of Object.keys(builtinCategories)) {
  categories[name] = [...builtinCategories[name]].sort();
}
JSON.parse(config);
fs.writeFileSync(path.join(folder, 'ids.txt'), `${ids.join('\n')}\n`);
fs.writeFileSync(path.join(folder, 'categories.json'), `${JSON.stringify(categories, null, 1)}\n`);
fs.writeFileSync(path.join(folder, 'config.json'), config);
