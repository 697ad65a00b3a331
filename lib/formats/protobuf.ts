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

/** More bytes than this are kept where they are until the message is finished; fewer are copied at once. */
const COPIED_BYTES = 512;

/** Collects the fields of one message. */
export class MessageWriter {
  /** What comes before `tail`. */
  private readonly chunks: Uint8Array[] = [];
  private tail = Buffer.allocUnsafe(64);
  private used = 0;
  private length = 0;

  /** A varint field; negative numbers take ten bytes, as int64 does. */
  int(field: number, value: number | bigint): this {
    this.varint((field << 3) | VARINT);
    return this.varint(value);
  }

  /** A float field. */
  float(field: number, value: number): this {
    this.varint((field << 3) | FLOAT32);
    const tail = this.room(4);
    this.used = tail.writeFloatLE(value, this.used);
    this.length += 4;
    return this;
  }

  /** A double field. */
  double(field: number, value: number): this {
    this.varint((field << 3) | FLOAT64);
    const tail = this.room(8);
    this.used = tail.writeDoubleLE(value, this.used);
    this.length += 8;
    return this;
  }

  /** A field of packed doubles. */
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }

  /** A string or bytes field. */
  bytes(field: number, value: string | Uint8Array): this {
    this.varint((field << 3) | BYTES);
    if (typeof value !== "string") return this.varint(value.byteLength).push(value);
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    const tail = this.room(bytes);
    this.used += tail.write(value, this.used);
    this.length += bytes;
    return this;
  }

  /** A field that holds another message. */
  message(field: number, value: MessageWriter): this {
    this.varint((field << 3) | BYTES).varint(value.length);
    for (const chunk of value.chunks) this.push(chunk);
    return this.push(value.tail.subarray(0, value.used));
  }

  /** The message's bytes. */
  finish(): Buffer {
    return Buffer.concat([...this.chunks, this.tail.subarray(0, this.used)], this.length);
  }

  private varint(value: number | bigint): this {
    if (typeof value === "number" && value >>> 0 === value) {
      const tail = this.room(5);
      const start = this.used;
      let rest = value;
      for (; rest > 0x7f; rest >>>= 7) tail[this.used++] = (rest & 0x7f) | 0x80;
      tail[this.used++] = rest;
      this.length += this.used - start;
      return this;
    }
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
    const { byteLength } = chunk;
    this.length += byteLength;
    if (byteLength > COPIED_BYTES) {
      this.endTail();
      this.chunks.push(chunk);
    } else {
      this.room(byteLength).set(chunk, this.used);
      this.used += byteLength;
    }
    return this;
  }

  /** The tail with room for so many bytes more. */
  private room(bytes: number): Buffer {
    if (this.used + bytes <= this.tail.length) return this.tail;
    this.endTail();
    // Later messages are longer than the first.
    this.tail = Buffer.allocUnsafe(Math.max(bytes, Math.min(2 * this.length, 65536), 64));
    return this.tail;
  }

  private endTail(): void {
    if (this.used === 0) return;
    this.chunks.push(this.tail.subarray(0, this.used));
    this.tail = this.tail.subarray(this.used);
    this.used = 0;
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
