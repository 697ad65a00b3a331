/** TensorBoard's logs. */
export { type TensorBoardOptions, tensorBoard } from "./tensorBoard";
