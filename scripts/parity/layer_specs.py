"""For each layer of Keras: the arguments that it must have, an input that it takes, and values of options of its own."""

import dataclasses
import typing

import keras
import numpy as np
from cases import Drawn
from values import Value, made

L = keras.layers

ABSTRACT = {
    "InputSpec": "says what a layer takes",
    "Layer": "the base of all; its options are tried on Dense below",
    "Wrapper": "the base of wrappers, which computes nothing",
}
OUT_OF_SCOPE = {
    "Lambda": "Python code",
    "TFSMLayer": "a SavedModel beside the file",
    "TorchModuleWrapper": "PyTorch code",
    "FlaxLayer": "Flax code",
    "JaxLayer": "JAX code",
    "TextVectorization": "text",
    "StringLookup": "text",
}


def first(layer, inputs):
    return layer(inputs[0])


def together(layer, inputs):
    return layer(inputs)


def apart(layer, inputs):
    return layer(*inputs)


def as_it_is(output):
    return output


def learnt(output):
    """Integers and inputs that nothing is learnt from, on the way to a loss."""
    return L.Dense(2, name="after")(output if output.sparse else L.Rescaling(0.5)(output))


@dataclasses.dataclass
class Spec:
    arguments: dict
    inputs: list
    options: dict
    call: typing.Callable = first
    before: bool = True
    after: typing.Callable = as_it_is
    adapts: typing.Callable = lambda layer: False
    random: bool = False
    batch: bool = False


def spec(inputs, arguments=None, options=None, /, **rest):
    return Spec(arguments or {}, inputs if isinstance(inputs, list) else [inputs], options or {}, **rest)


VECTOR, SEQUENCE, IMAGE = Drawn((5,)), Drawn((6, 4)), Drawn((8, 6, 4))
VOLUME, CLIP = Drawn((6, 5, 4, 4)), Drawn((3, 6, 6, 2))
PICTURE = Drawn((8, 8, 3), 0, 255)
SIGNAL = Drawn((64,))
NUMBERS = Drawn((4,), 0, 5, "int32")

