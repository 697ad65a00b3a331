/** What there is to say about a layer in a few words. */
import { counted } from "../text";
import { isModel, type Layer, outputShapesOf } from "../tfjs";

/** An output shape as Keras prints it: `(None, 26, 26, 32)`; several outputs one after the other. */
export function outputShapeText(layer: Layer): string {
  const shapes = outputShapesOf(layer);
  if (shapes === undefined) return "?"; // never called, so it could still be any
  return shapes.map((shape) => `(${shape.map((size) => size ?? "None").join(", ")})`).join(" ");
}

/** The settings that make a layer what it is: `32 filters 3×3, relu`. */
export function settingsText(layer: Layer): string {
  if (isModel(layer)) return counted(layer.layers.length, "layer");
  const config = layer.getConfig();
  const parts: string[] = [];
  const sizes = (value: unknown) => (Array.isArray(value) ? value.join("×") : String(value));
  if (typeof config.filters === "number")
    parts.push(`${counted(config.filters, "filter")} ${sizes(config.kernelSize)}`);
  else if (config.kernelSize !== undefined) parts.push(sizes(config.kernelSize));
  if (typeof config.units === "number") parts.push(counted(config.units, "unit"));
  if (config.poolSize !== undefined) parts.push(sizes(config.poolSize));
  if (config.strides !== undefined && isStrided(config))
    parts.push(`stride ${sizes(config.strides)}`);
  if (config.padding === "same") parts.push("same");
  if (typeof config.rate === "number") parts.push(`rate ${config.rate}`);
  if (typeof config.scale === "number") parts.push(`× ${Number(config.scale.toPrecision(3))}`);
  if (typeof config.activation === "string" && config.activation !== "linear")
    parts.push(config.activation);
  return parts.join(", ");
}

/** Strides that differ from what the layer does by itself: 1, or the pool's size. */
function isStrided(config: Record<string, unknown>): boolean {
  const usual = config.poolSize ?? 1;
  const strides = [config.strides].flat();
  return strides.some((stride, i) => stride !== ([usual].flat()[i] ?? [usual].flat()[0]));
}

/** A whole number with commas: `104,202`. */
export function countText(count: number): string {
  return count.toLocaleString("en");
}
