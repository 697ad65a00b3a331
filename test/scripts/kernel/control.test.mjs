// @ts-check
/** The thread that presses the stop button, with a main thread that does as a cell would. */
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Dealer } from "zeromq";
import {
  INSIDE,
  OUTSIDE,
  PLACE,
  StopButton,
  startControl,
} from "../../../scripts/kernel/stopButton.mjs";
import { temporaryFolder } from "../support.mjs";

const KEY = "a key of this test";

/** @param {Record<string, unknown>} header */
function signed(header) {
  const parts = [JSON.stringify(header), "{}", "{}", "{}"];
  const hash = createHmac("sha256", KEY);
  for (const part of parts) hash.update(part);
  return ["<IDS|MSG>", hash.digest("hex"), ...parts];
}

test("a cell that a signal didn't stop gets another, and none once it is stopped", async (t) => {
  const configPath = path.join(temporaryFolder(t), "connection.json");
  const probe = new Dealer();
  await probe.bind("tcp://127.0.0.1:*");
  const port = Number(probe.lastEndpoint?.split(":").at(-1));
  probe.close();
  const connection = { transport: "tcp", ip: "127.0.0.1", control_port: port, key: KEY };
  fs.writeFileSync(configPath, JSON.stringify(connection));

  /** When signals came. @type {number[]} */
  const signals = [];
  const listener = () => signals.push(performance.now());
  process.on("SIGINT", listener);
  const button = new StopButton();
  const control = startControl(button, configPath);
  const socket = new Dealer();
  t.after(async () => {
    process.off("SIGINT", listener);
    socket.close();
    control.ref();
    const ended = once(control, "exit");
    control.postMessage({});
    await ended;
  });
  socket.connect(`tcp://127.0.0.1:${port}`);

  Atomics.store(button.shared, PLACE, INSIDE);
  await socket.send(signed({ msg_id: randomUUID(), msg_type: "interrupt_request", session: "s" }));
  await socket.receive();
  while (signals.length < 2) await wait(20);
  const [first, second] = /** @type {[number, number]} */ (/** @type {unknown} */ (signals));
  assert.ok(second - first > 1500, `${second - first} ms between two signals`);
  Atomics.store(button.shared, PLACE, OUTSIDE);
  await wait(2500);
  assert.equal(signals.length, 2);
});
