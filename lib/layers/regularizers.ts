/** Regularizers of Keras that tfjs lacks; the others are in `tf.regularizers`. */
export {
  type OrthogonalRegularizerOptions,
  orthogonalRegularizer,
  type Regularizer,
} from "./orthogonalRegularizer";
