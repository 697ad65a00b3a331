// @ts-check
/** `npm run setup [-- --gpu | --cpu | --auto]` */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";

const { device } = readCommand("setup");
await setUp({ device, listCurrent: true, thorough: true });
