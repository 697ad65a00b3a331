# JupyterLab's server in this project's environment. Set-up writes this file; see scripts/notebooks/jupyter/.
from convnets_jupyter import configure_exports

c = get_config()  # noqa: F821
c.FileContentsManager.pre_save_hook = "convnets_jupyter.before_save"
configure_exports(c)
