// @ts-check
/** `npm run setup [-- --gpu | --cpu | --auto]` */
import { setUp } from "./setup/index.mjs";

const usage = `npm run setup [-- --gpu | --cpu | --auto]

  --gpu    TensorFlow for an NVIDIA GPU, from now on
  --cpu    TensorFlow for the CPU, from now on
  --auto   as the machine is: for a GPU when an NVIDIA driver is there (the default)`;

const devices = /** @type {const} */ ({ "--gpu": "gpu", "--cpu": "cpu", "--auto": "auto" });

const args = process.argv.slice(2);
const unknown = args.find((arg) => !(arg in devices));
if (unknown !== undefined) {
  console.log(unknown === "--help" ? usage : `Unknown option: ${unknown}\n\n${usage}`);
  process.exit(unknown === "--help" ? 0 : 2);
}
const last = /** @type {keyof typeof devices | undefined} */ (args.at(-1));
await setUp({ device: last && devices[last], listCurrent: true });
