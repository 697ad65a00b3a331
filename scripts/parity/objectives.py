"""Losses, metrics, optimizers, schedules, activations and what shapes weights: small models that have one of them."""

import inspect

import keras
import numpy as np
from cases import Built, Case, Drawn
from layers import build, options_of, why_none
from layer_specs import BASE, SEQUENCE, SPECS, VECTOR
from values import Value, fresh, made, values_of

BATCH = 6
generator = np.random.default_rng(3)


def one_hot(shape, classes):
    return np.eye(classes, dtype="float32")[generator.integers(0, classes, (BATCH, *shape))]


BITS = generator.integers(0, 2, (BATCH, 4)).astype("float32")
HOT = one_hot((), 4)
CLASSES = np.array([[0], [1], [2], [3], [1], [0]], "float32")
ANY = generator.normal(size=(BATCH, 4)).astype("float32")
POSITIVE = np.abs(ANY) + 0.1
SHARES = POSITIVE / POSITIVE.sum(-1, keepdims=True)
PAIRS = np.array([0, 1, 0, 1, 0, 1], "float32")
LABELS = generator.integers(1, 4, (BATCH, 2)).astype("float32")

# What a model ends with, and what it is to learn; by the name of a loss or metric.
BINARY, SOFT, SPARSE = ("sigmoid", BITS), ("softmax", HOT), ("softmax", CLASSES)
REAL, ABOVE = ("linear", ANY), ("softplus", POSITIVE)
SIGNS = ("tanh", 2 * BITS - 1)
ENDS = {
    "BinaryCrossentropy": BINARY, "BinaryFocalCrossentropy": BINARY, "CategoricalCrossentropy": SOFT,
    "CategoricalFocalCrossentropy": SOFT, "CategoricalGeneralizedCrossEntropy": SPARSE, "CategoricalHinge": SOFT,
    "CosineSimilarity": REAL, "Dice": BINARY, "Tversky": BINARY, "Hinge": SIGNS, "SquaredHinge": SIGNS,
    "Huber": REAL, "KLDivergence": ("softmax", SHARES), "LogCosh": REAL, "MeanAbsoluteError": REAL,
    "MeanAbsolutePercentageError": ("linear", POSITIVE), "MeanSquaredError": REAL,
    "MeanSquaredLogarithmicError": ABOVE, "Poisson": ABOVE, "SparseCategoricalCrossentropy": SPARSE,
    "Circle": ("unit", PAIRS), "CTC": ("steps", LABELS),
    "AUC": BINARY, "BinaryAccuracy": BINARY, "BinaryIoU": BINARY, "CategoricalAccuracy": SOFT,
    "ConcordanceCorrelation": REAL, "PearsonCorrelation": REAL, "F1Score": SOFT, "FBetaScore": SOFT,
    "FalseNegatives": BINARY, "FalsePositives": BINARY, "TrueNegatives": BINARY, "TruePositives": BINARY,
    "IoU": ("whole", CLASSES), "MeanIoU": ("whole", CLASSES), "OneHotIoU": SOFT, "OneHotMeanIoU": SOFT,
    "LogCoshError": REAL, "Precision": BINARY, "Recall": BINARY, "PrecisionAtRecall": BINARY,
    "RecallAtPrecision": BINARY, "SensitivityAtSpecificity": BINARY, "SpecificityAtSensitivity": BINARY,
    "R2Score": REAL, "RootMeanSquaredError": REAL, "SparseCategoricalAccuracy": SPARSE,
    "SparseTopKCategoricalAccuracy": SPARSE, "TopKCategoricalAccuracy": SOFT, "Accuracy": ("whole", CLASSES),
}
ARGUMENTS = {
    "IoU": {"num_classes": 4, "target_class_ids": (0, 1)},
    "OneHotIoU": {"num_classes": 4, "target_class_ids": (0, 1)},
    "MeanIoU": {"num_classes": 4},
    "OneHotMeanIoU": {"num_classes": 4},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "SparseTopKCategoricalAccuracy": {"k": 2},
    "TopKCategoricalAccuracy": {"k": 2},
}
NOT_COMPILED = {
    "Loss": "the base of losses", "Metric": "the base of metrics", "Mean": "takes numbers, not labels",
    "Sum": "takes numbers, not labels", "MeanMetricWrapper": "takes a function",
    "Optimizer": "the base of optimizers", "LearningRateSchedule": "the base of schedules",
    "OptimizerMap": "no optimizer by itself", "Initializer": "the base of initializers",
    "Regularizer": "the base of regularizers", "Constraint": "the base of constraints",
}
OPTIONS = {
    "from_logits": [True], "label_smoothing": [0.1], "reduction": ["sum", "mean_with_sample_weight"],
    "dtype": ["float64"], "apply_class_balancing": [True], "alpha": [0.4], "beta": [0.7], "gamma": [1.5],
    "q": [0.3], "margin": [0.2], "remove_diagonal": [False], "delta": [0.5], "ignore_class": [0], 
    "num_thresholds": [20], "curve": ["PR"], "summation_method": ["minoring", "majoring"],
    "thresholds": [0.3, [0.3, 0.6]], "threshold": [0.3], "multi_label": [True],
    "num_labels": [Value(4, multi_label=True)], "label_weights": [Value([1.0, 2.0, 1.0, 0.5], multi_label=True)],
    "target_class_ids": [(1,)], "average": ["micro", "macro", "weighted"], "top_k": [2], "class_id": [1],
    "class_aggregation": ["variance_weighted_average", None], "num_regressors": [2], "k": [3],
    "num_classes": [5], "recall": [0.8],
    "precision": [0.8], "specificity": [0.8], "sensitivity": [0.8],
}
AXES = {"PearsonCorrelation": [0], "ConcordanceCorrelation": [0], "Dice": [(1,)], "Tversky": [(1,)], "CosineSimilarity": [0], "BinaryCrossentropy": [0]}


