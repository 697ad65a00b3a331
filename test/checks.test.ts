import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkBoolean,
  checkFunction,
  checkList,
  checkNumber,
  checkOneOf,
  checkPair,
  checkSides,
  checkText,
  checkVerbose,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../lib/checks";

interface Options {
  batchSize?: number;
  verbose?: 0 | 1;
}
const known: KnownOptions<Options> = { batchSize: true, verbose: true };

/** Refuses each value with these words, and what was received. */
function refuses(check: (value: unknown) => void, values: unknown[], expected: string): void {
  for (const value of values) {
    assert.throws(
      () => check(value),
      (error: Error) => {
        const [message] = error.message.split(". Received: ");
        assert.equal(message, `\`x\` must be ${expected}`);
        return true;
      },
      `${String(value)} passes`,
    );
  }
}

describe("rejectUnknownOptions", () => {
  const reject = (options: object | undefined) =>
    rejectUnknownOptions(options as Options, known, "fit");

  it("refuses a name that the function doesn't know", () => {
    reject(undefined);
    reject({ batchSize: 3 });
    assert.throws(() => reject({ size: 3 }), {
      message: "fit has no option `size`. Allowed: batchSize, verbose. Received: size=3",
      hint: undefined,
    });
    assert.throws(() => reject({ toString: 3 }), /fit has no option `toString`/);
  });

  it("refuses options that are no object", () => {
    for (const options of [null, 5, "x", true, [], () => 1]) {
      assert.throws(
        () => reject(options as never),
        /^InvalidArgumentError: fit takes its options as an object. Received: /,
      );
    }
  });

  it("tells the name that was meant", () => {
    assert.throws(() => reject({ batch_size: 3 }), { hint: "Did you mean `batchSize`?" });
    assert.throws(() => reject({ batchsize: 3 }), { hint: "Did you mean `batchSize`?" });
    assert.throws(() => reject({ quiet: true }), { hint: "Use `verbose: 0`." });
    assert.throws(() => reject({ quiet: false }), { hint: "Use `verbose: 1`." });
    const silent = () =>
      rejectUnknownOptions({ verbose: 0 } as { quiet?: boolean }, { quiet: true }, "unzip");
    assert.throws(silent, { hint: "Use `quiet: true`." });
  });

  it("doesn't compile with an option forgotten or one too many", () => {
    // @ts-expect-error `verbose` is forgotten
    const forgotten: KnownOptions<Options> = { batchSize: true };
    // @ts-expect-error there is no `epochs`
    const wrong: KnownOptions<Options> = { batchSize: true, verbose: true, epochs: true };
    assert.equal(Object.keys({ ...forgotten, ...wrong }).length, 3);
  });
});

