"""Configuration of Sphinx."""

from importlib.metadata import version as version_of

project = "skmi"
author = "The skmi developers"
copyright = author
version = release = version_of("skmi")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
html_theme_options = {"description": "Features by mutual information"}

autodoc_typehints = "none"  # the docstrings say more
autodoc_default_options = {
    "members": True,
    "special-members": "__call__",
    # Attributes stand in the docstring of their class; routing is not used.
    "exclude-members": "fold, is_non_increasing, needs, provides, set_fit_request, "
    "set_score_request",
}
numpydoc_show_class_members = False
