/** The data sets of the chapter, named as in `keras.datasets`. */
import { loadData } from "./mnist";

/** Data sets that are ready to use. */
export const datasets = {
  /** Handwritten digits, 28×28. */
  mnist: { loadData },
};
