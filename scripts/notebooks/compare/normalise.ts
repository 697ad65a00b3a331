/** Takes out of a text what differs from run to run: times, dates, rates, memory, ids, places. */

const NUMBER = String.raw`\d[\d,]*(?:\.\d+)?`;
const TIME_UNIT = `(?:ns|µs|us|ms|s|sec|secs|seconds?|min|mins|minutes?|h|hours?|days?)`;

/** Node's own warnings; which there are depends on Node's version. */
const NODE_WARNING = /^\(node:\d+\) .*\n?|^\(Use `node --trace-.*\n?/gm;

/** What the library says when a long step of an earlier run is not repeated; all else is as it was then. */
const RESTORED =
  /^(?:Restored (?:epochs? |\d[\d,]* (?:steps|features) ).+|(?:Training starts|Features are computed) anew: .+)(?:\n|$)/gm;

/** In this order: a date holds clock times, a rate holds a size. */
const VOLATILE: readonly [RegExp, string][] = [
  [
    /(?<![\w.:/])(?:\/[\w.@+-]+)+\/(?=(?:data|notebooks|out|node_modules|\.cache)(?![\w-]))/g,
    "<repository>/",
  ],
  [/(?<![\w.:/])\/tmp\/[\w.-]+/g, "<temporary>"],
  [/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)/g, "<date>"],
  [
    new RegExp(
      String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:[A-Z][a-z]{2} \d\d?|\d\d? [A-Z][a-z]{2}) \d{4}` +
        String.raw`(?: \d\d:\d\d:\d\d(?: (?:GMT|UTC)(?:[+-]\d{4})?(?: \([^)]*\))?)?)?`,
      "g",
    ),
    "<date>",
  ],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<id>"],
  [new RegExp(String.raw`${NUMBER} ?[A-Za-z]+/s(?:ec|econd)?\b`, "g"), "<rate>"],
  [
    new RegExp(String.raw`\b(memory|rss|heap|ram)\b([^\n\d]{0,20})${NUMBER} ?[kKMGT]?i?B\b`, "gi"),
    "$1$2<memory>",
  ],
  [/(?<![\d:.])\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?![\d:])/g, "<time>"],
  [/(?<![\w.])(?:\d+ ?h ?)?\d+ ?m(?:in)? ?\d+(?:\.\d+)? ?s(?!\w)/g, "<time>"],
  [/(?<![\w.])\d+ ?h ?\d+ ?m(?:in)?(?!\w)/g, "<time>"],
  [new RegExp(String.raw`(?<![\w.])${NUMBER}(?: |-)?${TIME_UNIT}(?![\w-])`, "g"), "<time>"],
];

/** A text with run-dependent parts replaced by names such as `<time>`; the room they take is evened out. */
export function normaliseText(text: string): string {
  let normal = text.replace(NODE_WARNING, "").replace(RESTORED, "");
  for (const [pattern, name] of VOLATILE) normal = normal.replace(pattern, name);
  return normal
    .replace(/[ \t]*(<(?:time|rate|memory)>)[ \t]*/g, " $1 ")
    .replace(/[ \t]+$/gm, "")
    .trimEnd();
}

/** A JavaScript stack trace without its frames, which name paths and lines of this machine. */
export function withoutFrames(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n");
}
