// when: library internal/readline/interface Interface
const readline = require('node:readline');

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => process.stdout.write(`${line}\n`));
lines.on('close', () => {});
