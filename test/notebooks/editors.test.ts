/** The kernel as editors start it: VS Code's Jupyter extension, by its specification, without Jupyter's server. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { repository } from "../../scripts/notebooks/paths";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

test("an editor that looks into the environment's kernels can start and use this one", async () => {
  using folder = temporaryFolder();
  const places = [path.join(repository, ".venv"), folder.path, path.join(repository, "notebooks")];
  assert.deepEqual(JSON.parse(await runPython(program, places)), {
    name: "TypeScript (tslab)",
    language: "typescript",
    printed: "6\n",
  });
});

/** Reads PREFIX/share/jupyter/kernels, writes a connection file, starts the kernel in the notebook's folder. */
const program = `
import json, os, subprocess, sys, time, uuid
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

prefix, temporary, folder = sys.argv[1:]
with open(f"{prefix}/share/jupyter/kernels/tslab/kernel.json") as file:
    spec = json.load(file)
key = uuid.uuid4().hex.encode()
connection, _ = write_connection_file(f"{temporary}/kernel-v3.json", ip="127.0.0.1", key=key)
argv = [part.replace("{connection_file}", connection) for part in spec["argv"]]
environment = {**os.environ, **spec["env"]}
kernel = subprocess.Popen(argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
client = BlockingKernelClient(connection_file=connection)
client.load_connection_file()
client.start_channels()
asked = set()
while not client.iopub_channel.msg_ready():  # it is subscribed to, and the kernel is there
    assert kernel.poll() is None, kernel.communicate()
    asked.add(client.kernel_info())
    time.sleep(0.5)
while asked:
    asked.discard(client.get_shell_msg(timeout=60)["parent_header"]["msg_id"])

printed = []
def keep(message):
    if message["msg_type"] == "stream":
        printed.append(message["content"]["text"])
cell = 'import { tf } from "convnets"; console.log(tf.tensor([1, 2, 3]).sum().dataSync()[0]);'
client.execute_interactive(cell, output_hook=keep, timeout=60)
kernel.kill()
kernel.communicate(timeout=60)
print(json.dumps({
    "name": spec["display_name"], "language": spec["language"], "printed": "".join(printed),
}))
`;
