// Hooks that are not functions, and resources that are not objects, are rejected.
'use strict';
const assert = require('assert');
const { internalBinding } = require('internal/test/binding');
const { setupHooks, registerDestroyHook } = internalBinding('async_wrap');

const wrong = { code: 'ERR_INVALID_ARG_TYPE' };
assert.throws(() => setupHooks(), wrong);
assert.throws(() => setupHooks({ init() {} }), wrong);
assert.throws(() => registerDestroyHook(1, 2), wrong);
assert.throws(() => registerDestroyHook({}, 'x'), wrong);
