import { ConvnetsError } from "../../errors";

/** Operands that an operation can't be computed of. Whoever reads the file says which operation, and of which file. */
export class OperandsError extends ConvnetsError {}
