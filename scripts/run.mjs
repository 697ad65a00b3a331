// @ts-check
/** `node scripts/run.mjs NAME …`: set-up, then the compiled script of a command. */
import path from "node:path";
import { commands, readCommand } from "./commands/index.mjs";
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

const [name, ...line] = process.argv.slice(2);
const command = /** @type {import("./commands/index.mjs").CommandName} */ (name);
readCommand(command, line); // once more by the script: here before anything is done
await setUp();
const script = path.join(paths.build, "scripts", `${commands[command].script}.js`);
await handOver([process.execPath, script, ...line]);
