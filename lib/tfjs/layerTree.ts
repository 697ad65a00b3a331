/** What a model is made of. */

/** The layers that are no models, at any depth; one that is part of several models comes once for each. */
export function leavesOf<Layer extends { layers?: Layer[] }>(layer: Layer): Layer[] {
  return layer.layers?.flatMap((inner) => leavesOf(inner)) ?? [layer];
}
