// What happens to an exception that nobody caught: Node's order of events. JavaScript's
// process._fatalException decides; if it says no, the error is printed exactly as Node
// prints it (source line, arrow, stack, properties) and the process ends.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// "file:line", the source line and ^^^^ under the place; empty if it is not known.
std::string ErrorSource(Env& env, v8::Local<v8::Message> message);

// Hangs that text on the error (Node's arrow_message), for whoever prints it later.
void AppendExceptionLine(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                         bool fatal);

// Prints an exception that stopped boot or the snapshot builder, without the library.
void PrintException(Env& env, v8::TryCatch& caught);

// Isolate callbacks.
void OnMessage(v8::Local<v8::Message> message, v8::Local<v8::Value> error);
void OnPromiseReject(v8::PromiseRejectMessage message);
v8::MaybeLocal<v8::Value> OnPrepareStackTrace(v8::Local<v8::Context> context,
                                              v8::Local<v8::Value> error,
                                              v8::Local<v8::Array> sites);

}  // namespace kiln::runtime
