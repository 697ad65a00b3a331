/** Writers of data: subsets, archives, drawings, downloads, cached images. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import yazl from "yazl";
import {
  datasets,
  downloadFile,
  imageDatasetFromDirectory,
  makeSubset,
  tf,
  unzip,
} from "../../../lib/index";
import { writeBitmaps } from "../bitmaps";
import { filesBelow } from "../files";
import { inputOf, outputOf, type Writer } from "./writer";

/** Bytes that follow from a number. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed * 13) % 256;
  return bytes;
}

const fileBytes = 20_000;
const count = 30;

/** Files of a folder that are not what they should be. */
function wrongFiles(folder: string, expected: (name: string) => Buffer | undefined): string[] {
  return filesBelow(folder).flatMap((file) => {
    if (file.split(path.sep).some((part) => part.startsWith("."))) return []; // unfinished
    const wanted = expected(path.basename(file));
    const isRight = wanted?.equals(fs.readFileSync(path.join(folder, file)));
    return isRight ? [] : [`${file} is not what was written`];
  });
}

const numbered = (name: string) => {
  const number = /(\d+)\.jpg$/.exec(name)?.[1];
  return number === undefined ? undefined : bytesOf(fileBytes, Number(number));
};

export const subsets: Writer = {
  name: "makeSubset",
  async prepare(folder) {
    for (let number = 0; number < count; number++) {
      for (const animal of ["cat", "dog"]) {
        fs.writeFileSync(inputOf(folder, `${animal}.${number}.jpg`), bytesOf(fileBytes, number));
      }
    }
    return undefined;
  },
  async write(folder, n) {
    const half = count / 2 + (n % 3);
    await makeSubset({
      from: inputOf(folder),
      into: outputOf(folder, "small"),
      subsets: { train: [0, half], test: [half, count] },
      overwrite: true,
      verbose: 0,
    });
  },
  async check(folder) {
    if (!fs.existsSync(outputOf(folder, "small"))) return [];
    const wrong = wrongFiles(outputOf(folder, "small"), numbered);
    const { length } = filesBelow(outputOf(folder, "small"));
    return length === 2 * count ? wrong : [...wrong, `it has ${length} files`];
  },
};

export const archives: Writer = {
  name: "unzip",
  async prepare(folder) {
    const zip = new yazl.ZipFile();
    for (let number = 0; number < count; number++) {
      zip.addBuffer(bytesOf(fileBytes, number), `a/${number}.jpg`);
    }
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
    fs.writeFileSync(inputOf(folder, "a.zip"), Buffer.concat(chunks));
    return undefined;
  },
  async write(folder, n) {
    await unzip(inputOf(folder, "a.zip"), { into: outputOf(folder, `${n % 20}`), quiet: true });
    if (filesBelow(outputOf(folder, `${n % 20}`, "a")).length !== count) {
      throw new Error("files are missing");
    }
  },
  async check(folder) {
    const wrong = wrongFiles(outputOf(folder), numbered);
    for (const name of filesBelow(outputOf(folder)).filter((file) => /^\d+\/a\//.test(file))) {
      fs.rmSync(outputOf(folder, name)); // so that the next process writes them again
    }
    return wrong;
  },
};

export const drawings: Writer = {
  name: "datasets.dogsVsCats.prepare",
  async write(folder, n) {
    const into = outputOf(folder, `${n % 20}`);
    const counts = { train: 2, validation: 1, test: 1 };
    await datasets.dogsVsCats.prepare({ into, source: "drawn", counts, verbose: 0 });
    if (
      filesBelow(path.join(into, "train")).filter((name) => /^\w+\.\d+\.jpg$/.test(name)).length !==
      8
    ) {
      throw new Error("pictures are missing");
    }
  },
  async check(folder) {
    const pictures = filesBelow(outputOf(folder)).filter((file) => file.endsWith(".jpg"));
    const cut = pictures.filter((file) => {
      const end = fs.readFileSync(outputOf(folder, file)).subarray(-2);
      fs.rmSync(outputOf(folder, file));
      return end.toString("hex") !== "ffd9";
    });
    return cut.map((file) => `${file} is not whole`);
  },
};

const download = bytesOf(400_000, 1);

export const downloads: Writer = {
  name: "downloadFile",
  async prepare(folder) {
    const server = http.createServer(async (request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, {
        "Content-Length": download.length - start,
        ETag: '"1"',
        "Accept-Ranges": "bytes",
        ...(start > 0 && {
          "Content-Range": `bytes ${start}-${download.length - 1}/${download.length}`,
        }),
      });
      for (let at = start; at < download.length && !response.destroyed; at += 20_000) {
        response.write(download.subarray(at, at + 20_000));
        await delay(2);
      }
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    fs.writeFileSync(inputOf(folder, "url"), `http://127.0.0.1:${port}/file.bin`);
    return () => {
      server.close();
      server.closeAllConnections();
    };
  },
  async write(folder, n) {
    const output = outputOf(folder, `${n % 20}.bin`);
    const sha256 = createHash("sha256").update(download).digest("hex");
    const url = fs.readFileSync(inputOf(folder, "url"), "utf8");
    await downloadFile(url, { output, sha256, quiet: true });
  },
  async check(folder) {
    const wrong = wrongFiles(outputOf(folder), (name) =>
      name.endsWith(".bin") ? download : undefined,
    );
    for (const name of filesBelow(outputOf(folder)).filter((file) => file.endsWith(".bin"))) {
      fs.rmSync(outputOf(folder, name)); // so that the next process downloads it again
    }
    return wrong.filter((sentence) => !/\.part(\.json)? is/.test(sentence));
  },
};

async function pixelsOf(folder: string, cache: string | false): Promise<number[]> {
  const dataset = await imageDatasetFromDirectory(inputOf(folder, "images"), {
    imageSize: 8,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    cache,
  });
  const values: number[] = [];
  await dataset.forEachAsync(({ xs, ys }) => {
    values.push(...xs.dataSync());
    tf.dispose([xs, ys]);
  });
  return values;
}

export const pixelCaches: Writer = {
  name: "imageDatasetFromDirectory's cache",
  async prepare(folder) {
    writeBitmaps(inputOf(folder, "images"), 48);
    fs.writeFileSync(
      inputOf(folder, "expected.json"),
      JSON.stringify(await pixelsOf(folder, false)),
    );
    return undefined;
  },
  async write(folder, n) {
    const file = outputOf(folder, `${n % 3}.pixels`);
    const expected = JSON.parse(fs.readFileSync(inputOf(folder, "expected.json"), "utf8"));
    for (let pass = 0; pass < 2; pass++) {
      const pixels = await pixelsOf(folder, file);
      if (!pixels.every((value, i) => value === expected[i])) {
        throw new Error("cached images are not those that are read");
      }
    }
    fs.rmSync(file, { force: true }); // so that the next write makes it again
  },
  check: async () => [],
};
