// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, kinds } from "../../scripts/docs/rules.mjs";

const summary = ["What it is."];
const said = { summary };
const withTags = (/** @type {string[]} */ ...tags) => ({
  summary,
  blockTags: tags.map((tag) => ({ tag, content: [] })),
});
/** @param {import("../../scripts/docs/rules.mjs").Reflection[]} children */
const surface = (...children) => complaints({ name: "convnets", kind: 1, children });
const interfaceKind = 256;
const propertyKind = 1024;

test("complaints() are none for a surface that says everything", () => {
  const signature = { name: "fit", kind: 4096, comment: withTags("@example") };
  const epochs = { name: "epochs", kind: propertyKind, comment: withTags("@default") };
  const found = surface(
    { name: "fit", kind: kinds.function, signatures: [signature] },
    {
      name: "FitOptions",
      kind: interfaceKind,
      comment: said,
      children: [{ ...epochs, flags: { isOptional: true } }],
    },
    { name: "tf", kind: kinds.namespace, children: [{ name: "zeros", kind: kinds.function }] },
  );
  assert.deepEqual(found, []);
});

test("complaints() name exports and fields without a comment", () => {
  const found = surface(
    {
      name: "History",
      kind: 128,
      comment: said,
      children: [{ name: "epoch", kind: propertyKind }],
    },
    { name: "Logs", kind: kinds.typeAlias, comment: withTagsOnly("@see") },
  );
  assert.deepEqual(found, ["History.epoch has no comment", "Logs has no comment"]);
});

test("complaints() name options that may be left out and say no default", () => {
  const optional = { kind: propertyKind, comment: said, flags: { isOptional: true } };
  const children = [
    { ...optional, name: "epochs" },
    { ...optional, name: "path", flags: {} },
  ];
  const found = surface(
    { name: "FitOptions", kind: interfaceKind, comment: said, children },
    { name: "Batch", kind: interfaceKind, comment: said, children },
    {
      name: "ShowImageOptions",
      kind: kinds.typeAlias,
      comment: said,
      type: {
        type: "intersection",
        types: [
          { type: "reference" },
          { type: "reflection", declaration: { name: "__type", kind: 65536, children } },
        ],
      },
    },
  );
  assert.deepEqual(found, [
    "FitOptions.epochs may be left out, but has no @default",
    "ShowImageOptions.epochs may be left out, but has no @default",
  ]);
});

test("complaints() name functions without an example, those in objects too", () => {
  const type = {
    type: "reflection",
    declaration: {
      name: "__type",
      kind: 65536,
      signatures: [{ name: "__type", kind: 4096, comment: said }],
    },
  };
  const found = surface(
    { name: "fit", kind: kinds.function, comment: said },
    {
      name: "callbacks",
      kind: kinds.namespace,
      comment: said,
      children: [{ name: "csvLogger", kind: kinds.variable, type }],
    },
    {
      name: "vgg16",
      kind: kinds.variable,
      comment: said,
      type: { type: "intersection", types: [type] },
    },
  );
  assert.deepEqual(found, [
    "fit has no @example",
    "callbacks.csvLogger has no @example",
    "vgg16 has no @example",
  ]);
});

/** @param {string} tag */
function withTagsOnly(tag) {
  return { summary: [], blockTags: [{ tag, content: [] }] };
}
