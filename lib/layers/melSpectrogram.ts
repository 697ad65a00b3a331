/** Sounds as pictures: how loud each pitch is at each time. */
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import { melWeights, waves, windowOf } from "./melWeights";
import type { CommonLayerOptions, Config } from "./options";
import { PlainLayer } from "./plainLayer";

/** Options of `layers.melSpectrogram`. */
export interface MelSpectrogramOptions extends CommonLayerOptions {
  /** How many samples one spectrum is computed of, up to 65536. @default 2048 */
  fftLength?: number;
  /** How many samples lie between two spectra. @default 512 */
  sequenceStride?: number;
  /** How many samples of `fftLength` are looked at, those in the middle. @default `fftLength` */
  sequenceLength?: number | null;
  /** What samples are weighed by: `"hann"`, `"hamming"`, a list of weights, or null for none. @default "hann" */
  window?: "hann" | "hamming" | number[] | null;
  /** Samples per second. @default 16000 */
  samplingRate?: number;
  /** How many pitches are told apart. @default 128 */
  numMelBins?: number;
  /** The lowest pitch, in Hertz. @default 20 */
  minFreq?: number;
  /** The highest pitch, in Hertz. @default half of `samplingRate` */
  maxFreq?: number | null;
  /** Whether loudness is in decibels. @default true */
  powerToDb?: boolean;
  /** How many decibels below the loudest value of the batch all less loud ones are. @default 80 */
  topDb?: number;
  /** 1 for magnitudes, 2 for power. @default 2 */
  magExp?: number;
  /** The least power that decibels are computed of, above 0. @default 1e-10 */
  minPower?: number;
  /** The power of 0 decibels. @default 1 */
  refPower?: number;
}

type Settings = Required<Omit<MelSpectrogramOptions, keyof CommonLayerOptions>> & {
  sequenceLength: number;
  maxFreq: number;
};

/**
 * Makes `[batch, numMelBins, times]` of sounds `[batch, samples]`, or of one sound.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/mel_spectrogram/
 */
export class MelSpectrogram extends PlainLayer {
  /** Keras' name of the class. */
  static className = "MelSpectrogram";
  private readonly settings: Settings;

  constructor(options: MelSpectrogramOptions = {}) {
    super(options);
    this.settings = settingsOf(options);
  }

  protected override compute(input: Tensor): Tensor {
    if (input.rank > 2) {
      throw invalidArgument("inputs", {
        expected: "sounds [batch, samples], or one",
        received: input,
      });
    }
    const sounds = tf.cast(input.rank === 1 ? tf.expandDims(input, 0) : input, "float32");
    const loudness = this.inDecibels(this.loudness(sounds));
    const picture = tf.transpose(loudness, [0, 2, 1]);
    return input.rank === 1 ? tf.squeeze(picture, [0]) : picture;
  }

  private loudness(sounds: Tensor): Tensor {
    const { fftLength, sequenceStride, magExp, numMelBins } = this.settings;
    const half = Math.floor(fftLength / 2);
    const padded = tf.mirrorPad(
      sounds,
      [
        [0, 0],
        [half, half],
      ],
      "reflect",
    );
    // One convolution with waves of each frequency: real and imaginary parts.
    const kernel = tf.tensor3d(waves(fftLength, windowOf(this.settings)), [
      fftLength,
      1,
      2 * (half + 1),
    ]);
    const parts = tf.conv1d(tf.expandDims(padded, 2) as Tensor3D, kernel, sequenceStride, "valid");
    const [real, imaginary] = tf.split(parts, 2, 2);
    const power = tf.add(tf.square(real!), tf.square(imaginary!));
    const spectrum = magExp === 2 ? power : tf.pow(power, magExp / 2);
    const weights = tf.tensor2d(melWeights(half + 1, this.settings), [half + 1, numMelBins]);
    const flat = tf.reshape(spectrum, [-1, half + 1]);
    return tf.reshape(tf.matMul(flat, weights), [sounds.shape[0]!, -1, numMelBins]);
  }

  private inDecibels(loudness: Tensor): Tensor {
    const { powerToDb, minPower, refPower, topDb } = this.settings;
    if (!powerToDb) return loudness;
    const scaled = tf.mul(tf.log(tf.maximum(loudness, minPower)), 10 / Math.LN10);
    const level = tf.sub(scaled, 10 * Math.log10(Math.max(Math.abs(refPower), minPower)));
    return tf.maximum(level, tf.sub(tf.max(level), topDb));
  }

  protected override shapeAfter(shape: Shape): Shape {
    const { fftLength, sequenceStride, numMelBins } = this.settings;
    const samples = shape.at(-1) ?? null;
    const padded = samples === null ? null : samples + 2 * Math.floor(fftLength / 2);
    const times = padded === null ? null : 1 + Math.floor((padded - fftLength) / sequenceStride);
    return [...shape.slice(0, -1), numMelBins, times];
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.settings };
  }
}

function settingsOf(options: MelSpectrogramOptions): Settings {
  for (const name of ["sequenceStride", "numMelBins"] as const) {
    checkWhole(name, options[name], { low: 1 });
  }
  checkWhole("fftLength", options.fftLength, { low: 1, high: 65_536 });
  checkNumber("minPower", options.minPower, { above: 0 });
  checkNumber("samplingRate", options.samplingRate, { above: 0 });
  checkNumber("maxFreq", options.maxFreq ?? undefined, { above: 0 });
  for (const name of ["minFreq", "topDb", "magExp"] as const) {
    checkNumber(name, options[name], { low: 0 });
  }
  checkNumber("refPower", options.refPower);
  checkBoolean("powerToDb", options.powerToDb);
  const { fftLength = 2048, samplingRate = 16_000, window = "hann" } = options;
  checkWhole("sequenceLength", options.sequenceLength ?? undefined, { low: 1, high: fftLength });
  const sequenceLength = options.sequenceLength ?? fftLength;
  const isList =
    Array.isArray(window) && window.length === sequenceLength && window.every(Number.isFinite);
  if (window !== null && window !== "hann" && window !== "hamming" && !isList) {
    throw invalidArgument("window", {
      expected: '"hann", "hamming", null, or as many numbers as `sequenceLength`',
      received: window,
    });
  }
  return {
    ...{ fftLength, sequenceLength, window, samplingRate },
    sequenceStride: options.sequenceStride ?? 512,
    numMelBins: options.numMelBins ?? 128,
    minFreq: options.minFreq ?? 20,
    maxFreq: options.maxFreq ?? Math.trunc(samplingRate / 2),
    powerToDb: options.powerToDb ?? true,
    topDb: options.topDb ?? 80,
    magExp: options.magExp ?? 2,
    minPower: options.minPower ?? 1e-10,
    refPower: options.refPower ?? 1,
  };
}
