/** Figures and pictures: data in, something to look at out. */
export {
  type BarOptions,
  bar,
  type ChartOptions,
  type HistogramOptions,
  histogram,
  line,
  type Series,
  scatter,
  type XyOptions,
} from "./charts";
export { type ConfusionMatrixOptions, confusionMatrix } from "./confusionMatrix";
export { type FeatureMapsOptions, type FiltersOptions, featureMaps, filters } from "./features";
export { Figure } from "./figure";
export { FuturePicture } from "./futurePicture";
export { type HeatmapOverlayOptions, heatmapOverlay } from "./heatmapOverlay";
export { type HistoryOptions, history } from "./history";
export { type Classes, type ImagesOptions, images } from "./images";
export { type LivePlot, type LivePlotOptions, openLivePlot } from "./livePlot";
export { type ModelOptions, model } from "./model";
export type { Numbers } from "./numbers";
export { type FigureOptions, figure } from "./ownFigure";
export { Picture } from "./picture";
export type { ImageSource, ValueRange } from "./pixels";
export type { HistoryLike } from "./runCurves";
export { show } from "./show";
export type { Plot } from "./showable";
export type { Layout, PlotlyFigure, Trace } from "./specification";
