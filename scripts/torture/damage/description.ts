/** Damage to a model's description, which stays JSON. */
import type { Chance } from "./random";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What stands in the place of something else. */
const strange: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e9, 1e308, 2 ** 31],
  ...["", "abc", "no", "__proto__", "relu"],
  ...[[], [1], [1, 2, 3], [[]], {}, { class_name: "Dense" }, { class_name: "Zeros", config: {} }],
];

/** Changes, renames or takes out one thing of a description. */
export function changed(text: string, chance: Chance): { text: string; what: string } {
  const whole = JSON.parse(text) as Json;
  const places: { owner: Record<string, Json>; key: string; path: string }[] = [];
  const visit = (value: Json, path: string) => {
    if (typeof value !== "object" || value === null) return;
    const owner = value as Record<string, Json>;
    for (const key of Object.keys(owner)) {
      const inner = `${path}.${key}`;
      places.push({ owner, key, path: inner });
      visit(owner[key]!, inner);
    }
  };
  visit(whole, "");
  const { owner, key, path } = chance.of(places);
  if (chance.next() < 0.15) {
    delete owner[key];
    return { text: JSON.stringify(whole), what: `${path} taken out` };
  }
  const value = chance.of(strange);
  owner[key] = value;
  return { text: JSON.stringify(whole), what: `${path} = ${JSON.stringify(value)}` };
}
