/** Curves that grow while a model trains. */
import { checkString, rejectUnknownOptions } from "../checks";
import { isNotebook, openDisplay, throttle } from "../notebook";
import { history } from "./history";
import type { HistoryLike } from "./runCurves";

/** A training plot that changes until it is finished. */
export interface LivePlot {
  /** Draws the history so far as a picture, at most once a second. */
  update(history: HistoryLike): void;
  /** Shows the final history (the last `update` when left out) as an interactive figure. Later calls do nothing. */
  finish(history?: HistoryLike): void;
}

/** Options of `openLivePlot`. */
export interface LivePlotOptions {
  /** What stands above. @default "Training history" */
  title?: string;
}

/**
 * Opens a plot in the cell that runs now. Outside a notebook only the final curves are shown, as text.
 *
 * @returns The plot; call its `finish` at the end.
 * @example
 * import { plot } from "convnets";
 * const live = plot.openLivePlot({ title: "Loss" });
 * const history: Record<string, number[]> = { loss: [] };
 * for (let epoch = 1; epoch <= 10; epoch++) {
 *   history.loss?.push(1 / epoch);
 *   live.update({ history });
 * }
 * live.finish();
 */
export function openLivePlot(options: LivePlotOptions = {}): LivePlot {
  rejectUnknownOptions(options, { title: true }, "plot.openLivePlot()");
  checkString("title", options.title);
  const display = openDisplay();
  const live = isNotebook();
  let last: HistoryLike | undefined;
  let finished = false;
  const hasPoints = (run: HistoryLike) =>
    Object.values(run.history).some((values) => values.length > 0);
  const draw = (run: HistoryLike) => {
    if (hasPoints(run)) display.show(history(run, options).toDrawing());
  };
  const throttled = throttle(draw, 1000);
  return {
    update(run) {
      if (finished) return;
      last = run;
      if (live) throttled.offer(run);
    },
    finish(run = last) {
      if (finished) return;
      finished = true;
      throttled.cancel();
      if (run === undefined || !hasPoints(run)) return;
      const { bundle, options: displayOptions } = history(run, options).toBundle();
      display.show(bundle, displayOptions);
    },
  };
}
