/** Reads the pages that Google Drive shows in place of a file. */

/** What a page means for the download. */
export type DrivePage =
  | { kind: "confirm"; next: URL }
  | { kind: "quota" }
  | { kind: "refusal"; text: string }
  | { kind: "other"; title: string };

// An ES module, whose types a CommonJS module cannot import by name.
const loadParser = () => import("parse5");
type Parser = Awaited<ReturnType<typeof loadParser>>;
type Document = ReturnType<Parser["defaultTreeAdapter"]["createDocument"]>;
type Node = Document | Document["childNodes"][number];
type Element = Extract<Node, { tagName: string }>;

const QUOTA = /quota (has been )?exceeded|too many users have viewed or downloaded/i;

/**
 * Quota in the languages that Drive may write in all the same; of the page's title and of what it marks as an error only, as
 * some are everyday words.
 */
const QUOTA_ABROAD = new RegExp(
  "quota|cuota|\\bcota|kontingent|kvot|квот|limit|límite|лимит|kota|contingent|hạn mức|โควต|حصة|מכסה|कोटा|" +
    "할당량|너무 많|많은 사용자|割り当て|多数のユーザー|上限|配[额額]|太多用[户戶]|許多使用者",
  "i",
);

/** @param url Where the page came from: the form's action may be relative. */
export async function readDrivePage(html: string, url: URL): Promise<DrivePage> {
  const { parse } = await loadParser();
  const elements = descendants(parse(html));
  const next = confirmationForm(elements, url) ?? confirmationLink(elements, url);
  if (next) return { kind: "confirm", next };
  const title = elements.find(({ tagName }) => tagName === "title");
  const text = elements.filter(({ tagName }) => tagName === "p" || tagName === "title").map(textOf);
  if (text.some((part) => QUOTA.test(part))) return { kind: "quota" };
  const refusals = elements.filter(isRefusal).map(textOf);
  if (refusals.length > 0) {
    const said = [...refusals, title ? textOf(title) : ""];
    if (said.some((part) => QUOTA_ABROAD.test(part))) return { kind: "quota" };
    return { kind: "refusal", text: refusals.join(" ").slice(0, 200) };
  }
  return { kind: "other", title: title ? textOf(title).slice(0, 120) : "" };
}

/** What Drive marks as the reason for which it doesn't give a file: quota, or a virus in it. */
function isRefusal(element: Element): boolean {
  const classes = (attribute(element, "class") ?? "").split(/\s+/);
  return classes.includes("uc-error-caption") || classes.includes("uc-error-subcaption");
}

/** The address that sending the form would ask for: its action with `id`, `confirm`, `uuid` … as the page has them. */
function confirmationForm(elements: Element[], url: URL): URL | undefined {
  const form = elements.find(
    (element) => element.tagName === "form" && attribute(element, "id") === "download-form",
  );
  if (form === undefined) return undefined;
  const next = resolve(attribute(form, "action") ?? "", url);
  for (const input of descendants(form)) {
    const name = attribute(input, "name");
    if (input.tagName === "input" && name) {
      next?.searchParams.set(name, attribute(input, "value") ?? "");
    }
  }
  return next;
}

/** The older page has a link instead. */
function confirmationLink(elements: Element[], url: URL): URL | undefined {
  const link = elements.find((element) => attribute(element, "id") === "uc-download-link");
  const href = link && attribute(link, "href");
  return href?.includes("confirm=") ? resolve(href, url) : undefined;
}

/** Drive's pages lead to web addresses only, and never from https to http. */
function resolve(address: string, from: URL): URL | undefined {
  if (!URL.canParse(address, from.href)) return undefined;
  const url = new URL(address, from);
  return url.protocol === "https:" || url.protocol === from.protocol ? url : undefined;
}

/** Every node below `root` in the document's order; a page may be nested too deep for recursion. */
function* nodesBelow(root: Node): Generator<Node> {
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node !== root) yield node;
    if ("childNodes" in node) waiting.push(...node.childNodes.toReversed());
  }
}

function descendants(root: Node): Element[] {
  return [...nodesBelow(root)].filter((node): node is Element => "tagName" in node);
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value;
}

function textOf(element: Element): string {
  const texts = [...nodesBelow(element)].map((node) => ("value" in node ? node.value : ""));
  return texts.join("").replace(/\s+/g, " ").trim();
}
