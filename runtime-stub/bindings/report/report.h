// Diagnostic reports: a JSON document about the state of the process, in the format of Node's
// report version 5 (nodejs.org/api/report.html). report.cc has the binding and chooses the file;
// sections.cc and handles.cc write the content.
#pragma once

#include <string>

#include "runtime-stub/bindings/report/json_writer.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime::report {

// The settings of an Env (Env::State<Settings>()): from the command line (--report-compact and so
// on), changed by process.report. On the Env's thread.
struct Settings {
  explicit Settings(Env& env);
  // compact: on one line. exclude_network: no interfaces, and no host names of sockets.
  // exclude_env: no environment variables.
  bool compact, exclude_network, exclude_env;
  // Whether these events write a report; the signal is handled in JavaScript.
  bool on_fatal_error, on_signal, on_uncaught_exception;
  // Of files: the directory (empty: the current one) and the name (empty: see WriteReport()).
  // `signal`: a name, "SIGUSR2" by default.
  std::string directory, filename, signal;
};

// Writes a report to a file and returns its name, without the directory; on failure prints the
// error to stderr and returns an empty string. "stdout" and "stderr" are these streams. An empty
// `filename` means the configured one, or else report.DATE.TIME.PID.0.NUMBER.json. `error` may be
// empty: the report then has no JavaScript stack. `event` and `trigger` are texts of the header,
// such as "JavaScript API" and "GetReport". Replaces an existing file. Reading the stack may run
// JavaScript (getters of `error`); their exceptions are dropped.
std::string WriteReport(Env& env, std::string_view event, std::string_view trigger,
                        std::string_view filename, v8::Local<v8::Value> error);

// Writes a report if --report-uncaught-exception is set. Call it before the exception is printed.
// `message` becomes the event in the header, and "Exception" the trigger.
void ReportUncaughtException(Env& env, std::string_view message, v8::Local<v8::Value> error);
// Writes a report if --report-on-fatalerror is set. Call it before the process aborts; `trigger` is
// "FatalError" or "OOMError". V8 may be in any state, so there is no error to read a stack from.
void ReportFatalError(Env& env, std::string_view message, std::string_view trigger);

// The text of a report, with a newline at the end. An empty `filename` becomes null in the header.
// REQUIRES: the current thread is the Env's.
std::string ReportText(Env& env, std::string_view event, std::string_view trigger,
                       std::string_view filename, v8::Local<v8::Value> error, bool compact);

// Each writes one section: a member of the report's object, in which the writer must be. What the
// system does not provide is left out; no errors are reported.
void WriteHeader(Env& env, JsonWriter& json, std::string_view event, std::string_view trigger,
                 std::string_view filename);
// "javascriptStack": message, stack as an array of lines, and the enumerable properties of `error`.
void WriteJavaScriptStack(Env& env, JsonWriter& json, v8::Local<v8::Value> error,
                          std::string_view event);
// "javascriptHeap", from v8::HeapStatistics, in bytes.
void WriteHeap(Env& env, JsonWriter& json);
// "nativeStack": addresses without names, of at most 256 frames.
void WriteNativeStack(JsonWriter& json);
// "resourceUsage" and "uvthreadResourceUsage", in bytes, seconds and percent of the uptime.
void WriteResourceUsage(Env& env, JsonWriter& json);
// "libuv": the handles of the Env's loop (handles.cc). Host names are looked up, which may block.
void WriteHandles(Env& env, JsonWriter& json);
// "environmentVariables", "userLimits" and "sharedObjects", of the whole process.
void WriteEnvironment(JsonWriter& json);
void WriteLimits(JsonWriter& json);
void WriteSharedObjects(JsonWriter& json);

}  // namespace kiln::runtime::report
