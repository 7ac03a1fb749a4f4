// Terser's API: its command prints nothing in Bun's executables.
import { readFileSync } from 'node:fs';
import { minify } from 'terser';
const { code } = await minify(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(code + '\n');
