import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { page, pictures, readSaved, type SavedRow } from "../../scripts/bench/page";
import { table } from "../../scripts/bench/report";
import {
  MACHINES,
  NETWORKS,
  simulatedMs,
  simulatedRow,
} from "../../scripts/bench/workers/simulate";
import { wireRow } from "../../scripts/bench/workers/wire";
import { repositoryRoot } from "../support/python";

const measured = { stepMs: 100, handlingMs: 8, gradientMB: 10 };

test("a simulated step of two machines sends the gradients once, of very many twice", () => {
  const network = { gigabits: 1, latencyMs: 0 };
  // 10 MB take a gigabit per second 80 ms.
  assert.equal(simulatedMs(2, measured, network), 100 + 8 + 80);
  assert.ok(Math.abs(simulatedMs(1e6, measured, network) - (100 + 16 + 160)) < 0.01);
  assert.equal(simulatedMs(1, measured, network), 100);
  // 14 messages one after another.
  const slow = { gigabits: 1, latencyMs: 1 };
  assert.equal(simulatedMs(8, measured, slow) - simulatedMs(8, measured, network), 14);
});

test("a simulated row has every network with every number of machines, and says how it was reckoned", () => {
  const row = simulatedRow("workers-simulated-wide", "many machines", measured);
  assert.equal(row.results.length, 1 + MACHINES.length * NETWORKS.length);
  assert.deepEqual(MACHINES, [8, 16, 32, 64]);
  for (const { values } of row.results.slice(1)) assert.ok(values[0]! > measured.stepMs);
  assert.match(row.note!, /^Reckoned, not measured/);
});

test("bytes are compared with a ring's minimum, ours also without the weights that an epoch begins with", () => {
  const seen = { ms: [], cpuMs: [], losses: [], parameters: 1e6 };
  const talk = { label: "ours", side: "convnets", steps: 4, isOwnNetwork: true } as const;
  const bytes = [10.1e6, 10.2e6]; // 8 MB of gradients, and a quarter of 8 MB of weights and slots
  const keras = { ...talk, label: "theirs", side: "Keras" } as const;
  const row = wireRow("wire-wide", "bytes", [
    { ...keras, seen: [{ ...seen, bytes: [8.1e6] }] },
    { ...talk, seen: [{ ...seen, bytes }] },
  ]);
  const rounded = row.results.map(({ label, values }) => [
    label,
    ...values.map((value) => Number(value.toFixed(3))),
  ]);
  assert.deepEqual(rounded, [
    ["a ring's minimum", 8],
    ["theirs", 8.1],
    ["ours", 10.1, 10.2],
    ["ours; gradients alone", 8.1, 8.2],
  ]);
});

test("the page shows growth and simulations as table and picture, once they are there", () => {
  const saved = { date: "2026-01-02", machine: "a machine; AVX2; 8 GiB" };
  const growth: SavedRow = {
    ...saved,
    name: "workers-growth",
    title: "a step of more and more workers",
    unit: "ms/step",
    results: [
      { label: "Keras, 1 × 16", values: [10, 11] },
      { label: "Keras, 2 × 16", values: [30, 29] },
      { label: "convnets, 1 × 16", values: [8, 9] },
      { label: "convnets, 2 × 16", values: [20, 21] },
    ],
    pairs: [["convnets, 2 × 16", "convnets, 1 × 16"]],
    note: "All share one processor.",
  };
  const simulated = {
    ...saved,
    ...simulatedRow("workers-simulated-wide", "many machines", measured),
  };
  const text = page([growth, simulated]);
  assert.ok(text.includes(table({ ...growth, title: `${growth.title} [AVX2]` })));
  assert.match(text, /convnets, 2 × 16 : convnets, 1 × 16 {2}2\.50, median 2\.41\n/);
  assert.match(text, /\n\nAll share one processor\.\n\n2026-01-02; a machine; AVX2; 8 GiB/);
  assert.match(text, /1 Gbit\/s, 64 machines/);
  const svgs = pictures([growth, simulated]);
  const names = ["benchmarks.svg", "workers-growth.svg", "workers-simulated-wide.svg"];
  assert.deepEqual(Object.keys(svgs), names);
  for (const name of names) {
    assert.ok(text.includes(`](${name})`), name);
    assert.match(svgs[name]!, /^<svg[^>]*>.*<\/svg>\s*$/s);
  }
  for (const shown of ["Keras", "convnets", "workers"]) {
    assert.ok(svgs["workers-growth.svg"]!.includes(`>${shown}<`), shown);
  }
  assert.ok(svgs["workers-simulated-wide.svg"]!.includes(">100 Gbit/s<"));
  assert.ok(!page([]).includes("workers-"));
});

test("the committed page and its pictures are those of the committed results", async () => {
  const folder = path.join(repositoryRoot, "lib/graph");
  const rows = await readSaved();
  const committed = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
  assert.equal(committed("BENCHMARKS.md"), page(rows));
  for (const [name, svg] of Object.entries(pictures(rows))) {
    assert.equal(withoutClasses(committed(name)), withoutClasses(svg), name);
  }
});

/** The numbers in names count what a process has drawn before. */
function withoutClasses(svg: string): string {
  return svg.replaceAll(/zr\d+-cls-\d+/g, "class").replaceAll(/zr\d+-/g, "");
}
