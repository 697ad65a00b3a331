// @ts-check
/** What the library's comments must say, asked of the description of its public surface that typedoc writes. */

/**
 * @typedef {{ tag: string, content: unknown[] }} BlockTag
 * @typedef {{ summary: unknown[], blockTags?: BlockTag[] }} Comment
 * @typedef {{ type: string, declaration?: Reflection, types?: Type[] }} Type
 * @typedef {{
 *   name: string,
 *   kind: number,
 *   flags?: { isOptional?: boolean },
 *   comment?: Comment,
 *   children?: Reflection[],
 *   signatures?: Reflection[],
 *   getSignature?: Reflection,
 *   type?: Type,
 * }} Reflection
 */

/** Typedoc's numbers for the kinds of declarations that are told apart here. */
export const kinds = /** @type {const} */ ({
  namespace: 4,
  variable: 32,
  function: 64,
  constructor: 512,
  typeAlias: 2097152,
  reference: 4194304,
});

/**
 * What is missing: a comment at an export or at a field of one, `@default` at an option that may be left out, an
 * `@example` at a function.
 *
 * @param {Reflection} project
 * @returns {string[]} One line for each.
 */
export function complaints(project) {
  return (project.children ?? []).flatMap((each) => complaintsAbout(each, { place: "" }));
}

/**
 * @param {Reflection} reflection
 * @param {{ place: string, isOption?: boolean }} where
 * @returns {string[]}
 */
function complaintsAbout(reflection, { place, isOption = false }) {
  const { name, kind, flags } = reflection;
  // A constructor is described by its class, and what stands elsewhere there; tfjs passes through as it is.
  if (kind === kinds.constructor || kind === kinds.reference) return [];
  if (place === "" && name === "tf") return [];
  const path = `${place}${name}`;
  const found = [];
  const comments = commentsOf(reflection);
  if (!comments.some(({ summary }) => summary.length > 0)) found.push(`${path} has no comment`);
  if (isOption && flags?.isOptional && !hasTag(comments, "@default")) {
    found.push(`${path} may be left out, but has no @default`);
  }
  if (isFunction(reflection) && !hasTag(comments, "@example")) {
    found.push(`${path} has no @example`);
  }
  const inside = { place: `${path}.`, isOption: name.endsWith("Options") };
  const members = [...(reflection.children ?? []), ...membersOfAlias(reflection)];
  return [...found, ...members.flatMap((member) => complaintsAbout(member, inside))];
}

/**
 * The comments of a declaration and of its signatures: a function in an object has only those.
 *
 * @param {Reflection} reflection
 * @returns {Comment[]}
 */
function commentsOf({ comment, signatures = [], getSignature, type }) {
  const all = [comment, getSignature?.comment];
  for (const signature of [...signatures, ...signaturesOf(type)]) all.push(signature.comment);
  return all.filter((each) => each !== undefined);
}

/** @param {Type | undefined} type */
function signaturesOf(type) {
  return type?.declaration?.signatures ?? [];
}

/**
 * @param {Comment[]} comments
 * @param {string} tag
 */
function hasTag(comments, tag) {
  return comments.some(({ blockTags = [] }) => blockTags.some((each) => each.tag === tag));
}

/** @param {Reflection} reflection */
function isFunction({ kind, type }) {
  if (kind === kinds.function) return true;
  const parts = type?.types ?? (type === undefined ? [] : [type]);
  return kind === kinds.variable && parts.some((part) => signaturesOf(part).length > 0);
}

/**
 * The fields of a type alias that stands for an object.
 *
 * @param {Reflection} reflection
 * @returns {Reflection[]}
 */
function membersOfAlias({ kind, type }) {
  if (kind !== kinds.typeAlias || type === undefined) return [];
  return [type, ...(type.types ?? [])].flatMap(({ declaration }) => declaration?.children ?? []);
}
