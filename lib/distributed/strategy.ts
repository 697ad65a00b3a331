/** What the option `strategy` takes. */
import type { Mirrored } from "./mirrored";
import type { MultiWorkerMirrored } from "./multiWorker";

/** How a model is trained by several devices or processes. @inline */
export type Strategy = Mirrored | MultiWorkerMirrored;
