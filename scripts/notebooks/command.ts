/** What the commands of this folder have in common. */

/** Longest time that one cell may take at the default size. */
export const CELL_TIMEOUT_S = 1800;

/** What of a command line is about notebooks. */
export interface Selection {
  /** The folder that they are in. */
  folder: string;
  /** Names of those that the command is about. */
  notebooks: string[];
  /** Whether those are all that there are. */
  isAll: boolean;
}

/** Where executed notebooks and pages go, too. */
export interface Run extends Selection {
  out: string;
}