def ended(name, arguments):
    """A model whose end suits a loss or metric, its inputs and targets."""
    kind, targets = ENDS[name]
    if name in ("BinaryAccuracy", "FBetaScore", "F1Score") and arguments.get("threshold") is not None:
        kind, targets = BINARY
    linear = arguments.get("from_logits")
    x = keras.Input((6, 5) if kind == "steps" else (5,))
    if kind == "whole":
        y = keras.layers.Dense(1, activation="relu")(x)
    elif kind == "unit":
        y = keras.layers.UnitNormalization()(keras.layers.Dense(4)(x))
    elif kind == "steps":
        y = keras.layers.Dense(4)(x)
    else:
        y = keras.layers.Dense(targets.shape[1] if targets.shape[1] > 1 else 4, activation=None if linear else kind)(x)
    inputs = np.random.default_rng(2).normal(size=(BATCH, *x.shape[1:])).astype("float32")
    if kind == "whole":
        # Whole numbers on both sides: the weights are whole, and so is what goes in.
        inputs = np.eye(5, dtype="float32")[[0, 1, 2, 3, 4, 0]]
    return keras.Model(x, y), inputs, targets


def built(name, arguments, compile_model):
    model, inputs, targets = ended(name, arguments)
    if ENDS[name][0] == "whole":
        model.layers[-1].set_weights([np.array([[0.0], [1.0], [2.0], [3.0], [2.0]]), np.zeros(1)])
        compile_model(model)
        return Built(model, [inputs], [targets], compiled="kept", evaluates=True)
    compile_model(model)
    return Built(model, [inputs], [targets], compiled=True, evaluates=True)


def made_anew(arguments):
    return {name: fresh(each) for name, each in arguments.items()}


def class_cases(group, module, make, *, own=None, arguments=None):
    """Each class of a module with its defaults, then with each option changed."""
    seen = set()
    for name in dir(module):
        each = getattr(module, name)
        if not inspect.isclass(each) or each in seen:
            continue
        seen.add(each)
        name = each.__name__
        if name in NOT_COMPILED:
            yield Case(group, name, "", "", note=("base", NOT_COMPILED[name]))
            continue
        needed = (arguments or {}).get(name, {})
        yield Case(group, name, "", "", lambda n=name, e=each, a=needed: make(n, e, made_anew(a)))
        for option in options_of(each):
            if option in ("args", "kwargs"):
                continue
            mine = {**(own or {}), **({"axis": AXES[name]} if name in AXES else {}), **OWN.get(name, {})}
            values = values_of(option, mine)
            if not values:
                if option not in needed:
                    yield Case(group, name, option, "", note=why_none(values))
                continue
            for value in values:
                yield Case(
                    group,
                    name,
                    option,
                    value.label,
                    lambda n=name, e=each, a=needed, o=option, v=value: make(n, e, {**made_anew(a), **v.arguments(o)}),
                )


