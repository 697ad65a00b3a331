import { newMark } from "../../lib/files";

/** A mark as a process of this machine has it that is gone. */
export function markOfTheDead(): string {
  return newMark().replace(/^\d+-\d+/, "999999999-1");
}

/** A mark of a process that had the number of this one: in containers, numbers come again. */
export function markOfMyPredecessor(): string {
  return newMark().replace(/^(\d+)-\d+/, "$1-1");
}

/** A mark of a process in another container: nobody here can tell whether it lives. */
export function markOfAnotherContainer(): string {
  return newMark().replace(/^\d+-\d+-[0-9a-f]{8}/, "1-1-0123abcd");
}