SPECS = {
    "Dense": spec(VECTOR, {"units": 3}),
    "Embedding": spec(
        NUMBERS,
        {"input_dim": 5, "output_dim": 3},
        {"weights": [made("[ones]", lambda: [np.ones((5, 3), "float32")])]},
        after=lambda x: L.LSTM(2)(x),
    ),
    "ReversibleEmbedding": spec(
        NUMBERS,
        {"input_dim": 5, "output_dim": 3},
        {
            "tie_weights": [False],
            "logit_soft_cap": [5.0],
            "reverse_dtype": ["float64"],
        },
        call=lambda layer, xs: layer(layer(xs[0]), reverse=True),
    ),
    "EinsumDense": spec(
        SEQUENCE,
        {"equation": "abc,cd->abd", "output_shape": (None, 5)},
        {
            "bias_axes": ["d"],
            "equation": [Value("abc,bcd->ad", output_shape=(5,))],
            "bias_initializer": [Value("ones", bias_axes="d")],
            "bias_regularizer": [Value("l2", bias_axes="d")],
            "bias_constraint": [Value("non_neg", bias_axes="d")],
        },
    ),
    "Activation": spec(SEQUENCE, {"activation": "relu"}, {"activation": ["softmax"]}),
    "ActivityRegularization": spec(SEQUENCE, {}, {"l1": [0.1], "l2": [0.1]}),
    "Identity": spec(SEQUENCE),
    "ReLU": spec(SEQUENCE, {}, {"max_value": [0.5], "negative_slope": [0.2], "threshold": [0.3]}),
    "ELU": spec(SEQUENCE),
    "LeakyReLU": spec(SEQUENCE, {}, {"negative_slope": [0.1]}),
    "PReLU": spec(SEQUENCE, {}, {"shared_axes": [[1]]}),
    "Softmax": spec(SEQUENCE, {}, {"axis": [1, (1, 2)]}),
    "Masking": spec(SEQUENCE, {}, {"mask_value": [1.0]}, before=False, after=lambda x: L.LSTM(2)(x)),
    "Flatten": spec(IMAGE),
    "Reshape": spec(SEQUENCE, {"target_shape": (4, 6)}, {"target_shape": [(-1, 3), (2, 2, 6), (24,)]}),
    "Permute": spec(SEQUENCE, {"dims": (2, 1)}, {"dims": [Value((3, 1, 2), inputs=[IMAGE])]}),
    "RepeatVector": spec(VECTOR, {"n": 2}, {"n": [3]}),
    "Rescaling": spec(
        SEQUENCE, {"scale": 0.5}, {"scale": [[1.0, 2.0, 3.0, 4.0]], "offset": [0.5, [1.0, 2.0, 3.0, 4.0]]}
    ),
    "UnitNormalization": spec(SEQUENCE, {}, {"axis": [1, (1, 2)]}),
    "RMSNormalization": spec(SEQUENCE, {}, {"axis": [1, (1, 2)]}),
    "LayerNormalization": spec(IMAGE, {}, {"axis": [1, (1, 2), (2, 3)]}),
    "GroupNormalization": spec(IMAGE, {"groups": 2}, {"groups": [1, -1, 4], "axis": [1]}),
    "BatchNormalization": spec(
        IMAGE,
        {},
        {
            "axis": [1],
            "renorm": [True],
            "renorm_clipping": [Value({"rmax": 1.5, "rmin": 0.5, "dmax": 0.5}, renorm=True)],
            "renorm_momentum": [Value(0.5, renorm=True)],
        },
    ),
    "Normalization": spec(
        SEQUENCE,
        {},
        {
            "axis": [1, None],
            "mean": [Value([1.0, 2.0, 3.0, 4.0], variance=[1.0, 2.0, 3.0, 4.0])],
            "variance": [Value(2.0, mean=1.0)],
            "invert": [True],
        },
        adapts=lambda layer: layer.input_mean is None,
        before=False,
        after=learnt,
    ),
    "SpectralNormalization": spec(
        VECTOR,
        {"layer": lambda: L.Dense(3)},
        {"layer": [made("Conv2D(3, 2)", lambda: L.Conv2D(3, 2), inputs=[IMAGE])], "power_iterations": [3]},
    ),
    "Discretization": spec(
        VECTOR,
        {"bin_boundaries": [-0.5, 0.0, 0.7]},
        {
            "num_bins": [Value(3, bin_boundaries=None)],
            "epsilon": [Value(0.1, num_bins=3, bin_boundaries=None)],
            "output_mode": ["one_hot", "multi_hot", "count"],
            "sparse": [Value(True, output_mode="one_hot")],
            "dtype": ["int32"],
        },
        before=False,
        adapts=lambda layer: layer.bin_boundaries is None,
        after=learnt,
    ),
    "CategoryEncoding": spec(
        NUMBERS,
        {"num_tokens": 5},
        {"output_mode": ["one_hot", "count"], "num_tokens": [7], "sparse": [True]},
        after=learnt,
    ),
    "IntegerLookup": spec(
        NUMBERS,
        {"vocabulary": [1, 3, 4]},
        {
            "max_tokens": [5],
            "num_oov_indices": [0, 2],
            "mask_token": [0],
            "oov_token": [-2],
            "vocabulary_dtype": ["int32"],
            "idf_weights": [Value([0.1, 0.2, 0.3], output_mode="tf_idf")],
            "invert": [Value(True, num_oov_indices=1)],
            "output_mode": ["one_hot", "multi_hot", "count"],
            "sparse": [Value(True, output_mode="multi_hot")],
            "pad_to_max_tokens": [Value(True, max_tokens=8, output_mode="multi_hot")],
            "oov_method": [Value("farmhash", num_oov_indices=2)],
            "salt": [Value(3, num_oov_indices=2, oov_method="farmhash")],
        },
        after=learnt,
    ),
    "Hashing": spec(
        NUMBERS,
        {"num_bins": 4},
        {
            "mask_value": [0],
            "salt": [3],
            "output_mode": ["one_hot", "multi_hot", "count"],
            "sparse": [Value(True, output_mode="one_hot")],
        },
        after=learnt,
    ),
    "HashedCrossing": spec(
        [Drawn((1,), 0, 5, "int32"), Drawn((1,), 0, 5, "int32")],
        {"num_bins": 4},
        {"output_mode": ["one_hot"], "sparse": [Value(True, output_mode="one_hot")], "dtype": ["int32"]},
        call=together,
        after=learnt,
    ),
    "CenterCrop": spec(IMAGE, {"height": 4, "width": 3}, {"height": [10], "width": [5]}),
    "Resizing": spec(
        IMAGE,
        {"height": 4, "width": 9},
        {"interpolation": ["nearest", "bicubic", "lanczos3", "lanczos5", "area"], "fill_mode": [], "fill_value": [
            Value(0.5, pad_to_aspect_ratio=True)]},
    ),
    "MelSpectrogram": spec(
        SIGNAL,
        {"fft_length": 16, "sequence_stride": 8, "num_mel_bins": 5},
        {
            "sequence_length": [12], "window": ["hamming", None], "sampling_rate": [8000], "min_freq": [100.0],
            "max_freq": [4000.0], "power_to_db": [False], "top_db": [20.0], "mag_exp": [1.0], "min_power": [1e-3],
            "ref_power": [2.0], "fft_length": [32], "sequence_stride": [4], "num_mel_bins": [8],
        },
        before=False,
        after=learnt,
    ),
    "STFTSpectrogram": spec(
        Drawn((64, 1)),
        {"frame_length": 16},
        {
            "mode": ["magnitude", "psd", "real", "imag", "angle", "stft"], "frame_step": [8], "fft_length": [32],
            "window": ["hamming"], "periodic": [True], "scaling": ["spectrum", None], "expand_dims": [True],
            "frame_length": [32],
        },
        before=False,
        after=learnt,
    ),
    "TimeDistributed": spec(
        SEQUENCE, {"layer": lambda: L.Dense(3)}, {"layer": [made("Conv1D(3, 2)", lambda: L.Conv1D(3, 2), inputs=[IMAGE])]}
    ),
    "Pipeline": spec(
        SEQUENCE,
        {"layers": lambda: [L.Rescaling(0.5), L.Rescaling(2.0, 1.0)]},
        {"layers": [made("[Resizing, RandomFlip]", lambda: [L.Resizing(4, 4), L.RandomFlip()], inputs=[PICTURE])]},
    ),
    "InputLayer": spec(
        VECTOR,
        {"shape": (5,)},
        {
            "batch_size": [Value(3, batch=True)],
                "batch_shape": [Value((None, 5), shape=None)],
        },
        call=lambda layer, xs: xs[0],
    ),
    "MaxNumBoundingBoxes": spec(VECTOR, {"max_number": 2}),
}

