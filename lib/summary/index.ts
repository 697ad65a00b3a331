/** Models as text. */
export { type SummaryOptions, summary } from "./summary";
