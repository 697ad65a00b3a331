/** The matrix as a page: counts, a row for each subject, what fails and why, what wasn't tried. */
import { count, counted, grouped, passes, share } from "./counts";
import type { Case } from "./messages";
import type { RunResult } from "./run";
import type { Verdict } from "./verdict";

const titles: Record<string, string> = {
  layers: "Layers",
  activations: "Activations",
  initializers: "Initializers",
  regularizers: "Regularizers",
  constraints: "Constraints",
  losses: "Losses",
  metrics: "Metrics",
  optimizers: "Optimizers",
  schedules: "Learning-rate schedules",
  applications: "Applications",
};

/** What a part of the page is between, so that another run may keep it. */
const marks = (part: string) => [`<!-- begin ${part} -->`, `<!-- end ${part} -->`] as const;

/** What a page is of. */
export interface PageOptions {
  /** The page that is there: its applications stay when this run has none. */
  earlier: string | undefined;
  /** The names that a run was of; all without any. */
  only: readonly string[];
}

/** The whole page. */
export function pageOf(result: RunResult, { earlier, only }: PageOptions): string {
  const isNetwork = (each: { case: Case } | Case) =>
    ("case" in each ? each.case : each).group === "applications";
  const parts = [false, true].map((networks) => ({
    verdicts: result.verdicts.filter((each) => isNetwork(each) === networks),
    notes: result.notes.filter((each) => isNetwork(each) === networks),
  }));
  const [parts0, parts1] = [parts[0]!, parts[1]!];
  const [begin, end] = marks("applications");
  const kept = earlier?.slice(earlier.indexOf(begin), earlier.indexOf(end) + end.length);
  const networks = parts1.verdicts.length > 0 ? networksOf(parts1) : undefined;
  return [
    introduction,
    ...(only.length > 0 ? [`**This page is of a part: ${only.map(code).join(", ")}.**`] : []),
    countsOf(parts0.verdicts),
    ...[...grouped(parts0.verdicts, (each) => each.case.group)].map(([name, group]) =>
      section(titles[name] ?? name, tableOf(group)),
    ),
    section("What fails", faultsOf(parts0.verdicts)),
    section("What wasn't tried", notesOf(parts0)),
    networks ?? (earlier?.includes(begin) ? kept! : networksMissing),
    "",
  ].join("\n\n");
}

const introduction = `# Keras' layers, options and the rest, here

Made by \`npm run parity\`: everything that Keras 3.15 has in \`keras.layers\`, \`losses\`, \`metrics\`, \`optimizers\`,
\`activations\` and so on, found in the installed Keras, with its defaults and with each option changed. Keras writes a
small model as a \`.keras\` file; it is read here, predicts on both engines, takes three steps of training on both, and is
saved as it was read and as it was trained; Keras reads both files again. A case passes when all of that works, numbers
are Keras' own (predictions to 1e-5, losses and predictions after training to 1e-4, as shares of the largest) and the
configuration that Keras reads again is the one that it wrote. Weights are random. Layers that draw random numbers are
compared at rest; of their training it counts that losses are numbers. "–": nothing to compare.`;

function countsOf(verdicts: readonly Verdict[]): string {
  const row = (name: string, group: readonly Verdict[]) => {
    const { subjects, passingSubjects, cases, passingCases } = count(group);
    const [first, second] = [share(passingSubjects, subjects), share(passingCases, cases)];
    return [name, passingSubjects, subjects, first, passingCases, cases, second];
  };
  const head = ["", "with defaults", "of", "share", "with each option", "of", "share"];
  const rows = [...grouped(verdicts, (each) => each.case.group)].map(([name, group]) =>
    row(titles[name] ?? name, group),
  );
  const silent = verdicts.filter((each) => each.faults.some((fault) => fault.silent)).length;
  return [
    "## Counts",
    "Sub-classed layers, text and `Lambda` aren't counted, nor what Keras itself can't do without a GPU.",
    table(head, [...rows, row("**all**", verdicts)]),
    `${silent} cases differ without an error.`,
  ].join("\n\n");
}

function tableOf(verdicts: readonly Verdict[]): string {
  const head = ["", "passes", "predictions", "training", "read again", "with", "not with"];
  const rows = [...grouped(verdicts, (each) => each.case.subject)].map(([subject, cases]) => {
    const fair = counted(cases);
    const good = fair.filter(passes);
    return [
      [`\`${subject}\``, ...cases[0]!.case.aliases.map((alias) => `\`${alias}\``)].join(", "),
      `${good.length}/${fair.length}`,
      figure(good.map((each) => each.predicts)),
      training(good),
      figure(good.map((each) => each.back)),
      good.map((each) => optionOf(each.case)).join(" · "),
      fair
        .filter((each) => !passes(each))
        .map((each) => `**${optionOf(each.case)}**`)
        .join(" · "),
    ];
  });
  return table(head, rows);
}