for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
    SPECS[kind] = spec([SEQUENCE, SEQUENCE], call=together)
SPECS["Concatenate"] = spec([SEQUENCE, SEQUENCE], {}, {"axis": [1, -2]}, call=together)
SPECS["Dot"] = spec(
    [SEQUENCE, SEQUENCE], {"axes": 2}, {"axes": [1, (1, 1), (2, 2)], "normalize": [True]}, call=together
)

# Convolutions and pooling.
for kind, image in (("1D", SEQUENCE), ("2D", IMAGE), ("3D", VOLUME)):
    plain = {"filters": 4, "kernel_size": 2}
    rank = len(image.shape) - 1
    strides = [2] if rank == 1 else [2, (1,) * (rank - 1) + (2,)]
    paddings = {"padding": ["same", "causal"] if rank == 1 else ["same"]}
    own = {"strides": strides, "dilation_rate": [2], **paddings}
    transposed = {"strides": strides, "padding": ["same", Value("same", "'same', strides=2", strides=2)]}
    SPECS[f"Conv{kind}"] = spec(image, plain, own)
    SPECS[f"Conv{kind}Transpose"] = spec(image, plain, transposed)
    if rank < 3:
        square = {"strides": [2], "dilation_rate": [2], **paddings}
        SPECS[f"SeparableConv{kind}"] = spec(image, plain, square)
        SPECS[f"DepthwiseConv{kind}"] = spec(image, {"kernel_size": 2}, {**square, "padding": ["same"]})
    for pool in ("Max", "Average"):
        SPECS[f"{pool}Pooling{kind}"] = spec(
            image, {"pool_size": 2}, {"pool_size": [3], "strides": [1, 3], "padding": ["same"]}
        )
        SPECS[f"Global{pool}Pooling{kind}"] = spec(image, {}, {"keepdims": [True]})
        SPECS[f"Adaptive{pool}Pooling{kind}"] = spec(image, {"output_size": 2}, {"output_size": [3]})
    SPECS[f"UpSampling{kind}"] = spec(
        image,
        {},
        {
            "size": [3] if rank == 1 else [3, (1,) * (rank - 1) + (2,)],
            "interpolation": ["bilinear", "bicubic", "lanczos3", "lanczos5"],
        },
    )
    pairs = ((1, 0),) + ((0, 1),) * (rank - 1)
    borders = {"cropping": [1, pairs if rank > 1 else (1, 0)], "padding": [2, pairs if rank > 1 else (1, 0)]}
    SPECS[f"Cropping{kind}"] = spec(image, {}, borders)
    SPECS[f"ZeroPadding{kind}"] = spec(image, {}, borders)
    SPECS[f"SpatialDropout{kind}"] = spec(image, {"rate": 0.3}, {"dtype": ["float64"], "rate": [0.5]}, random=True)

