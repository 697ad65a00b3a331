/**
 * Event files of TensorBoard: protocol buffers of type `Event`, framed as TFRecords.
 *
 * @see https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileFault, makeFolder } from "../../../files";
import { MessageWriter } from "../../../formats";
import { crc32c } from "./crc32c";

/** DT_DOUBLE in TensorFlow's protocol buffers. */
const DOUBLE = 2;

let filesMade = 0;

/** One event file, which grows with every write. */
export class EventFile {
  private readonly file: string;

  /** @param folder The run's folder; made when missing. */
  constructor(folder: string) {
    this.file = newFile(folder);
    this.append(new MessageWriter().bytes(3, "brain.Event:2"), { step: 0 });
  }

  /** Writes one number. */
  scalar(tag: string, value: number, step: number): void {
    this.summary(new MessageWriter().bytes(1, tag).float(2, value), { step });
  }

  /**
   * Writes one histogram, as TensorFlow 2 does: a tensor, marked for TensorBoard's plugin.
   *
   * @param rows Three numbers for each bucket: its limits, and how many values are in it.
   */
  histogram(tag: string, rows: Float64Array, step: number): void {
    const size = (length: number) => new MessageWriter().int(1, length);
    const shape = new MessageWriter().message(2, size(rows.length / 3)).message(2, size(3));
    const tensor = new MessageWriter()
      .int(1, DOUBLE)
      .message(2, shape)
      .bytes(4, new Uint8Array(rows.buffer));
    const plugin = new MessageWriter().bytes(1, "histograms");
    const metadata = new MessageWriter().message(1, plugin);
    const value = new MessageWriter().bytes(1, tag).message(8, tensor).message(9, metadata);
    this.summary(value, { step });
  }

  private summary(value: MessageWriter, { step }: { step: number }): void {
    const summary = new MessageWriter().message(1, value);
    this.append(new MessageWriter().message(5, summary), { step });
  }

  private append(content: MessageWriter, { step }: { step: number }): void {
    const event = new MessageWriter().double(1, Date.now() / 1000).int(2, step);
    try {
      fs.appendFileSync(this.file, record(Buffer.concat([event.finish(), content.finish()])));
    } catch (cause) {
      throw fileFault(this.file, { cause, doing: "written" });
    }
  }
}

/** Makes a file of TensorBoard's name; one that is there belongs to another container with the same process number. */
function newFile(folder: string): string {
  for (;;) {
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${os.hostname()}.${process.pid}.${filesMade++}.v2`;
    const file = path.join(folder, name);
    try {
      makeFolder(folder);
      fs.writeFileSync(file, "", { flag: "wx" });
      return file;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST" && fs.existsSync(file)) continue;
      throw fileFault(file, { cause, doing: "written" });
    }
  }
}

/** Length, its checksum, the data, its checksum. */
function record(data: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(data.length), 0);
  header.writeUInt32LE(masked(crc32c(header.subarray(0, 8))), 8);
  const footer = Buffer.alloc(4);
  footer.writeUInt32LE(masked(crc32c(data)), 0);
  return Buffer.concat([header, data, footer]);
}

/** Checksums of data that holds checksums would be weak, so TFRecords rotate and shift them. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
