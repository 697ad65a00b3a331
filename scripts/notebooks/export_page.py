"""Exports a notebook as one HTML page that loads nothing from elsewhere."""

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
    target.write_text(page, encoding="utf-8")
