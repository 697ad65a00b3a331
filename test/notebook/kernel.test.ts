import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Kernel, startKernel } from "../support/kernel";

let kernel: Kernel;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

const importRoom = `const notebook = require("./.build/lib/notebook"); `;

test("openLiveLine() replaces its line in the cell and keeps the final text", async () => {
  const { messages, status } = await kernel.run(`
    {
      ${importRoom}
      const line = notebook.openLiveLine();
      for (let i = 0; i < 1000; i++) line.update("step " + i);
      await new Promise((resolve) => setTimeout(resolve, 150));
      line.finish("1000 steps");
      line.update("too late");
    }`);
  assert.equal(status, "ok");
  assert.deepEqual(
    messages.map(({ type, content }) => [type, content.data as object]),
    [
      ["display_data", { "text/plain": "step 0" }],
      ["update_display_data", { "text/plain": "step 999" }],
      ["update_display_data", { "text/plain": "1000 steps" }],
    ],
  );
  const ids = messages.map(
    ({ content }) => (content.transient as { display_id: string }).display_id,
  );
  assert.equal(new Set(ids).size, 1);
});

test("lines that are kept stay in one output above the live line", async () => {
  const { messages } = await kernel.run(`
    {
      ${importRoom}
      const line = notebook.openLiveLine();
      line.keep("Epoch 1/2");
      line.update("1/8");
      line.keep("8/8");
      line.keep("Epoch 2/2");
      line.update("1/8");
      line.finish();
    }`);
  assert.equal(messages.filter(({ type }) => type === "display_data").length, 1);
  assert.deepEqual(messages.at(-1)!.content.data, {
    "text/plain": "Epoch 1/2\n8/8\nEpoch 2/2\n1/8",
  });
});

test("displayBundle() sends all representations in one message", async () => {
  const { messages } = await kernel.run(`
    {
      ${importRoom}
      notebook.displayBundle(
        { "application/json": { a: [1] }, "image/png": Uint8Array.of(1, 2, 3), "text/plain": "three" },
        { metadata: { "image/png": { width: 1 } } },
      );
    }`);
  assert.equal(messages.length, 1);
  assert.deepEqual(messages[0]!.content.data, {
    "application/json": { a: [1] },
    "image/png": "AQID",
    "text/plain": "three",
  });
  assert.deepEqual(messages[0]!.content.metadata, { "image/png": { width: 1 } });
});

test("a live line goes on writing to the cell that opened it", async () => {
  await kernel.run(`
    {
      ${importRoom}
      const line = notebook.openLiveLine();
      line.update("early");
      (globalThis as any).finishLine = () => line.finish("late");
    }`);
  const later = await kernel.run(`(globalThis as any).finishLine()`);
  assert.deepEqual(
    later.messages.map(({ type, content, fromThisCell }) => [type, content.data, fromThisCell]),
    [["update_display_data", { "text/plain": "late" }, false]],
  );
});

test("the stop button reaches the listener of what runs", async () => {
  // As a library's function: a cell's own code ends at its next `await`, what it has called has to listen.
  const { status, stderr } = await kernel.run(
    `
    {
      ${importRoom}
      const work = new Function("onInterrupt", \`return (async () => {
        let stopped = false;
        const stopListening = onInterrupt(() => { stopped = true; });
        await null;
        console.log("started");
        while (!stopped) await new Promise((resolve) => setTimeout(resolve, 5));
        stopListening();
        globalThis.loopEnded = true;
      })()\`);
      await work(notebook.onInterrupt);
    }`,
    { interruptOn: "started" },
  );
  assert.equal(status, "error");
  assert.match(stderr, /Interrupted/);
  const { stdout } = await kernel.run(`
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log((globalThis as any).loopEnded, process.listenerCount("SIGINT"))`);
  assert.equal(stdout, "true 1\n");
});

test("an error of ours in a cell shows name, message, hint and the line of the cell, and no frames of ours", async () => {
  const { status, stderr } = await kernel.run(`
    const errors = require("./.build/lib/errors");
    throw errors.invalidArgument("size", { expected: "positive", received: -1, hint: "Give a size above 0." });`);
  assert.equal(status, "error");
  const lines = stderr.split("\n");
  assert.deepEqual(lines.slice(0, 2), [
    "InvalidArgumentError: `size` must be positive. Received: size=-1",
    "Give a size above 0.",
  ]);
  assert.match(lines[2]!, /^ {4}at Cell In\[\d+\], line 3$/);
  assert.deepEqual(lines.slice(3), [""]);
});
