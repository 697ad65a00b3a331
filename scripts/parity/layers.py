"""The layers of keras.layers, each with an input that it takes: one model for its defaults, one for each value."""

import inspect

import keras
import numpy as np
from cases import Case, Built
from layer_specs import ABSTRACT, OUT_OF_SCOPE, SPECS, CALLS
from values import Value, values_of

BATCH = 3


def layer_classes():
    """Classes by name, each with its other names; Keras has several layers under two names."""
    names = {}
    for name in dir(keras.layers):
        each = getattr(keras.layers, name)
        if inspect.isclass(each):
            names.setdefault(each, []).append(name)
    classes = {}
    for each, aliases in names.items():
        name = each.__name__ if each.__name__ in aliases else aliases[0]
        classes[name] = (each, [alias for alias in aliases if alias != name])
    return classes


def layer_cases():
    for name, (layer, aliases) in layer_classes().items():
        if name in ABSTRACT:
            yield Case("layers", name, "", "", note=("base", ABSTRACT[name]))
        elif name in OUT_OF_SCOPE:
            yield Case("layers", name, "", "", note=("out of scope", OUT_OF_SCOPE[name]))
        elif name not in SPECS:
            yield Case("layers", name, "", "", note=("not tried", "no input is known for it"))
        else:
            yield from cases_of(name, layer, SPECS[name], aliases)


def cases_of(name, layer, spec, aliases):
    def case(option, value):
        return Case("layers", name, option, value.label, lambda: build(layer, spec, option, value), aliases=aliases)

    yield case("", Value(None, ""))
    for option in options_of(layer):
        values = values_of(option, spec.options)
        if not values:
            if option not in spec.arguments:
                yield Case("layers", name, option, "", note=why_none(values))
            continue
        for value in values:
            yield case(option, value)
    for option in call_options_of(layer):
        values = CALLS.get(name, {}).get(option)
        if values is None:
            yield Case("layers", name, f"call({option})", "", note=("not tried", "no value is known for it"))
            continue
        for label, inputs, call, *arguments in values:
            built = Value(None, label, inputs=inputs, call=call, arguments=dict(*arguments))
            yield Case(
                "layers", name, f"call({option})", label, lambda v=built: build(layer, spec, "", v), aliases=aliases
            )


def why_none(values):
    if values is None:
        return "not tried", "no value is known for it"
    return "only default", "no other value is legal"


def parameters(function):
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in list(inspect.signature(function).parameters.values())[1:] if p.kind not in kinds]


def options_of(layer):
    return parameters(layer.__init__)


def call_options_of(layer):
    """What a layer can be called with beside its inputs; `training` is how a model is run."""
    taken = ("training", "inputs", "input", "input_tensor", "x", "images", "query", "value", "sequences", "data", "sequence")
    return [name for name in parameters(layer.call) if name not in taken]


def build(layer, spec, option, value):
    """A model of one layer, with a Dense layer before it whose gradients go through it."""
    arguments = {name: each() if callable(each) else each for name, each in spec.arguments.items()}
    call = None
    if option:
        arguments.update(value.arguments(option))
    else:
        call = value.others.get("call")
        arguments.update(value.others.get("arguments", {}))
    one = layer(**arguments)
    generator = np.random.default_rng(5)
    inputs = [each.draw(generator, BATCH) for each in (value.inputs or spec.inputs)]
    if spec.adapts(one):
        one.adapt(inputs[0])
    symbols = [
        keras.Input(x.shape[1:], batch_size=BATCH if value.batch or spec.batch else None, dtype=x.dtype.name)
        for x in inputs
    ]
    before = [
        keras.layers.Dense(s.shape[-1], name=f"before_{i}")(s) if spec.before and s.dtype == "float32" else s
        for i, s in enumerate(symbols)
    ]
    outputs = keras.tree.flatten((call or spec.call)(one, before))
    outputs = [spec.after(output) for output in outputs]
    model = keras.Model(symbols if len(symbols) > 1 else symbols[0], outputs if len(outputs) > 1 else outputs[0])
    return Built(model, inputs, random=spec.random or is_random(option, value))


def is_random(option, value):
    return option in ("dropout", "recurrent_dropout") or "dropout" in value.others or "Random" in value.label and option == "layers"
