/** The base of layers that make sequences, pictures or volumes longer or shorter, channel by channel. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Shape } from "../tfjs";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import type { Rank } from "./perAxis";
import { PlainLayer } from "./plainLayer";

/** Where the channels are. @inline */
export type DataFormat = "channelsLast" | "channelsFirst";

/** What layers take whose channels may come first. */
export interface DataFormatOptions extends CommonLayerOptions {
  /** Where the channels are: last, or before steps, rows and columns. @default "channelsLast" */
  dataFormat?: DataFormat | null;
}

/** The option `dataFormat`, checked. */
export function dataFormatOf(value: string | null | undefined): DataFormat {
  return oneOf("dataFormat", value, {
    allowed: ["channelsLast", "channelsFirst"],
    byDefault: "channelsLast",
  });
}

/** The axes of steps, of rows and columns, or of planes, rows and columns. */
export function spatialAxes(rank: Rank, dataFormat: DataFormat): number[] {
  const first = dataFormat === "channelsFirst" ? 2 : 1;
  return Array.from({ length: rank }, (_, i) => first + i);
}

/** Makes each axis longer or shorter. */
export abstract class SpatialLayer extends PlainLayer {
  protected readonly dataFormat: DataFormat;
  protected readonly axes: number[];

  constructor(options: DataFormatOptions, rank: Rank) {
    super(options);
    this.dataFormat = dataFormatOf(options.dataFormat);
    this.axes = spatialAxes(rank, this.dataFormat);
    this.inputSpec = [{ ndim: rank + 2 }];
  }

  /** The size of an axis, the i-th in space, after the layer. */
  protected abstract sizeAfter(size: number, i: number): number;

  protected override shapeAfter(shape: Shape): Shape {
    return shape.map((size, axis) => {
      const i = this.axes.indexOf(axis);
      return i === -1 || size === null ? size : this.sizeAfter(size, i);
    });
  }

  /** Something for each axis of an input, where there is something for each in space. */
  protected onEach<Each>(input: Tensor, list: Each[], otherwise: Each): Each[] {
    return input.shape.map((_, axis) => list[this.axes.indexOf(axis)] ?? otherwise);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}
