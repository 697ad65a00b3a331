import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { throttle } from "../../lib/notebook";

test("throttle() shows the first value at once and the newest of those that come too fast", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 0;
  mock.method(performance, "now", () => nowMs);
  const shown: number[] = [];
  const { offer, cancel } = throttle((value: number) => shown.push(value), 100);
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };

  for (const value of [1, 2, 3]) offer(value);
  assert.deepEqual(shown, [1]);
  pass(100);
  assert.deepEqual(shown, [1, 3]);
  offer(4);
  cancel();
  pass(200);
  assert.deepEqual(shown, [1, 3]);
  offer(5);
  assert.deepEqual(shown, [1, 3, 5]);
  mock.restoreAll();
});
