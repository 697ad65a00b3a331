/** Options that no network can be made with: refused before anything is made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidArgumentError } from "../../lib/errors";
import { applications, tf } from "../../lib/index";

const { mobileNet, resNet50, weightsOf } = applications;
const random = { weights: null, verbose: 0, inputShape: [32, 32, 3] } as const;

/** Asserts that a network is refused for the option that is named, and leaves no tensors. */
async function assertRefused(make: () => Promise<unknown>, message: RegExp): Promise<void> {
  const before = tf.memory().numTensors;
  await assert.rejects(
    make,
    (error) => error instanceof InvalidArgumentError && message.test(error.message),
  );
  assert.equal(tf.memory().numTensors, before);
}

test("an activation that doesn't exist is refused by the option's name, and leaves no layers", async () => {
  for (const activation of ["sofmax", 5]) {
    const options = { ...random, inputShape: [...random.inputShape] as [number, number, number] };
    const make = () => resNet50({ ...options, classifierActivation: activation as string });
    await assertRefused(make, /^`classifierActivation` must be the name of an activation/);
  }
});

test("a check of the activation leaves the names of layers as they are", async () => {
  tf.layers.activation({ activation: "relu" }); // whatever has been counted until now
  const numberOf = () => Number(tf.layers.activation({ activation: "relu" }).name.split("_")[1]);
  const before = numberOf();
  await assert.rejects(mobileNet({ weights: "nowhere.h5", classifierActivation: null }));
  await assert.rejects(mobileNet({ weights: "nowhere.h5", classifierActivation: "softmax" }));
  assert.equal(numberOf(), before + 1);
});

test("channels are a whole number", async () => {
  const make = () => resNet50({ weights: null, includeTop: false, inputShape: [64, 64, 2.5] });
  await assertRefused(make, /^`inputShape` must be \[height, width, channels\]/);
});

test("an address that is none is refused, also where nothing is downloaded", async () => {
  for (const baseUrl of ["mirror", "/keras-applications/"]) {
    await assertRefused(() => resNet50({ weights: null, baseUrl }), /^`baseUrl` must be/);
  }
});

test("mobileNet() refuses an `alpha` that leaves a layer no filters", async () => {
  const make = () => mobileNet({ weights: null, inputShape: [32, 32, 3], alpha: 0.03 });
  await assertRefused(make, /^`alpha` must be at least 1\/32/);
  const narrow = await mobileNet({ weights: null, inputShape: [32, 32, 3], alpha: 1 / 32 });
  assert.deepEqual(narrow.outputs[0]!.shape, [null, 1000]);
  narrow.dispose();
});

test("weightsOf() says what it got instead of a network", () => {
  assert.throws(() => weightsOf("vgg16" as never), /Received: model="vgg16"$/m);
});
