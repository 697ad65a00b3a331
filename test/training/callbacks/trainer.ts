/** A process that trains, to be killed: `node trainer.js checkpoint|backup|kept path`. */
import { callbacks, fit } from "../../../lib/index";
import { classifier, numbersOf, points } from "../models";

async function main(kind: string, target: string): Promise<void> {
  const model = classifier({ seed: 5 });
  let steps = 0;
  const started = {
    onTrainBatchEnd() {
      if (++steps === 2) process.send!("saved");
    },
  };
  const saver =
    kind === "kept"
      ? callbacks.backupAndRestore({ backupDir: target, deleteCheckpoint: false, saveFreq: 2 })
      : kind === "backup"
        ? callbacks.backupAndRestore({ backupDir: target, saveFreq: 2 })
        : callbacks.modelCheckpoint({ filepath: target, saveFreq: 1 });
  const { history } = await fit(model, points(32), {
    epochs: kind === "checkpoint" ? 1000 : 8,
    batchSize: 5,
    verbose: 0,
    engine: "eager",
    callbacks: [saver, started],
  });
  process.send!(
    kind === "kept" ? { loss: history.loss, weights: numbersOf(model) } : numbersOf(model),
  );
}

void main(process.argv[2]!, process.argv[3]!).then(() => process.disconnect());
