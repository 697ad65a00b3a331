import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { page, pictures, type SavedRow, withRow } from "../../scripts/bench/page";
import { repositoryRoot } from "../support/python";

function row(features: string, ms: number): SavedRow {
  const results = [
    { label: "Keras", values: [10] },
    { label: "convnets", values: [ms] },
  ];
  const machine = `TensorFlow 2.21.0 on CPU (some, 2 cores), tfjs 4, Node 22; ${features}; 8 GiB`;
  return { name: "mnist", title: "MNIST", unit: "ms", results, date: "2026-11-29", machine };
}

test("a case has a row for each instruction set, side by side on the page and in its picture", () => {
  const other = { ...row("AVX2", 1), name: "other" };
  let rows = withRow([row("AVX2, AVX-512", 5), other], row("AVX2", 7));
  rows = withRow(rows, row("AVX2, AVX-512", 4));
  rows = withRow(rows, row("AVX2, no more by CONVNETS_ISA=avx2", 6));
  const shown = rows.map(({ name, results }) => [name, results[1]!.values[0]]);
  assert.deepEqual(shown, [
    ["mnist", 4],
    ["mnist", 6],
    ["other", 1],
  ]);
  const text = page(rows);
  for (const title of ["MNIST [AVX-512]", "MNIST [AVX2]"]) assert.ok(text.includes(title), title);
  assert.ok(pictures(rows)["benchmarks.svg"]!.includes("mnist [AVX-512]"));
});

/** What a process of its own, for which CONVNETS_ISA is set, says of the processor. */
function described(isa: string): { features: string[]; oneDnn: string | undefined } {
  const library = path.join(repositoryRoot, ".build/lib/engine");
  const program = `const { features } = require(${JSON.stringify(library)}).engine();
    console.log(JSON.stringify({ features, oneDnn: process.env.ONEDNN_MAX_CPU_ISA }));`;
  const env = { ...process.env, CONVNETS_ISA: isa };
  const text = execFileSync(process.execPath, ["-e", program], { env, stdio: "pipe" });
  return JSON.parse(String(text));
}

test("a processor stands for a lesser one where CONVNETS_ISA says so, for TensorFlow's kernels, too", () => {
  const { features, oneDnn } = described("avx2");
  assert.ok(features.every((feature) => feature === "AVX2"));
  assert.equal(oneDnn, "AVX2");
  assert.equal(described("amx").oneDnn, "AVX512_CORE_AMX");
  assert.throws(
    () => described("sse"),
    /CONVNETS_ISA must be one of avx2, avx512, avx512_bf16, amx/,
  );
});
