// What happens to an exception that nobody caught: Node's order of events. JavaScript's
// process._fatalException decides; if it says no, the error is printed exactly as Node
// prints it (source line, arrow, stack, properties) and the process ends.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// "file:line", the source line and ^^^^ under the place, as Node prints them; empty if the place
// is not known.
std::string ErrorSource(Env& env, v8::Local<v8::Message> message);

// Stores that text in the error's private property arrow_message, from which Node's library prints
// it later. `fatal`: the process ends, so the text is also what the library shows first.
void AppendExceptionLine(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                         bool fatal);

// Prints an exception that stopped boot or the snapshot builder to stderr. Uses nothing of the
// JavaScript library, which may not have booted.
void PrintException(Env& env, v8::TryCatch& caught);

// Callbacks of the isolate (thread/boot.h installs them): an uncaught exception or a warning, a
// promise that was rejected without a handler or got one late, and the text of error.stack.
void OnMessage(v8::Local<v8::Message> message, v8::Local<v8::Value> error);
void OnPromiseReject(v8::PromiseRejectMessage message);
v8::MaybeLocal<v8::Value> OnPrepareStackTrace(v8::Local<v8::Context> context,
                                              v8::Local<v8::Value> error,
                                              v8::Local<v8::Array> sites);

}  // namespace kiln::runtime