clips = {"1D": Drawn((3, 6, 2)), "2D": CLIP, "3D": Drawn((2, 4, 4, 4, 2))}
for kind, clip in clips.items():
    SPECS[f"ConvLSTM{kind}"] = spec(clip, {"filters": 2, "kernel_size": 2}, {"padding": ["same"]})

# Noise.
for kind in ("Dropout", "AlphaDropout", "GaussianDropout"):
    SPECS[kind] = spec(SEQUENCE, {"rate": 0.3}, {"noise_shape": [(None, 1, 4)], "rate": [0.5]}, random=True)
SPECS["GaussianNoise"] = spec(SEQUENCE, {"stddev": 0.3}, {"stddev": [0.5]}, random=True)

# Recurrent layers.
for kind in ("SimpleRNN", "LSTM", "GRU"):
    SPECS[kind] = spec(SEQUENCE, {"units": 3})
CELLS = {"SimpleRNNCell": L.SimpleRNNCell, "LSTMCell": L.LSTMCell, "GRUCell": L.GRUCell}
for kind in CELLS:
    SPECS[kind] = spec(SEQUENCE, {"units": 3}, call=lambda layer, xs: L.RNN(layer)(xs[0]))
cells = [made(f"{kind}(3)", lambda cell=cell: cell(3)) for kind, cell in CELLS.items()]
SPECS["RNN"] = spec(
    SEQUENCE,
    {"cell": lambda: L.LSTMCell(3)},
    {"cell": [*cells, made("[LSTMCell(3), GRUCell(2)]", lambda: [L.LSTMCell(3), L.GRUCell(2)])]},
)
SPECS["StackedRNNCells"] = spec(
    SEQUENCE,
    {"cells": lambda: [L.LSTMCell(3), L.GRUCell(2)]},
    {"cells": [made("[SimpleRNNCell(3)]", lambda: [L.SimpleRNNCell(3)])]},
    call=lambda layer, xs: L.RNN(layer)(xs[0]),
)
SPECS["Bidirectional"] = spec(
    SEQUENCE,
    {"layer": lambda: L.LSTM(3)},
    {
        "layer": [
            made("GRU(3, return_sequences=True)", lambda: L.GRU(3, return_sequences=True)),
            made("SimpleRNN(3)", lambda: L.SimpleRNN(3)),
            made("RNN(LSTMCell(3))", lambda: L.RNN(L.LSTMCell(3))),
        ],
        "merge_mode": ["sum", "mul", "ave", None],
        "backward_layer": [made("LSTM(3, go_backwards=True)", lambda: L.LSTM(3, go_backwards=True))],
    },
)

