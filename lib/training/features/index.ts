/** Features of a pretrained model, kept on disk. */
export {
  type ExtractedFeatures,
  type ExtractFeaturesOptions,
  extractFeatures,
} from "./extractFeatures";
