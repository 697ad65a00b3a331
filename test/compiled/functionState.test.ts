/** What a compiled function follows from besides its arguments: watched, or eager with a warning that names it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInThisContext } from "node:vm";
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { compiled, layers, optimizers, tf } from "../../lib/index";

interface Made {
  fn: (x: Scalar) => Tensor;
  /** Called between two calls. */
  between: (call: number) => void;
  /** Read after all calls: counts, weights. */
  end?: () => number[];
  owns?: { dispose(): void }[];
}

const CALLS = 6;

/** The numbers that calls give, what they ran on, and the warnings. No tensor may stay. */
async function outcome(make: () => Made, engine: "auto" | "eager") {
  const before = tf.memory().numTensors;
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  const { fn, between, end = () => [], owns = [] } = make();
  const step = compiled(fn, { engine });
  const x = tf.scalar(2);
  const numbers: number[] = [];
  const engines: unknown[] = [];
  try {
    for (let call = 0; call < CALLS; call++) {
      const y = await step(x);
      numbers.push(y.dataSync()[0]!);
      engines.push(step.engine);
      y.dispose();
      between(call);
    }
    numbers.push(...end());
  } finally {
    console.warn = warn;
    step.dispose();
    tf.dispose(x);
    for (const each of owns) each.dispose();
  }
  assert.equal(tf.memory().numTensors, before, "tensors that stay");
  return { numbers, engines, warnings };
}

/** Holds a compiled function against an eager one; returns what the calls ran on. */
async function sameAsEager(make: () => Made): Promise<unknown[]> {
  const eager = await outcome(make, "eager");
  const { numbers, engines, warnings } = await outcome(make, "auto");
  assert.deepEqual(warnings, []);
  assert.deepEqual(numbers, eager.numbers);
  assert.ok(new Set(numbers).size > 1, "something must have changed");
  return engines;
}