# Attention.
SPECS["Attention"] = spec(
    [SEQUENCE, SEQUENCE], {}, {"use_scale": [True], "score_mode": ["concat"], "dropout": [0.3]}, call=together
)
SPECS["AdditiveAttention"] = spec([SEQUENCE, SEQUENCE], {}, {"use_scale": [False]}, call=together)
SPECS["MultiHeadAttention"] = spec(
    [SEQUENCE, SEQUENCE],
    {"num_heads": 2, "key_dim": 3},
    {
        "value_dim": [5],
        "output_shape": [7],
        "attention_axes": [(1,)],
        "sliding_window": [2],
    },
    call=apart,
)
SPECS["GroupQueryAttention"] = spec(
    [SEQUENCE, SEQUENCE],
    {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
    {"sliding_window": [2]},
    call=apart,
)

# Pictures: at rest these layers are the identity, a crop, or the same for every run.
shares = {"factor": [0.3, (0.1, 0.2)], "interpolation": ["nearest"]}
for kind in dir(L):
    if kind in SPECS or not kind.startswith(("Random", "RandAug", "AugMix", "MixUp", "CutMix")):
        continue
    needs = {"RandomCrop": {"height": 4, "width": 5}, "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.1}}
    SPECS[kind] = spec(
        PICTURE,
        needs.get(kind, {"height_factor": 0.2} if kind == "RandomZoom" else {}),
        {
            **shares, "mode": ["horizontal", "vertical"], "height": [6], "width": [6], "alpha": [0.5],
            "height_factor": [0.3, (-0.1, 0.2)], "width_factor": [0.3, (-0.1, 0.2)], "x_factor": [0.3],
            "y_factor": [0.3], "scale": [(0.1, 0.3)] if kind == "RandomErasing" else [0.5], "kernel_size": [5],
            "sigma": [0.5], "num_ops": [1], "num_chains": [2], "chain_depth": [2], "all_ops": [False],
            "brightness_factor": [0.3], "contrast_factor": [0.3], "saturation_factor": [0.3], "hue_factor": [0.3],
        },
        random=True,
        before=False,
        after=learnt,
    )
for kind in ("RandomBrightness", "RandomContrast", "RandomRotation", "RandomHue", "RandomSaturation"):
    SPECS[kind].arguments = {"factor": 0.2}
for kind in ("RandomColorDegeneration", "RandomSharpness"):
    SPECS[kind].arguments = {"factor": 0.2}
SPECS["RandomPosterization"].arguments = {"factor": 4}
SPECS["RandomPosterization"].options["factor"] = [6]
first_channels = {"data_format": [Value("channels_first", inputs=[Drawn((3, 8, 8), 0, 255)])]}
SPECS["RandomColorDegeneration"].options.update(first_channels)
SPECS["RandomGrayscale"].options["factor"] = [0.3]
for kind in ("AutoContrast", "Equalization", "Solarization", "ContrastLimitedAdaptiveHistogramEqualization"):
    SPECS[kind] = spec(
        PICTURE,
        {},
        {
            "addition_factor": [0.3], "threshold_factor": [0.5], "bins": [64], "clip_limit": [2.0],
            "tile_grid_size": [(2, 2)],
        },
        before=False,
        after=learnt,
        random=kind == "Solarization",
    )
SPECS["ContrastLimitedAdaptiveHistogramEqualization"].options.update(first_channels)

# The options that every layer has.
BASE = {
    "trainable": [False],
    "dtype": ["float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"],
    "autocast": [False],
    "name": ["mine", "with space"],
    "activity_regularizer": ["l1"],
}


def state(layer, xs):
    return layer(xs[0], initial_state=xs[1:])


def masked(layer, xs):
    return layer(xs[0], mask=keras.ops.greater(xs[1], 2))


SMALL = Drawn((3,))
STEPS = Drawn((6,), 0, 5, "int32")
SQUARE = Drawn((6, 6), 0, 5, "int32")


def attending(**rest):
    return lambda layer, xs: layer(*xs[:2], **{n: each(xs) if callable(each) else each for n, each in rest.items()})


heads = {
    "key": [("another", [SEQUENCE] * 3, lambda layer, xs: layer(xs[0], xs[1], key=xs[2]))],
    "attention_mask": [
        ("given", [SEQUENCE, SEQUENCE, SQUARE], attending(attention_mask=lambda xs: keras.ops.greater(xs[2], 1)))
    ],
    "return_attention_scores": [("True", None, attending(return_attention_scores=True))],
    "use_causal_mask": [("True", None, attending(use_causal_mask=True))],
    "query_mask": [("given", [SEQUENCE, SEQUENCE, STEPS], attending(query_mask=lambda xs: keras.ops.greater(xs[2], 1)))],
    "value_mask": [("given", [SEQUENCE, SEQUENCE, STEPS], attending(value_mask=lambda xs: keras.ops.greater(xs[2], 1)))],
    "key_mask": [("given", [SEQUENCE, SEQUENCE, STEPS], attending(key_mask=lambda xs: keras.ops.greater(xs[2], 1)))],
}
scores = {
    "mask": [("given", [SEQUENCE, SEQUENCE, STEPS, STEPS], lambda layer, xs: layer(
        xs[:2], mask=[keras.ops.greater(x, 1) for x in xs[2:]]))],
    "return_attention_scores": [("True", None, lambda layer, xs: layer(xs, return_attention_scores=True))],
    "use_causal_mask": [("True", None, lambda layer, xs: layer(xs, use_causal_mask=True))],
}
steps = {"mask": [("given", [SEQUENCE, STEPS], masked)]}
begun = {"initial_state": [("given", [SEQUENCE, SMALL], state)], **steps}
twice = {"initial_state": [("given", [SEQUENCE, SMALL, SMALL], state)], **steps}

# What a layer is called with: label, inputs, call.
CALLS = {
    "SimpleRNN": begun,
    "GRU": begun,
    "LSTM": twice,
    "RNN": twice,
    "Bidirectional": {"initial_state": [("given", [SEQUENCE, *[SMALL] * 4], state)], **steps},
    "TimeDistributed": steps,
    "BatchNormalization": {"mask": [("given", [SEQUENCE, STEPS], masked)]},
    "GlobalAveragePooling1D": steps,
    "Softmax": {"mask": [("given", [SEQUENCE, Drawn((6, 4), 0, 5, "int32")], masked)]},
    "MultiHeadAttention": heads,
    "GroupQueryAttention": heads,
    "Attention": scores,
    "AdditiveAttention": scores,
    "CategoryEncoding": {
        "count_weights": [("given", [NUMBERS, Drawn((4,))], lambda layer, xs: layer(xs[0], count_weights=xs[1]), {"output_mode": "count"})]
    },
    "ReversibleEmbedding": {"reverse": [("False", None, first)]},
    # An RNN calls cells.
    **{kind: {"states": []} for kind in (*CELLS, "StackedRNNCells")},
}
