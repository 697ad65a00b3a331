"""Makes image files of every kind, and writes what Keras' loader makes of them.

Usage: kerasOracle.py FOLDER. One JSON object per call goes to FOLDER/cases.json, pixels to FOLDER/out/.
"""
import json
import pathlib
import sys

import numpy as np
from PIL import Image

root = pathlib.Path(sys.argv[1])
random = np.random.RandomState(7)


def picture(mode="RGB"):
    """Smooth colours with noise and hard edges, of any size."""
    width, height = (int(n) for n in random.randint(20, 120, 2))
    small = random.randint(0, 256, (5, 5, 3)).astype("uint8")
    image = np.array(Image.fromarray(small).resize((width, height), Image.BICUBIC)).astype(int)
    image += random.randint(-25, 26, image.shape)
    image[: height // 3, : width // 4] = random.randint(0, 256, 3)
    image = Image.fromarray(image.clip(0, 255).astype("uint8"))
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.fromarray(random.randint(0, 256, (height, width)).astype("uint8")))
    return image.convert(mode)


for name in ("cat", "dog"):
    (root / "mixed" / name).mkdir(parents=True)
for i in range(200):
    kind = ("cat", "dog")[i % 2]
    mode = "L" if i % 20 == 3 else "CMYK" if i % 50 == 7 else "RGB"
    options = dict(quality=int(random.randint(40, 100)), subsampling=int(random.randint(0, 3)))
    options["progressive"] = i % 9 == 0
    if i % 25 == 11:
        exif = Image.Exif()
        exif[0x0112] = 6
        options["exif"] = exif
    picture(mode).save(root / "mixed" / kind / f"{kind}.{i}.{'jpeg' if i % 7 else 'JPG'}", **{"format": "JPEG", **options})
for i in range(50):
    kind = ("cat", "dog")[i % 2]
    mode = ("RGB", "RGBA", "L", "LA", "P", "1")[i % 6]
    picture(mode).save(root / "mixed" / kind / f"{kind}.{i}.png")
for i in range(10):
    kind = ("cat", "dog")[i % 2]
    frames = [picture("P") for _ in range(2)]
    frames[0].save(root / "mixed" / kind / f"still.{i}.gif")
    frames[0].save(root / "mixed" / kind / f"moving.{i}.gif", save_all=True, append_images=[frames[0].rotate(90)])
    picture("RGB").save(root / "mixed" / kind / f"{kind}.{i}.bmp")

# The other colour modes take some kinds of files only; WebP goes by any name.
for folder, files in dict(
    grey=[("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "LA"), ("PNG", "I;16"), ("PNG", "P")],
    alpha=[("PNG", "RGBA"), ("PNG", "RGB"), ("PNG", "L"), ("PNG", "LA"), ("BMP", "RGB"), ("BMP", "RGBA")],
    webp=[("WEBP", "RGB"), ("WEBP", "L"), ("PNG", "I;16"), ("BMP", "L"), ("BMP", "RGBA")],
).items():
    (root / folder / "a").mkdir(parents=True)
    for i, (kind, mode) in enumerate(files * 2):
        image = picture("L").convert("I;16") if mode == "I;16" else picture(mode)
        image.save(root / folder / "a" / f"{i:02}.{'bmp' if kind == 'BMP' else 'png'}", format=kind)

# Files whose names and places try the order of the listing.
for place in ("b/z.png", "b/B.png", "b/ä.png", "b/\U0001f431.png", "b/\uff21.png", "b/sub/a.png", "b/sub-a/a.png",
              "b/sub/deep/x.PNG", "a/10.png", "a/9.png", "a/.hidden.png", "A/1.png", ".secret/1.png", "a/notes.txt"):
    file = root / "listing" / place
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (2, 2), "red").save(file, format="PNG")
(root / "elsewhere").mkdir()
Image.new("RGB", (2, 2), "red").save(root / "elsewhere" / "linked.png")
(root / "listing" / "a" / "link").symlink_to(root / "elsewhere")
(root / "listing" / "a" / "file-link.png").symlink_to(root / "elsewhere" / "linked.png")

import keras

(root / "out").mkdir()
load = keras.utils.image_dataset_from_directory
camel = lambda name: "".join(p.title() if i else p for i, p in enumerate(name.split("_")))
cases = []


def case(folder, pixels=True, **options):
    options = {"image_size": (24, 37), "batch_size": 12, "shuffle": False, "verbose": 0, **options}
    result = {"folder": str(root / folder), "options": {camel(k): v for k, v in options.items()}}
    datasets = load(str(root / folder), **options)
    both = isinstance(datasets, list)
    result["parts"] = []
    for dataset in datasets if both else [datasets]:
        part = {"filePaths": list(dataset.file_paths), "classNames": dataset.class_names}
        if pixels:
            batches = list(dataset.as_numpy_iterator())
            labelled = isinstance(batches[0], tuple)
            if labelled:
                ys = np.concatenate([np.atleast_1d(y) for _, y in batches])
                part["labels"] = {"shape": ys.shape, "dtype": str(ys.dtype), "values": ys.ravel().tolist()}
            xs = [x for x, _ in batches] if labelled else batches
            part["shapes"] = [x.shape for x in xs]
            part["pixels"] = str(root / "out" / f"{len(cases)}.{len(result['parts'])}.f32")
            np.concatenate([x.ravel() for x in xs]).astype("float32").tofile(part["pixels"])
        result["parts"].append(part)
    cases.append(result)


everything = ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
for interpolation in everything:
    case("mixed", interpolation=interpolation)
    case("mixed", interpolation=interpolation, pad_to_aspect_ratio=True)
    if interpolation not in ("gaussian", "mitchellcubic"):
        case("mixed", interpolation=interpolation, crop_to_aspect_ratio=True)
case("mixed", image_size=(180, 180), crop_to_aspect_ratio=True, label_mode="binary", batch_size=7)
case("mixed", image_size=(61, 9), pad_to_aspect_ratio=True, label_mode="categorical")
case("mixed", image_size=5, label_mode=None)
case("grey", color_mode="grayscale")
case("grey", color_mode="grayscale", interpolation="nearest", crop_to_aspect_ratio=True)
case("alpha", color_mode="rgba")
case("alpha", color_mode="rgba", interpolation="lanczos3", pad_to_aspect_ratio=True)
case("webp")
case("mixed", image_size=8, labels=None)
case("mixed", image_size=8, labels=[i % 3 for i in range(280)], label_mode="categorical")
case("mixed", image_size=8, class_names=["dog", "cat"])
case("mixed", image_size=8, class_names=["dog"])
case("mixed", image_size=8, batch_size=None)
for subset in ("training", "validation", "both"):
    for seed in (0, 42, 123456789):
        case("mixed", pixels=False, subset=subset, validation_split=0.2, seed=seed, shuffle=True)
case("mixed", image_size=8, subset="both", validation_split=0.3)
for seed in (1, 4294967295):
    case("mixed", pixels=False, seed=seed, shuffle=True)
for follow in (False, True):
    case("listing", image_size=4, follow_links=follow)
    case("listing", pixels=False, labels=None, follow_links=follow)
case("listing", pixels=False, seed=3, shuffle=True)
(root / "cases.json").write_text(json.dumps(cases))
