/**
 * Event files of TensorBoard: protocol buffers of type `Event`, framed as TFRecords.
 *
 * @see https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { crc32c } from "./crc32c";

/** A histogram: `counts[i]` values up to `limits[i]`. */
export interface HistogramData {
  min: number;
  max: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  limits: number[];
  counts: number[];
}

let filesMade = 0;

/** One event file, which grows with every write. */
export class EventFile {
  private readonly file: string;

  /** @param folder The run's folder; made when missing. */
  constructor(folder: string) {
    fs.mkdirSync(folder, { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${os.hostname()}.${process.pid}.${filesMade++}.v2`;
    this.file = path.join(folder, name);
    this.append(textField(3, "brain.Event:2"), 0);
  }

  /** Writes one number. */
  scalar(tag: string, value: number, step: number): void {
    this.summary(tag, floatField(2, value), step);
  }

  /** Writes one histogram. */
  histogram(tag: string, data: HistogramData, step: number): void {
    const message = Buffer.concat([
      doubleField(1, data.min),
      doubleField(2, data.max),
      doubleField(3, data.count),
      doubleField(4, data.sum),
      doubleField(5, data.sumOfSquares),
      bytesField(6, doubles(data.limits)),
      bytesField(7, doubles(data.counts)),
    ]);
    this.summary(tag, bytesField(5, message), step);
  }

  private summary(tag: string, content: Buffer, step: number): void {
    const value = Buffer.concat([textField(1, tag), content]);
    this.append(bytesField(5, bytesField(1, value)), step);
  }

  private append(content: Buffer, step: number): void {
    const event = Buffer.concat([doubleField(1, Date.now() / 1000), intField(2, step), content]);
    fs.appendFileSync(this.file, record(event));
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

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function intField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function bytesField(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
}

function textField(field: number, value: string): Buffer {
  return bytesField(field, Buffer.from(value, "utf8"));
}

function doubleField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + 1), doubles([value])]);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), bytes]);
}

function doubles(values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    bytes.writeDoubleLE(value, i * 8);
  });
  return bytes;
}