function training(verdicts: readonly Verdict[]): string {
  const able = verdicts.filter((each) => !each.untrained);
  if (able.length === 0) return "–";
  return able.every((each) => each.random) ? "random" : figure(able.map((each) => each.trains));
}

function figure(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return "–";
  const largest = Math.max(...known);
  return largest === 0 ? "0" : largest.toExponential(0);
}

function optionOf({ option, value }: Case): string {
  if (option === "") return "defaults";
  return code(value === "" ? option : `${option}=${value}`);
}

function nameOf(each: Case): string {
  const name = each.option === "" ? each.subject : `${each.subject} ${each.option}`;
  return code(each.option === "" || each.value === "" ? name : `${name}=${each.value}`);
}

/** Text as code in a cell of a table. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
}

function faultsOf(verdicts: readonly Verdict[]): string {
  const faults = verdicts.flatMap((each) => each.faults.map((fault) => ({ ...fault, of: each })));
  const list = (some: typeof faults) =>
    [...grouped(some, (each) => kindOf(each.message))]
      .sort(([, one], [, other]) => other.length - one.length)
      .map(([, same]) => {
        const names = [...new Set(same.map(({ of }) => nameOf(of.case)))];
        return `- ${same[0]!.message} (${names.length}: ${names.join(", ")})`;
      })
      .join("\n") || "Nothing.";
  return [
    "### Without an error",
    list(faults.filter((each) => each.silent)),
    "### With the library's message",
    list(faults.filter((each) => !each.silent)),
  ].join("\n\n");
}

/** Another's text as it stands: its brackets are no link. */
function literal(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** Messages that differ in names and numbers alone are one kind. */
function kindOf(message: string): string {
  return message.replaceAll(/"[^"]*"/g, '"…"').replaceAll(/\d+/g, "0");
}

function notesOf({ verdicts, notes }: RunResult): string {
  const kinds: [Case["note"], string][] = [
    ["out of scope", "Not counted, since no file can hold it"],
    ["base", "No layer, loss … by itself"],
    ["not tried", "Not tried"],
    ["only default", "Not tried: the default is the only legal value"],
  ];
  const lines = kinds.map(([kind, title]) => {
    const those = notes.filter((each) => each.note === kind);
    const names = [...grouped(those, (each) => each.reason!)].map(
      ([reason, same]) => `${same.map(nameOf).join(", ")} (${reason})`,
    );
    return `- ${title}: ${names.join("; ") || "nothing"}.`;
  });
  const broken = verdicts.filter((each) => each.kerasFails !== undefined);
  const failing = [...grouped(broken, (each) => kindOf(each.kerasFails!).slice(0, 90))].map(
    ([, same]) =>
      `  - ${same.map((each) => nameOf(each.case)).join(", ")}: ${literal(same[0]!.kerasFails!)}`,
  );
  return [
    ...lines,
    "- Keras itself fails here:",
    ...(failing.length ? failing : ["  - nothing"]),
  ].join("\n");
}

function networksOf(part: RunResult): string {
  const head = ["", "predictions", "Keras itself", "training", "Keras itself", "read again", ""];
  const rows = part.verdicts.map((each) => [
    nameOf(each.case),
    figure([each.predicts]),
    figure([each.moved?.outputs]),
    figure([each.trains]),
    figure(each.moved ? [Math.max(each.moved.losses, each.moved.after)] : []),
    figure([each.back]),
    each.kerasFails ?? (passes(each) ? "passes" : each.faults.map((x) => x.message).join("; ")),
  ]);
  const { passingCases, cases } = count(part.verdicts);
  const [begin, end] = marks("applications");
  return [
    begin,
    "## Applications",
    `Of each family the smallest network, with random weights and four pictures. Such nets are chaotic: beside each
difference stands how far Keras itself moves when its input changes by 1e-7, and up to 20 times as much passes.
${passingCases} of ${cases} pass.`,
    table(head, rows),
    notesOf(part),
    end,
  ].join("\n\n");
}

const networksMissing = [
  marks("applications")[0],
  "## Applications",
  "Not tried yet: `npm run parity -- --applications`.",
  marks("applications")[1],
].join("\n\n");

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
