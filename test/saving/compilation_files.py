"""Files of Keras 3 with policies, optimizers, schedules and metrics that need care: `compilation_files.py FOLDER`.

Each model makes three steps, is saved as NAME.keras, NAME.h5 and NAME.weights.h5, and goes on for three more.
`facts.json` holds what keras2_files.py writes about Keras 2. `compilation_files.py FOLDER NAMES` reads what this library
has written from them, NAME.written.keras, and says how Keras goes on.
"""

import json
import os
import pathlib
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import layers, metrics, optimizers
from keras.optimizers import schedules

BATCH, STEPS = 4, 3


def dense(outputs=2, activation=None, dtype=None):
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3, activation="tanh"),
            layers.BatchNormalization(),
            layers.Dense(outputs, activation=activation, dtype=dtype),
        ]
    )


def row(build, optimizer, loss="mse", metrics=None, policy="float32"):
    return dict(build=build, optimizer=optimizer, loss=loss, metrics=metrics, policy=policy)


BINARY = "binary_crossentropy"
ROWS = {
    "mixed_float16": row(lambda: dense(dtype="float32"), lambda: optimizers.Adam(0.01), policy="mixed_float16"),
    "mixed_bfloat16": row(lambda: dense(dtype="float32"), lambda: optimizers.Adam(0.01), policy="mixed_bfloat16"),
    "float16": row(dense, None, policy="float16"),
    "bfloat16": row(dense, None, policy="bfloat16"),
    "bfloat16_trained": row(dense, lambda: optimizers.Adam(0.01), policy="bfloat16"),
    "exponential": row(dense, lambda: optimizers.Adam(schedules.ExponentialDecay(0.1, 2, 0.5, staircase=True))),
    "cosine": row(dense, lambda: optimizers.SGD(schedules.CosineDecay(0.1, 10, alpha=0.1))),
    "warmup": row(dense, lambda: optimizers.SGD(schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=8))),
    "restarts": row(dense, lambda: optimizers.SGD(schedules.CosineDecayRestarts(0.1, 2, t_mul=1.0, m_mul=0.8))),
    "polynomial": row(dense, lambda: optimizers.RMSprop(schedules.PolynomialDecay(0.1, 10, 0.01, 2.0))),
    "inverse": row(dense, lambda: optimizers.Nadam(schedules.InverseTimeDecay(0.1, 2, 0.5))),
    "piecewise": row(dense, lambda: optimizers.AdamW(schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.05, 0.01]))),
    "averaged": row(dense, lambda: optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=2)),
    "accumulated": row(dense, lambda: optimizers.Nadam(0.01, gradient_accumulation_steps=2, loss_scale_factor=4.0)),
    "lion": row(dense, lambda: optimizers.Lion(0.01, weight_decay=0.1)),
    "lamb": row(dense, lambda: optimizers.Lamb(0.01, use_ema=True)),
    "adafactor": row(dense, lambda: optimizers.Adafactor(0.01)),
    "muon": row(dense, lambda: optimizers.Muon(0.01, exclude_layers=["dense_1"])),
    "schedule_free": row(dense, lambda: optimizers.ScheduleFreeAdamW(0.01, warmup_steps=4)),
    "scaled": row(dense, lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.01), 8.0, dynamic_growth_steps=2)),
    "scaled_sgd": row(dense, lambda: optimizers.LossScaleOptimizer(optimizers.SGD(schedules.InverseTimeDecay(0.1, 2, 0.5)))),
    "names": row(
        lambda: dense(1, "sigmoid"),
        lambda: optimizers.Adam(0.01),
        BINARY,
        [metrics.BinaryAccuracy(name="right"), metrics.Recall(name="found"), metrics.MeanSquaredError(name="off"), "mae"],
    ),
    "auc": row(lambda: dense(1, "sigmoid"), lambda: optimizers.Adam(0.01), BINARY, ["accuracy", metrics.AUC(name="area")]),
    "equal": row(lambda: dense(1, "sigmoid"), lambda: optimizers.Adam(0.01), BINARY, [metrics.Accuracy(name="equal")]),
}


def array(value):
    return dict(shape=list(value.shape), data=[float(each) for each in np.ravel(value)])


def train(model, x, y):
    losses = []
    for _ in range(STEPS):
        model.reset_metrics()
        losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
    return losses


def in_float32(model, settings):
    """The same model in float32, with the optimizer where it was."""
    keras.config.set_dtype_policy("float32")
    copy = settings["build"]()
    copy.set_weights([as_float32(weight) for weight in model.get_weights()])
    if settings["optimizer"] is None:
        return copy
    copy.compile(settings["optimizer"](), settings["loss"], metrics=settings["metrics"], run_eagerly=True)
    copy.optimizer.build(copy.trainable_variables)
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    for variable, value in zip(copy.optimizer.variables, inner.variables, strict=True):
        variable.assign(as_float32(value) if len(value.shape) else value)
    return copy


def as_float32(value):
    return np.asarray(value).astype("float32")


def write(folder, name, settings):
    keras.utils.set_random_seed(7)
    generator = np.random.default_rng(7)
    keras.config.set_dtype_policy(settings["policy"])
    model = settings["build"]()
    for weight in model.weights:
        weight.assign(weight + generator.uniform(0.0, 0.1, weight.shape).astype("float32"))
    x = generator.normal(size=(BATCH, 4)).astype("float32")
    shape = (BATCH, *model.outputs[0].shape[1:])
    y = (generator.integers(0, 2, shape) if settings["loss"] == BINARY else generator.normal(size=shape)).astype("float32")
    facts = dict(inputs=[array(x)], targets=[array(y)], files=[])
    if settings["optimizer"] is not None:
        model.compile(settings["optimizer"](), settings["loss"], metrics=settings["metrics"], run_eagerly=True)
        train(model, x, y)
        facts["rate"] = float(model.optimizer.learning_rate)
    for extension in ("keras", "h5", "weights.h5"):
        save = model.save_weights if extension == "weights.h5" else model.save
        try:
            save(folder / f"{name}.{extension}")
            facts["files"].append(extension)
        except Exception as error:  # Keras can't write every model as .h5
            facts[f"no {extension}"] = f"{type(error).__name__}: {error}"[:500]
    if settings["policy"] != "float32":
        model = in_float32(model, settings)
    facts["outputs"] = [array(np.asarray(model(x, training=False)))]
    if settings["optimizer"] is not None:
        model.reset_metrics()
        facts["logs"] = {k: float(v) for k, v in model.test_on_batch(x, y, return_dict=True).items()}
        facts["losses"] = train(model, x, y)
    return facts


def go_on(folder, names):
    """What Keras makes of files that were written from its own: measures, and losses of the steps that follow."""
    facts = json.loads((folder / "facts.json").read_text())
    back = {}
    for name in names:
        model = keras.models.load_model(folder / f"{name}.written.keras")
        model.run_eagerly = True
        x, y = (np.reshape(facts[name][key][0]["data"], facts[name][key][0]["shape"]) for key in ("inputs", "targets"))
        logs = model.evaluate(x, y, return_dict=True, verbose=0)
        back[name] = dict(logs=logs, losses=train(model, x.astype("float32"), y.astype("float32")))
    print(json.dumps(back))


def main(folder):
    facts = {name: write(folder, name, settings) for name, settings in ROWS.items()}
    (folder / "facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        go_on(pathlib.Path(sys.argv[1]), sys.argv[2:])
    else:
        main(pathlib.Path(sys.argv[1]))
