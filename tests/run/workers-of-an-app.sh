#!/bin/bash
# An app starts a worker from a file of its own, which is embedded. The worker has its own instances of
# the modules that the main thread has, also of those that the build has evaluated.
. "$(dirname "$0")/../build/common.sh"

file shared.mjs <<'JS'
export const shared = { count: 1 };
JS
file worker.mjs <<'JS'
import { parentPort, workerData } from 'node:worker_threads';
import { shared } from './shared.mjs';
parentPort.postMessage(`${workerData} ${shared.count}`);
JS
file main.mjs <<'JS'
import { Worker } from 'node:worker_threads';
import { shared } from './shared.mjs';
shared.count++;
const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: 'data' });
worker.on('message', (text) => console.log(text, shared.count));
worker.on('exit', (code) => console.log(code));
JS
for mode in auto none; do
  build main.mjs --evaluate=$mode
  mkdir -p hidden
  mv shared.mjs worker.mjs hidden
  expect <<< $'data 1 2\n0'
  mv hidden/*.mjs .
done
