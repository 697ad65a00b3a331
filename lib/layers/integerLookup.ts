/** Whole numbers as places in a list of those that are known. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkWhole } from "../checks";
import { ConvnetsError, InvalidArgumentError } from "../errors";
import { DType, runKernel, type Shape, tf } from "../tfjs";
import { encoded, encodedShape, type OutputMode, outputModes } from "./categories";
import { bucketsOfText } from "./hashes";
import { saltOf } from "./hashing";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import { PlainLayer } from "./plainLayer";
import {
  checkTogether,
  firstOovOf,
  firstTokenOf,
  type LookupSettings,
  Vocabulary,
  weightedTokens,
} from "./vocabulary";

/** Options of `layers.integerLookup`. */
export interface IntegerLookupOptions extends CommonLayerOptions {
  /** The longest list, with its places for what is unknown and for `maskToken`. @default as long as need be */
  maxTokens?: number | null;
  /** How many places there are for numbers that aren't known; with 0 such a number is an error. @default 1 */
  numOovIndices?: number;
  /** The number that stands for nothing: it has place 0, and counts nowhere. @default none */
  maskToken?: number | null;
  /** What `invert` makes of a place where nothing is known. @default -1 */
  oovToken?: number | null;
  /** The known numbers, in their order. @default as `adapt` finds them */
  vocabulary?: readonly number[] | null;
  /** What each known number weighs, for `"tfIdf"`. @default as `adapt` finds them */
  idfWeights?: readonly number[] | null;
  /** Whether places become numbers again. @default false */
  invert?: boolean;
  /**
   * The place (`"int"`), vectors as `layers.categoryEncoding` makes them, or counts times `idfWeights` (`"tfIdf"`).
   *
   * @default "int"
   */
  outputMode?: OutputMode | "tfIdf";
  /** Whether vectors have `maxTokens` numbers, however many are known. @default false */
  padToMaxTokens?: boolean;
  /** How an unknown number gets one of several places: its remainder, or a hash. @default "floormod" */
  oovMethod?: "floormod" | "farmhash";
  /** Makes another hash. @default none */
  salt?: number | readonly [number, number] | null;
}

/** What a file knows of a layer whose list lies elsewhere in it. */
interface Kept {
  vocabularySize?: number | null;
}

/**
 * Makes places in a list of whole numbers.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/integer_lookup/
 */
export class IntegerLookup extends PlainLayer {
  /** Keras' name of the class. */
  static className = "IntegerLookup";
  private readonly settings: LookupSettings;
  private vocabulary: Vocabulary | null = null;
  private vocabularySize: number | null;
  private readonly isGiven: boolean;

  constructor(options: IntegerLookupOptions & Kept = {}) {
    super(options);
    const { maxTokens = null, numOovIndices = 1, maskToken = null, oovToken = -1 } = options;
    checkWhole("maxTokens", maxTokens ?? undefined, { low: 2 });
    checkWhole("numOovIndices", numOovIndices, { low: 0 });
    checkWhole("maskToken", maskToken ?? undefined);
    checkWhole("oovToken", oovToken ?? undefined);
    checkBoolean("invert", options.invert);
    checkBoolean("padToMaxTokens", options.padToMaxTokens);
    this.settings = {
      ...{ maxTokens, numOovIndices, maskToken, oovToken, salt: saltOf(options.salt) },
      invert: options.invert ?? false,
      padToMaxTokens: options.padToMaxTokens ?? false,
      outputMode: oneOf("outputMode", options.outputMode, {
        allowed: [...outputModes, "tfIdf"],
        byDefault: "int",
      }),
      oovMethod: oneOf("oovMethod", options.oovMethod, {
        allowed: ["floormod", "farmhash"],
        byDefault: "floormod",
      }),
    };
    checkTogether(this.settings);
    this.vocabularySize = options.vocabularySize ?? null;
    this.isGiven = (options.vocabulary ?? null) !== null;
    if (this.isGiven) this.setVocabulary(options.vocabulary!, options.idfWeights ?? null);
  }

  /**
   * Takes a list of known numbers.
   *
   * @param vocabulary The numbers; places for a mask and for unknown ones may be in front.
   * @param idfWeights What each weighs, with `"tfIdf"` only.
   */
  setVocabulary(vocabulary: readonly number[], idfWeights: readonly number[] | null = null): void {
    this.vocabulary = new Vocabulary(vocabulary, idfWeights, this.settings);
    this.vocabularySize = this.vocabulary.size;
  }

  /**
   * Makes a list of the numbers in data, the most frequent first; of equally frequent ones the greatest.
   *
   * @param data Whole numbers; a row is a document, for `"tfIdf"`.
   * @throws InvalidArgumentError for a layer that was given its vocabulary.
   */
  adapt(data: Tensor): void {
    if (this.isGiven) {
      throw new InvalidArgumentError("adapt() needs a layer without `vocabulary`.");
    }
    const { maxTokens, maskToken, oovToken, outputMode } = this.settings;
    const most = maxTokens === null ? Infinity : maxTokens - firstTokenOf(this.settings);
    const found = weightedTokens(data, { most, except: [maskToken, oovToken] });
    this.setVocabulary(found.tokens, outputMode === "tfIdf" ? found.weights : null);
  }

