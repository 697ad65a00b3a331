/** Files that are whole or not there, and what tells one from another. */
export { writeFileAtomically } from "./atomicFile";
export { checksumOf } from "./checksum";
export { claim } from "./claim";
export { fileFault, isOfDisk } from "./fault";
export { makeFolder } from "./folder";
export { readFully, readFullySync, writeFully, writeFullySync } from "./fully";
export { hashArrays, hashOf } from "./hash";
export { isGone, newMark } from "./owner";
export { checkFilePlace, checkFolderPlace, hiddenName, realPlace } from "./place";
export {
  findAbandoned,
  leave,
  markOf,
  removeAbandoned,
  settle,
  unfinishedPath,
} from "./unfinished";
