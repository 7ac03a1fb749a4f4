// SQLite called where it calls JavaScript: callbacks that close the database, use the statement that
// runs, throw, or detach what is read; and what a collection finalizes.
'use strict';
const assert = require('assert');
const { DatabaseSync, StatementSync, Session, backup, constants } = require('node:sqlite');
const { internalBinding } = require('internal/test/binding');
const { Storage, kConstructorKey } = internalBinding('webstorage');

const inUse = { code: 'ERR_INVALID_STATE', message: /in use/ };
function make() {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t(x); INSERT INTO t VALUES (1), (2), (3)');
  return database;
}

// Constructors that only native code may call, and arguments of no use.
for (const call of [() => new StatementSync(), () => new Session(), () => StatementSync(), () => new Storage(), () => Storage()])
  assert.throws(call, { name: 'Error', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
assert.throws(() => Storage(kConstructorKey, ':memory:'), TypeError);
assert.throws(() => new Storage(kConstructorKey), TypeError);
assert.throws(() => backup({}, 'x'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => new DatabaseSync({ href: 'nonsense' }), { code: 'ERR_INVALID_URL_SCHEME' });
assert.throws(() => make().aggregate(), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => make().aggregate(Symbol(), {}), TypeError);

// A function, an authorizer and the end of an aggregate cannot close the database under SQLite.
{
  const database = make();
  database.function('f', () => database.close());
  assert.throws(() => database.prepare('SELECT f() FROM t').all(), inUse);
  assert.throws(() => database.exec('SELECT f() FROM t'), inUse);
  database.function('g', () => database.deserialize(new Uint8Array(512)));
  assert.throws(() => database.exec('SELECT g() FROM t'), inUse);
  database.setAuthorizer(() => { database.close(); return constants.SQLITE_OK; });
  assert.throws(() => database.prepare('SELECT * FROM t'), inUse);
  database.setAuthorizer(null);
  database.aggregate('a', { start: 0, step: (sum, x) => sum, result: () => database.close() });
  assert.throws(() => database.prepare('SELECT a(x) FROM t').get(), inUse);
  database.close();
}

// A function cannot run the statement that calls it.
{
  const database = make();
  let again;
  database.function('f', () => again());
  const statement = database.prepare('SELECT f() FROM t');
  const iterator = statement.iterate();
  for (const use of ['all', 'get', 'run', 'iterate', 'columns']) {
    again = () => statement[use]();
    assert.throws(() => statement.all(), inUse, use);
  }
  again = () => iterator.next();
  assert.throws(() => statement.get(), inUse);
  again = () => iterator.return();
  assert.throws(() => statement.get(), inUse);
  const store = database.createTagStore();
  again = () => store.get`SELECT f()`;
  assert.throws(() => store.get`SELECT f()`, inUse);
  again = () => database.prepare('SELECT count(*) AS n FROM t').get().n;
  assert.strictEqual(statement.get()['f()'], 3);
}

// Reading the parameters runs JavaScript.
{
  const database = make();
  const statement = database.prepare('SELECT $a AS a');
  assert.throws(() => statement.get({ get a() { database.close(); } }), inUse);
  assert.throws(() => statement.get({ get a() { statement.get(); } }), inUse);
  assert.strictEqual(statement.get({ a: 5 }).a, 5);
}

// An exception of a callback is the only error, and nothing is called after it.
{
  const database = make();
  let calls = 0;
  database.aggregate('a', { start: 0, step(sum, x) { calls++; throw new Error('mine'); }, result() { calls++; } });
  assert.throws(() => database.prepare('SELECT a(x) FROM t').get(), { message: 'mine' });
  assert.strictEqual(calls, 1);
  assert.throws(() => database.exec('SELECT f()'), { code: 'ERR_SQLITE_ERROR', errcode: 1 });
}

// A changeset whose buffer the filter detaches, and the ends of sessions.
{
  const database = make(), other = new DatabaseSync(':memory:');
  for (const one of [database, other]) one.exec('CREATE TABLE k(id INTEGER PRIMARY KEY, x)');
  const session = database.createSession();
  database.exec('INSERT INTO k VALUES (1, 2)');
  const changes = session.changeset();
  assert.strictEqual(other.applyChangeset(changes, { filter() { changes.buffer.transfer(); return true; } }), true);
  assert.deepStrictEqual({ ...other.prepare('SELECT * FROM k').get() }, { id: 1, x: 2 });
  assert.throws(() => other.applyChangeset(session.changeset(), { onConflict: () => other.close() }), inUse);
  database.close();
  assert.throws(() => session.changeset(), { code: 'ERR_INVALID_STATE' });
  session[Symbol.dispose]();
}

// Everything is collected in any order, also in the middle of a window of an aggregate.
for (let i = 0; i < 20; i++) {
  const database = make();
  database.aggregate('w', { start: 0, step: (sum, x) => sum + x, inverse: (sum, x) => sum - x, result: (sum) => sum });
  database.prepare('SELECT w(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM t').iterate().next();
  database.setAuthorizer(() => (database, constants.SQLITE_OK));
  database.createTagStore().iterate`SELECT * FROM t`.next();
  database.createSession();
  database.limits.length = 1000;
}
gc();
gc();

// Damaged databases and changesets: errors, and never more.
{
  const bytes = make().serialize();
  let state = 1, errors = 0;
  const random = (limit) => (state = Math.imul(state, 1103515245) + 12345 >>> 0) % limit;
  for (let i = 0; i < 500; i++) {
    const damaged = bytes.slice();
    for (let n = random(20); n >= 0; n--) damaged[random(n % 2 ? damaged.length : 120)] = random(256);
    const database = new DatabaseSync(':memory:');
    try {
      database.deserialize(damaged);
      database.prepare('SELECT * FROM t').all();
      database.exec('PRAGMA integrity_check; INSERT INTO t VALUES (4); VACUUM');
    } catch (error) {
      assert.match(error.code, /^ERR_SQLITE_ERROR$|^ERR_OUT_OF_RANGE$/);
      errors++;
    }
    try { database.applyChangeset(damaged.subarray(0, random(200))); } catch (error) { assert.strictEqual(error.code, 'ERR_SQLITE_ERROR'); }
    database.close();
  }
  assert(errors > 50, `${errors}`);
}
