/** What the processes of the matrix say to one another. */

/** An array; what JSON has no number for is `null`. */
export interface Numbers {
  shape: number[];
  dtype: "float32" | "int32" | "bool";
  values: (number | null)[];
}

/** One line of the matrix: a subject with its defaults, or with one option changed. */
export interface Case {
  id: number;
  /** `layers`, `losses` … */
  group: string;
  subject: string;
  /** Empty for the defaults. */
  option: string;
  value: string;
  /** Other names of the subject. */
  aliases: string[];
  /** Why there is no model of it. */
  note: "base" | "out of scope" | "not tried" | "only default" | null;
  reason: string | null;
}

/** How far Keras itself comes from its numbers when its input changes by 1e-7. */
export interface Moved {
  outputs: number;
  losses: number;
  after: number;
}

/** A model that Keras has written, and its numbers. */
export interface Made {
  error?: string;
  file: string;
  /** Where it is to be saved: as it was read, and trained. */
  back: string;
  trained: string;
  random: boolean;
  chaotic: boolean;
  inputs: Numbers[];
  targets: Numbers[];
  outputs: Numbers[];
  moved?: Moved;
  /** Of three steps; without any, nothing can be trained. */
  losses?: (number | null)[];
  /** Predictions after them. */
  after?: Numbers[];
  /** What `evaluate` measured, by name. */
  measured?: Record<string, (number | null)[]>;
  /** Keras' own error while it trained. */
  untrained?: string;
}

/** What came of it here: differences, and errors where there is none. */
export interface Tried {
  loads?: string;
  /** Warnings of what the model was read without. */
  warnings: string[];
  predicts: Outcome;
  measures: Outcome;
  graph: Outcome;
  eager: Outcome;
  saves?: string;
}

/** A difference, an error's message, or nothing to be done. */
export type Outcome = number | string | undefined;

/** What Keras says of what was saved here. */
export interface Checked {
  error?: string;
  difference: number;
  /** Places of the configuration that aren't as they were. */
  changed: string[];
  after?: number;
}
