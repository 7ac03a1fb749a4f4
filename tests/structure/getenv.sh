#!/bin/bash
# Environment variables are read in runtime-stub/platform/environment.cc alone, where the caller has to say
# whether a process with more rights than its user may be controlled by the value.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# getenv, secure_getenv and std::getenv, called or taken the address of. uv_os_getenv is for
# ApplyDotenv, which only needs to know whether a variable exists.
others=$(grep -rnwE '(secure_)?getenv' runtime-stub --include='*.cc' --include='*.h' --include='*.inc' |
  grep -vE '^runtime-stub/platform/environment\.(cc|h):' || true)
if [[ -n $others ]]; then
  echo "getenv() outside of runtime-stub/platform/environment.cc; use ReadTrusted or ReadUntrusted:" >&2
  echo "$others" >&2
  exit 1
fi
# The search works: it finds the one call that there is.
[[ $(grep -cw 'getenv(name' runtime-stub/platform/environment.cc) == 1 ]] ||
  { echo "environment.cc does not call getenv" >&2; exit 1; }
