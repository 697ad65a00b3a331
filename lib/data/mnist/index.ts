/** Handwritten digits. */
export { type DigitSet, loadData, type MnistOptions } from "./loadData";
