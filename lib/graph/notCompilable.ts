import { ConvnetsError } from "../errors";

/** A function can't become a graph; the message says why. */
export class NotCompilableError extends ConvnetsError {}
