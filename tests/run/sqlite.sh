#!/bin/bash
# node:sqlite in an app: a database that is opened while a module loads, one in the embedded files, one
# in a worker, and what is left of them at the end of the process.
. "$(dirname "$0")/../build/common.sh"

file main.mjs <<'JS'
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Worker, isMainThread } from 'node:worker_threads';

const database = new DatabaseSync(`${isMainThread}.db`);
database.exec('PRAGMA journal_mode = wal; CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES (1)');
console.log(isMainThread, database.prepare('SELECT count(*) AS n FROM t').get().n, existsSync(`${isMainThread}.db-wal`));
const code = (work) => { try { return work(); } catch (error) { return `${error.code}: ${error.message}`; } };

if (isMainThread) {
  new Worker(new URL('./main.mjs', import.meta.url)).on('exit', (status) => console.log('ended', status));
  const embedded = new DatabaseSync('/kiln/data/made.db');
  console.log(embedded.location(), embedded.prepare('SELECT x FROM t').get().x);
  console.log(code(() => embedded.exec('INSERT INTO t VALUES (2)')));
  console.log(code(() => new DatabaseSync('/kiln/data/none.db')));
  console.log(code(() => new DatabaseSync('/kiln/data/text.db').exec('SELECT * FROM t')));
  database.exec('ATTACH \'/kiln/data/made.db\' AS other');
  console.log(database.prepare('SELECT x FROM other.t').get().x);
  const extensible = new DatabaseSync(':memory:', { allowExtension: true });
  console.log(code(() => extensible.loadExtension('/lib/x.so')));
  console.log(code(() => extensible.exec('SELECT load_extension(\'/lib/x.so\')')));
}
JS
mkdir data
"$KILN_NODE" -e 'new (require("node:sqlite").DatabaseSync)("data/made.db").exec("CREATE TABLE t(x); INSERT INTO t VALUES (7)")'
file data/text.db <<< 'this is no database, but it is long enough to be taken for one at first, because SQLite reads a header of one hundred bytes.'
for mode in auto none; do
  build main.mjs --asset 'data/**' --evaluate=$mode
  rm -f away/*.db*
  expect <<'OUT'
true 1 true
/kiln/data/made.db 7
ERR_SQLITE_ERROR: attempt to write a readonly database
ERR_SQLITE_ERROR: unable to open database file
ERR_SQLITE_ERROR: file is not a database
7
ERR_LOAD_SQLITE_EXTENSION: a static executable cannot load shared libraries
ERR_SQLITE_ERROR: not authorized
false 1 true
ended 0
OUT
  [[ ! -e away/true.db-wal && ! -e away/false.db-wal ]] || { echo "a log is left" >&2; exit 1; }
done
