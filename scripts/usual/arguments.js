// when: library internal/util/parse_args/parse_args parseArgs
const { parseArgs, styleText, promisify } = require('node:util');

parseArgs({
  args: ['-f', '--bar', 'b', '--no-color', 'position'],
  options: { f: { type: 'boolean', short: 'f' }, bar: { type: 'string', default: 'a' }, color: { type: 'boolean' } },
  allowPositionals: true,
  allowNegative: true,
});
styleText('red', 'text');
promisify(setTimeout)(1);
