"""Makes pictures that TensorFlow can't decode as wanted, and says what they have to look like.

Usage: decodingOracle.py FOLDER. Prints a JSON list of cases; the pixels are those of TensorFlow 2.21 where it decodes
the same picture in another kind of file, and what was put into the file where it doesn't.
"""
import base64
import io
import json
import pathlib
import struct
import sys

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(3)
cases = []
HEIGHT, WIDTH = 9, 13


def case(name, pixels, channels, **more):
    pixels = np.asarray(pixels, "uint8")
    cases.append(dict(
        name=name, file=more.pop("file", name), height=pixels.shape[0], width=pixels.shape[1], channels=channels,
        pixels=base64.b64encode(pixels.tobytes()).decode(), **more))


def noise(channels=3):
    return random.randint(0, 256, (HEIGHT, WIDTH, channels)).astype("uint8")


def decoded(name, channels=3):
    return tf.io.decode_image((folder / name).read_bytes(), channels=channels, expand_animations=False).numpy()


def grey(rgb):
    """As TensorFlow reads a PNG file of these colours."""
    file = io.BytesIO()
    Image.fromarray(rgb[..., :3]).save(file, "PNG")
    return tf.io.decode_image(file.getvalue(), channels=1).numpy()


def opaque(rgb):
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, "uint8")])


# Kinds that sharp decodes, or that TensorFlow decodes in other colours only.
rgb = noise()
rgb[0, :3] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
Image.fromarray(rgb).save(folder / "colours.gif")
case("a GIF in grey", grey(decoded("colours.gif")), 1, file="colours.gif")
case("a GIF with alpha", opaque(decoded("colours.gif")), 4, file="colours.gif")
clear = Image.fromarray(random.randint(0, 4, (HEIGHT, WIDTH)).astype("uint8"), "P")
clear.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200, 90, 90, 90])
clear.save(folder / "clear.gif", transparency=2)
case("a GIF with holes in grey", grey(decoded("clear.gif")), 1, file="clear.gif")
Image.fromarray(rgb).save(folder / "colours.webp", lossless=True)
case("a WebP in grey", grey(rgb), 1, file="colours.webp")
case("a WebP with alpha", opaque(rgb), 4, file="colours.webp")
Image.fromarray(rgb).save(folder / "lossy.webp", quality=60)
case("a lossy WebP in grey", grey(decoded("lossy.webp")), 1, file="lossy.webp")
rgba = noise(4)
Image.fromarray(rgba).save(folder / "alpha.webp", lossless=True, exact=True)
case("a WebP with alpha in rgb", rgba[..., :3], 3, file="alpha.webp")
case("a WebP with alpha in grey", grey(rgba), 1, file="alpha.webp")
Image.fromarray(rgb).save(folder / "colours.tiff")
case("a TIFF", rgb, 3, file="colours.tiff")
case("a TIFF in grey", grey(rgb), 1, file="colours.tiff")
case("a TIFF with alpha", opaque(rgb), 4, file="colours.tiff")
Image.fromarray(rgb[..., 0]).save(folder / "grey.tiff")
case("a grey TIFF", rgb[..., :1], 1, file="grey.tiff")
case("a grey TIFF in rgb", np.repeat(rgb[..., :1], 3, 2), 3, file="grey.tiff")
flat = np.zeros((16, 24, 3), "uint8")
for i, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
    flat[:, 8 * i : 8 * i + 8] = colour
(folder / "flat.rgb").write_bytes(flat.tobytes())  # the test makes an AVIF file of it
case("an AVIF in grey", grey(flat), 1, file="flat.avif", tolerance=2)
case("an AVIF", flat, 3, file="flat.avif", tolerance=2)

big = Image.fromarray(noise()).resize((WIDTH * 3, HEIGHT * 3), Image.BICUBIC)
big.save(folder / "photo.jpg", quality=80, subsampling=2)
case("a JPEG with alpha", opaque(decoded("photo.jpg")), 4, file="photo.jpg")
big.convert("CMYK").save(folder / "print.jpg", quality=80)
case("a CMYK JPEG in grey", grey(decoded("print.jpg")), 1, file="print.jpg")
case("a CMYK JPEG with alpha", opaque(decoded("print.jpg")), 4, file="print.jpg")

