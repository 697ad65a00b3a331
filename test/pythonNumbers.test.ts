/** Numbers as text, compared with Python's own. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type NumberKind,
  numberFormat,
  reprOf,
  toExponential,
  toFixed,
} from "../lib/pythonNumbers";
import { runPython } from "./support/python";

const program = `
import json, sys
def text(spec, value):
    try: return format(value, spec)
    except (ValueError, OverflowError): return None
cases = json.loads(sys.argv[1])
floats = [float(v) for v in cases["floats"]]
print(json.dumps({
    "float": {spec: [text(spec, v) for v in floats] for spec in cases["specs"]},
    "int": {spec: [text(spec, v) for v in cases["ints"]] for spec in cases["specs"]},
    "repr": [repr(v) for v in floats],
    "fixed": [f"{v:.4f}" for v in floats],
    "exponential": [f"{v:.4e}" for v in floats],
}))
`;

/** Those in the middle between two texts, those at the limits of a notation, and 200 from all over. */
const floats = [
  ...[0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 0.625, 0.875, 0.015625, 0.90625, -0.625],
  ...[0.1, 0.3, 1 / 3, 2 / 3, 0.999, 0.9999999, 9.5, 99.5, 9.995, 1234.5, 123456.789, 1e5, 1e6],
  ...[1e-4, 9.9999e-5, 1e-5, 1.5e-7, 5e-324, 1e15, 9999999999999998, 1e16, 1e21, 1e22, 1e23],
  ...[1.7976931348623157e308, 123456789012345680, -1e-10, -12345.678, 0.00001, NaN, Infinity],
  -Infinity,
];
let state = 7;
const random = () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};
for (let i = 0; i < 200; i++) {
  floats.push((random() - 0.5) * 10 ** Math.floor(random() * 40 - 20));
  floats.push(Math.round(random() * 1024) / 1024);
}
const ints = [0, 1, 7, 12, 255, 1000, 1234567];

const specs = [
  ...["", "d", "03d", "5d", "<5d", "^7", "+d", " d", "x", "#x", "X", "#010X", "b", "o", "_x", ",d"],
  ...["08,d", "010_d", "n", "c", "s", ".2d", ".2f", ".0f", ".1f", ".3f", ".10f", "f", "F", "8.3f"],
  ...["08.3f", "+.2f", " .2f", "-.2f", ">8.3f", "<8.3f", "^8.3f", "=8.3f", "*>10.2f", "*=+10.2f"],
  ...["0>8.2f", "<08.2f", "#.0f", "z.1f", "+z.2f", ",.2f", "_.1f", "015,.2f", "012,.0f", ".40f"],
  ...["e", ".0e", ".1e", ".3E", "#.0e", "12.2e", "012.2e", "g", ".0g", ".1g", ".3g", ".10g", "G"],
  ...[
    "#g",
    "#.3g",
    ",g",
    "010g",
    ".2%",
    "%",
    ".0%",
    "08.1%",
    "+.1%",
    ".3",
    ".1",
    ".17",
    ".0",
    "10",
  ],
  ...["+", "#", "010", "<<9", "x>9.1f", "é>9.1f", "🐱>9.1f", "q", ".f", "5.", "--", "2f.", ",n"],
  ...[".2", "z", "zd", "#.3", "0", "00", "007.1f", "=+9", "^+9.1f", ",e", "_b", ",b", "_f"],
];

describe("numbers as Python writes them", () => {
  let python: {
    float: Record<string, (string | null)[]>;
    int: Record<string, (string | null)[]>;
    repr: string[];
    fixed: string[];
    exponential: string[];
  };

  before(async () => {
    const values = floats.map((value) => (Object.is(value, -0) ? "-0.0" : String(value)));
    python = JSON.parse(
      await runPython(program, [JSON.stringify({ floats: values, ints, specs })]),
    );
  });

  for (const kind of ["float", "int"] as const satisfies NumberKind[]) {
    it(`follow every format of a ${kind}, and there are no others`, () => {
      let refused = 0;
      for (const spec of specs) {
        const format = numberFormat(spec, kind);
        for (const [i, value] of (kind === "float" ? floats : ints).entries()) {
          const expected = python[kind][spec]![i];
          if (spec === "c" && kind === "int")
            assert.equal(format, undefined); // a letter, no number
          else assert.equal(format?.(value) ?? null, expected, `${value} as "${spec}"`);
        }
        if (format === undefined) refused++;
      }
      assert.ok(refused > 10 && refused < specs.length / 2, `${refused} are refused`);
    });
  }

  it("are shortest where no format is given", () => {
    assert.deepEqual(floats.map(reprOf), python.repr);
  });

  it("round to the even digit where they lie in the middle", () => {
    assert.deepEqual(
      floats.map((value) => toFixed(value, 4)),
      python.fixed,
    );
    assert.deepEqual(
      floats.map((value) => toExponential(value, 4)),
      python.exponential,
    );
    assert.equal(toFixed(0.90625, 4), "0.9062");
  });
});
