"""Trains the models of the parity test in Keras: `train.py cases.json` prints what each step gave."""

import json
import pathlib
import re
import sys
import tempfile
import traceback

import keras
import numpy as np
from keras import layers

RENAMED = {("LeakyReLU", "alpha"): "negative_slope"}
LOSSES = {
    "kullbackLeiblerDivergence": "kl_divergence",
    "logcosh": "log_cosh",
    "cosineProximity": "cosine_similarity",
}


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@keras.saving.register_keras_serializable("parity")
def hard_sigmoid_of_keras2(x):
    """What tfjs has. Registered: Bidirectional copies its layer by names, and Keras 3 has another hard_sigmoid."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def value_of(key, value):
    if isinstance(value, dict) and "className" in value:
        options = {snake(k): v for k, v in value["config"].items()}
        if value["className"] == "L1L2":
            return keras.regularizers.L1L2(**options)
        return getattr(keras.constraints, value["className"])(**options)
    if key == "activation" or key == "recurrentActivation":
        return hard_sigmoid_of_keras2 if value == "hardSigmoid" else snake(value)
    return snake(value) if key == "dataFormat" else value


def make_layer(spec):
    kind = spec["kind"]
    if kind == "Model":
        model = make_model(spec["model"], name=spec["name"])
        if not spec["config"].get("trainable", True):
            model.trainable = False
        return model
    config = {}
    for key, value in spec["config"].items():
        config[RENAMED.get((kind, key), snake(key))] = value_of(key, value)
    if "inner" in spec:
        config["layer"] = make_layer(spec["inner"])
    return getattr(layers, kind)(name=spec["name"], **config)


def make_model(spec, name=None):
    inputs = [keras.Input(tuple(i["shape"]), name=i["name"]) for i in spec["inputs"]]
    if spec["sequential"]:
        return keras.Sequential([inputs[0]] + [make_layer(each) for each in spec["layers"]], name=name)
    tensors = {i["name"]: tensor for i, tensor in zip(spec["inputs"], inputs)}
    made = {}
    for each in spec["layers"]:
        layer = made[each["shares"]] if "shares" in each else make_layer(each)
        made[each["name"]] = layer
        given = [tensors[name] for name in each["from"]]
        tensors[each["name"]] = layer(given[0] if len(given) == 1 else given)
    one = lambda many: many[0] if len(many) == 1 else many
    return keras.Model(one(inputs), one([tensors[name] for name in spec["outputs"]]), name=name)


def leaves(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        elif layer.weights:
            yield layer


def loss_of(spec):
    if isinstance(spec, str):
        return LOSSES.get(spec, snake(spec))
    options = {snake(key): value for key, value in spec.items() if key != "name"}
    return getattr(keras.losses, spec["name"][0].upper() + spec["name"][1:])(**options)


def array(given):
    return np.array(given["values"], given["dtype"]).reshape(given["shape"])


def numbers(tensors):
    return [np.asarray(tensor, "float64").ravel().tolist() for tensor in tensors]


def callbacks_of(case, folder):
    """The callbacks of a case, and the files that they write."""
    files = {"csvLogger": str(folder / "logs.csv"), "modelCheckpoint": str(folder / "best.weights.h5")}
    made = []
    for spec in case.get("callbacks", []):
        kind = spec["kind"]
        options = {snake(key): value for key, value in spec.get("options", {}).items()}
        if kind == "learningRateScheduler":
            factor = spec["factor"]
            made.append(keras.callbacks.LearningRateScheduler(lambda _, rate, factor=factor: rate * factor))
        elif kind == "csvLogger":
            made.append(keras.callbacks.CSVLogger(files[kind]))
        elif kind == "modelCheckpoint":
            options.update(save_best_only=True, save_weights_only=True)
            made.append(keras.callbacks.ModelCheckpoint(files[kind], **options))
        else:
            made.append(getattr(keras.callbacks, kind[0].upper() + kind[1:])(**options))
    return made, {spec["kind"]: files.get(spec["kind"]) for spec in case.get("callbacks", [])}


def train(case, folder):
    model = make_model(case["model"])
    for layer in leaves(model):
        layer.set_weights([array(weight) for weight in case["weights"][layer.name]])
    one = lambda many: many[0] if len(many) == 1 else many
    metrics = [[snake(m) for m in case["metrics"]] for _ in case["losses"]]
    settings = {k: float(v) if type(v) is int else v for k, v in case["optimizer"]["config"].items()}
    model.compile(
        keras.optimizers.get({"class_name": case["optimizer"]["kind"], "config": settings}),
        one([loss_of(loss) for loss in case["losses"]]),
        loss_weights=case.get("lossWeights"),
        metrics=one(metrics) if case["metrics"] else None,
        run_eagerly=not case["kerasGraph"],
    )
    logs_of_steps, weights = [], []

    def look():
        weights.append({layer.name: numbers(layer.get_weights()) for layer in leaves(model)})

    def after_step(_, logs):
        logs_of_steps.append({key: float(value) for key, value in logs.items()})
        if case["looksAtSteps"]:
            look()

    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=after_step,
        on_epoch_end=lambda *_: None if case["looksAtSteps"] else look(),
    )
    x, y = one([array(a) for a in case["x"]]), one([array(a) for a in case["y"]])
    options = {}
    if case.get("sampleWeights"):
        options["sample_weight"] = array(case["sampleWeights"])
    if case.get("classWeight"):
        options["class_weight"] = {int(key): value for key, value in case["classWeight"].items()}
    callbacks, files = callbacks_of(case, folder)
    history = model.fit(
        x,
        y,
        batch_size=case["batchSize"],
        epochs=case["epochs"],
        validation_split=case.get("validationSplit", 0.0),
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks, watch],
        **options,
    ).history
    outputs = model(x, training=False)
    if files.get("modelCheckpoint"):
        model.load_weights(files["modelCheckpoint"])
        look()
    csv = files.get("csvLogger")
    return {
        **({"csv": open(csv, newline="").read()} if csv else {}),
        "steps": logs_of_steps,
        "weights": weights,
        "history": history,
        "outputs": numbers(outputs if isinstance(outputs, (list, tuple)) else [outputs]),
    }


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    results = {}
    for i, (name, case) in enumerate(cases.items()):
        try:
            with tempfile.TemporaryDirectory() as folder:
                results[name] = train(case, pathlib.Path(folder))
        except Exception as error:
            results[name] = {"error": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}
        if i % 30 == 29:  # it takes longer than a case
            keras.backend.clear_session()
    print(re.sub(r"\bNaN\b|-?\bInfinity\b", "null", json.dumps(results)))


main()
