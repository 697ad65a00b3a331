// @ts-check
/** What `npx convnets …` takes. */

/** By their names. @satisfies {Record<string, import("../commands/command.mjs").Command>} */
export const commands = {
  setup: {
    does:
      "Gets TensorFlow for the CPU from PyPI, once for all projects of this user. Nothing is done where it is there " +
      "already, or in the active Python environment.",
    options: {},
    more:
      "It is kept in the folder that CONVNETS_HOME names, else in $XDG_CACHE_HOME/convnets or ~/.cache/convnets.\n" +
      "Needs Python's pip, or uv; pip's settings hold (mirrors, proxies).",
  },
  doctor: {
    does: "Says what there is, what TensorFlow runs on, and what to do where something is missing. Changes nothing.",
    options: {},
  },
};
