// when: library internal/kiln/esm importModuleDynamically
(async () => {
  await import('node:path');
  await import('./imported.mjs');
  require('./required.js');
})().then(() => console.log('text'));
