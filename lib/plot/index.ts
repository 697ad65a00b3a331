/** Figures and pictures: data in, something to look at out. */
export { type ShowImageOptions, showImage, showImages } from "./images";
export { type LivePlot, openLivePlot } from "./livePlot";

import "./printed";

export { show } from "./show";
