/** What is tfjs' or this library's own, by what their files export. */
import path from "node:path";

const own = new WeakSet<object>();
const looked = new Set<string>();
const LIBRARY = path.join(__dirname, "..") + path.sep;
const PACKAGES = `${path.sep}node_modules${path.sep}`;

/** All objects and functions that packages and this library export, as far as they are loaded. */
export function librarysOwn(): WeakSet<object> {
  for (const [file, module] of Object.entries(require.cache)) {
    if (looked.has(file) || module?.loaded !== true) continue;
    looked.add(file);
    if (file.startsWith(LIBRARY) || file.includes(PACKAGES)) add(module.exports);
  }
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
