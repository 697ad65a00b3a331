/** The data sets of the chapter, named as in `keras.datasets`. */
import { prepare } from "./dogsVsCats";
import { loadData } from "./mnist";

/** Data sets that are ready to use. @namespace */
export const datasets = {
  /** Handwritten digits, 28×28. @namespace */
  mnist: { loadData },
  /** Cats and dogs: Kaggle's photographs, or drawings where they can't be had. @namespace */
  dogsVsCats: { prepare },
};
