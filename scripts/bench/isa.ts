/** Lets the processor stand for a lesser one: for the library, for Keras and for PyTorch. */
import { isaLimit } from "../../lib/native";

/**
 * Sets what this process and the sides that it starts go by. onnxruntime has no such setting: its figures are of the whole
 * processor.
 *
 * @param name One of the names that `CONVNETS_ISA` takes.
 */
export function limitProcessor(name: string): void {
  const { oneDnn } = isaLimit({ CONVNETS_ISA: name })!;
  process.env.CONVNETS_ISA = name;
  process.env.ONEDNN_MAX_CPU_ISA = oneDnn;
  process.env.ATEN_CPU_CAPABILITY = name === "avx2" ? "avx2" : "avx512";
}

/** What Keras' side finds: on a processor with AVX2 only, TensorFlow leaves oneDNN off by itself. */
export function kerasSettings(): NodeJS.ProcessEnv {
  return process.env.CONVNETS_ISA === "avx2" ? { TF_ENABLE_ONEDNN_OPTS: "0" } : {};
}
