/** Figures and pictures: data in, something to look at out. */
export {
  type BarOptions,
  bar,
  type ChartOptions,
  figure,
  type HistogramOptions,
  histogram,
  line,
  type Series,
  scatter,
  type XyOptions,
} from "./charts";
export { type ConfusionMatrixOptions, confusionMatrix } from "./confusionMatrix";
export { Figure } from "./figure";
export { type HistoryLike, type HistoryOptions, history } from "./history";
export type { Numbers } from "./numbers";
export { Picture } from "./picture";
export type { Layout, PlotlyFigure, Trace } from "./specification";
