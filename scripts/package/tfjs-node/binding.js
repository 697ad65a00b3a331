// Stands for @mapbox/node-pre-gyp, which would look for the binding below tfjs-node's own folder.
const path = require("node:path");

exports.find = () => path.join(__dirname, "../native/tfjs_binding.node");
