'use strict';
// Compares the bundler's lexer and scan with acorn, a full parser. These must be the same: every
// token, whether it is in a function, in a `try` or outside of brackets, every import and require
// with a literal name, and whether the file has the syntax of ES modules.
//
//   node compare.js DUMP ACORN [--unparsed N] PATH…
//
// DUMP is the program built from dump.cc, ACORN the file acorn.js; a PATH is a .js, .cjs or .mjs
// file or a folder of them. Files that acorn cannot parse are listed with its reason. It fails if
// there are more than N (0) of these, at a difference, and for a folder without files.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const kBatch = 40;  // files that one run of DUMP reads

// Every file below `place`, each real file once.
function* filesBelow(place, seen) {
  const real = fs.realpathSync(place);
  if (seen.has(real)) return;
  seen.add(real);
  if (!fs.statSync(real).isDirectory()) {
    yield real;
    return;
  }
  for (const { name } of fs.readdirSync(real, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)) {
    const inside = path.join(real, name);
    const stat = fs.lstatSync(inside);
    if (stat.isDirectory() || (stat.isFile() && /\.[cm]?js$/.test(name))) yield* filesBelow(inside, seen);
  }
}

// Returns a table from offsets in UTF-16 units to offsets in bytes of UTF-8.
function byteOffsets(text, size) {
  if (text.length === size) return (offset) => offset;
  const map = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    map[i] = bytes;
    const unit = text.charCodeAt(i);
    // A surrogate counts half of its pair's four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  map[text.length] = bytes;
  return (offset) => map[offset];
}

// Parses as Node would: by the file's extension, or as a script unless only a module is valid.
function parse(acorn, file, text) {
  const tokens = [];
  const attempt = (sourceType) => {
    tokens.length = 0;
    return acorn.parse(text, {
      ecmaVersion: 'latest', sourceType, allowHashBang: true, checkPrivateFields: false,
      allowReturnOutsideFunction: sourceType === 'script', onToken: (token) => tokens.push(token),
    });
  };
  if (file.endsWith('.mjs')) return { tree: attempt('module'), tokens };
  try {
    return { tree: attempt('script'), tokens };
  } catch (reason) {
    try {
      return { tree: attempt('module'), tokens };
    } catch (error) {
      throw /'import' and 'export'/.test(reason.message) || file.endsWith('.mjs') ? error : reason;
    }
  }
}

const isLiteral = (node) => (node?.type === 'Literal' && typeof node.value === 'string') ||
  (node?.type === 'TemplateLiteral' && node.expressions.length === 0);
const valueOf = (node) => node.type === 'Literal' ? node.value : node.quasis[0].value.cooked;

const inChain = (node) => node?.type === 'ChainExpression' ? node.expression : node;
const propertyOf = (node) => node.computed ? isLiteral(node.property) && valueOf(node.property) : node.property.name;

// For an expression that is a require function, the token with which the scan names it; else nothing.
function requireIn(node) {
  node = inChain(node);
  if (node?.type === 'Identifier') return node.name === 'require' ? node : undefined;
  if (node?.type === 'SequenceExpression') return requireIn(node.expressions.at(-1));
  if (node?.type !== 'MemberExpression' || propertyOf(node) !== 'require') return undefined;
  const object = inChain(node.object);
  const named = (name) => object.type === 'Identifier' && object.name === name;
  if (named('module')) return node.computed ? object : node.property;
  const ofMain = (object.type === 'MemberExpression' && !object.computed && object.property.name) || object.name;
  if (!node.computed && /^main(Module)?$/.test(ofMain)) return Object.assign(node.property, { ofMain: true });
  return undefined;
}

// For a call of a require function: that token, and the argument which names the module.
function requireCall({ callee, arguments: args }) {
  const called = inChain(callee);
  const direct = requireIn(called);
  if (direct) return { token: direct, name: args[0] };
  if (called.type === 'CallExpression') {
    const bound = inChain(called.callee);
    if (bound.type === 'MemberExpression' && propertyOf(bound) === 'bind' && called.arguments.length < 2) {
      const token = requireIn(bound.object);
      return token && { token, name: args[0] };
    }
  }
  if (called.type !== 'MemberExpression') return undefined;
  const method = propertyOf(called);
  if (!['call', 'apply', 'bind'].includes(method)) return undefined;
  const token = requireIn(called.object);
  return token && { token, name: method === 'apply' ? args[1]?.elements?.[0] : args[1] };
}

