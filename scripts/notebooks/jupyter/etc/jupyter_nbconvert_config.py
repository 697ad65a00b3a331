# `jupyter nbconvert` in this project's environment. Set-up writes this file; see scripts/notebooks/jupyter/.
from convnets_jupyter import configure_exports

configure_exports(get_config())  # noqa: F821
