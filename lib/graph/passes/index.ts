/** Rewrites of a finished graph. */
export { useBfloat16 } from "./bfloat16";
export { useBiasKernels } from "./bias";
export { useConvPool } from "./convPool";
export { activateAfterPooling } from "./pooling";
