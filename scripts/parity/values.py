"""What is tried of each option: the legal values beside the default, by the option's name.

An option that isn't here is reported as not tried.
"""

import keras


class Value:
    """A value of an option, what belongs to it, and how the page calls it."""

    def __init__(self, value, label=None, /, inputs=None, batch=False, **others):
        self.value = value
        self.label = label if label is not None else repr(value)
        self.inputs = inputs
        self.batch = batch
        self.others = others

    def arguments(self, option):
        """Keyword arguments; what is made anew for each model is given as a function."""
        return {option: fresh(self.value), **{name: fresh(each) for name, each in self.others.items()}}


def fresh(value):
    return value() if callable(value) and not isinstance(value, type) else value


def made(label, make, /, **others):
    return Value(make, label, **others)


# All others of their kind are tried on one layer (objectives.py).
BY_ENDING = {
    "_initializer": [made("RandomUniform(-1, 1, seed=3)", lambda: keras.initializers.RandomUniform(-1, 1, seed=3))],
    "_regularizer": [made("L1L2(0.02, 0.03)", lambda: keras.regularizers.L1L2(0.02, 0.03))],
    "_constraint": [made("MaxNorm(0.5)", lambda: keras.constraints.MaxNorm(0.5))],
}

FILLS = ["constant", "nearest", "wrap"]

BY_NAME = {
    "activation": ["relu"],
    "activity_regularizer": ["l2"],
    "alpha": [0.4],
    "antialias": [True],
    "center": [False],
    "crop_to_aspect_ratio": [True],
    "data_format": ["channels_first"],
    "dropout": [0.3],
    "epsilon": [0.1],
    "fill_mode": FILLS,
    "fill_value": [0.5],
    "flash_attention": [False],
    "go_backwards": [True],
    "interpolation": ["nearest"],
    "mask_zero": [True],
    "lora_rank": [2],
    "lora_alpha": [Value(4, lora_rank=2)],
    "momentum": [0.5],
    "name": ["mine"],
    "output_padding": [Value(1, strides=2)],
    "pad_to_aspect_ratio": [True],
    "padding": ["same"],
    "quantization_config": [made("Int8QuantizationConfig()", lambda: keras.quantizers.Int8QuantizationConfig())],
    "recurrent_activation": ["hard_sigmoid", "tanh"],
    "recurrent_dropout": [0.3],
    "reset_after": [False],
    "return_sequences": [True],
    "return_state": [True],
    "scale": [False],
    "seed": [7],
    "stateful": [Value(True, batch=True)],
    "strides": [2],
    "dilation_rate": [2],
    "depth_multiplier": [2],
    "groups": [2],
    "synchronized": [True],
    "unit_forget_bias": [False],
    "unroll": [True],
    "use_bias": [False],
    "use_cudnn": [False],
    "use_gate": [True],
    "value_range": [(0, 1)],
    "zero_output_for_mask": [True],
}


def values_of(option, own):
    """The values of an option, none when only its default is legal, `None` when none is known."""
    values = own.get(option, BY_NAME.get(option))
    if values is None:
        values = next((those for ending, those in BY_ENDING.items() if option.endswith(ending)), None)
    if values is None:
        return None
    return [value if isinstance(value, Value) else Value(value) for value in values]
