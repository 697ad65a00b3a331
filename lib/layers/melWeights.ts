/** The numbers that a mel spectrogram is made with, as TensorFlow computes them in float32. */

const { fround } = Math;

/** What the samples of one spectrum are weighed by: 0 outside of the middle. */
export function windowOf({
  fftLength,
  sequenceLength,
  window,
}: {
  fftLength: number;
  sequenceLength: number;
  window: "hann" | "hamming" | number[] | null;
}): number[] {
  if (window === null) return Array(fftLength).fill(1);
  const weights = Array.isArray(window) ? window : bell(sequenceLength, window);
  const before = Math.floor((fftLength - sequenceLength) / 2);
  const behind = fftLength - sequenceLength - before;
  return [...Array(before).fill(0), ...weights, ...Array(behind).fill(0)];
}

/** TensorFlow's periodic windows, which only those of an even length are. */
function bell(length: number, kind: "hann" | "hamming"): number[] {
  if (length === 1) return [1];
  const period = length % 2 === 0 ? length : length - 1;
  const share = kind === "hann" ? 0.5 : 0.54;
  return Array.from(
    { length },
    (_, i) => share - (1 - share) * Math.cos((2 * Math.PI * i) / period),
  );
}

/** A wave of each frequency, weighed: `[samples, 2 · frequencies]`, cosines first. */
export function waves(length: number, weights: number[]): Float32Array {
  const frequencies = Math.floor(length / 2) + 1;
  const values = new Float32Array(length * 2 * frequencies);
  for (let sample = 0; sample < length; sample++) {
    for (let frequency = 0; frequency < frequencies; frequency++) {
      const angle = (2 * Math.PI * ((sample * frequency) % length)) / length;
      const at = sample * 2 * frequencies + frequency;
      values[at] = weights[sample]! * Math.cos(angle);
      values[at + frequencies] = -weights[sample]! * Math.sin(angle);
    }
  }
  return values;
}

const mel = (hertz: number) => fround(1127 * fround(Math.log(fround(1 + fround(hertz / 700)))));

/** How much of each frequency each pitch has: triangles that overlap by half, `[frequencies, pitches]`. */
export function melWeights(
  frequencies: number,
  {
    numMelBins,
    samplingRate,
    minFreq,
    maxFreq,
  }: { numMelBins: number; samplingRate: number; minFreq: number; maxFreq: number },
): Float32Array {
  const pitches = evenly(0, samplingRate / 2, frequencies).map(mel);
  const edges = evenly(mel(minFreq), mel(maxFreq), numMelBins + 2);
  const weights = new Float32Array(frequencies * numMelBins);
  // The frequency of 0 belongs to no pitch.
  for (let i = 1; i < frequencies; i++) {
    for (let k = 0; k < numMelBins; k++) {
      const [lower, center, upper] = [edges[k]!, edges[k + 1]!, edges[k + 2]!];
      const rising = fround(pitches[i]! - lower) / fround(center - lower);
      const falling = fround(upper - pitches[i]!) / fround(upper - center);
      weights[i * numMelBins + k] = Math.max(0, Math.min(rising, falling));
    }
  }
  return weights;
}

function evenly(from: number, to: number, count: number): number[] {
  const step = fround(fround(to - from) / (count - 1));
  return Array.from({ length: count }, (_, i) =>
    i === count - 1 ? to : fround(from + fround(step * i)),
  );
}
