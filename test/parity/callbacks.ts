/** The callbacks of a case. */
import { type Callback, callbacks } from "../../lib/index";
import type { temporaryFolder } from "../support/temporaryFolder";
import type { CallbackSpec, Case } from "./description";

/** A case's callbacks, and the files that they write. */
export function callbacksOf(
  { callbacks: specs = [] }: Case,
  folder: ReturnType<typeof temporaryFolder>,
) {
  const files = { csv: folder.join("logs.csv"), best: folder.join("best.weights.h5") };
  const make = (spec: CallbackSpec): Callback => {
    switch (spec.kind) {
      case "learningRateScheduler":
        return callbacks.learningRateScheduler((_epoch, rate) => rate * spec.factor);
      case "csvLogger":
        return callbacks.csvLogger(files.csv);
      case "modelCheckpoint": {
        const options = { ...spec.options, saveBestOnly: true, saveWeightsOnly: true };
        return callbacks.modelCheckpoint({ ...options, filepath: files.best });
      }
      default:
        return callbacks[spec.kind]({ ...spec.options });
    }
  };
  const has = (kind: CallbackSpec["kind"]) => specs.some((spec) => spec.kind === kind);
  return {
    list: specs.map(make),
    csv: has("csvLogger") ? files.csv : undefined,
    best: has("modelCheckpoint") ? files.best : undefined,
  };
}