  /** Whether the list is there. */
  get isKnown(): boolean {
    return this.vocabulary !== null;
  }

  /** What each place weighs, for `"tfIdf"`. */
  placeWeights(): number[] {
    if (this.vocabulary === null) throw withoutList();
    return this.vocabulary.placeWeights(this.depth);
  }

  /** How many numbers a vector has. */
  get depth(): number {
    const { padToMaxTokens, maxTokens } = this.settings;
    const size = padToMaxTokens ? maxTokens : this.vocabularySize;
    if (size !== null) return size;
    throw withoutList();
  }

  protected override compute(input: Tensor): Tensor {
    const numbers = tf.cast(input, "int32");
    const { invert, outputMode } = this.settings;
    const { vocabulary } = this;
    if (vocabulary === null) throw withoutList();
    if (invert) return this.inverted(numbers, vocabulary);
    const places = this.placesOf(numbers, vocabulary);
    if (outputMode !== "tfIdf") return encoded(places, outputMode, this.depth);
    const weights = tf.tensor1d(this.placeWeights());
    return tf.mul(encoded(places, "count", this.depth), weights);
  }

  private placesOf(numbers: Tensor, { sorted }: Vocabulary): Tensor {
    const { maskToken, outputMode, numOovIndices } = this.settings;
    const int = (value: number) => tf.scalar(value, "int32");
    const list = tf.tensor1d(
      sorted.map(([token]) => token),
      "int32",
    );
    const [found] = runKernel(
      "LowerBound",
      [tf.reshape(list, [1, -1]), tf.reshape(numbers, [1, -1])],
      { attrs: { T: { type: DType.int32 }, out_type: { type: DType.int32 } } },
    );
    const at = tf.minimum(tf.reshape(found!, numbers.shape), int(sorted.length - 1));
    const isKnown = tf.equal(tf.gather(list, at), numbers);
    const order = tf.tensor1d(
      sorted.map(([, place]) => place),
      "int32",
    );
    if (numOovIndices === 0 && tf.any(tf.logicalNot(isKnown)).dataSync()[0]) {
      throw new ConvnetsError("A number is not in the vocabulary, and `numOovIndices` is 0.");
    }
    const places = tf.where(isKnown, tf.gather(order, at), this.unknown(numbers));
    if (maskToken === null) return places;
    // A vector has no place for it.
    const nothing = tf.fill(numbers.shape, outputMode === "int" ? 0 : -1, "int32");
    return tf.where(tf.equal(numbers, int(maskToken)), nothing, places);
  }

  private unknown(numbers: Tensor): Tensor {
    const { numOovIndices: count, oovMethod, salt } = this.settings;
    if (count <= 1) return tf.fill(numbers.shape, firstOovOf(this.settings), "int32");
    const size = tf.scalar(count, "int32");
    const own =
      oovMethod === "farmhash" ? bucketsOfText(numbers, count, salt) : tf.mod(numbers, size);
    return tf.add(own, tf.scalar(firstOovOf(this.settings), "int32"));
  }

  private inverted(places: Tensor, { tokens, first }: Vocabulary): Tensor {
    const { maskToken, oovToken } = this.settings;
    const count = tokens.length;
    const list = tf.tensor1d([...tokens, oovToken ?? -1], "int32");
    const at = tf.sub(places, tf.scalar(first, "int32"));
    const zero = tf.scalar(0, "int32");
    const isOut = tf.logicalOr(tf.less(at, zero), tf.greaterEqual(at, tf.scalar(count, "int32")));
    const numbers = tf.gather(list, tf.where(isOut, tf.fill(at.shape, count, "int32"), at));
    if (maskToken === null) return numbers;
    return tf.where(tf.equal(places, zero), tf.fill(at.shape, maskToken, "int32"), numbers);
  }

  protected override shapeAfter(shape: Shape): Shape {
    const { outputMode } = this.settings;
    if (outputMode === "int") return shape;
    return encodedShape(shape, outputMode === "tfIdf" ? "count" : outputMode, this.depth);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { salt, ...settings } = this.settings;
    const { vocabulary, vocabularySize } = this;
    return {
      ...super.getConfig(),
      ...settings,
      salt: salt && [...salt],
      vocabulary: vocabulary && [...vocabulary.numbers],
      idfWeights: vocabulary?.idfWeights ? [...vocabulary.idfWeights] : null,
      vocabularySize,
    };
  }
}

function withoutList(): ConvnetsError {
  return new ConvnetsError("A lookup without `vocabulary` has to `adapt` to data first.");
}
