/** The one number that a notebook is about. */

import { joinText, type Notebook } from "./compare";

/**
 * A notebook's key metric, for example `test accuracy 0.992`; `–` when it declares none.
 *
 * A notebook declares it in its metadata: `"convnets": { "keyMetric": { "label": "test accuracy",
 * "pattern": "Test accuracy: ([\\d.]+)" } }`. The value is the first group of the pattern's last match
 * in the text outputs.
 */
export function keyMetricOf(notebook: Notebook): string {
  const { keyMetric } = (notebook.metadata.convnets ?? {}) as {
    keyMetric?: { label: string; pattern: string };
  };
  if (keyMetric === undefined) return "–";
  const matches = [...textOf(notebook).matchAll(new RegExp(keyMetric.pattern, "g"))];
  return `${keyMetric.label} ${matches.at(-1)?.[1] ?? "not found"}`;
}

function textOf(notebook: Notebook): string {
  return notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => {
      if (output.output_type === "stream") return joinText(output.text);
      if (output.output_type === "error") return "";
      return joinText((output.data["text/plain"] as string | undefined) ?? "");
    })
    .join("\n");
}
