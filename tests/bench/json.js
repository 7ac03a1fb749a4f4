// Parses and writes JSON: a big document of records, many small messages, and indented text.
'use strict';

const measure = require('./measure.js');

const records = Array.from({ length: 3000 }, (_, i) => ({
  id: i,
  name: `record ${i}`,
  price: i * 1.25,
  tags: ['red', 'grün', '"quoted"'].slice(0, i % 4),
  active: i % 3 === 0,
  parent: i % 5 ? { id: i - 1, note: 'line\nbreak\ttab' } : null,
}));
const big = JSON.stringify(records);
const small = records.slice(0, 500).map((record) => JSON.stringify(record));

measure('json', 80, () => {
  const parsed = JSON.parse(big);
  let check = JSON.stringify(parsed).length;
  for (const message of small) check += JSON.parse(message).name.length;
  for (const record of parsed.slice(0, 500)) check += JSON.stringify(record, null, 2).length;
  check += JSON.stringify(parsed, (key, value) => (key === 'note' ? undefined : value)).length;
  return check;
});
