#!/usr/bin/env node
// Prints greetings: hello [NAME…] --lang fr --shout. The greetings are in a file next to this one.
// Kiln embeds it because its path is built from import.meta.dirname.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import chalk from 'chalk';
import { Command, Option } from 'commander';

interface Options {
  lang: string;
  shout: boolean;
}

const greetings: Record<string, string> =
  JSON.parse(readFileSync(join(import.meta.dirname, 'greetings.json'), 'utf8'));

function greet(name: string, { lang, shout }: Options): string {
  const text = `${greetings[lang]}, ${name}!`;
  return shout ? chalk.bold(text.toUpperCase()) : text;
}

new Command('hello')
  .description('greets the given people')
  .version('1.0.0')
  .argument('[names...]', 'whom to greet', ['world'])
  .addOption(new Option('-l, --lang <code>', 'in which language')
    .choices(Object.keys(greetings)).default('en'))
  .option('-s, --shout', 'loudly', false)
  .action((names: string[], options: Options) => {
    for (const name of names) console.log(greet(name, options));
  })
  .parse();
