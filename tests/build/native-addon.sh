. "$(dirname "$0")/common.sh"
# Native addons are rejected by name when the app is built, or fail at run time where the app
# handles the error.
file node_modules/fast/package.json <<< '{"name": "fast", "version": "2.0.0"}'
file node_modules/fast/index.js <<< 'module.exports = require("./build/fast.node");'
file node_modules/fast/build/fast.node <<< 'binary'
file main.js <<< 'console.log(require("fast"));'
fails_with 'Package fast@2.0.0 is a native addon' main.js
file optional.js <<< 'try { require("fast"); } catch (e) { console.log(e.message); }'
build optional.js
expect <<'OUT'
Package fast@2.0.0 is a native addon (a .node file), which a static executable cannot load
OUT
