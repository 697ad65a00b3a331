"""Keras' side of the matrix: lists what is tried, makes each case, and reads again what was written from it.

Requests are lines of JSON on standard input, answers lines of JSON on descriptor 3.
"""

import gc
import json
import os
import pathlib
import re
import sys
import traceback
import zipfile

import keras
import numpy as np
import tensorflow as tf
from cases import change_weights
from layers import layer_cases
from networks import network_cases
from objectives import all_objectives

STEPS = 3
folder = pathlib.Path(sys.argv[1])


def all_cases():
    return [*layer_cases(), *all_objectives(), *network_cases()]


def predict(model, inputs):
    reset(model)
    x = one_or_all(inputs)
    try:
        outputs = model(x, training=False)
    except (tf.errors.UnimplementedError, tf.errors.InvalidArgumentError):
        # Channels first and the like: without a GPU TensorFlow has them in XLA alone.
        outputs = tf.function(lambda: model(x, training=False), jit_compile=True)()
    # numpy's files have no bfloat16.
    halves = ("float16", "bfloat16")
    arrays = [keras.ops.convert_to_numpy(each) for each in keras.tree.flatten(outputs)]
    return [np.asarray(each, "float32") if each.dtype.name in halves else np.asarray(each) for each in arrays]


def reset(model):
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()


def one_or_all(values):
    return values if len(values) > 1 else values[0]


def train(model, inputs, targets):
    reset(model)
    model.run_eagerly = True
    try:
        losses = [step(model, inputs, targets) for _ in range(STEPS)]
    except (tf.errors.UnimplementedError, tf.errors.InvalidArgumentError):
        model.run_eagerly = False
        model.jit_compile = True
        model.train_function = None
        losses = [step(model, inputs, targets) for _ in range(STEPS)]
    model.optimizer.finalize_variable_values(model.trainable_variables)  # as `fit` does at its end
    return losses


def step(model, inputs, targets):
    model.reset_metrics()
    return float(np.ravel(model.train_on_batch(one_or_all(inputs), one_or_all(targets)))[0])


def evaluate(model, inputs, targets):
    model.run_eagerly = True
    measured = model.evaluate(inputs[0], targets[0], verbose=0, batch_size=len(inputs[0]), return_dict=True)
    return {name: np.asarray(value, "float64").ravel().tolist() for name, value in measured.items()}


def file(number, ending):
    return str(folder / f"{number}.{ending}")


def make(number):
    case = cases[number]
    keras.utils.clear_session(free_memory=False)  # looking for garbage takes longer than a case
    keras.utils.set_random_seed(1)
    built = case.build()
    model = built.model
    if built.compiled != "kept":
        change_weights(model)
    if not built.compiled:
        model.compile(keras.optimizers.SGD(0.05), "mean_squared_error")
    model.save(file(number, "keras"))
    if case.group in ("losses", "metrics"):
        model = reloaded(number, model)
    outputs = predict(model, built.inputs)
    targets = built.targets or [np.random.default_rng(7).normal(size=each.shape).astype("float32") for each in outputs]
    answer = dict(
        file=file(number, "keras"),
        back=file(number, "back.keras"),
        trained=file(number, "trained.keras"),
        random=built.random,
        chaotic=built.chaotic,
        inputs=[described(each) for each in built.inputs],
        targets=[described(each) for each in targets],
        outputs=[described(each) for each in outputs],
    )
    kept = dict(outputs=outputs)
    if built.chaotic:
        answer["moved"] = moved(number, built.inputs, targets, outputs)
    try:
        if built.evaluates:
            answer["measured"] = finite(evaluate(model, built.inputs, targets))
        if built.trains and model.trainable_variables:
            answer["losses"] = finite(train(model, built.inputs, targets))
            kept["after"] = predict(model, built.inputs)
            answer["after"] = [described(each) for each in kept["after"]]
    except Exception as error:
        answer["untrained"] = message(error)
    arrays = {f"{name}{i}": each for name, those in kept.items() for i, each in enumerate(those)}
    np.savez(file(number, "npz"), **arrays, **{f"inputs{i}": each for i, each in enumerate(built.inputs)})
    return answer


def reloaded(number, model):
    """What a file says of a loss or metric: Keras itself leaves out some options (Huber's delta, an axis)."""
    try:
        return keras.models.load_model(file(number, "keras"))
    except Exception:
        return model


def moved(number, inputs, targets, outputs):
    """How far Keras itself comes from its numbers when its input changes by 1e-7: the rounding of a chaotic net."""
    model = keras.models.load_model(file(number, "keras"))
    near = [x * (1 + 1e-7 * np.random.default_rng(1).choice([-1, 1], x.shape)).astype("float32") for x in inputs]
    result = dict(outputs=difference(predict(model, near), outputs))
    first = train(model, near, targets)
    after = predict(model, near)
    model = keras.models.load_model(file(number, "keras"))
    second = train(model, inputs, targets)
    result["losses"] = max(abs(a - b) / max(abs(b), 0.01) for a, b in zip(first, second, strict=True))
    result["after"] = difference(after, predict(model, inputs))
    return result


