"""What JupyterLab's server and nbconvert do otherwise in this project's environment; set-up installs it."""

import re
from base64 import b64decode
from html import unescape

from nbconvert.preprocessors import Preprocessor
from traitlets import Bool

PLOTLY = "application/vnd.plotly.v1+json"
PICTURE = re.compile(r"""(<img\b[^>]*?\bsrc=)(["'])data:(image/(?:png|jpeg|svg\+xml));base64,([A-Za-z0-9+/=\s]+)\2""")
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
HEADING = re.compile(r"(#{1,3})\s")


def before_save(model, **_):
    """Leaves out the picture that JupyterLab's Plotly extension adds to each figure that it has drawn."""
    if model["type"] != "notebook":
        return
    for output in outputs_of(model["content"]):
        if PLOTLY in output.get("data", {}):
            output["data"].pop("image/png", None)


def outputs_of(notebook):
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


class Always(Preprocessor):
    """A preprocessor that is on unless it is turned off."""

    enabled = Bool(True).tag(config=True)


class PicturesAsFiles(Always):
    """For Markdown and its like: pictures within HTML become files beside the page, in the size that they had."""

    def preprocess_cell(self, cell, resources, index):
        for number, output in enumerate(cell.get("outputs", [])):
            html = output.get("data", {}).get("text/html", "")
            if PICTURE.search(html):
                name = f"{resources.get('unique_key', 'output')}_{index}_{number}"
                output.data["text/html"] = self.with_files(html, name, resources)
        return cell, resources

    def with_files(self, html, name, resources):
        pictures = iter(range(len(html)))

        def moved(match):
            start, quote, mime, base64 = match.groups()
            file = f"{name}_{next(pictures)}.{EXTENSIONS[mime]}"
            folder = resources.get("output_files_dir")
            file = f"{folder}/{file}" if folder else file
            resources["outputs"][file] = b64decode(base64)
            return f"{start}{quote}{file}{quote}"

        if not isinstance(resources.get("outputs"), dict):
            resources["outputs"] = {}
        return PICTURE.sub(moved, html)


class PicturesOfHtml(Always):
    """For LaTeX and PDF, which read no HTML: HTML that is a picture becomes that picture."""

    def preprocess_cell(self, cell, resources, index):
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            pictures = [match for match in PICTURE.finditer(html) if match[3] != "image/svg+xml"]
            if pictures and not unescape(re.sub(r"<[^>]*>", "", html)).strip():
                output.data[pictures[0][3]] = pictures[0][4]
                del output.data["text/html"]
        return cell, resources


class SlidesByHeadings(Always):
    """A slide for each heading, below one another for those of the third level; what a cell says of itself stays."""

    def preprocess_cell(self, cell, resources, index):
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if heading and "slide_type" not in cell.metadata.get("slideshow", {}):
            kind = "slide" if len(heading[1]) < 3 else "subslide"
            cell.metadata["slideshow"] = {**cell.metadata.get("slideshow", {}), "slide_type": kind}
        return cell, resources


def configure_exports(config):
    """Puts them before nbconvert's own preprocessors, in `jupyter nbconvert` and in JupyterLab's menu."""
    for exporter, ours in {
        "MarkdownExporter": PicturesAsFiles,
        "RSTExporter": PicturesAsFiles,
        "LatexExporter": PicturesOfHtml,
        "SlidesExporter": SlidesByHeadings,
    }.items():
        config[exporter].default_preprocessors.insert(0, f"convnets_jupyter.{ours.__name__}")
    config.SlidesExporter.reveal_scroll = True  # a cell's output may be higher than a slide
