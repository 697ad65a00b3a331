/** What a training asks of the native session. */
import { nativeModule } from "../../lib/native";

/** How many steps each native call of a training took meanwhile, and whether XLA ran them: `XLA 4`, `plain 1`. */
export async function observedCalls<T>(work: () => Promise<T>) {
  const native = nativeModule();
  const { prepareCall, run, runEach } = native;
  const loops = new Set<unknown>();
  const calls: string[] = [];
  native.prepareCall = (session, feeds, fetches, targets) => {
    const call = prepareCall(session, feeds, fetches, targets);
    if (fetches.includes("train/loop")) loops.add(call);
    return call;
  };
  native.run = (call, values) => {
    if (loops.has(call)) calls.push(`XLA ${(values[0] as Int32Array)[0]}`);
    return run(call, values);
  };
  native.runEach = (call, values) => {
    calls.push(`plain ${values.length}`);
    return runEach(call, values);
  };
  try {
    return { result: await work(), calls };
  } finally {
    Object.assign(native, { prepareCall, run, runEach });
  }
}
