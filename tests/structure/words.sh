#!/bin/bash
# Comments, messages and documentation are plain technical English: these words were part of a
# private vocabulary that readers had to learn, and each has an ordinary equivalent (accepts, can
# use, substitute for, related functions, reports, then). Lock files hold digests, which may
# contain any letters.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

words='heeds?|come upon|stands in|kin|tells|thereupon'
if git grep -nwiE "$words" -- ':!*.lock' ':!*package-lock.json' ':!tests/structure/words.sh'; then
  echo "use plain words instead of these (tests/structure/words.sh)" >&2
  exit 1
fi
