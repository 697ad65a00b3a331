"""The families of keras.applications: of each its smallest network, with random weights and four pictures."""

import inspect

import keras
import numpy as np
from cases import Built, Case

# By module, the network, and the pictures' height and width.
FAMILIES = {
    "convnext": ("ConvNeXtTiny", 64),
    "densenet": ("DenseNet121", 64),
    "efficientnet": ("EfficientNetB0", 64),
    "efficientnet_v2": ("EfficientNetV2B0", 64),
    "inception_resnet_v2": ("InceptionResNetV2", 75),
    "inception_v3": ("InceptionV3", 75),
    "mobilenet": ("MobileNet", 64),
    "mobilenet_v2": ("MobileNetV2", 64),
    "mobilenet_v3": ("MobileNetV3Small", 64),
    "nasnet": ("NASNetMobile", 64),
    "resnet": ("ResNet50", 64),
    "resnet_v2": ("ResNet50V2", 64),
    "vgg16": ("VGG16", 32),
    "vgg19": ("VGG19", 32),
    "xception": ("Xception", 71),
}
NOT_FAMILIES = ("imagenet_utils", "resnet50")


def network_cases():
    modules = [name for name in dir(keras.applications) if inspect.ismodule(getattr(keras.applications, name))]
    for module in modules:
        if module in NOT_FAMILIES:
            continue
        if module not in FAMILIES:
            yield Case("applications", module, "", "", note=("not tried", "no network of it is known"))
            continue
        name, size = FAMILIES[module]
        yield Case("applications", name, "", "", lambda n=name, s=size: network(n, s))
        yield Case(
            "applications", name, "include_top", "False", lambda n=name, s=size: network(n, s, include_top=False)
        )


def network(name, size, include_top=True):
    keras.utils.set_random_seed(1)
    settings = {"classes": 10} if include_top else {"include_top": False, "pooling": "avg"}
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), **settings)
    pictures = np.random.default_rng(4).uniform(0, 1, (4, size, size, 3)).astype("float32")
    settle(model, pictures)
    targets = None
    if include_top:
        targets = [np.eye(10, dtype="float32")[[1, 4, 7, 2]]]
    model.compile(keras.optimizers.SGD(1e-3), "categorical_crossentropy" if include_top else "mean_squared_error")
    return Built(model, [pictures], targets, compiled="kept", chaotic=True)


def settle(model, pictures):
    """Gives normalizations the statistics of the pictures: with others, signals grow or fade layer by layer."""
    normalizations = [x for x in model._flatten_layers() if isinstance(x, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in normalizations]
    for layer in normalizations:
        layer.momentum = 0.0
    model(pictures, training=True)
    for layer, momentum in zip(normalizations, momenta, strict=True):
        layer.momentum = momentum