// The literals that an expression can be: the branches of c ? 'a' : 'b', the right side of x || 'a'.
function* literalsIn(node) {
  node = inChain(node);
  if (isLiteral(node)) yield node;
  if (node?.type === 'ConditionalExpression') yield* [...literalsIn(node.consequent), ...literalsIn(node.alternate)];
  if (node?.type === 'LogicalExpression')
    yield* [...(node.operator === '&&' ? [] : literalsIn(node.left)), ...literalsIn(node.right)];
}

// Finds function bodies and blocks of `try`, as [start, end], and references in the syntax tree.
function look(tree) {
  const found = { functions: [], tries: [], refs: [], esm: 0, await: 0 };
  const stack = [[tree, false]];
  const add = (kind, offset, source) => found.refs.push({ kind, offset, specifier: valueOf(source) });
  while (stack.length > 0) {
    let [node, inFunction] = stack.pop();
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        inFunction = true;
        if (node.body.type === 'BlockStatement') found.functions.push([node.body.start, node.body.end]);
        break;
      case 'TryStatement':
        found.tries.push([node.block.start, node.block.end]);
        break;
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
        found.esm = 1;
        if (node.source) add('import', node.start, node.source);
        break;
      case 'MetaProperty':
        if (node.meta.name === 'import') found.esm = 1;
        break;
      case 'ImportExpression':
        for (const name of literalsIn(node.source)) add('import()', node.start, name);
        break;
      case 'AwaitExpression':
        if (!inFunction) found.await = 1;
        break;
      case 'ForOfStatement':
        if (!inFunction && node.await) found.await = 1;
        break;
      case 'VariableDeclaration':
        if (!inFunction && node.kind === 'await using') found.await = 1;
        break;
      case 'CallExpression': {
        const { token, name } = requireCall(node) ?? {};
        for (const literal of token?.ofMain && !isLiteral(name) ? [] : literalsIn(name))
          add('require', token.start, literal);
        break;
      }
    }
    for (const key in node) {
      const value = node[key];
      if (!value || typeof value !== 'object') continue;
      if (Array.isArray(value)) {
        for (const one of value) if (one?.type) stack.push([one, inFunction]);
      } else if (value.type) {
        stack.push([value, inFunction]);
      }
    }
  }
  found.refs.sort((a, b) => a.offset - b.offset);
  return found;
}

// Acorn has separate tokens for `, text, ${, } of a template; the lexer one from ` or } to ` or ${.
function* joinTemplates(tokens, types) {
  const open = [];  // for each open brace, whether it belongs to a template
  for (let i = 0; i < tokens.length; i++) {
    const { type, start } = tokens[i];
    if (type === types.braceL) open.push(false);
    if (type === types.dollarBraceL) throw new Error('unexpected ${');
    const middle = type === types.braceR && open.pop();
    if (type !== types.backQuote && !middle) {
      yield { kind: kindOf(type, types), start, end: tokens[i].end,
              opens: /^[([{]$/.test(type.label), closes: /^[)\]}]$/.test(type.label) };
      continue;
    }
    i += 2;
    const head = tokens[i].type === types.dollarBraceL;
    if (head) open.push(true);
    yield { kind: middle ? head ? 'M' : 'L' : head ? 'H' : 'T', start, end: tokens[i].end,
            opens: head, closes: middle };
  }
}
function kindOf(type, types) {
  if (type === types.name || type === types.privateId || type.keyword) return 'n';
  if (type === types.string) return 's';
  if (type === types.num) return 'd';
  if (type === types.regexp) return 'r';
  return 'p';
}

