#!/usr/bin/env bash
# @tensorflow/tfjs-layers, tfjs-core and tfjs-backend-cpu 4.22.0 (npm), Node 20.
#
# Expected: varianceScaling with distribution "truncatedNormal" draws from a normal distribution that is cut at two deviations.
# Seen:     it draws evenly, as "uniform" does: only "normal" is asked for by name, all else is even. "normal" is the one
#           that is cut, and its deviation is 12 % less than Keras', which makes up for the cut.
# Output:   widest in deviations: normal 2.27, truncatedNormal 1.74, uniform 1.74; deviation of normal 0.88
# So:       a model ported from Keras by its words begins elsewhere; "normal" is what to ask tfjs for, at a scale of 1.29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
cat >try.cjs <<'JS'
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");
const { initializers } = require("@tensorflow/tfjs-layers");

function drawn(distribution) {
  const made = initializers.varianceScaling({ scale: 1, mode: "fanIn", distribution, seed: 1 });
  const values = made.apply([1000, 100]).dataSync();
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  const widest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return { deviation: deviation * Math.sqrt(1000), widest: widest / deviation };
}
const [normal, cut, even] = ["normal", "truncatedNormal", "uniform"].map(drawn);
const [a, b, c] = [normal, cut, even].map(({ widest }) => widest.toFixed(2));
console.log(`widest in deviations: normal ${a}, truncatedNormal ${b}, uniform ${c}; deviation of normal ${normal.deviation.toFixed(2)}`);
const about = (x, y) => Math.abs(x - y) < 0.03;
if (!about(normal.widest, 2.27) || !about(cut.widest, 1.73) || !about(even.widest, 1.73)) process.exit(1);
if (!about(normal.deviation, 0.88)) process.exit(1);
console.log("as described");
JS
node try.cjs
