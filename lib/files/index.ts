/** Files that are whole or not there, and what tells one from another. */
export { writeFileAtomically } from "./atomicFile";
export { checksumOf } from "./checksum";
export { hashArrays, hashOf } from "./hash";
export { isRunning, removeAbandoned, unfinishedPath } from "./unfinished";
