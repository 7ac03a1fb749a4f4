// Environment variables. ReadTrusted() and ReadUntrusted() are the only code of the runtime that
// calls getenv(): each caller has to state whether the value may be trusted. Both return a copy; an
// empty value is a set variable.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::runtime {

// Whether the process has more rights than the user who started it: set-user-ID, set-group-ID, file
// capabilities. As in Node, CAP_NET_BIND_SERVICE as the only capability does not count. Checked at
// every call, because the ids of a process can change. Any thread.
bool HasMoreRightsThanItsUser();

// For variables that decide what this process does: options, files to load, places to write to.
// Nothing if the variable is not set, or if HasMoreRightsThanItsUser(): that user must not control
// it. Any thread.
std::optional<std::string> ReadTrusted(const std::string& name);

// The app has changed a variable of the process. Any thread.
void NoteEnvironmentChange();
bool HasEnvironmentChanged();

// The variable, even if the process has more rights than its user: for process.env, which shows
// all, and for the environment of child processes. Any thread.
std::optional<std::string> ReadUntrusted(const std::string& name);

// For process.env, on any thread: they exclude each other and the functions above. Libraries that call
// getenv() themselves have no such protection.
void SetVariable(const std::string& name, const std::string& value);
void RemoveVariable(const std::string& name);
// In the order of `environ`; entries without a name are omitted.
std::vector<std::pair<std::string, std::string>> AllVariables();

}  // namespace kiln::runtime
