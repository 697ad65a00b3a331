"""Teaches papermill how to write parameters into a notebook of TypeScript.

papermill (2.7.0) takes engines and readers by entry points, and no translators. So this is an entry point for an
engine, papermill's own under another name, and loading it registers the translator.
"""

import re

import typescript_parameters
from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

__all__ = ["NBClientEngine", "TypeScriptTranslator"]


DECLARATION = re.compile(
    r"^(?:let|const|var)\s+([A-Za-z_$][\w$]*)\s*(?::\s*([^=]+?))?\s*=\s*(.+?);?\s*(?://\s*(.*))?$", re.MULTILINE
)


class TypeScriptTranslator(Translator):
    """Parameters by `let`, in a cell after the one that is tagged `parameters`."""

    @classmethod
    def translate(cls, val):
        return typescript_parameters.translate(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return typescript_parameters.assign(name, str_val)

    @classmethod
    def inspect(cls, parameters_cell):
        return [
            Parameter(name=name, inferred_type_name=kind or "None", default=value, help=comment)
            for name, kind, value, comment in DECLARATION.findall(parameters_cell["source"])
        ]


for name in ("tslab", "typescript"):
    papermill_translators.register(name, TypeScriptTranslator)
