/** What is tfjs', this library's or Node's own, by what their files export. */
import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import perfHooks from "node:perf_hooks";
import util from "node:util";
import { tf } from "../tfjs";

const own = new WeakSet<object>();
const looked = new Set<string>();
const LIBRARY = path.join(__dirname, "..") + path.sep;
const PACKAGES = `${path.sep}node_modules${path.sep}`;

/** Parts of Node that functions name, and that would be searched for nothing. */
for (const part of [assert, assert.strict, fs, os, path, perfHooks, util]) add(part);

/** All objects and functions that packages and this library export, as far as they are loaded. */
export function librarysOwn(): WeakSet<object> {
  for (const [file, module] of Object.entries(require.cache)) {
    if (looked.has(file) || module?.loaded !== true) continue;
    looked.add(file);
    if (file.startsWith(LIBRARY) || file.includes(PACKAGES)) add(module.exports);
  }
  // What tfjs' own functions name, such as those that `tf.grad` makes.
  for (const part of [tf.engine(), tf.env(), globalThis]) own.add(part);
  return own;
}

function add(exported: unknown): void {
  if (!isObject(exported)) return;
  own.add(exported);
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(exported))) {
    if (isObject(value)) own.add(value);
  }
}

function isObject(value: unknown): value is object {
  return Object(value) === value;
}
