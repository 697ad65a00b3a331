import { ConvnetsError } from "../../errors";

/** An archive that is broken, unsafe, or larger than allowed. */
export class ArchiveError extends ConvnetsError {}
