// @ts-check
/** `npm run setup [-- --gpu | --cpu | --auto]`; `npm run build` is set-up with `--quick`. */
import { setUp } from "./setup/index.mjs";

const usage = `npm run setup [-- --gpu | --cpu | --auto]

  --gpu    TensorFlow for an NVIDIA GPU, from now on
  --cpu    TensorFlow for the CPU, from now on
  --auto   as the machine is: for a GPU when an NVIDIA driver is there (the default)
  --quick  trust that what was installed is whole: no look at the Python packages' files`;

const devices = /** @type {const} */ ({ "--gpu": "gpu", "--cpu": "cpu", "--auto": "auto" });

const all = process.argv.slice(2);
const args = all.filter((arg) => arg !== "--quick");
const unknown = args.find((arg) => !(arg in devices));
if (unknown !== undefined) {
  console.log(unknown === "--help" ? usage : `Unknown option: ${unknown}\n\n${usage}`);
  process.exit(unknown === "--help" ? 0 : 2);
}
const last = /** @type {keyof typeof devices | undefined} */ (args.at(-1));
const thorough = !all.includes("--quick");
await setUp({ device: last && devices[last], listCurrent: true, thorough });
