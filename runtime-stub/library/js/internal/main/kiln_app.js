'use strict';

// The main script of a compiled app.
require('internal/kiln/start').run();
