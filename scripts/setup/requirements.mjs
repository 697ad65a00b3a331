// @ts-check
/** Reads the pinned Python packages. */

/**
 * @typedef {object} Pin
 * @property {string} name The distribution's name, normalised.
 * @property {string} version
 * @property {string} spec As pip wants it, with extras.
 * @property {"gpu" | "cpu" | "compiler" | undefined} only When it is wanted; always, if undefined.
 * @property {[number, number] | undefined} pythonFrom The first Python it is pinned for.
 */

/**
 * A distribution's name as all spell it.
 * @param {string} name
 */
export const normalise = (name) => name.toLowerCase().replace(/[-_.]+/g, "-");

const pinLine = /^([\w.-]+)(\[[\w,-]+\])?==([\w.]+)(?:\s*;\s*(.+?))?\s*$/;

/**
 * Reads a requirements file in which each line pins one package.
 * @param {string} text
 * @returns {Pin[]}
 */
export function parseRequirements(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", extras = "", version = "", marker] = pinLine.exec(line) ?? [];
    if (name === "") throw new Error(`Not a pinned package: ${line}`);
    const spec = `${name}${extras}==${version}`;
    return { name: normalise(name), version, spec, ...parseMarker(marker) };
  });
}

/**
 * @param {string | undefined} marker
 * @returns {Pick<Pin, "only" | "pythonFrom">}
 */
function parseMarker(marker) {
  if (marker === undefined) return { only: undefined, pythonFrom: undefined };
  if (marker === 'extra == "gpu"') return { only: "gpu", pythonFrom: undefined };
  if (marker === 'extra != "gpu"') return { only: "cpu", pythonFrom: undefined };
  if (marker === 'extra == "compiler"') return { only: "compiler", pythonFrom: undefined };
  const python = /^python_version >= "(\d+)\.(\d+)"$/.exec(marker);
  if (python === null) throw new Error(`A marker that set-up doesn't know: ${marker}`);
  return { only: undefined, pythonFrom: [Number(python[1]), Number(python[2])] };
}

/**
 * The pins for one machine.
 * @param {Pin[]} pins
 * @param {{ device: "cpu" | "gpu", python: readonly [number, number] }} machine
 * @returns {Pin[]}
 */
export function pinsFor(pins, { device, python }) {
  return pins.filter(({ only, pythonFrom }) => {
    if (only !== undefined && only !== device) return false;
    return (
      pythonFrom === undefined ||
      python[0] > pythonFrom[0] ||
      (python[0] === pythonFrom[0] && python[1] >= pythonFrom[1])
    );
  });
}
