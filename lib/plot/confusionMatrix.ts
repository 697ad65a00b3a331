/** Which classes a model takes for which. */
import {
  checkBoolean,
  checkString,
  checkTexts,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { invalidArgument } from "../errors";
import { counted } from "../text";
import { mixScale, textColorOn } from "./color";
import { Figure } from "./figure";
import { type Numbers, toNumbers } from "./numbers";
import type { HeatmapTrace } from "./specification";
import { baseAxis, baseLayout, sequentialScale } from "./style";

/** Options of `plot.confusionMatrix`. */
export interface ConfusionMatrixOptions {
  /** Name of each class, in the order of its number. @default the numbers */
  classNames?: readonly string[];
  /** Colours by share of each true class instead of by count. @default true */
  normalize?: boolean;
  /** What stands above. @default `Confusion matrix` with the accuracy */
  title?: string;
}

const optionNames: KnownOptions<ConfusionMatrixOptions> = {
  classNames: true,
  normalize: true,
  title: true,
};

/**
 * Draws the matrix of counts `matrix[true class][predicted class]`.
 *
 * @param matrix One row for each true class, one column for each predicted one.
 * @example
 * import { plot } from "convnets";
 * const counts = [[950, 50], [80, 920]];
 * plot.confusionMatrix(counts, { classNames: ["cat", "dog"] }).show();
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  options?: ConfusionMatrixOptions,
): Figure;
/**
 * Counts and draws true against predicted class numbers.
 *
 * @param labels The true class of each sample. A tensor stays the caller's.
 * @param predictions The class that a model gave it, likewise.
 * @throws InvalidArgumentError when the two differ in length or hold anything but class numbers.
 */
export function confusionMatrix(
  labels: Numbers,
  predictions: Numbers,
  options?: ConfusionMatrixOptions,
): Figure;
export function confusionMatrix(
  first: Numbers | readonly (readonly number[])[],
  second?: Numbers | ConfusionMatrixOptions,
  third?: ConfusionMatrixOptions,
): Figure {
  if (isMatrix(first)) return drawMatrix(first, second as ConfusionMatrixOptions | undefined);
  return drawMatrix(countPairs(first, second as Numbers, third?.classNames?.length), third);
}

function isMatrix(value: unknown): value is readonly (readonly number[])[] {
  return Array.isArray(value) && Array.isArray(value[0]);
}

function countPairs(labels: Numbers, predictions: Numbers, classCount = 0): number[][] {
  const truth = toNumbers(labels);
  const guess = toNumbers(predictions);
  if (truth.length !== guess.length) {
    throw invalidArgument("predictions", {
      expected: `${truth.length} class numbers, one for each label`,
      received: guess.length,
    });
  }
  const bad = [...truth, ...guess].find((value) => !Number.isInteger(value) || value < 0);
  if (bad !== undefined) {
    throw invalidArgument("predictions", {
      expected: "class numbers (0, 1, …), as the labels",
      received: bad,
      hint: "Turn probabilities into class numbers first, for example with argMax(-1).",
    });
  }
  const size = [...truth, ...guess].reduce((most, value) => Math.max(most, value + 1), classCount);
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [i, label] of truth.entries()) matrix[label]![guess[i]!]! += 1;
  return matrix;
}

function drawMatrix(
  matrix: readonly (readonly number[])[],
  options: ConfusionMatrixOptions = {},
): Figure {
  rejectUnknownOptions(options, optionNames, "plot.confusionMatrix()");
  checkString("title", options.title);
  checkBoolean("normalize", options.normalize);
  checkTexts("classNames", options.classNames, { what: "names of classes" });
  const size = matrix.length;
  const names = options.classNames ?? matrix.map((_, i) => String(i));
  if (names.length !== size) {
    throw invalidArgument("classNames", { expected: `${size} names`, received: names });
  }
  const totals = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  const all = totals.reduce((a, b) => a + b, 0);
  const correct = matrix.reduce((sum, row, i) => sum + row[i]!, 0);
  const accuracy = all === 0 ? 0 : correct / all;
  const shares = matrix.map((row, i) =>
    row.map((count) => (totals[i] === 0 ? 0 : count / totals[i]!)),
  );
  const normalize = options.normalize ?? true;
  const title = options.title ?? `Confusion matrix, accuracy ${(100 * accuracy).toFixed(1)} %`;
  const side = Math.min(720, Math.max(320, 150 + size * 42));
  const layout = baseLayout(
    { title },
    {
      width: side + 60,
      height: side,
      autosize: false,
      xaxis: baseAxis("predicted class", { type: "category", showgrid: false }),
      yaxis: baseAxis("true class", { type: "category", showgrid: false, autorange: "reversed" }),
    },
  );
  const most = normalize ? 1 : Math.max(1, ...matrix.flat());
  const colored = (row: readonly number[], i: number) =>
    row.map((count, k) => {
      const value = normalize ? shares[i]![k]! : count;
      const color = textColorOn(mixScale(sequentialScale, value / most));
      return count === 0 ? "" : `<span style="color:${color}">${count}</span>`;
    });
  const told = (row: readonly number[], i: number) =>
    row.map((count, k) =>
      [
        `true ${names[i]}, predicted ${names[k]}`,
        counted(count, "sample"),
        `${(100 * shares[i]![k]!).toFixed(1)} % of the true class`,
      ].join("<br>"),
    );
  const trace: HeatmapTrace = {
    type: "heatmap",
    x: names,
    y: names,
    z: normalize ? shares.map((row) => row.map((share) => Number(share.toFixed(4)))) : matrix,
    text: matrix.map(colored),
    texttemplate: "%{text}",
    textfont: { size: 13 },
    hoverinfo: "text",
    hovertext: matrix.map(told),
    colorscale: sequentialScale,
    zmin: 0,
    zmax: most,
    showscale: false,
    xgap: 2,
    ygap: 2,
  };
  return new Figure([trace], layout, { text: matrixText(matrix, names, title) });
}

/** The matrix as aligned columns: rows are true classes, columns predicted ones. */
function matrixText(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  title: string,
): string {
  const width =
    Math.max(...names.map((name) => name.length), ...matrix.flat().map((n) => String(n).length)) +
    2;
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell) => String(cell).padStart(width)).join("");
  return [
    title,
    row(["", ...names]),
    ...matrix.map((counts, i) => row([names[i]!, ...counts])),
  ].join("\n");
}
