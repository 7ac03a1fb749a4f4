#!/bin/bash
# Environment variables are read only in runtime-stub/platform/environment.cc, whose callers must
# specify whether the value is used in a process with more privileges than its user.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Calls and addresses of getenv, secure_getenv and std::getenv. uv_os_getenv is allowed:
# ApplyDotenv uses it to check whether a variable exists.
others=$(grep -rnwE '(secure_)?getenv' runtime-stub --include='*.cc' --include='*.h' --include='*.inc' |
  grep -vE '^runtime-stub/platform/environment\.(cc|h):' || true)
if [[ -n $others ]]; then
  echo "getenv() outside of runtime-stub/platform/environment.cc; use ReadTrusted or ReadUntrusted:" >&2
  echo "$others" >&2
  exit 1
fi
# The search works: it finds the only allowed call.
[[ $(grep -cw 'getenv(name' runtime-stub/platform/environment.cc) == 1 ]] ||
  { echo "environment.cc does not call getenv" >&2; exit 1; }