def with_loss(name, each, arguments):
    loss = each(**arguments)
    return built(name, arguments, lambda model: model.compile(keras.optimizers.SGD(0.05), loss))


def measured_by(name, metric):
    """Class numbers are no targets of an error."""
    loss = "sparse_categorical_crossentropy" if ENDS[name] is SPARSE else "mean_squared_error"
    return lambda model: model.compile(keras.optimizers.SGD(0.05), loss, metrics=[metric])


def with_metric(name, each, arguments):
    return built(name, arguments, measured_by(name, each(**arguments)))


def small(optimizer):
    x = keras.Input((5,))
    y = keras.layers.Dense(3)(keras.layers.Dense(4, activation="tanh")(x))
    model = keras.Model(x, y)
    model.compile(optimizer, "mean_squared_error")
    return Built(model, [VECTOR.draw(np.random.default_rng(2), BATCH)], compiled=True)


def with_optimizer(name, each, arguments):
    return small(each(**arguments))


def with_schedule(name, each, arguments):
    return small(keras.optimizers.SGD(each(**arguments)))


def function_cases(group, module, make):
    """The functions of a module, by name, as a string in `compile`."""
    by_form = {}
    for each in (*vars(keras.losses).values(), *vars(keras.metrics).values()):
        if inspect.isclass(each):
            by_form[each.__name__.lower()] = each.__name__
    for name in dir(module):
        each = getattr(module, name)
        if not inspect.isfunction(each) or name in ("deserialize", "get", "serialize"):
            continue
        form = by_form.get(name.replace("_", "")) or by_form.get(f"{name.replace('_', '')}error")
        if form is None or form not in ENDS:
            yield Case(group, f'"{name}"', "", "", note=("not tried", "no labels are known for it"))
        else:
            yield Case(group, f'"{name}"', "", "", lambda n=name, f=form: make(n, f))


def named_loss(name, form):
    keras.losses.get(name)
    return built(form, {}, lambda model: model.compile(keras.optimizers.SGD(0.05), name))


def named_metric(name, form):
    if name not in ("accuracy", "acc"):
        keras.metrics.get(name)  # `compile` looks for it later
    return built(form, {}, measured_by(form, name))


def activation_cases():
    for name in dir(keras.activations):
        if not inspect.isfunction(getattr(keras.activations, name)) or name in ("deserialize", "get", "serialize"):
            continue
        for label, layer in (("", "Activation"), ("Dense(activation=…)", "Dense")):
            value = Value(name, "", inputs=[SEQUENCE], **({"units": 4} if layer == "Dense" else {}))
            yield Case(
                "activations",
                name,
                "" if layer == "Activation" else "in Dense",
                label,
                lambda k=layer, v=value: build(getattr(keras.layers, k), SPECS[k], "activation", v),
            )


def on_kernel(option):
    def make(name, each, arguments):
        value = Value(lambda: each(**arguments), name)
        return build(keras.layers.Dense, SPECS["Dense"], option, value)

    return make


def base_cases():
    for option, values in BASE.items():
        for value in values:
            value = Value(value)
            yield Case(
                "layers",
                "Layer",
                option,
                value.label,
                lambda o=option, v=value: build(keras.layers.Dense, SPECS["Dense"], o, v),
            )


