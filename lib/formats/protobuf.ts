/**
 * Writes protocol-buffer messages, and finds the parts of read ones.
 *
 * Only what graphs and TensorBoard's events need: varints, floats, byte strings and nested messages.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
const VARINT = 0;
const FLOAT64 = 1;
const BYTES = 2;
const FLOAT32 = 5;

/** Collects the fields of one message. */
export class MessageWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** A varint field; negative numbers take ten bytes, as int64 does. */
  int(field: number, value: number | bigint): this {
    this.varint((field << 3) | VARINT);
    return this.varint(value);
  }

  /** A float field. */
  float(field: number, value: number): this {
    this.varint((field << 3) | FLOAT32);
    return this.push(new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A double field. */
  double(field: number, value: number): this {
    this.varint((field << 3) | FLOAT64);
    return this.push(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** A field of packed doubles. */
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }

  /** A string or bytes field. */
  bytes(field: number, value: string | Uint8Array): this {
    const data = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    this.varint((field << 3) | BYTES).varint(data.byteLength);
    return this.push(data);
  }

  /** A field that holds another message. */
  message(field: number, value: MessageWriter): this {
    this.varint((field << 3) | BYTES).varint(value.length);
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  /** The message's bytes. */
  finish(): Buffer {
    return Buffer.concat(this.chunks, this.length);
  }

  private varint(value: number | bigint): this {
    const digits: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      digits.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    return this.push(Uint8Array.from(digits));
  }

  private push(chunk: Uint8Array): this {
    this.chunks.push(chunk);
    this.length += chunk.byteLength;
    return this;
  }
}

/** One length-delimited field of a message. */
interface BytesField {
  field: number;
  bytes: Uint8Array;
}

/** The strings, bytes and messages in a message; fields of other kinds are passed over. */
export function* messageFields(message: Uint8Array): Generator<BytesField> {
  for (const { field, value } of fieldsOf(message)) {
    if (typeof value !== "number") yield { field, bytes: value };
  }
}

/**
 * The whole numbers in a message by field, the last of each; fields of other kinds are passed over.
 *
 * @param message Numbers are below 2⁵³.
 */
export function messageNumbers(message: Uint8Array): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const { field, value } of fieldsOf(message)) {
    if (typeof value === "number") numbers.set(field, value);
  }
  return numbers;
}

function* fieldsOf(message: Uint8Array): Generator<{ field: number; value: number | Uint8Array }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [field, kind] = [tag >>> 3, tag & 7];
    if (kind === VARINT) yield { field, value: varint() };
    else if (kind === FLOAT32) at += 4;
    else if (kind === FLOAT64) at += 8;
    else {
      const length = varint();
      yield { field, value: message.subarray(at, at + length) };
      at += length;
    }
  }
}
