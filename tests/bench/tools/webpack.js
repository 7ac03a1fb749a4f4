// webpack-cli reaches webpack by an import() that no bundler can see. Its --version loads webpack.
const webpack = require('webpack');
if (process.argv.includes('--version')) console.log(webpack.version);
