import {
  type BatchDataset,
  Callback,
  type Classification,
  callbacks,
  classify,
  type Evaluation,
  type ExtractedFeatures,
  evaluate,
  extractFeatures,
  fit,
  type History,
  type Logs,
  predict,
  tf,
} from "../../lib/index";
import { inferred, says } from "./says";

declare const model: tf.Sequential;
declare const functional: tf.LayersModel;
declare const x: tf.Tensor4D;
declare const y: tf.Tensor1D;
declare const batches: BatchDataset;

says("fit returns a History of numbers by name", async () => {
  const history = await fit(model, [x, y]);
  inferred(history).as<History>();
  inferred(history.history).as<Record<string, number[]>>();
  inferred(history.history.loss).as<number[] | undefined>();
  inferred(history.seconds).as<number[]>();
});

says("fit takes any model, tensors by position or by name, sample weights, and datasets", () => [
  fit(functional, [x, y]),
  fit(model, [x, y, y]),
  fit(model, [{ image: x }, { digit: y }]),
  fit(model, [[x, x], [y]]),
  fit(model, batches, { validationData: [x, y] }),
]);

says("fit takes neither a model's name, nor inputs alone, nor numbers", () => [
  // @ts-expect-error
  fit("model", [x, y]),
  // @ts-expect-error
  fit(model, [x]),
  // @ts-expect-error
  fit(model, [x, [1, 2, 3]]),
  // @ts-expect-error
  fit(model, x, y),
]);

says("fit knows its options, by Keras' names in camelCase and by their kinds", () => [
  // @ts-expect-error
  fit(model, [x, y], { batch_size: 32 }),
  // @ts-expect-error
  fit(model, [x, y], { epoch: 5 }),
  // @ts-expect-error
  fit(model, [x, y], { epochs: "5" }),
  // @ts-expect-error
  fit(model, [x, y], { engine: "webgl" }),
  // @ts-expect-error
  fit(model, [x, y], { precision: "float16" }),
  // @ts-expect-error
  fit(model, [x, y], { classWeight: { 0: "heavy" } }),
  // @ts-expect-error
  fit(model, [x, y], { validationData: x }),
]);

says("evaluate gives numbers in order and by name, or by name alone when asked", async () => {
  inferred(await evaluate(model, [x, y])).as<Evaluation>();
  inferred(await evaluate(model, batches, { returnDict: false })).as<Evaluation>();
  const [loss, accuracy] = await evaluate(model, [x, y]);
  const named = await evaluate(model, [x, y]);
  inferred([loss, accuracy]).as<(number | undefined)[]>();
  inferred(named.loss).as<number>();
  inferred(named.accuracy).as<number | undefined>();
  inferred(named.map(String)).as<string[]>();
  inferred(await evaluate(model, [x, y], { returnDict: true })).as<Record<string, number>>();
  // @ts-expect-error
  evaluate(model, [x, y], { epochs: 2 });
  // @ts-expect-error
  evaluate(model, x);
});

says("predict takes inputs alone, and gives one tensor unless several are asked for", async () => {
  inferred(await predict(model, x)).as<tf.Tensor>();
  inferred(await predict(functional, batches, { steps: 2 })).as<tf.Tensor>();
  inferred(await predict<tf.Tensor[]>(functional, x)).as<tf.Tensor[]>();
  const outputs = await predict(model, x);
  inferred(outputs.argMax(1).dataSync).as<tf.Tensor["dataSync"]>();
  // @ts-expect-error
  predict(model, [1, 2, 3]);
  // @ts-expect-error
  predict(model, x, { returnDict: true });
});

says("predict and classify take files of pictures", async () => {
  inferred(await predict(model, "cat.jpg")).as<tf.Tensor>();
  inferred(await predict(model, ["cat.jpg", "dog.jpg"])).as<tf.Tensor>();
  const classNames = ["cat", "dog"];
  inferred(await classify(model, "cat.jpg", { classNames })).as<Classification>();
  inferred(await classify(model, ["cat.jpg"], { classNames })).as<Classification[]>();
  inferred(await classify(model, x, { classNames })).as<Classification[]>();
  // @ts-expect-error
  predict(model, [1, "cat.jpg"]);
  // @ts-expect-error
  classify(model, "cat.jpg");
  // @ts-expect-error
  classify(model, "cat.jpg", { classNames: "cat" });
});

says("extractFeatures gives features, labels and the time it took", async () => {
  inferred(await extractFeatures(functional, batches)).as<ExtractedFeatures>();
  // @ts-expect-error
  extractFeatures(functional, [x, y]);
  // @ts-expect-error
  extractFeatures(functional, batches, { cache: "features" });
});

says("a callback is this library's, tfjs', or an object with hooks", () => [
  fit(model, [x, y], { callbacks: [callbacks.earlyStopping(), new tf.CustomCallback({})] }),
  fit(model, [x, y], {
    callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch, logs?.loss) },
  }),
  // @ts-expect-error
  fit(model, [x, y], { callbacks: "earlyStopping" }),
  // @ts-expect-error
  fit(model, [x, y], { callbacks: { onEpochFinished() {} } }),
  // @ts-expect-error
  fit(model, [x, y], { callbacks: { onEpochEnd: (epoch: string) => epoch } }),
]);

says("callbacks know their options, and which of them are needed", () => {
  const made: Callback[] = [callbacks.earlyStopping({ patience: 2 }), callbacks.csvLogger("a.csv")];
  // @ts-expect-error
  callbacks.earlyStopping({ patience: "2" });
  // @ts-expect-error
  callbacks.earlyStopping({ restore_best_weights: true });
  // @ts-expect-error
  callbacks.modelCheckpoint({});
  // @ts-expect-error
  callbacks.learningRateScheduler(0.1);
  // @ts-expect-error
  callbacks.csvLogger();
  return made;
});

says("a callback's hooks get numbers, and may be async", () => {
  class Watch extends Callback {
    override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
      inferred(epoch).as<number>();
      inferred(logs?.loss).as<number | undefined>();
    }
    // @ts-expect-error
    override onTrainEnd(_logs: string): void {}
  }
  return new Watch();
});
