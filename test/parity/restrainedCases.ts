/** Cases about weights that are held back: regularizers and constraints. */
import { after, conv, head, image, steps, unbiased, withOptions } from "./alone";
import { type Case, type Config, makeCase, stack } from "./description";
import { embedding, gates, words } from "./sequenceCases";

const l1l2 = (l1: number, l2: number) => ({ className: "L1L2", config: { l1, l2 } });
const constraint = (className: string, config: Config = {}) => ({ className, config });

export const restrainedCases: Case[] = [
  ...withOptions("Dense", [5], { units: 4, activation: "tanh" }, [
    { kernelRegularizer: l1l2(0.01, 0) },
    { kernelRegularizer: l1l2(0, 0.1), biasRegularizer: l1l2(0.05, 0.02) },
    { kernelConstraint: constraint("MaxNorm", { maxValue: 0.8, axis: 0 }) },
    { kernelConstraint: constraint("NonNeg"), biasConstraint: constraint("NonNeg") },
    { kernelConstraint: constraint("UnitNorm", { axis: 0 }) },
    {
      kernelConstraint: constraint("MinMaxNorm", {
        minValue: 0.5,
        maxValue: 0.9,
        rate: 1,
        axis: 0,
      }),
    },
    { kernelRegularizer: l1l2(0, 0.1), trainable: false },
  ]),
  ...withOptions("Conv2D", image, { filters: 3, kernelSize: 3 }, [
    { kernelRegularizer: l1l2(0, 0.1) },
    { kernelConstraint: constraint("MaxNorm", { maxValue: 0.5, axis: [0, 1, 2] }) },
    { biasConstraint: constraint("NonNeg") },
  ]),
  ...withOptions("DepthwiseConv2D", image, { kernelSize: 3 }, [
    { depthwiseRegularizer: l1l2(0.02, 0.1) },
    { depthwiseConstraint: constraint("NonNeg") },
  ]),
  ...withOptions("SeparableConv2D", image, { filters: 3, kernelSize: 3 }, [
    { depthwiseRegularizer: l1l2(0, 0.1), pointwiseRegularizer: l1l2(0.02, 0) },
    { pointwiseConstraint: constraint("UnitNorm", { axis: 0 }) },
  ]),
  ...withOptions("LSTM", steps, { units: 3, ...gates }, [
    { kernelRegularizer: l1l2(0, 0.1), recurrentRegularizer: l1l2(0.02, 0) },
    { recurrentConstraint: constraint("MaxNorm", { maxValue: 0.7, axis: 0 }) },
  ]),
  ...after(
    "BatchNormalization",
    image,
    [
      { gammaRegularizer: l1l2(0, 0.1), betaRegularizer: l1l2(0.02, 0) },
      { gammaConstraint: constraint("NonNeg") },
    ],
    unbiased,
  ),
  ...after("PReLU", image, [{ alphaRegularizer: l1l2(0, 0.1) }], conv),
  makeCase(
    "Embedding with regularizer and constraint",
    stack(words, [
      embedding({
        embeddingsRegularizer: l1l2(0, 0.1),
        embeddingsConstraint: constraint("MaxNorm", { maxValue: 0.5, axis: 1 }),
      }),
      ...head(),
    ]),
  ),
];
