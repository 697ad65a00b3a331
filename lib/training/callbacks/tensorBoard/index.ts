/** Logs for TensorBoard. */
export { type TensorBoardOptions, tensorBoard } from "./tensorBoard";