def check(number, has_trained):
    """What was written from a case, read by Keras: the same numbers, the same configuration?"""
    kept = np.load(file(number, "npz"))
    inputs = [kept[name] for name in sorted(kept.files) if name.startswith("inputs")]
    keras.utils.clear_session(free_memory=False)
    model = keras.models.load_model(file(number, "back.keras"))
    answer = dict(difference=difference(predict(model, inputs), stored(kept, "outputs")))
    with zipfile.ZipFile(file(number, "keras")) as original:
        expected = json.loads(original.read("config.json"))
    answer["changed"] = changed(expected, json.loads(json.dumps(keras.saving.serialize_keras_object(model))))[:4]
    if has_trained:
        model = keras.models.load_model(file(number, "trained.keras"))
        answer["after"] = difference(predict(model, inputs), stored(kept, "after"))
    return answer


def stored(kept, name):
    return [kept[each] for each in sorted(kept.files) if each.startswith(name)]


IGNORED = ("build_config", "registered_name", "shared_object_id")


def changed(one, other, path=""):
    """The places where two configurations differ, with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in [*one, *(k for k in other if k not in one)] if key not in IGNORED]
        return [each for key in keys for each in changed(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [each for i, pair in enumerate(zip(one, other)) for each in changed(*pair, f"{path}[{i}]")]
    if one == other or (isinstance(one, float) and isinstance(other, (int, float)) and abs(one - other) < 1e-9):
        return []
    if ".compile_config." in path and is_named(one, other):
        return []
    return [f"{path.rpartition('.config.')[2]}: {json.dumps(one)[:80]} became {json.dumps(other)[:80]}"]


def is_named(one, other):
    """Whether a loss or metric is the same under another name, as "mse", or by name instead of with its defaults."""
    if not isinstance(other, str):
        return False
    for module in (keras.losses, keras.metrics):
        if isinstance(one, str):
            found = [getattr(module, name, None) for name in (one, other)]
            if found[0] is not None and found[0] is found[1]:
                return True
        elif isinstance(one, dict) and hasattr(module, one.get("class_name", "")):
            default = getattr(module, one["class_name"])().get_config()
            same = json.loads(json.dumps(default)) == one["config"]
            if same and other.replace("_", "") == one["class_name"].lower():
                return True
    return False


def difference(one, other):
    return max((of_arrays(a, b) for a, b in zip(one, other, strict=True)), default=0.0)


def of_arrays(one, other):
    """The largest difference, as a share of the largest number."""
    if one.shape != other.shape:
        return float("inf")
    one, other = np.asarray(one, "float64"), np.asarray(other, "float64")
    if one.size == 0:
        return 0.0
    if not np.array_equal(np.isnan(one), np.isnan(other)):
        return float("inf")
    apart = np.nan_to_num(np.abs(one - other), nan=0.0)
    return float(apart.max() / max(np.nan_to_num(np.abs(other)).max(), 0.01))


def described(array):
    array = np.asarray(array)
    kind = "int32" if array.dtype.kind in "iu" else "bool" if array.dtype.kind == "b" else "float32"
    return dict(shape=list(array.shape), dtype=kind, values=finite(array.astype("float64").ravel().tolist()))


def finite(value):
    """Numbers that JSON knows; the others are null."""
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return value if np.isfinite(value) else None


def message(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = re.sub(r"\x1b\[\d+m", "", f"{type(error).__name__}: {' '.join(lines)}")
    # The page is the same wherever it is made: files have names there, no folders.
    return re.sub(r'"/[^"]*/([^/"]+)"', r'"\1"', text)[:400]


def answer_to(request):
    try:
        if request["ask"] == "list":
            return [case.described(number) for number, case in enumerate(cases)]
        if request["ask"] == "make":
            return make(request["id"])
        return finite_answer(check(request["id"], request["trained"]))
    except Exception as error:
        if os.environ.get("PARITY_TRACE"):
            traceback.print_exc()
        return dict(error=message(error))


def finite_answer(answer):
    return {name: 1e9 if isinstance(each, float) and not np.isfinite(each) else each for name, each in answer.items()}


if __name__ == "__main__":
    cases = all_cases()
    gc.collect()
    gc.freeze()  # what TensorFlow and Keras are made of stays
    with os.fdopen(3, "w") as answers:
        for line in sys.stdin:
            answers.write(json.dumps(answer_to(json.loads(line))) + "\n")
            answers.flush()
