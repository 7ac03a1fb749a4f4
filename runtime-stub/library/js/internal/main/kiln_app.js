'use strict';

// The main script of a compiled app without a snapshot. A snapshot has the function in a slot.
require('internal/kiln/start').run();
