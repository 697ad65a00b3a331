/** Numbers of two bytes, as Keras keeps weights under the policies `float16` and `bfloat16`. */

/**
 * The values of IEEE half floats.
 *
 * @param bits Five bits of exponent, ten of fraction.
 */
export function fromFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/**
 * The values of bfloat16 numbers.
 *
 * @param bits The upper half of a float32.
 */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
