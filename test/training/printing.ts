/** A process that shows progress in every way; its output is what is tested. */
import { evaluate, fit, predict } from "../../lib/index";
import { classifier, points } from "./models";

async function main(): Promise<void> {
  const options = { batchSize: 4, engine: "eager" } as const;
  const many = points(40);
  const [x, y] = points(8);
  const parts = [
    () => fit(classifier(), many, { ...options, epochs: 2, validationData: many }),
    () => fit(classifier(), [x, y], { ...options, verbose: 2 }),
    () => fit(classifier(), [x, y], { ...options, epochs: 2, verbose: 0 }),
    () => evaluate(classifier(), [x, y], options),
    () => predict(classifier(), x, options),
    () =>
      fit(classifier(), many, {
        ...options,
        epochs: 2,
        callbacks: { onTrainBatchEnd: failAt(1) },
      }).catch(() => undefined),
  ];
  for (const part of parts) {
    await part();
    process.stdout.write("-- next\n");
  }
}

function failAt(last: number): (step: number) => void {
  return (step) => {
    if (step === last) throw new Error("stop here");
  };
}

void main();
