"""How the documentation is built: `make docs` writes it to `docs/_build/html`."""

import importlib.util
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from lr_finder import __version__  # noqa: E402

project = "lr_finder"
author = "The lr_finder developers"
project_copyright = author
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    # Ours, in _ext.
    "api_pages",
    "docstrings",
    "figures",
    "nothing_external",
    "playground_page",
    "repository_documents",
]
exclude_patterns = ["_build", "_ext", "_templates", "**/.ipynb_checkpoints"]
templates_path = ["_templates"]
default_role = "py:obj"  # `sweep` in a docstring is a link, if there is such a name
nitpicky = False
smartquotes = False  # it makes a dash of the two before an option

# The notebooks are shown with the outputs that are stored in them.
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings name type, shape, unit and range
autodoc_member_order = "bysource"
autosummary_generate = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 64
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "lr_finder"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": []}

# Formulas are drawn by a file that is shipped with the pages, not by a server.
_mathjax = importlib.util.find_spec("mathjax")
if _mathjax is None or _mathjax.origin is None:
    raise RuntimeError("Formulas need MathJax: pip install 'lr_finder[docs]'.")
html_static_path.append(
    str(Path(_mathjax.origin).parent / "static/mathjax/es5/tex-svg-full.js")
)
mathjax_path = "tex-svg-full.js"
mathjax3_config = {"options": {"enableMenu": False}}
