/** Files that are whole or not there, and what tells one from another. */
export { writeFileAtomically } from "./atomicFile";
export { checksumOf } from "./checksum";
export { diskFault } from "./diskFault";
export { makeFolder } from "./folder";
export { readFullySync, writeFullySync } from "./fully";
export { hashArrays, hashOf } from "./hash";
export { isRunning, removeAbandoned, unfinishedPath } from "./unfinished";
