/** Both directions of a `Bidirectional`, as files describe them. */
import type { JsonObject } from "../json";
import { ModelFileError, objectField } from "./json";
import { classNameOf } from "./titles";

/** tfjs makes the backward layer from the forward one. */
export function checkMirrored(forward: JsonObject, backward: JsonObject, title: string): void {
  const settings = (entry: JsonObject) => {
    const { name: _, go_backwards, dtype: __, ...rest } = objectField(entry, "config", title);
    const shared = JSON.stringify(rest, (key, item) =>
      key === "shared_object_id" ? undefined : item,
    );
    return { go_backwards, shared, className: classNameOf(entry) };
  };
  const [one, other] = [settings(forward), settings(backward)];
  const mirrored =
    one.shared === other.shared &&
    one.className === other.className &&
    one.go_backwards !== other.go_backwards;
  if (!mirrored) {
    throw new ModelFileError(`${title} is not the forward layer reversed, which is not supported`);
  }
}