# Pictures that lie on their side.
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, options in dict(png={}, webp=dict(lossless=True)).items():
        name = f"turned-{orientation}.{kind}"
        Image.fromarray(rgb).save(folder / name, exif=exif, **options)
        upright = np.asarray(ImageOps.exif_transpose(Image.open(folder / name)))
        case(f"{kind}, orientation {orientation}", upright, 3, file=name, exif=True)
        case(f"{kind}, orientation {orientation}, left as it is", rgb, 3, file=name)
        case(f"{kind}, orientation {orientation}, in grey", grey(upright), 1, file=name, exif=True)
    name = f"turned-{orientation}.jpg"
    big.save(folder / name, exif=exif, quality=90)
    upright = np.asarray(ImageOps.exif_transpose(Image.fromarray(decoded(name)), in_place=False))
    turned = Image.fromarray(decoded(name))
    turned.getexif()[0x0112] = orientation
    case(f"jpg, orientation {orientation}", ImageOps.exif_transpose(turned), 3, file=name, exif=True)

# Pictures that move.
frames = [Image.fromarray(noise()) for _ in range(3)]
frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:], lossless=True, duration=100)
case("a moving WebP", frames[0], 3, file="moving.webp")
case("a moving WebP in grey", grey(np.asarray(frames[0])), 1, file="moving.webp")
case("a moving WebP with alpha", opaque(np.asarray(frames[0])), 4, file="moving.webp")
holes = [Image.fromarray(noise(4)) for _ in range(2)]
holes[0].save(folder / "moving-alpha.webp", save_all=True, append_images=holes[1:], lossless=True, exact=True)
case("a moving WebP with alpha", holes[0], 4, file="moving-alpha.webp")


# BMP files.
def bmp(name, rows, bits, palette=b"", compression=0, size=40, masks=(), used=0, top_down=False):
    height = -HEIGHT if top_down else HEIGHT
    if size == 12:
        header = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", size, WIDTH, height, 1, bits, compression, len(rows), 2835, 2835, used, 0)
        header += struct.pack(f"<{len(masks)}I", *masks)
        header += b"\0" * (size - len(header))
    start = 14 + len(header) + len(palette)
    file = struct.pack("<2sIHHI", b"BM", start + len(rows), 0, 0, start) + header + palette + rows
    (folder / name).write_bytes(file)


def packed(values, bits):
    """Rows of values, the lowest first, each filled up to four bytes."""
    if bits >= 8:
        rows = [row.tobytes() for row in values]
    else:
        ones = [np.unpackbits(row[:, None].astype("uint8"), axis=1)[:, 8 - bits :].ravel() for row in values]
        rows = [np.packbits(row).tobytes() for row in ones]
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows[::-1])


def both(name, rgb):
    case(f"{name}", rgb, 3, file=f"{name}.bmp")
    case(f"{name} in grey", grey(rgb), 1, file=f"{name}.bmp")
    case(f"{name} with alpha", opaque(rgb), 4, file=f"{name}.bmp")


for bits in (1, 4, 8):
    colours = random.randint(0, 256, (2**bits, 3)).astype("uint8")
    four = np.dstack([colours[None, :, ::-1], np.zeros((1, 2**bits, 1), "uint8")]).tobytes()
    values = random.randint(0, 2**bits, (HEIGHT, WIDTH)).astype("uint8")
    bmp(f"{bits} bits.bmp", packed(values, bits), bits, four)
    both(f"{bits} bits", colours[values])
    bmp(f"{bits} bits of OS-2.bmp", packed(values, bits), bits, colours[:, ::-1].tobytes(), size=12)
    both(f"{bits} bits of OS-2", colours[values])
    few = values % 2
    bmp(f"{bits} bits, two colours.bmp", packed(few, bits), bits, four[:8], used=2, size=108)
    both(f"{bits} bits, two colours", colours[few])
    bmp(f"{bits} bits from above.bmp", packed(values[::-1], bits), bits, four, top_down=True)
    both(f"{bits} bits from above", colours[values])

bgr = rgb[..., ::-1]
bmp("24 bits.bmp", packed(bgr, 24), 24)
both("24 bits", rgb)
bmp("24 bits of OS-2.bmp", packed(bgr, 24), 24, size=12)
both("24 bits of OS-2", rgb)


