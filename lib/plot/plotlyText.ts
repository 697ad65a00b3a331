/** The text of Plotly's titles, which may hold simple tags and entities. */

/** The tags that Plotly knows; what else stands between `<` and `>` is text. */
const styles = ["sup", "sub", "s", "u", "b", "i", "a", "span", "em"];

const entities: Record<string, string> = {
  mu: "μ",
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: "\u00a0",
  times: "×",
  plusmn: "±",
  deg: "°",
};

/** What Plotly shows for a text, without its styles and in one line. */
export function plainText(text: string): string {
  return text
    .split(/(<[^<>]*>)/)
    .map((part) => {
      const tag = /^<\/?([^ >]*)(\s.*)?>$/.exec(part)?.[1]?.toLowerCase();
      if (tag === "br" || tag === "br/") return " ";
      return tag !== undefined && styles.includes(tag) ? "" : withoutEntities(part);
    })
    .join("");
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
