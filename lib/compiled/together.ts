/** What a step adds where several workers or devices take it together, each on its part of a batch. */
import type { LayersModel, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { WorkerGroup } from "../distributed";
import type { Normalizer } from "../objectives";
import { allWeights, tf, withSumOfAll } from "../tfjs";
import { EagerStep, type TensorBatch } from "./eager";
import {
  type Counts,
  computing,
  type Forward,
  type Measured,
  sharesOf,
  trainable,
} from "./forward";
import type { RunnerOptions } from "./step";

/** Those that take a step together. */
export type Parties = Pick<WorkerGroup, "sum" | "differentiableSum">;

/** The step's collectives; its tensors are the caller's. */
class Together {
  /** @param name The step's: its collectives are no other step's. */
  constructor(
    private readonly group: Parties,
    private readonly name: string,
  ) {}

  /** Runs a forward pass whose synchronized layers see the samples of all workers. */
  run<T>(counted: Tensor, forward: () => T): T {
    const present = tf.minimum(tf.sum(counted), 1);
    let layers = 0;
    return withSumOfAll(
      (own) =>
        this.group.differentiableSum(tf.mul(own, present), `${this.name} statistics ${layers++}`),
      forward,
    );
  }

  /**
   * What this worker's part counts.
   *
   * Where every loss is a mean over samples, their number goes with the gradients. Otherwise what a loss is divided by
   * must be known before its gradient is computed: it takes a small collective of its own.
   *
   * @param counted Which samples count.
   * @param normalizers What each output's loss is divided by.
   */
  count(counted: Tensor, normalizers: readonly Normalizer[]): Counts {
    const examples = tf.sum(counted);
    const present = tf.minimum(examples, 1);
    if (normalizers.every((each) => each === "examples")) {
      return { examples, present, outputs: normalizers.map(() => examples), areShares: false };
    }
    const own = normalizers.map((each) => {
      if (each === "examples") return examples;
      return each === "none" ? present : tf.mul(each, present);
    });
    const [all, ...sums] = this.group.sum([examples, ...own], `${this.name} counts`);
    const outputs = own.map((each, i) =>
      normalizers[i] === "none" ? each : tf.divNoNan(each, sums[i]!),
    );
    return { examples: tf.div(examples, all!), present, outputs, areShares: true };
  }

  /**
   * What all workers have together of what each has of its part.
   *
   * @param own.gradients Of the loss, as `shares`.
   * @param own.shares Parts that are multiplied by what they count already.
   * @param own.means Means over the samples of the part.
   * @param own.measured Numbers of the objective.
   */
  add(
    own: {
      gradients: readonly Tensor[];
      shares: readonly Tensor[];
      means: readonly Tensor[];
      measured: readonly Measured[];
    },
    { examples, present, areShares }: Counts,
  ): { gradients: Tensor[]; shares: Tensor[]; means: Tensor[]; measured: Tensor[] } {
    const { shares, means, measured } = own;
    const isSum = measured.map(({ combine }) => combine === "sum");
    const parts = [
      ...shares,
      ...means.map((mean) => tf.mul(mean, examples)),
      ...measured.map(({ value }, i) =>
        isSum[i] ? tf.mul(value, present) : tf.mul(value, examples),
      ),
    ];
    const [all, ...sums] = this.group.sum([examples, ...parts], this.name);
    const wholes = sums.map((sum, i) => {
      const stays = areShares || isSum[i - shares.length - means.length];
      return stays ? sum : tf.div(sum, all!);
    });
    const kind = `${this.name} gradients`;
    const gradients = this.group
      .sum(own.gradients, kind, { areGradients: true })
      .map((sum) => (areShares ? sum : tf.div(sum, all!)));
    return {
      gradients,
      shares: wholes.splice(0, shares.length),
      means: wholes.splice(0, means.length),
      measured: wholes,
    };
  }
}

/** A step of one worker or device; only a trace of it is of use, since tfjs' own ops know no other workers. */
export class WorkerStep extends EagerStep {
  constructor(
    model: LayersModel,
    options: RunnerOptions,
    private readonly group: Parties,
  ) {
    super(model, options);
  }

  override train(batch: TensorBatch): Tensor[] {
    const together = new Together(this.group, "train");
    const { optimizer } = this.model;
    const isTrained = new Set(this.trained);
    const others = allWeights(this.model).filter((weight) => !isTrained.has(weight));
    return computing(() => {
      const before = others.map((weight) => weight.read().dataId);
      const variables = this.trained.map((weight) => weight.read()) as Variable[];
      const kept: Tensor[] = [];
      let forward: Forward | undefined;
      const totalLoss = () => {
        forward = together.run(batch.counted!, () =>
          this.forward(batch, true, (all) => together.count(batch.counted!, all)),
        );
        const { outputLosses, yPreds, masks, counts } = forward;
        for (const tensor of [...outputLosses, ...yPreds, ...masks]) keep(tensor, kept);
        for (const tensor of [counts!.examples, counts!.present]) keep(tensor, kept);
        return forward.loss;
      };
      try {
        const { value: loss, grads } =
          variables.length > 0
            ? trainable(variables, () => optimizer.computeGradients(totalLoss, variables))
            : { value: totalLoss(), grads: {} };
        const moved = variables.filter(({ name }) => grads[name] !== undefined);
        // Statistics of layers, as of BatchNormalization.
        const moving = others.filter(
          (weight, i) => weight.dtype === "float32" && weight.read().dataId !== before[i],
        );
        const all = together.add(
          {
            gradients: moved.map(({ name }) => grads[name]!),
            shares: [loss, ...sharesOf(forward!)],
            means: moving.map((weight) => weight.read()),
            measured: this.measured(batch, forward!),
          },
          forward!.counts!,
        );
        moving.forEach((weight, i) => {
          weight.write(all.means[i]!);
        });
        optimizer.applyGradients(moved.map(({ name }, i) => ({ name, tensor: all.gradients[i]! })));
        this.constrain();
        return [...all.shares, ...all.measured];
      } finally {
        tf.dispose(kept);
      }
    });
  }

  override evaluate(batch: TensorBatch): Tensor[] {
    const together = new Together(this.group, "evaluate");
    return computing(() => {
      const forward = this.forward(batch, false, (all) => together.count(batch.counted!, all));
      const shares = [forward.loss, ...sharesOf(forward)];
      const own = { gradients: [], shares, means: [], measured: this.measured(batch, forward) };
      const all = together.add(own, forward.counts!);
      return [...all.shares, ...all.measured];
    });
  }
}

function keep(tensor: Tensor | undefined, kept: Tensor[]): void {
  if (tensor !== undefined && !kept.includes(tensor)) kept.push(tf.keep(tensor));
}
