// @ts-check
/** `npm run build`: set-up that trusts that what was installed is whole. */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";

readCommand("build");
await setUp({ listCurrent: true });