SGD = keras.optimizers.SGD
OWN = {
    "LossScaleOptimizer": {"inner_optimizer": [made("Adam()", lambda: keras.optimizers.Adam())]},
    "CosineDecay": {"warmup_target": [Value(0.2, warmup_steps=2)], "warmup_steps": [Value(2, warmup_target=0.2)]},
}
OPTIMIZERS = {
    "learning_rate": [0.02], "rho": [0.8], "epsilon": [1e-3], "weight_decay": [0.01], "clipnorm": [0.1],
    "clipvalue": [0.05], "global_clipnorm": [0.1], "use_ema": [True], "ema_momentum": [Value(0.5, use_ema=True)],
    "ema_overwrite_frequency": [Value(2, use_ema=True)], "loss_scale_factor": [4.0],
    "gradient_accumulation_steps": [2], "momentum": [0.9], "nesterov": [Value(True, momentum=0.9)],
    "beta_1": [0.8], "beta_2": [0.9], "amsgrad": [True], "centered": [True], "initial_accumulator_value": [0.3],
    "learning_rate_power": [-0.7], "l1_regularization_strength": [0.01], "l2_regularization_strength": [0.01],
    "l2_shrinkage_regularization_strength": [0.01], "beta": [0.1], "beta_2_decay": [-0.6], "epsilon_1": [1e-10],
    "epsilon_2": [1e-2], "clip_threshold": [0.5], "relative_step": [False], "adam_beta_1": [0.8],
    "adam_beta_2": [0.9], "adam_weight_decay": [0.01], "exclude_layers": [["dense"]], "exclude_embeddings": [False],
    "muon_a": [3.0], "muon_b": [-4.0], "muon_c": [2.1], "adam_lr_ratio": [0.5], "ns_steps": [3], "rms_rate": [0.3],
    "warmup_steps": [2], "initial_scale": [8.0], "dynamic_growth_steps": [2],
}
LR, STEPS = {"initial_learning_rate": 0.2}, {"decay_steps": 2}
SCHEDULES = {
    "initial_learning_rate": [0.1], "decay_steps": [5], "decay_rate": [0.3], "staircase": [True], "alpha": [0.1],
    "t_mul": [1.5], "m_mul": [0.5], "end_learning_rate": [0.01], "power": [2.0], "cycle": [True],
    "first_decay_steps": [3], "boundaries": [Value([1], values=[0.2, 0.1])],
}


def all_objectives():
    yield from base_cases()
    yield from activation_cases()
    shaped = {
        "value": [0.3], "gain": [0.5], "mean": [0.1], "stddev": [0.2], "minval": [-0.3], "maxval": [0.3],
        "scale": [2.0], "mode": ["fan_out", "fan_avg"], "distribution": ["uniform", "untruncated_normal"],
        "side": ["imag"], "window": ["hamming"], "scaling": ["spectrum"], "periodic": [True],
        "input_axes": [[0]], "output_axes": [[1]],
    }
    yield from class_cases("initializers", keras.initializers, on_kernel("kernel_initializer"), own=shaped)
    kept = {"l1": [0.1], "l2": [0.1], "factor": [0.1], "mode": ["columns"]}
    yield from class_cases("regularizers", keras.regularizers, on_kernel("kernel_regularizer"), own=kept)
    bound = {"max_value": [0.5], "min_value": [0.3], "rate": [0.5], "axis": [1]}
    yield from class_cases("constraints", keras.constraints, on_kernel("kernel_constraint"), own=bound)
    yield from class_cases("losses", keras.losses, with_loss, own=OPTIONS)
    yield from function_cases("losses", keras.losses, named_loss)
    yield from class_cases("metrics", keras.metrics, with_metric, own=OPTIONS, arguments=ARGUMENTS)
    yield from function_cases("metrics", keras.metrics, named_metric)
    for name in ("accuracy", "acc", "mse", "mae"):
        yield Case("metrics", f'"{name}"', "", "", lambda n=name: named_metric(n, "BinaryAccuracy"))
    inner = {"LossScaleOptimizer": {"inner_optimizer": lambda: SGD(0.05)}}
    yield from class_cases("optimizers", keras.optimizers, with_optimizer, own=OPTIMIZERS, arguments=inner)
    for name in ("sgd", "rmsprop", "adam", "adamw", "adagrad", "adadelta", "adamax", "nadam", "ftrl", "lion"):
        yield Case("optimizers", f'"{name}"', "", "", lambda n=name: small(n))
    needed = {
        "CosineDecay": {**LR, **STEPS}, "CosineDecayRestarts": {**LR, "first_decay_steps": 2},
        "ExponentialDecay": {**LR, **STEPS, "decay_rate": 0.5}, "InverseTimeDecay": {**LR, **STEPS, "decay_rate": 0.5},
        "PiecewiseConstantDecay": {"boundaries": [1, 2], "values": [0.2, 0.1, 0.05]}, "PolynomialDecay": {**LR, **STEPS},
    }
    schedules = keras.optimizers.schedules
    yield from class_cases("schedules", schedules, with_schedule, own=SCHEDULES, arguments=needed)
