import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { it } from "node:test";
import { python, repository } from "../../scripts/notebooks/paths";

/** What is left on the screen of texts written one after the other. */
const SCREENS: [string, string[], string][] = [
  ["keeps plain lines", ["one\n", "two\n"], "one\ntwo\n"],
  ["overwrites a line after a carriage return", ["10%", "\r50%", "\r100%\n"], "100%\n"],
  ["keeps the rest of a longer line", ["loading\rdone"], "doneing"],
  ["takes \\r\\n as a line's end", ["one\r\n", "two"], "one\ntwo"],
  ["waits for what follows a carriage return", ["one\r", "\ntwo"], "one\ntwo"],
  ["erases a line", ["a long line\r\u001b[2Kshort"], "short"],
  ["erases to the end of a line", ["a long line\ra\u001b[K"], "a"],
  ["steps back", ["ab\b\bc"], "cb"],
  ["keeps colours", ["\u001b[31mred\u001b[0m"], "\u001b[31mred\u001b[0m"],
];

const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
from stream_text import StreamText
screens = []
for texts in json.load(sys.stdin):
    screen = StreamText()
    for text in texts:
        screen.add(text)
    screens.append(screen.text())
json.dump(screens, sys.stdout)`;

const { stdout, stderr } = spawnSync(
  python,
  ["-c", script, path.join(repository, "scripts/notebooks")],
  { input: JSON.stringify(SCREENS.map(([, texts]) => texts)), encoding: "utf8" },
);
const screens = stderr === "" ? (JSON.parse(stdout) as string[]) : [];

for (const [i, [name, , expected]] of SCREENS.entries()) {
  it(`StreamText ${name}`, () => {
    assert.equal(stderr, "");
    assert.equal(screens[i], expected);
  });
}
