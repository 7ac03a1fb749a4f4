// Prettier's own command; its bin reaches it by an import() that no bundler can see.
import { run } from 'prettier/internal/legacy-cli.mjs';
await run(process.argv.slice(2));
