/** Decoded pictures: how many channels they have, and which way is up. */

/** A decoded picture: `[height, width, channels]` uint8. */
export interface DecodedPixels {
  shape: readonly [height: number, width: number, channels: number];
  data: Uint8Array;
}

/** The picture with so many channels: grey as TensorFlow makes it of a PNG file; alpha is left out or opaque. */
export function withChannels(picture: DecodedPixels, channels: 1 | 3 | 4): DecodedPixels {
  const { shape, data } = picture;
  const [height, width, given] = shape;
  if (given === channels) return picture;
  const made = new Uint8Array(height * width * channels);
  for (let from = 0, to = 0; to < made.length; from += given, to += channels) {
    const [red, green, blue] = [data[from]!, data[from + 1]!, data[from + 2]!];
    if (channels === 1) made[to] = grey(red, green, blue);
    else {
      made[to] = red;
      made[to + 1] = green;
      made[to + 2] = blue;
      if (channels === 4) made[to + 3] = 255;
    }
  }
  return { shape: [height, width, channels], data: made };
}

/** libpng's 0.299, 0.587 and the rest, in parts of 2^15 and cut off. */
function grey(red: number, green: number, blue: number): number {
  return (9797 * red + 19234 * green + 3737 * blue) >> 15;
}

/** The picture turned upright. @param orientation As EXIF has it: 1 is upright, 6 lies on its left side. */
export function upright(picture: DecodedPixels, orientation: number): DecodedPixels {
  if (orientation === 1) return picture;
  const { shape, data } = picture;
  const [height, width, channels] = shape;
  const isSwapped = orientation >= 5;
  const [rows, columns] = isSwapped ? [width, height] : [height, width];
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const made = new Uint8Array(data.length);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to += channels) {
      const [y, x] = isSwapped ? [column, row] : [row, column];
      const place = (fromBelow ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x);
      for (let c = 0; c < channels; c++) made[to + c] = data[place * channels + c]!;
    }
  }
  return { shape: [rows, columns, channels], data: made };
}
