/** Writers of pages and pictures. */
import fs from "node:fs";
import { plot, tf } from "../../../lib/index";
import { faultsOf, outputOf, type Writer } from "./writer";

export const htmlPages: Writer = {
  name: "toHtml",
  async write(folder, n) {
    fs.mkdirSync(outputOf(folder), { recursive: true });
    await plot.line([1, 2, n]).toHtml(outputOf(folder, "page.html"));
  },
  check(folder) {
    const file = outputOf(folder, "page.html");
    return faultsOf(file, () => {
      const page = fs.readFileSync(file, "utf8");
      if (!/^<!doctype html>[\s\S]*<\/html>\n$/.test(page)) throw new Error("it is not whole");
    });
  },
};

export const pngPictures: Writer = {
  name: "toPng",
  async write(folder, n) {
    fs.mkdirSync(outputOf(folder), { recursive: true });
    const images = tf.fill([1, 64, 64, 1], (n % 256) / 255);
    const picture = await plot.images(images);
    images.dispose();
    await picture.toPng(outputOf(folder, "picture.png"));
  },
  check(folder) {
    const file = outputOf(folder, "picture.png");
    return faultsOf(file, () => {
      const bytes = fs.readFileSync(file);
      const isWhole = bytes.subarray(1, 4).toString() === "PNG" && bytes.includes("IEND");
      if (!isWhole) throw new Error("it is not whole");
    });
  },
};
