'use strict';
// Seeds of the fuzz target source-map.cc: maps with and without sections, and damaged ones.
const kNoChoices = Buffer.alloc(24);

const plain = { version: 3, sources: ['a.ts', 'b.ts'], sourcesContent: ['let a: number;\n', null], names: ['x', 'y'], mappings: 'AAAA,IAAMA,GCCA;;AADAC,E;CAAC' };
const offset = { line: 3, column: 5 };
const maps = [
  plain,
  { ...plain, mappings: 'AAAA,' + 'g'.repeat(20) + '//D,AA;D,DDDD,DDDDD;AmjNAAmjN' },
  { ...plain, sources: [null, 1, {}], sourcesContent: [1], names: [null, 2], mappings: '!!!,é,AAAA\\' },
  { version: 3, mappings: ';;;AAAA' },
  { version: 3, sections: [{ offset: { line: 0, column: 0 }, map: plain }, { offset, map: plain }] },
  { version: 3, sections: [{ offset: { line: -1, column: 1e300 }, map: plain }, { offset: null }, { map: null }, 7], mappings: 'A' },
];

module.exports = {
  *seeds() {
    for (const map of maps) yield [kNoChoices, Buffer.from(JSON.stringify(map))];
    yield [kNoChoices, Buffer.from('{"version":3,"mappings":')];
  },
  words: ['"mappings":"', '"sections":[', '"offset":', '"map":', '"sources":[', '"names":[', 'AAAA', ';', ',', 'g', 'ggggggE', '\\u0001', '1e300'],
};
