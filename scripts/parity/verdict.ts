/** Whether a case passes, and what is wrong with one that doesn't. */
import type { Case, Checked, Made, Moved, Outcome, Tried } from "./messages";

/** What predictions may differ by, as a share of the largest. */
const SAME = 1e-5;
/** What losses, and predictions after three steps, may differ by. */
const LEARNT = 1e-4;
/** A chaotic net may be as many times as far from Keras as Keras is from itself. */
const CHAOS = 20;

/** A difference, or nothing to be done. */
type Figure = number | undefined;

/** A case and what came of it. */
export interface Verdict {
  case: Case;
  /** Keras' own error; then nothing is counted. */
  kerasFails?: string;
  random: boolean;
  /** Whether Keras can't train it, or has nothing to train. */
  untrained: boolean;
  predicts: Figure;
  trains: Figure;
  back: Figure;
  moved?: Moved;
  /** What is wrong: the library's messages, or numbers that differ without a word. */
  faults: Fault[];
}

/** One thing that is wrong. */
export interface Fault {
  message: string;
  /** Whether nothing is said of it where it happens: a number or an option other than Keras'. */
  silent: boolean;
}

/** A case that Keras itself can't make. */
export function failedInKeras(each: Case, message: string): Verdict {
  const nothing = { predicts: undefined, trains: undefined, back: undefined };
  return {
    case: each,
    kerasFails: message,
    random: false,
    untrained: true,
    ...nothing,
    faults: [],
  };
}

/** Judges a case by the numbers of all sides. */
export function judge(
  each: Case,
  { made, tried, checked }: { made: Made; tried: Tried; checked: Checked | undefined },
): Verdict {
  const faults: Fault[] = [];
  const say = (message: string) => faults.push({ message: plain(message), silent: false });
  const silently = (message: string) => faults.push({ message, silent: true });
  const look = (outcome: Outcome, allowed: number, what: string): Figure => {
    if (typeof outcome === "string") say(outcome);
    if (typeof outcome !== "number") return undefined;
    if (outcome > allowed) silently(`${what} ${differ(outcome)}`);
    return outcome;
  };
  const { moved } = made;
  const [atRest, after] = [
    Math.max(SAME, CHAOS * (moved?.outputs ?? 0)),
    Math.max(LEARNT, CHAOS * Math.max(moved?.losses ?? 0, moved?.after ?? 0)),
  ];
  if (tried.loads !== undefined) say(tried.loads);
  for (const warning of tried.warnings) say(warning);
  const predicts = look(tried.predicts, atRest, "predictions");
  const left = tried.warnings.length > 0; // then it isn't compiled as it was
  if (!left) look(tried.measures, LEARNT, "what `evaluate` measures");
  const graph = left ? undefined : look(tried.graph, after, "training as a graph:");
  const eager = left ? undefined : look(tried.eager, after, "training eagerly:");
  if (tried.saves !== undefined) say(tried.saves);
  const kept = checked && left ? { ...checked, changed: checked.changed.filter(ofModel) } : checked;
  const back = backIn(kept, { say, silently, look, atRest, after, random: made.random });
  return {
    case: each,
    random: made.random,
    untrained: made.losses === undefined,
    predicts,
    trains:
      graph === undefined && eager === undefined ? undefined : Math.max(graph ?? 0, eager ?? 0),
    back,
    ...(moved && { moved }),
    faults: unique(faults),
  };
}

/** Whether a place of the configuration isn't the compilation's. */
function ofModel(place: string): boolean {
  return !place.includes("compile_config");
}

function backIn(
  checked: Checked | undefined,
  {
    say,
    silently,
    look,
    atRest,
    after,
    random,
  }: {
    say: (message: string) => void;
    silently: (message: string) => void;
    look: (outcome: Outcome, allowed: number, what: string) => Figure;
    atRest: number;
    after: number;
    random: boolean;
  },
): Figure {
  if (checked === undefined) return undefined;
  if (checked.error !== undefined) {
    say(`Keras can't read it again: ${checked.error}`);
    return undefined;
  }
  for (const place of checked.changed) silently(`saved with another option: ${place}`);
  const back = look(checked.difference, atRest, "read again by Keras, predictions");
  if (!random) look(checked.after, after, "trained here and read again by Keras, predictions");
  return back;
}

function differ(by: number): string {
  return by >= 1e9 ? "have another shape, or are no numbers where Keras has some" : "differ";
}

/** A message without the file's place. */
function plain(message: string): string {
  return message
    .replace(/`[^`]*\.keras`/g, "the file")
    .replace(/^(?:ModelFileError|NotCompilableError|InvalidArgumentError): /, "")
    .replaceAll(/\s+/g, " ")
    .replace(/((?:Supported|There are): (?:[^,]*, ){3}).{80,}$/, "$1…")
    .trim();
}

function unique(faults: Fault[]): Fault[] {
  const seen = new Map(faults.map((fault) => [fault.message, fault]));
  return [...seen.values()];
}
