// An input is a database: the bytes of its file, or changes of them to a valid one, and a changeset. It
// is read by the statements that a program would use, with functions of JavaScript, then changed, and
// the changeset is applied.
'use strict';

const { DatabaseSync, constants } = require('node:sqlite');
const { attempt } = require('./harness.js');

const kTables = `CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, data BLOB, number REAL);
CREATE INDEX by_name ON t(name);
CREATE VIRTUAL TABLE f USING fts5(text);
CREATE VIRTUAL TABLE r USING rtree(id, a, b);
CREATE VIEW v AS SELECT name, count(*) AS n FROM t GROUP BY name;
INSERT INTO t VALUES (1, 'one', x'0102', 1.5), (2, 'two', zeroblob(5000), NULL), (3, 'two', NULL, 1e300);
INSERT INTO f VALUES ('a text with words'), ('other words');
INSERT INTO r VALUES (1, 0, 1), (2, 5, 9);`;
const kReads = ['SELECT * FROM t ORDER BY name', 'SELECT own(name, data) FROM t', 'SELECT total_of(id) OVER (ORDER BY id) FROM t', 'SELECT * FROM v',
                'SELECT * FROM f WHERE f MATCH \'words\'', 'SELECT * FROM r WHERE a < 6', 'PRAGMA integrity_check', 'PRAGMA table_info(t)', 'SELECT * FROM dbstat', 'SELECT * FROM sqlite_schema'];
const kWrites = ['UPDATE t SET name = name || name', 'DELETE FROM t WHERE id > 1', 'INSERT INTO f VALUES (\'new words\')', 'INSERT INTO r VALUES (3, 1, 2)', 'VACUUM', 'REINDEX', 'DROP TABLE t', 'ALTER TABLE t ADD COLUMN more'];

function make() {
  const database = new DatabaseSync(':memory:');
  const session = (database.exec(kTables), database.createSession());
  database.exec('UPDATE t SET name = \'three\' WHERE id = 3; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (4, \'four\', NULL, 0)');
  return { bytes: database.serialize(), changes: session.changeset() };
}
const valid = make();

// Pieces of [position (2 bytes), length, bytes] over a valid text.
function patched(base, bytes) {
  const result = Buffer.from(base);
  for (let at = 0; at + 3 < bytes.length;) {
    const length = Math.min(1 + bytes[at + 2] % 16, bytes.length - at - 3);
    bytes.copy(result, bytes.readUInt16LE(at) % result.length, at + 3, at + 3 + length);
    at += 3 + length;
  }
  return result;
}

exports.feed = (choices, input) => {
  const bytes = Buffer.from(input);
  const database = new DatabaseSync(':memory:', { defensive: choices.once(2), timeout: 0, readBigInts: true });
  database.function('own', (a, b) => choices.once(8) ? undefined : a ?? b);
  database.aggregate('total_of', { start: 0n, step: (sum, x) => sum + BigInt(x ?? 0), inverse: (sum, x) => sum - BigInt(x ?? 0), useBigIntArguments: true });
  const kind = choices.below(3);
  if (kind !== 2) attempt(() => database.deserialize(kind ? bytes : patched(valid.bytes, bytes)));
  else attempt(() => database.deserialize(valid.bytes));
  for (let i = choices.below(6); i >= 0; i--) {
    const sql = choices.of(kReads);
    attempt(() => { for (const row of database.prepare(sql).iterate()) if (choices.once(50)) break; });
    attempt(() => database.prepare(sql).columns());
  }
  attempt(() => database.exec(choices.of(kWrites)));
  const session = attempt(() => database.createSession());
  const changes = choices.once(2) ? bytes : patched(valid.changes, bytes);
  attempt(() => database.applyChangeset(changes, { onConflict: () => choices.of([constants.SQLITE_CHANGESET_OMIT, constants.SQLITE_CHANGESET_REPLACE, constants.SQLITE_CHANGESET_ABORT, 77]) }));
  attempt(() => session?.patchset());
  attempt(() => database.serialize());
  database.close();
};

exports.seeds = () => [
  [[0, 0], Buffer.alloc(0)], [[0, 1, 5, 0, 1, 2, 3, 4], Buffer.from([16, 0, 2, 255, 0])], [[0, 1, 5], valid.bytes], [[0, 2, 0], valid.changes],
  ...[100, 1000, 4200, 9000].map((at) => [[1, 0, 3, at % 10], Buffer.from([at & 255, at >> 8, 7, 0, 1, 2, 255, 254, 9, 200, 128])]),
];
exports.words = ['SQLite format 3\0', 'CREATE TABLE t(x)', 'fts5', 'rtree', 'T\x04\x01\0\0\0t\0'];
