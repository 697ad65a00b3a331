/**
 * Regularizers of Keras that tfjs lacks; the others are in `tf.regularizers`.
 *
 * @module
 */
export {
  type OrthogonalRegularizerOptions,
  orthogonalRegularizer,
  type Regularizer,
} from "./orthogonalRegularizer";
