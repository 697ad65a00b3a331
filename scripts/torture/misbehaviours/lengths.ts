/** Lengths that aren't true, chunks that don't add up, connections that end at the wrong moment. */
import { chunked, head } from "../scriptedServer";
import { honest, just, type Misbehaviour, whole } from "./misbehaviour";

const CHUNKED = { "transfer-encoding": "chunked" } as const;

export const lengths: readonly Misbehaviour[] = [
  {
    name: "half of the file, once",
    ends: "right",
    answer: (asked, scene) =>
      asked.turn > 0
        ? honest(asked, scene)
        : [whole(scene)[0]!, scene.file.subarray(0, scene.file.length / 2)],
  },
  {
    name: "half of the file, always, whatever range is asked for",
    ends: "error",
    answer: (_, scene) => [whole(scene)[0]!, scene.file.subarray(0, scene.file.length / 2)],
  },
  {
    name: "all but the last byte, always",
    ends: "error",
    answer: (_, scene) => [whole(scene)[0]!, scene.file.subarray(0, -1)],
  },
  {
    name: "more than the length that it names",
    ends: "either",
    answer: (_, scene) => [...whole(scene), Buffer.alloc(100, "x")],
  },
  {
    name: "a length that is too short",
    ends: "error",
    needsHash: true,
    answer: (_, scene) => whole(scene, { "content-length": scene.file.length - 9 }),
  },
  {
    name: "a length that is too long",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-length": scene.file.length + 9 }),
  },
  {
    name: "two lengths",
    ends: "error",
    answer: (_, { file }) => [
      head("200 OK", { "content-length": [String(file.length), String(file.length - 1)] }),
      file,
    ],
  },
  {
    name: "a length in letters",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-length": "many" }),
  },
  {
    name: "a negative length",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-length": -5 }),
  },
  {
    name: "a length with a sign",
    ends: "either",
    answer: (_, scene) => whole(scene, { "content-length": `+${scene.file.length}` }),
  },
  {
    name: "a length beyond any disk",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-length": "99999999999999999" }),
  },
  {
    name: "a length of nothing, and nothing",
    ends: "error",
    needsHash: true,
    answer: () => just("200 OK"),
  },
  {
    name: "no length, and the whole file",
    ends: "right",
    answer: (_, { file, etag }) => [head("200 OK", { etag }), file],
  },
  {
    name: "no length, and half of the file",
    ends: "error",
    needsHash: true,
    answer: (_, { file, etag }) => [head("200 OK", { etag }), file.subarray(0, file.length / 2)],
  },
  {
    name: "chunks of one byte",
    ends: "right",
    answer: (_, { file }) => [head("200 OK", CHUNKED), chunked(file.subarray(0), 1)],
  },
  {
    name: "chunks that break off, once",
    ends: "right",
    answer: (asked, scene) =>
      asked.turn > 0
        ? honest(asked, scene)
        : [
            head("200 OK", { ...CHUNKED, etag: scene.etag }),
            chunked(scene.file, 1000).subarray(0, 2500),
          ],
  },
  {
    name: "chunks without a last one",
    ends: "error",
    answer: (_, { file }) => [head("200 OK", CHUNKED), chunked(file, 1000).subarray(0, -5)],
  },
  {
    name: "chunks whose size is no number",
    ends: "error",
    answer: (_, { file }) => [head("200 OK", CHUNKED), "zz\r\n", file],
  },
  {
    name: "chunks that are longer than they say",
    ends: "error",
    answer: (_, { file }) => [head("200 OK", CHUNKED), "10\r\n", file],
  },
  {
    name: "chunks and a length",
    ends: "either",
    answer: (_, { file }) => [
      head("200 OK", { ...CHUNKED, "content-length": file.length }),
      chunked(file, 4096),
    ],
  },
  {
    name: "chunks that it doesn't call so",
    ends: "error",
    needsHash: true,
    answer: (_, { file }) => [head("200 OK"), chunked(file, 4096)],
  },
  {
    name: "gzip that nobody asked for",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-encoding": "gzip" }),
  },
  {
    name: "an encoding that nobody knows",
    ends: "error",
    answer: (_, scene) => whole(scene, { "content-encoding": "x-rot13" }),
  },
  { name: "nothing at all", ends: "error", answer: () => [] },
  { name: "a broken connection before anything", ends: "error", answer: () => ["reset"] },
  { name: "half a head", ends: "error", answer: () => ["HTTP/1.1 200 O", "reset"] },
  { name: "a head without end", ends: "error", answer: () => ["HTTP/1.1 200 OK\r\nx: y\r\n"] },
  {
    name: "a head, and a broken connection",
    ends: "error",
    answer: (_, scene) => [whole(scene)[0]!, "reset"],
  },
  {
    name: "a broken connection after the last byte",
    ends: "either",
    answer: (_, scene) => [...whole(scene), 20, "reset"],
  },
  {
    name: "a broken connection in the middle, once",
    ends: "right",
    answer: (asked, scene) =>
      asked.turn > 0
        ? honest(asked, scene)
        : [whole(scene)[0]!, scene.file.subarray(0, 5000), 20, "reset"],
  },
  {
    name: "silence, once",
    ends: "right",
    answer: (asked, scene) => (asked.turn > 0 ? honest(asked, scene) : ["hang"]),
    options: { timeoutMs: 150 },
  },
  { name: "silence, always", ends: "error", answer: () => ["hang"], options: { timeoutMs: 100 } },
  {
    name: "silence in the middle",
    ends: "error",
    answer: (_, scene) => [whole(scene)[0]!, scene.file.subarray(0, 5000), "hang"],
    options: { timeoutMs: 100 },
  },
  {
    name: "a drip",
    ends: "error",
    answer: (_, { file, etag }) => [
      whole({ file, etag })[0]!,
      ...Array.from({ length: 40 }, (_, i) => [file.subarray(i, i + 1), 10]).flat(),
    ],
    options: { timeoutMs: 100, minBytesPerSecond: 100_000 },
  },
  {
    name: "a head in single bytes",
    ends: "right",
    answer: (_, scene) => {
      const [first, body] = whole(scene) as [string, Buffer];
      return [...first, body];
    },
  },
];
