"""Exports a notebook as one HTML page that loads nothing from elsewhere."""

from uuid import uuid4

# JupyterLab's look without the scripts that the template would load from elsewhere.
OFFLINE_TEMPLATE = """{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
"""


def export_html(notebook, folder, name, target):
    """One page that loads nothing from elsewhere."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True, raw_template=OFFLINE_TEMPLATE)
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"path": str(folder), "name": name}})
    write_whole(target, page)


def write_whole(target, text):
    """The file appears whole or not at all; two runs of one notebook don't mix."""
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
