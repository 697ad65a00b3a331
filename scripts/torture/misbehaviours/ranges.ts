/** Answers to the request for the rest of a file. */
import { type Asked, head, type Piece } from "../scriptedServer";
import { honest, just, type Misbehaviour, partial, type Scene, whole } from "./misbehaviour";

/** A lie to who asks for the rest, and the whole file to who then asks for it. */
function lie(
  name: string,
  answer: (from: number, scene: Scene) => readonly Piece[],
  ends: Misbehaviour["ends"] = "right",
): Misbehaviour {
  return {
    name,
    ends,
    resumed: true,
    answer: (asked: Asked, scene: Scene) =>
      asked.from === undefined ? honest(asked, scene) : answer(asked.from, scene),
  };
}

/** A 206 with a `Content-Range` of one's own, and the right bytes. */
function withRange(range: (from: number, length: number) => string) {
  return (from: number, { file, etag }: Scene) =>
    partial(file.subarray(from), { etag, "content-range": range(from, file.length) });
}

/** A 206 that is right but for some headers. */
function withHeaders(headers: Readonly<Record<string, string | number>>) {
  return (from: number, { file, etag }: Scene) =>
    partial(file.subarray(from), {
      etag,
      "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
      ...headers,
    });
}

export const ranges: readonly Misbehaviour[] = [
  lie(
    "the rest from one byte later",
    withRange((from, n) => `bytes ${from + 1}-${n - 1}/${n}`),
  ),
  lie(
    "the rest from one byte before",
    withRange((from, n) => `bytes ${from - 1}-${n - 1}/${n}`),
  ),
  lie(
    "the rest from the beginning",
    withRange((_, n) => `bytes 0-${n - 1}/${n}`),
  ),
  lie(
    "the rest of a longer file",
    withRange((from, n) => `bytes ${from}-${n + 4}/${n + 5}`),
  ),
  lie(
    "the rest of a shorter file",
    withRange((from, n) => `bytes ${from}-${n - 6}/${n - 5}`),
  ),
  lie(
    "a range past its own total",
    withRange((from, n) => `bytes ${from}-${n + 9}/${n}`),
  ),
  lie(
    "a range that ends before it begins",
    withRange((from, n) => `bytes ${from}-${from - 2}/${n}`),
  ),
  lie(
    "a range in other units",
    withRange((from, n) => `lines ${from}-${n - 1}/${n}`),
  ),
  lie(
    "a range in letters",
    withRange(() => "bytes all/of-it"),
  ),
  lie(
    "an empty range",
    withRange(() => ""),
  ),
  lie(
    "a range of unknown total",
    withRange((from, n) => `bytes ${from}-${n - 1}/*`),
  ),
  lie("no range at all", (from, { file, etag }) => partial(file.subarray(from), { etag })),
  lie("several ranges", (_, { file, etag }) =>
    partial(Buffer.concat([Buffer.from("--b\r\n\r\n"), file, Buffer.from("\r\n--b--")]), {
      etag,
      "content-type": "multipart/byteranges; boundary=b",
    }),
  ),
  lie(
    "the rest, and more",
    (from, { file, etag }) => [
      head("206 Partial Content", {
        etag,
        "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
      }),
      file.subarray(from),
      Buffer.alloc(50, "x"),
    ],
    "error",
  ),
  lie(
    "a length that isn't the range's",
    (from, { file, etag }) => [
      head("206 Partial Content", {
        etag,
        "content-length": file.length,
        "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
      }),
      file,
    ],
    "error",
  ),
  lie("the rest of another version, by its ETag", withHeaders({ etag: '"another"' })),
  lie("the rest of another version, by a weak ETag", withHeaders({ etag: 'W/"another"' })),
  lie("a piece of the rest at a time", (from, { file, etag }) => {
    const end = Math.min(from + 4000, file.length);
    return partial(file.subarray(from, end), {
      etag,
      "content-range": `bytes ${from}-${end - 1}/${file.length}`,
    });
  }),
  lie(
    "nothing of the rest, always",
    (from, { file, etag }) => [
      partial(file.subarray(from), {
        etag,
        "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
      })[0]!,
    ],
    "error",
  ),
  lie("the whole file", (_, scene) => whole(scene)),
  lie("the rest in gzip", withHeaders({ "content-encoding": "gzip" }), "error"),
  lie("the rest as a page", withHeaders({ "content-type": "text/html" }), "error"),
  lie("416 with the right length", (_, { file }) =>
    just("416 Range Not Satisfiable", "", { "content-range": `bytes */${file.length}` }),
  ),
  lie("416 that takes the part for the whole", (from) =>
    just("416 Range Not Satisfiable", "", { "content-range": `bytes */${from}` }),
  ),
  lie("416 without a length", () => just("416 Range Not Satisfiable")),
  {
    name: "416, always",
    ends: "error",
    resumed: true,
    answer: () => just("416 Range Not Satisfiable"),
  },
  {
    name: "206 to who asked for the whole",
    ends: "error",
    answer: (_, { file, etag }) =>
      partial(file, { etag, "content-range": `bytes 0-${file.length - 1}/${file.length}` }),
  },
  {
    name: "206 of something else, always",
    ends: "error",
    resumed: true,
    answer: (_, { file, etag }) => partial(file, { etag }),
  },
  {
    name: "the rest of another file that is said to be the same",
    ends: "right",
    resumed: true,
    needsHash: true,
    answer: (asked, scene) => {
      if (asked.from === undefined) return honest(asked, scene);
      return honest(asked, { ...scene, file: Buffer.alloc(scene.file.length, "?") });
    },
  },
];
