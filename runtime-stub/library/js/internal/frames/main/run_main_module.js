'use strict';
// internal/frames/main/run_main_module: the script that starts a CommonJS entry
// (library/place_frames.py). It is a function that internal/kiln/commonjs calls at each start.

const { Module, self, id } = exports;

//@ Module.runMain(mainEntry);
Module.runMain(self, id);
