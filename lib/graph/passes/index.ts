/** Rewrites of a finished graph. */
export { heavyInputs, heavyNodes, useBfloat16 } from "./bfloat16";
export { useBiasKernels } from "./bias";
export { convolves, useConvolve } from "./convolve";
export { type FirstLayerSize, firstLayerSizes, useConvPool } from "./convPool";
export { foldNormalizations } from "./folding";
export { type IsFixed, keepFixed } from "./kept";
export { keepNormalizationApart, normalizesConvolutions } from "./oneExample";
export { activateAfterPooling } from "./pooling";
export { batchForParts, computeInParts } from "./rowParts";
export { spellOut } from "./spellOut";
