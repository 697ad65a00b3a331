/** The build of the library that this worker measures: its last argument, perhaps of another checkout. */
import type * as library from "../../lib/index";

export const build = require(process.argv[5]!) as typeof library;
