/** Files of the library's own, and what is read from them. */

/** A kind of file that something is read from. */
export interface Subject {
  name: string;
  /** How many of the mutations it gets, in proportion to the others. */
  share: number;
  /** Makes the files in an empty folder, and says which may be mutated. */
  make(folder: string): Promise<readonly string[]>;
  /** Reads what the files say, as text that is the same for the same content. */
  read(folder: string): Promise<string>;
  /** Whether what was read from mutated files is right. @default the same as from the files as they were made */
  isRight?(found: string, original: string): boolean;
}