/** The same for a function that goes on eagerly, which it says. */
async function warned(make: () => Made, why: RegExp): Promise<void> {
  const eager = await outcome(make, "eager");
  const { numbers, engines, warnings } = await outcome(make, "auto");
  assert.deepEqual(numbers, eager.numbers);
  assert.ok(new Set(numbers).size > 1, "something must have changed");
  assert.ok(engines.every((engine) => engine === "eager"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, why);
}

/** Sets something to 5 after the third call. */
const later = (set: (value: number) => void) => (call: number) => {
  if (call === 2) set(5);
};

const weightOf = (value: number) => tf.tidy(() => tf.variable(tf.scalar(value)));

describe("a compiled function listens anew", () => {
  it("when it begins to train, whose learning rate then counts", async () => {
    const engines = await sameAsEager(() => {
      const [weight, optimizer] = [weightOf(10), tf.train.sgd(0.1)];
      const state = { trains: false };
      const square = () => tf.square(weight) as Scalar;
      const fn = () => (state.trains ? optimizer.minimize(square, true, [weight])! : square());
      const between = (call: number) => {
        if (call === 1) state.trains = true;
        if (call === 4) optimizer.setLearningRate(0);
      };
      const end = () => [weight.dataSync()[0]!, optimizer.iterations];
      return { fn, between, end, owns: [weight, optimizer] };
    });
    assert.deepEqual(engines, ["eager", "graph", "eager", "graph", "graph", "graph"]);
  });

  it("when another optimizer comes, of which a trace counts no step", async () => {
    const engines = await sameAsEager(() => {
      const weight = weightOf(10);
      const first = optimizers.sgd({ learningRate: 0.1 });
      const second = optimizers.sgd({ learningRate: 0.1, momentum: 0.9 });
      let optimizer = first;
      const fn = () => optimizer.minimize(() => tf.square(weight) as Scalar, true, [weight])!;
      const between = (call: number) => {
        if (call === 1) optimizer = second;
        if (call === 4) optimizer.learningRate = 0;
      };
      const end = () => [weight.dataSync()[0]!, first.iterations, second.iterations];
      return { fn, between, end, owns: [weight, first, second] };
    });
    assert.deepEqual(engines, ["eager", "graph", "eager", "graph", "graph", "graph"]);
  });

  it("when it makes more steps in a call, which are counted", async () => {
    const engines = await sameAsEager(() => {
      const [weight, optimizer] = [weightOf(10), optimizers.adam({ learningRate: 0.1 })];
      const state = { steps: 1 };
      const fn = () => {
        const square = () => tf.square(weight) as Scalar;
        for (let i = 0; i < state.steps; i++) optimizer.minimize(square, false, [weight]);
        return tf.add(weight, 0);
      };
      const between = (call: number) => {
        if (call === 1) state.steps = 3;
      };
      const end = () => [optimizer.iterations];
      return { fn, between, end, owns: [weight, optimizer] };
    });
    assert.deepEqual(engines, ["eager", "graph", "eager", "graph", "graph", "graph"]);
  });
});

class Nested {
  static scale = 1;
  readonly inner = { deep: { scale: 1 } };
}
class Derived extends Nested {
  private own = 1;
  get accessor() {
    return this.own;
  }
  set accessor(value: number) {
    this.own = value;
  }
}
class UsersLayer extends tf.layers.Layer {
  static className = "UsersLayer";
  readonly c = { deep: { scale: 1 } };
  history = 1;
  override call(x: Tensor | Tensor[]) {
    const [input] = Array.isArray(x) ? x : [x];
    return tf.mul(input!, this.c.deep.scale + this.history);
  }
}

describe("a compiled function is traced again", () => {
  const watched: Record<string, () => Made> = {
    "for the numbers of a typed array": () => {
      const scales = new Float32Array([1]);
      const between = later((value) => scales.fill(value));
      return { fn: (x) => tf.mul(x, scales[0]!), between };
    },
    "for the numbers of a long list": () => {
      const scales = Array<number>(1000).fill(1);
      const between = later((value) => scales.fill(value, 999));
      return { fn: (x) => tf.mul(x, scales[999]!), between };
    },
    "for a static field of a class, also of the class before it": () => {
      Nested.scale = 1;
      const between = later((value) => {
        Nested.scale = value;
      });
      return { fn: (x) => tf.mul(x, Derived.scale), between };
    },
    "for a field of a function": () => {
      const helper = Object.assign((x: Scalar) => tf.mul(x, helper.scale), { scale: 1 });
      const between = later((value) => {
        helper.scale = value;
      });
      return { fn: (x) => helper(x), between };
    },
    "for what an accessor reads": () => {
      const object = new Derived();
      const between = later((value) => {
        object.accessor = value;
      });
      return { fn: (x) => tf.mul(x, object.accessor), between };
    },
    "for a field of a prototype": () => {
      class Scaled {
        declare scale: number;
      }
      Scaled.prototype.scale = 1;
      const object = new Scaled();
      const between = later((value) => {
        Scaled.prototype.scale = value;
      });
      return { fn: (x) => tf.mul(x, object.scale), between };
    },
    "for nested fields of a layer of the user's own": () => {
      const layer = new UsersLayer({ name: "own" });
      const between = later((value) => {
        layer.c.deep.scale = value;
      });
      return { fn: (x) => layer.apply(x), between };
    },
    "for a field of such a layer that tfjs' models have too": () => {
      const layer = new UsersLayer({ name: "own" });
      const between = later((value) => {
        layer.history = value;
      });
      return { fn: (x) => layer.apply(x), between };
    },
  };
  for (const [what, make] of Object.entries(watched)) {
    it(what, async () => {
      const engines = await sameAsEager(make);
      assert.deepEqual(engines, ["eager", ...Array<string>(CALLS - 1).fill("graph")]);
    });
  }
});

class Hidden {
  factor = 1;
  readonly arrow = (x: Scalar) => tf.mul(x, this.factor);
  method(x: Scalar) {
    return tf.mul(x, this.factor);
  }
}

/** TypeScript's `private` is a field as any other; this is what other people's code has. */
const Private = runInThisContext(`(class Private {
  #scale = 1;
  get scale() { return this.#scale; }
  set scale(value) { this.#scale = value; }
})`) as new () => { scale: number };

describe("a compiled function goes on eagerly, and names what it can't watch", () => {
  const key = Symbol("scale");
  const unseen: Record<string, [make: () => Made, why: RegExp]> = {
    "a Map": [
      () => {
        const scales = new Map([["a", 1]]);
        const between = later((value) => scales.set("a", value));
        return { fn: (x) => tf.mul(x, scales.get("a")!), between };
      },
      /: the variable "scales" is or holds a Map, which can't be watched\. Give it to the function/,
    ],
    "a Set in an object of a class": [
      () => {
        const holder = { set: new Set([1]) };
        const between = later((value) => holder.set.add(value));
        return { fn: (x) => tf.mul(x, holder.set.size), between };
      },
      /the variable "holder" is or holds a Set/,
    ],
    "a buffer of tfjs": [
      () => {
        const buffer = tf.buffer([1], "float32", Float32Array.of(1));
        const between = later((value) => buffer.set(value, 0));
        return { fn: (x) => tf.mul(x, buffer.get(0)), between };
      },
      /the variable "buffer" is or holds a tf\.TensorBuffer/,
    ],
    "a generator": [
      () => {
        const counter = (function* count() {
          for (let i = 1; ; i++) yield i;
        })();
        return { fn: (x) => tf.mul(x, counter.next().value as number), between: () => {} };
      },
      /the variable "counter" is or holds a generator/,
    ],
    "a long typed array": [
      () => {
        const data = new Float32Array(100_000).fill(1);
        const between = later((value) => data.fill(value));
        return { fn: (x) => tf.mul(x, data[7]!), between };
      },
      /the variable "data" is or holds a Float32Array of 100000 numbers/,
    ],
    "a long list of objects": [
      () => {
        const data = Array.from({ length: 300 }, () => ({ scale: 1 }));
        const between = later((value) => Object.assign(data[7]!, { scale: value }));
        return { fn: (x) => tf.mul(x, data[7]!.scale), between };
      },
      /the variable "data" is or holds a list of 300 items/,
    ],
    "what is behind many objects": [
      () => {
        const data = Array.from({ length: 250 }, () => ({ p: {}, q: {} }));
        const options = { scale: 1 };
        const between = later((value) => Object.assign(options, { scale: value }));
        return { fn: (x) => tf.mul(x, data.length * 0 + options.scale), between };
      },
      /more than 500 objects and functions are behind it/,
    ],
    "a private field": [
      () => {
        const object = new Private();
        const between = later((value) => Object.assign(object, { scale: value }));
        return { fn: (x) => tf.mul(x, object.scale), between };
      },
      /"(Private|get scale)" reads private fields, which can't be watched/,
    ],
    "a global": [
      () => {
        Object.assign(globalThis, { usersScale: 1 });
        const between = later((value) => Object.assign(globalThis, { usersScale: value }));
        const end = () => [Number(Reflect.deleteProperty(globalThis, "usersScale"))];
        return { fn: (x) => tf.mul(x, usersScale), between, end };
      },
      /the global "usersScale" can't be watched/,
    ],
    "a global behind its object": [
      () => {
        const globals: Record<string, unknown> = globalThis;
        globals.usersScale = 1;
        const between = later((value) => Object.assign(globals, { usersScale: value }));
        const end = () => [Number(Reflect.deleteProperty(globalThis, "usersScale"))];
        return { fn: (x) => tf.mul(x, Number(globals.usersScale)), between, end };
      },
      /the global "usersScale" can't be watched/,
    ],
    "a getter of an object": [
      () => {
        let scale = 1;
        const object = {
          get scale() {
            return scale;
          },
        };
        const between = later((value) => {
          scale = value;
        });
        return { fn: (x) => tf.mul(x, object.scale), between };
      },
      /the variable "object" is or holds a getter of its own/,
    ],
    "a symbol as a key": [
      () => {
        const object = { [key]: 1 };
        const between = later((value) => Object.assign(object, { [key]: value }));
        return { fn: (x) => tf.mul(x, object[key]), between };
      },
      /the variable "object" is or holds a symbol as a key/,
    ],
    "a bound method in an object": [
      () => {
        const hidden = new Hidden();
        const holder = { method: hidden.method.bind(hidden) };
        const between = later((value) => Object.assign(hidden, { factor: value }));
        return { fn: (x) => holder.method(x), between };
      },
      /"bound method" hides the object behind `this`/,
    ],
    "an arrow function of another object": [
      () => {
        const hidden = new Hidden();
        const holder = { arrow: hidden.arrow };
        const between = later((value) => Object.assign(hidden, { factor: value }));
        return { fn: (x) => holder.arrow(x), between };
      },
      /"arrow" hides the object behind `this`/,
    ],
    "a tensor that each call puts into a variable of JavaScript's": [
      () => {
        let sum: Tensor = tf.scalar(0);
        const fn = (x: Scalar) => {
          const next = tf.add(sum, x);
          sum.dispose();
          sum = tf.keep(tf.clone(next));
          return next;
        };
        return { fn, between: () => {}, owns: [{ dispose: () => sum.dispose() }] };
      },
      /each call changes the variable "sum"/,
    ],
  };
  for (const [what, [make, why]] of Object.entries(unseen)) it(what, () => warned(make, why));
});

declare const usersScale: number;

describe("a compiled function", () => {
  it("is a graph when it puts an object into a variable only once", async () => {
    const made: Tensor[] = [];
    let constant: Tensor | undefined;
    const step = compiled((x: Scalar) => {
      if (constant === undefined) {
        constant = tf.keep(tf.scalar(3));
        made.push(constant);
      }
      return tf.mul(x, constant);
    });
    const x = tf.scalar(2);
    for (let call = 0; call < 4; call++) {
      const y = await step(x);
      assert.equal(y.dataSync()[0], 6);
      y.dispose();
    }
    assert.deepEqual([step.engine, made.length], ["graph", 1]);
    step.dispose();
    tf.dispose([x, made]);
  });

  it("is a graph when it calls what `tf.grad` and the library have made", async () => {
    const gradient = tf.grad((x: Tensor) => tf.sum(tf.square(x)));
    const layer = layers.dropout({ rate: 0.5, seed: 1 });
    const step = compiled((x: Tensor) => tf.add(gradient(x), layer.apply(x)), { engine: "graph" });
    const x = tf.scalar(2);
    for (const engine of ["eager", "graph"]) {
      const y = await step(x);
      assert.deepEqual([y.dataSync()[0], step.engine], [6, engine]);
      y.dispose();
    }
    step.dispose();
    layer.dispose();
    x.dispose();
  });

  it("keeps its arguments when it is called within a tidy", async () => {
    const before = tf.memory().numTensors;
    const step = compiled((x: Tensor) => tf.add(x, 1));
    for (const engine of ["eager", "graph"]) {
      let result: Promise<Tensor> | undefined;
      tf.tidy(() => {
        result = step(tf.scalar(1));
      });
      const y = await result!;
      assert.deepEqual([y.dataSync()[0], step.engine], [2, engine]);
      y.dispose();
    }
    step.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it("refuses to be called by another one", async () => {
    const inner = compiled(function inner(x: Tensor) {
      return tf.add(x, 1);
    });
    const outer = compiled((x: Tensor) => ({ y: inner(x) }));
    const x = tf.scalar(1);
    const message = /The function "inner" was called by another compiled function/;
    await assert.rejects(outer(x), { name: "ConvnetsError", message });
    const y = await inner(x);
    assert.equal(y.dataSync()[0], 2);
    tf.dispose([x, y]);
  });

  for (const engine of ["auto", "eager"] as const) {
    it(`refuses tensors that a result hides (${engine})`, async () => {
      class Answer {
        constructor(readonly y: Tensor) {}
      }
      const x = tf.scalar(1);
      const before = tf.memory().numTensors;
      for (const wrap of [
        (y: Tensor): unknown => new Map([["y", y]]),
        (y: Tensor): unknown => new Set([y]),
        (y: Tensor): unknown => new Answer(y),
      ]) {
        const step = compiled((each: Tensor) => ({ deep: wrap(tf.mul(each, 2)) }), { engine });
        await assert.rejects(
          step(x),
          /`result\.deep` must be .* of tensors\. Received tensors in a (Map|Set|Answer)\./,
        );
        step.dispose();
      }
      assert.equal(tf.memory().numTensors, before);
      x.dispose();
    });
  }

  it("takes texts and gives complex numbers, eagerly, and says so", async () => {
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text: string) => warnings.push(text);
    const before = tf.memory().numTensors;
    try {
      const same = compiled((x: Tensor) => x);
      const complex = compiled((x: Tensor) => tf.complex(x, x));
      const [text, number] = [tf.tensor1d(["a"]), tf.scalar(2)];
      for (let call = 0; call < 3; call++) {
        const [given, pair] = [await same(text), await complex(number)];
        assert.deepEqual(given.dataSync(), ["a"] as never);
        assert.deepEqual([...pair.dataSync()], [2, 2]);
        tf.dispose([given, pair]);
      }
      assert.deepEqual([same.engine, complex.engine], ["eager", "eager"]);
      tf.dispose([text, number]);
    } finally {
      console.warn = warn;
    }
    assert.match(warnings[0]!, /it takes a tensor of dtype string/);
    assert.match(warnings[1]!, /it returns a tensor of dtype complex64/);
    assert.equal(warnings.length, 2);
    assert.equal(tf.memory().numTensors, before);
  });

  it("refuses arguments and results that hold themselves", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const same = compiled((x: unknown) => x as Tensor);
    await assert.rejects(same(circle), /`arguments\[0\]\.self` must be no part of itself/);
    const round = compiled(() => ({ circle }));
    await assert.rejects(round(), /`result\.circle\.self` must be no part of itself/);
  });
});