def wide(bits, masks):
    """Random pixels of so many bits, and their colours."""
    values = random.randint(0, 2**32, (HEIGHT, WIDTH), dtype="uint64") & (2**bits - 1)
    colours = []
    for mask in masks:
        shift = (mask & -mask).bit_length() - 1
        colours.append(np.round(((values & mask) >> shift) * 255 / (mask >> shift)))
    return values.astype(f"<u{bits // 8}"), np.dstack(colours).astype("uint8")


for name, bits, masks, options in (
    ("555", 16, (0x7C00, 0x3E0, 0x1F), {}),
    ("565", 16, (0xF800, 0x7E0, 0x1F), dict(compression=3)),
    ("565 in a later header", 16, (0xF800, 0x7E0, 0x1F), dict(compression=3, size=108)),
    ("red last", 32, (0xFF, 0xFF00, 0xFF0000), dict(compression=3)),
    ("ten bits each", 32, (0x3FF00000, 0xFFC00, 0x3FF), dict(compression=3)),
):
    values, colours = wide(bits, masks)
    bmp(f"{name}.bmp", packed(values, bits), bits, masks=masks if options else (), **options)
    both(name, colours)
masks = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
values, colours = wide(32, masks)
bmp("red last, alpha first.bmp", packed(values, 32), 32, masks=masks, compression=3, size=108)
case("red last, alpha first", colours, 4, file="red last, alpha first.bmp")

for bits in (8, 4):
    colours = random.randint(0, 256, (2**bits, 3)).astype("uint8")
    four = np.dstack([colours[None, :, ::-1], np.zeros((1, 2**bits, 1), "uint8")]).tobytes()
    values = np.repeat(random.randint(0, 2**bits, (HEIGHT, WIDTH // 3 + 1)), 3, axis=1)[:, :WIDTH].astype("uint8")
    if bits == 4:
        values[:, 1::2] = values[:, :1]  # a run alternates between two colours
    rows = b""
    for number, row in enumerate(values[::-1]):
        if number % 3 == 0:  # as they are
            if bits == 8:
                rows += bytes([0, WIDTH]) + row.tobytes() + b"\0" * (WIDTH % 2)
            else:
                size = (WIDTH + 1) // 2
                halves = np.append(row, 0)[: 2 * size].reshape(-1, 2)
                rows += bytes([0, WIDTH]) + bytes(int(a) << 4 | int(b) for a, b in halves) + b"\0" * (size % 2)
        elif number % 3 == 1:  # in runs
            for x in range(0, WIDTH, 2):
                pair = row[x : x + 2]
                if bits == 4:
                    rows += bytes([len(pair), int(pair[0]) << 4 | int(pair[-1])])
                else:
                    rows += b"".join(bytes([1, int(value)]) for value in pair)
        else:  # a jump over what stays the first colour
            row[:5] = 0
            rows += bytes([0, 2, 5, 0])
            for value in row[5:]:
                rows += bytes([1, int(value) << (8 - bits)]) if bits == 4 else bytes([1, int(value)])
        rows += b"\0\0"
    bmp(f"runs of {bits} bits.bmp", rows + b"\0\1", bits, four, compression=1 if bits == 8 else 2)
    both(f"runs of {bits} bits", colours[values])

# What Pillow, which reads most of these, makes of them.
readable = 0
for made in cases:
    if made["file"].endswith(".bmp") and made["channels"] == 3:
        try:
            image = np.asarray(Image.open(folder / made["file"]).convert("RGB"))
        except OSError:
            continue
        pixels = np.frombuffer(base64.b64decode(made["pixels"]), "uint8").reshape(image.shape)
        if np.abs(image.astype(int) - pixels).max() > 1:
            raise SystemExit(f"Pillow reads {made['name']} otherwise")
        readable += 1

bmp("a JPEG inside.bmp", b"\0" * 64, 24, compression=4)
bmp("2 bits and a half.bmp", b"\0" * 64, 3)
bmp("cut off.bmp", packed(bgr, 24)[:100], 24, size=12)
bmp("cut off runs.bmp", bytes([5, 1]), 8, four, compression=1)
bmp("no palette.bmp", b"", 8)
print(json.dumps(dict(cases=cases, readable=readable)))
