/** The one number that a notebook is about. */

import { joinText, type Notebook } from "./compare";

/** The first group of the pattern's last match in the text outputs is the value. */
export interface KeyMetric {
  label: string;
  pattern: string;
}

/**
 * What a notebook declares in its metadata: `"convnets": { "keyMetric": { "label": "test accuracy",
 * "pattern": "Test accuracy: ([\\d.]+)" } }`.
 */
export function declaredMetric(metadata: Notebook["metadata"]): KeyMetric | undefined {
  return (metadata.convnets as { keyMetric?: KeyMetric } | undefined)?.keyMetric;
}

/** A notebook's key metric, for example `test accuracy 0.992`; `–` when it declares none. */
export function keyMetricOf(notebook: Notebook): string {
  const metric = declaredMetric(notebook.metadata);
  if (metric === undefined) return "–";
  const matches = [...textOf(notebook).matchAll(new RegExp(metric.pattern, "g"))];
  return `${metric.label} ${matches.at(-1)?.[1] ?? "not found"}`;
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
