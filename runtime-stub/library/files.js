'use strict';
// Reads and writes a library as a folder: FOLDER/<id>.js is the text of the module <id>.

const fs = require('node:fs');
const path = require('node:path');

// A Map from module id to text, sorted by id.
function readModules(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.js')).sort();
  return new Map(files.map((file) => [file.slice(0, -'.js'.length), fs.readFileSync(path.join(folder, file), 'utf8')]));
}

// Replaces the folder, so that no module of an earlier version is left in it.
function writeModules(folder, modules) {
  fs.rmSync(folder, { recursive: true, force: true });
  for (const [id, text] of modules) {
    const file = path.join(folder, `${id}.js`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

module.exports = { readModules, writeModules };