describe("a check", () => {
  it("lets pass what was left out, unless it is required", () => {
    for (const check of [checkWhole, checkNumber, checkFunction]) {
      check("x", undefined);
      refuses((value) => check("x", value, { required: true }), [undefined], wordOf(check));
    }
    checkOneOf("x", undefined, ["a"]);
    checkBoolean("x", undefined);
    checkVerbose(undefined);
    checkText("x", undefined, { what: "a path" });
    checkList("x", undefined, { what: "paths", fits: () => true });
    checkSides("x", undefined);
    checkPair("x", undefined);
  });

  it("of whole numbers knows bounds on either side", () => {
    checkWhole("x", -3);
    checkWhole("x", 2, { low: 2, high: 2 });
    checkWhole("x", Infinity, { low: 1, high: Infinity });
    refuses((value) => checkWhole("x", value), [0.5, NaN, Infinity, "1", null], "a whole number");
    refuses((value) => checkWhole("x", value, { low: 1 }), [0], "a positive whole number");
    refuses((value) => checkWhole("x", value, { low: 0 }), [-1], "a whole number of at least 0");
    const upTo9 = (value: unknown) => checkWhole("x", value, { low: 0, high: 9 });
    refuses(upTo9, [-1, 10], "a whole number from 0 to 9");
  });

  it("of whole numbers refuses those that TensorFlow can't count to, and names the most", () => {
    const most = 2 ** 31 - 1;
    checkWhole("x", most);
    checkWhole("x", Number.MAX_SAFE_INTEGER, { high: Number.MAX_SAFE_INTEGER });
    const tooMany = [most + 1, Number.MAX_SAFE_INTEGER, 1e308];
    refuses((value) => checkWhole("x", value), tooMany, `a whole number of at most ${most}`);
    const positive = (value: unknown) => checkWhole("x", value, { low: 1 });
    refuses(positive, tooMany, `a whole number from 1 to ${most}`);
  });

  it("of numbers knows which bounds are allowed themselves", () => {
    checkNumber("x", -0.5);
    checkNumber("x", 1, { low: 0, high: 1 });
    checkNumber("x", Infinity, { above: 0, high: Infinity });
    checkNumber("x", -Infinity, { low: -Infinity, high: Infinity });
    const within = (range: object) => (value: unknown) => checkNumber("x", value, range);
    refuses(within({}), [NaN, Infinity, -Infinity, "1", null, true], "a number");
    refuses(within({ low: -Infinity, high: Infinity }), [NaN], "a number");
    refuses(within({ low: 0 }), [-1, Infinity], "a number of at least 0");
    refuses(within({ above: 0 }), [0], "a positive number");
    refuses(within({ above: 0, high: Infinity }), [0, NaN], "a positive number");
    refuses(within({ above: 2 }), [2], "a number above 2");
    refuses(within({ low: 0, high: 1 }), [-0.1, 1.1], "a number in [0, 1]");
    refuses(within({ low: 0, below: 1 }), [1], "a number in [0, 1)");
    refuses(within({ above: -1, high: 1 }), [-1], "a number in (-1, 1]");
  });

  it("of words names all that are allowed", () => {
    checkOneOf("x", null, ["a", null]);
    refuses((value) => checkOneOf("x", value, ["a", 1, null]), ["b", "1"], 'one of "a", 1, null');
    refuses((value) => checkBoolean("x", value), [0, "true", null], "true or false");
  });

  it("of `verbose` takes numbers, and says which one a boolean is", () => {
    checkVerbose(0);
    checkVerbose("auto", ["auto", 0, 1, 2]);
    assert.throws(() => checkVerbose(2), {
      message: "`verbose` must be one of 0, 1. Received: verbose=2",
      hint: undefined,
    });
    assert.throws(() => checkVerbose(false), { hint: "Use `verbose: 0`." });
    assert.throws(() => checkVerbose(true), { hint: "Use `verbose: 1`." });
  });

  it("of texts, functions and lists says what is meant by them", () => {
    const path = (value: unknown) => checkText("x", value, { what: "a path" });
    path("a");
    refuses(path, ["", 1, null], "a path");
    const what = "a function of the epoch";
    refuses((value) => checkFunction("x", value, { what }), ["f", null], what);
    const names = (value: unknown) =>
      checkList("x", value, { what: "names", fits: (item) => typeof item === "string" });
    names(["a"]);
    refuses(names, [[], ["a", 1], "a", null], "names, at least one");
  });

  it("of pairs wants two that make sense", () => {
    checkSides("x", 3);
    checkSides("x", [3, 4]);
    const sides = "one or two whole numbers from 1 to 65536: height and width";
    const wrong = [0, [3], [3, 4, 5], [3, 0.5], "3", null, 1e308, [3, 65_537]];
    refuses((value) => checkSides("x", value), wrong, sides);
    checkPair("x", [1, 0]);
    const pair = "two different numbers";
    refuses((value) => checkPair("x", value), [[1, 1], [1], [0, NaN], 1, null], pair);
  });
});

function wordOf(check: (name: string, value: unknown) => void): string {
  if (check === checkWhole) return "a whole number";
  return check === checkNumber ? "a number" : "a function";
}
