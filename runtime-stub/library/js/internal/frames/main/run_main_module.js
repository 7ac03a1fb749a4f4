'use strict';
// internal/frames/main/run_main_module: the script that starts a CommonJS entry
// (library/place_frames.py), and prepares the process for any entry. It is a function, which
// internal/kiln/commonjs and internal/kiln/start call.

const { prepare, Module, self, id } = exports;
if (prepare) return (
//@ prepareMainThreadExecution(!isEntryURL);
prepare(false, true)
);

//@ Module.runMain(mainEntry);
Module.runMain(self, id);