// The lines that DUMP should print.
function expected(acorn, file, text, size) {
  const { tree, tokens } = parse(acorn, file, text);
  const { functions, tries, refs, esm, await: awaits } = look(tree);
  if (tokens.at(-1)?.type === acorn.tokTypes.eof) tokens.pop();
  const offset = byteOffsets(text, size);
  // Strictly inside: the braces themselves are outside.
  const inside = (ranges) => {
    const steps = ranges.flatMap(([start, end]) => [[start + 1, 1], [end - 1, -1]]).sort((a, b) => a[0] - b[0]);
    let at = 0, depth = 0;
    return (place) => {
      for (; at < steps.length && steps[at][0] <= place; at++) depth += steps[at][1];
      return depth > 0;
    };
  };
  const inFunction = inside(functions), inTry = inside(tries);
  const lines = [], flags = new Map();
  let depth = 0, before = 0;
  for (const { kind, start, end, opens, closes } of joinTemplates(tokens, acorn.tokTypes)) {
    if (closes) depth--;
    const place = inFunction(start) + 2 * inTry(start);
    const newLine = lines.length === 0 || /[\n\r\u2028\u2029]/.test(text.slice(before, start));
    lines.push(`${kind} ${offset(start)} ${offset(end)} ${place + 4 * (depth === 0) + 8 * newLine}`);
    if (kind === 'n') flags.set(start, place);
    if (opens) depth++;
    before = end;
  }
  for (const ref of refs)
    lines.push(`ref ${ref.kind} ${offset(ref.offset)} ${flags.get(ref.offset)} ${JSON.stringify(ref.specifier)}`);
  lines.push(`module 1 ${esm} ${awaits}`);
  return lines;
}

// The lines that DUMP prints, by file.
function dumped(program, files) {
  const { stdout, stderr, status, error } =
    spawnSync(program, { input: files.join('\n'), maxBuffer: 2 ** 31 - 1, timeout: 300_000 });
  if (error || status !== 0) throw new Error(`${program} failed: ${error ?? stderr}`);
  const blocks = new Map();
  let lines;
  for (const line of stdout.toString('utf8').split('\n')) {
    if (line.startsWith('file ')) blocks.set(line.slice(5), lines = []);
    else if (line) lines.push(line);
  }
  return blocks;
}

function main() {
  const [dump, acornFile, ...rest] = process.argv.slice(2);
  let allowed = 0;
  if (rest[0] === '--unparsed') allowed = Number(rest.splice(0, 2)[1]);
  const acorn = require(path.resolve(acornFile));
  const seen = new Set();
  const files = rest.flatMap((place) => {
    const below = [...filesBelow(place, seen)];
    if (below.length === 0) throw new Error(`there is no JavaScript below ${place}`);
    return below;
  });
  let unparsed = 0, different = 0, tokens = 0, refs = 0;
  for (let i = 0; i < files.length; i += kBatch) {
    const batch = files.slice(i, i + kBatch);
    const blocks = dumped(dump, batch);
    for (const file of batch) {
      const bytes = fs.readFileSync(file);
      let text, wanted;
      try {
        text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
        wanted = expected(acorn, file, text, bytes.length);
      } catch (error) {
        if (!(error instanceof SyntaxError) && error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
        unparsed++;
        console.log(`not compared: ${file}: ${error.message}`);
        continue;
      }
      const got = blocks.get(file);
      tokens += got.length;
      refs += got.filter((line) => line.startsWith('ref ')).length;
      const at = wanted.findIndex((line, index) => line !== got[index]);
      if (at < 0 && got.length === wanted.length) continue;
      different++;
      const place = at < 0 ? wanted.length : at;
      const where = Number((wanted[place] ?? got[place]).match(/\d+/)?.[0] ?? 0);
      console.log(`DIFFERENT: ${file}: acorn ${wanted[place]}, kiln ${got[place]}`);
      console.log(`    ${JSON.stringify(bytes.subarray(Math.max(0, where - 60), where + 60).toString())}`);
    }
  }
  console.log(`${files.length} files, ${tokens} tokens, ${refs} references: ` +
              `${different} files differ, ${unparsed} not compared`);
  process.exitCode = different > 0 || unparsed > allowed ? 1 : 0;
}
main();
