/** Redirects, statuses, and pages in the place of files. */
import { chunked, head } from "../scriptedServer";
import { honest, just, type Misbehaviour, whole } from "./misbehaviour";

const PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>no file</body></html>";

/** A redirect from the start to a place. */
function redirect(
  name: string,
  location: string,
  ends: Misbehaviour["ends"] = "error",
): Misbehaviour {
  return {
    name: `a redirect ${name}`,
    ends,
    answer: (asked, scene) =>
      asked.path === "/there"
        ? honest(asked, scene)
        : just("302 Found", "", { location: location.replace("URL", scene.url) }),
  };
}

/** A status that refuses. */
const refusals = ["204 No Content", "300 Multiple Choices", "304 Not Modified", "400 Bad Request"]
  .concat(["401 Unauthorized", "402 Payment Required", "403 Forbidden", "404 Not Found"])
  .concat(["405 Method Not Allowed", "410 Gone", "418 I'm a teapot", "451 Unavailable"])
  .map(
    (status): Misbehaviour => ({
      name: `${status}, with the file`,
      ends: "error",
      answer: (_, { file }) => [head(status, { "content-length": file.length }), file],
    }),
  );

/** A status that may pass. */
const passing = ["408 Request Timeout", "425 Too Early", "429 Too Many Requests"]
  .concat(["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "599 ?"])
  .map(
    (status): Misbehaviour => ({
      name: `${status}, once`,
      ends: "right",
      answer: (asked, scene) =>
        asked.turn > 0 ? honest(asked, scene) : just(status, PAGE, { "retry-after": "0" }),
    }),
  );

export const redirects: readonly Misbehaviour[] = [
  redirect("to itself", "/"),
  redirect("to nothing", ""),
  redirect("to a file of this machine", "file:///etc/hostname"),
  redirect("to ftp", "ftp://127.0.0.1/file"),
  redirect("to data", "data:text/plain,hello"),
  redirect("to what is no address", "http://["),
  redirect("to a sign-in", "/account/login"),
  redirect("to an address with a password", "http://me:secret@127.0.0.1:1/"),
  redirect("to where nobody listens", "http://127.0.0.1:1/"),
  redirect("to the file", "/there", "right"),
  redirect("to the file, by its whole address", "URL/there", "right"),
  redirect("to the file, with a fragment", "/there#x", "right"),
  {
    name: "a redirect without a place",
    ends: "error",
    answer: () => just("302 Found"),
  },
  {
    name: "redirects without end",
    ends: "error",
    answer: ({ turn }) => just("307 Temporary Redirect", "", { location: `/${turn}` }),
  },
  {
    name: "ten redirects, and the file",
    ends: "right",
    answer: (asked, scene) =>
      asked.turn === 10
        ? honest(asked, scene)
        : just("308 Permanent Redirect", "more", { location: `/${asked.turn}` }),
  },
];

export const statuses: readonly Misbehaviour[] = [
  ...refusals,
  ...passing,
  {
    name: "503, always",
    ends: "error",
    answer: () => just("503 Service Unavailable", "busy"),
  },
  {
    name: "503 with a time that is none",
    ends: "right",
    answer: (asked, scene) =>
      asked.turn > 0
        ? honest(asked, scene)
        : just("503 Service Unavailable", "", { "retry-after": "soon" }),
  },
  {
    name: "503 until next year",
    ends: "error",
    answer: () => just("503 Service Unavailable", "", { "retry-after": "31536000" }),
  },
  {
    name: "a status in letters",
    ends: "error",
    answer: (_, { file }) => ["HTTP/1.1 OK fine\r\n\r\n", file],
  },
  {
    name: "bytes without a head",
    ends: "error",
    answer: (_, { file }) => [file],
  },
  {
    name: "early hints before the file",
    ends: "right",
    answer: (_, scene) => ["HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", ...whole(scene)],
  },
  {
    name: "a head of a megabyte",
    ends: "error",
    answer: (_, scene) => whole(scene, { "x-long": "y".repeat(1 << 20) }),
  },
];

/** A page that is not called one. */
function page(name: string, text: string, pieceBytes: number): Misbehaviour {
  return {
    name: `a page ${name}`,
    ends: "error",
    answer: () => [
      head("200 OK", { "transfer-encoding": "chunked", "content-type": "application/zip" }),
      chunked(Buffer.from(text), pieceBytes),
    ],
  };
}

export const pages: readonly Misbehaviour[] = [
  {
    name: "a page",
    ends: "error",
    answer: () => just("200 OK", PAGE, { "content-type": "text/html; charset=utf-8" }),
  },
  {
    name: "a page of XHTML",
    ends: "error",
    answer: () => just("200 OK", PAGE, { "content-type": "application/xhtml+xml" }),
  },
  page("that is called an archive", PAGE, 4096),
  page("in chunks of a byte", PAGE, 1),
  page("in small letters", PAGE.toLowerCase(), 7),
  page("after a mark of its encoding", `\uFEFF\n\n${PAGE}`, 2),
  page("after a long comment", `<!-- ${"x".repeat(900)} -->\n${PAGE}`, 100),
  page("after a declaration of XML", `<?xml version="1.0"?>\n${PAGE}`, 5),
  page("without a declaration", "<html lang=en><body>no file</body></html>", 3),
  page("that begins in the middle", "<head><title>No</title></head>", 3),
  {
    name: "a page in two tries",
    ends: "error",
    answer: ({ from = 0 }) => {
      const rest = Buffer.from(PAGE).subarray(from);
      return [
        head(from === 0 ? "200 OK" : "206 Partial Content", {
          etag: '"page"',
          "content-length": rest.length,
          ...(from > 0 && { "content-range": `bytes ${from}-${PAGE.length - 1}/${PAGE.length}` }),
        }),
        rest.subarray(0, from === 0 ? 6 : rest.length),
      ];
    },
  },
  {
    name: "the file as JSON",
    ends: "right",
    answer: (_, scene) => whole(scene, { "content-type": "application/json" }),
  },
  {
    name: "the file without a type",
    ends: "right",
    answer: (_, { file }) => [head("200 OK", { "content-length": file.length }), file],
  },
  {
    name: "the file as a page to keep",
    ends: "right",
    answer: (_, scene) =>
      whole(scene, { "content-type": "text/html", "content-disposition": "attachment" }),
  },
];
