/** What the commands of this folder have in common. */

/** Longest time that one cell may take at the default size. */
export const CELL_TIMEOUT_S = 1800;

/** Runs a command; it ends with 1 when it returns false, and with one line when it is used wrongly. */
export function runCommand(main: () => Promise<boolean>): void {
  main().then(
    (good) => {
      if (!good) process.exitCode = 1;
    },
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 2;
    },
  );
}
