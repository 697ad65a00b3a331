/** What a model looks at: class activation maps, activations inside it, patterns of its filters. */
export { type FilterPatternsOptions, filterPatterns } from "./filterPatterns";
export { type GradCamOptions, gradCam } from "./gradCam";
export { outputsOf } from "./intercept";
export { imageLayers } from "./layers";
