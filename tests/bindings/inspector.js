// Sessions of the inspector used in ways that the library does not: wrong arguments, calls after the end, and a
// session that ends inside of its own callbacks.
'use strict';
const assert = require('assert');
const { internalBinding } = require('internal/test/binding');
const binding = internalBinding('inspector');
const { Connection, MainThreadConnection, consoleCall, callAndPauseOnStart } = binding;

assert.throws(() => Connection(() => {}), TypeError);
assert.throws(() => new Connection(), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => new MainThreadConnection(1), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => Connection.prototype.dispatch.call({}, '{}'), TypeError);
assert.throws(() => consoleCall(), TypeError);
assert.throws(() => consoleCall(() => {}, 1), TypeError);
assert.throws(() => callAndPauseOnStart(), TypeError);
assert.throws(() => binding.open(70000), TypeError);
assert.strictEqual(binding.url(), undefined);
assert.strictEqual(binding.waitForDebugger(), false);

function connect(onMessage) {
  const messages = [];
  const connection = new Connection((text) => {
    messages.push(JSON.parse(text));
    onMessage?.(connection, messages.at(-1));
  });
  return { connection, messages };
}

// Messages that are none, and unknown commands.
{
  const { connection, messages } = connect();
  assert.throws(() => connection.dispatch(1), TypeError);
  for (const text of ['', '{', '[]', 'null', '{"id":1}', '{"id":"x","method":"Runtime.enable"}', '{"id":1,"method":"NodeRuntime.x"}',
                      '{"id":1,"method":".."}', '{"id":2,"method":"NodeWorker.enable"}', '{"id":2,"method":"NodeWorker.detach","params":[]}',
                      '{"id":3,"method":"NodeWorker.sendMessageToWorker","params":{"sessionId":"9","message":"\ud800"}}'])
    connection.dispatch(text);
  assert(messages.some(({ error }) => error?.code === -32602));
  assert(messages.some(({ error }) => error?.message === "'NodeRuntime.x' wasn't found"));
  assert.deepStrictEqual(messages.at(-1), { id: 3, result: {} });
  connection.disconnect();
  connection.disconnect();
  connection.dispatch('{"id":4,"method":"Runtime.enable"}');
  assert.strictEqual(messages.at(-1).id, 3);
}

// It ends while its own notification is delivered, and while it is paused.
{
  const { connection, messages } = connect((self, { method }) => {
    if (method === 'Runtime.executionContextCreated') self.disconnect();
  });
  connection.dispatch('{"id":1,"method":"Runtime.enable"}');
  assert.strictEqual(messages.length, 1);
}
{
  const { connection, messages } = connect((self, { method }) => {
    if (method === 'Debugger.paused') self.disconnect();
  });
  connection.dispatch('{"id":1,"method":"Debugger.enable"}');
  debugger;
  assert.strictEqual(messages.at(-1).method, 'Debugger.paused');
  debugger;
}

// Methods of console that are called by a session's callback do not come back to it.
{
  let calls = 0;
  const { connection } = connect((self, { method }) => {
    if (method === 'Runtime.consoleAPICalled' && ++calls < 5) console.debug('');
  });
  connection.dispatch('{"id":1,"method":"Runtime.enable"}');
  console.debug('');
  assert.strictEqual(calls, 1);
  connection.disconnect();
}

// Many sessions, some of which end in another one's callback.
{
  const all = Array.from({ length: 20 }, () => connect(() => all[7]?.connection.disconnect()));
  for (const { connection } of all) connection.dispatch('{"id":1,"method":"Runtime.enable"}');
  for (const { connection } of all) connection.disconnect();
}
