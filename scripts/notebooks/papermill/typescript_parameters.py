"""Parameters as a cell of TypeScript."""

import json
import math
import re

NAME = re.compile(r"[A-Za-z_$][\w$]*$")
DECLARATIONS = re.compile(r"^\s*(?:let|const|var)\s+(.*?)(?:\s//.*)?$", re.MULTILINE)
# `a = 1, b: number = 2`; the first may be without a value
DECLARED = re.compile(r"(?:^|,\s*(?=[\w$]+\s*(?::[^=,;]+)?=(?![=>])))([A-Za-z_$][\w$]*)")


def translate(value):
    """A value as TypeScript writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(key))}: {translate(v)}" for key, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(translate(each) for each in value) + "]"
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


def assign(name, text):
    """Declares a parameter anew: it takes the place of what the cell tagged `parameters` has declared."""
    if not NAME.match(name):
        raise ValueError(f"A parameter's name must be one of TypeScript's. Received: {name!r}")
    return f"let {name} = {text};"


def declared(source):
    """The names of the variables that a cell declares, in their order."""
    return [name for line in DECLARATIONS.findall(source) for name in DECLARED.findall(line)]


def codify(parameters, comment="Parameters"):
    """The source of a cell that sets parameters."""
    lines = [assign(name, translate(value)) for name, value in parameters.items()]
    return "\n".join([f"// {comment}", *lines]) + "\n"
