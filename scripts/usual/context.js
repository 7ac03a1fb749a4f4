// when: library internal/async_local_storage/async_context_frame run
const { AsyncLocalStorage } = require('node:async_hooks');

const storage = new AsyncLocalStorage();
storage.run({ a: 1 }, async () => {
  await null;
  setTimeout(() => storage.getStore(), 1);
  storage.enterWith(2);
  storage.exit(() => storage.getStore());
});
