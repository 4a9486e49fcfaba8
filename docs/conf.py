"""How the documentation is built: ``make docs``. Nothing is fetched from the network."""

import os
import re
import shutil
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import gan_oversampler

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
ROOT = HERE.parent

project = "gan-oversampler"
author = "gan-oversampler contributors"
copyright = author
version = release = gan_oversampler.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "auto_examples/*.ipynb", "auto_examples/*.py", "auto_examples/*.md5"]
highlight_language = "text"
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore_regex = [
    # other projects are named, not linked: their indices would have to be fetched
    (r"py:.*", r"(imblearn|keras|matplotlib|numpy|pandas|scipy|sklearn|tensorflow)(\..*)?"),
    (r"py:class", r"(collections\.abc|os|typing)\..*"),
]

# -- Pages -------------------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

COPIED = {name: name.lower() for name in ("CHANGELOG.md", "CONTRIBUTING.md", "RELEASE.md", "SECURITY.md")}


def _copy_if_changed(source, target):
    target.parent.mkdir(exist_ok=True)
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def copy_pages():
    """The records, and the pages that a code forge looks for at the top, stand outside docs/: the site shows copies."""
    for name, page in COPIED.items():
        _copy_if_changed(ROOT / name, HERE / page)
    for record in sorted((ROOT / "benchmarks").glob("*")):
        if record.suffix in {".md", ".csv", ".png"}:
            _copy_if_changed(record, HERE / "benchmarks" / record.name)
    wanted = {path.name for path in (ROOT / "benchmarks").iterdir()}
    for stale in (HERE / "benchmarks").iterdir():
        if stale.name not in wanted:
            stale.unlink()


def _links_to_copies(text, start):
    for name, page in COPIED.items():
        text = text.replace(start + name, "](" + page)
    return text


def links_of_the_site(app, docname, source):
    """Links that are right on a code forge, where pages and records stand in different folders, made right here."""
    text = re.sub(r"\n *<!-- figures.*?-->", "", source[0], flags=re.DOTALL)  # what docs/figures.py reads, nobody else
    if docname.startswith("benchmarks/"):
        text = text.replace("](../docs/", "](../")
    elif docname in {Path(page).stem for page in COPIED.values()}:
        text = text.replace("](docs/", "](").replace("](LICENSE)", "](#)")
        text = _links_to_copies(text, "](")
    else:
        text = text.replace("](../benchmarks/", "](benchmarks/")
        text = _links_to_copies(text, "](../")
        text = re.sub(r"\]\(\.\./examples/(plot_\w+)\.py\)", r"](auto_examples/\1.rst)", text)
    source[0] = text


# -- Formulas: MathML, which every browser draws by itself --------------------------------------------------


def _mathml(translator, node, block):
    from docutils import nodes
    from docutils.utils.math.latex2mathml import tex2mathml

    translator.body.append(tex2mathml(node.astext(), as_block=block))
    raise nodes.SkipNode


def inline_formula(translator, node):
    _mathml(translator, node, block=False)


def formula(translator, node):
    _mathml(translator, node, block=True)


# -- Reference ---------------------------------------------------------------------------------------------

autosummary_generate = True
# a page beside that of the function prdc, also where file names differ in case only
autosummary_filename_map = {"gan_oversampler.metrics.PRDC": "gan_oversampler.metrics.PRDC-fields"}
# what every scikit-learn estimator inherits: its docstrings point into scikit-learn's own pages
INHERITED = (
    "get_metadata_routing, get_params, set_params, score, set_fit_request, set_score_request, set_fit_resample_request"
)
autodoc_default_options = {"exclude-members": INHERITED}
autodoc_typehints = "none"
autodoc_member_order = "bysource"
maximum_signature_line_length = 70
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
default_role = "code"

# -- Examples ----------------------------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "within_subsection_order": "_gallery.ByPlace",
    "reset_argv": "_gallery.arguments",
    "abort_on_example_error": True,
    "parallel": os.cpu_count() or 1,  # half of the time on two cores
    "capture_repr": ("_repr_html_",),
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("gan_oversampler",),
    "download_all_examples": False,
    "show_signature": False,
    "image_srcset": ["2x"],  # still sharp when a reader on a phone enlarges them
    "write_computation_times": False,  # a page that loads scripts from elsewhere
}

# -- Looks -------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "gan-oversampler"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {page: [] for page in ("index", "getting-started", "should-i-use-it")}
html_theme_options = {
    "logo": {"text": "gan-oversampler"},
    "show_prev_next": True,
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "footer_start": ["copyright"],
    "footer_end": [],
    # The tables of the records are wide. The theme wants patterns that do not overlap; no other page begins with b.
    "secondary_sidebar_items": {"[!b]*": ["page-toc"], "benchmarks/*": []},
    "pygments_light_style": "tango",
}


def without_aliases(app, what, name, obj, skip, options):
    """Leave out what Python says of the fields of a named tuple: their docstring says more."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field number") else None


def setup(app):
    """Connect what this file defines."""
    copy_pages()
    app.connect("autodoc-skip-member", without_aliases)
    app.connect("source-read", links_of_the_site)
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))


html_math_renderer = "mathml"
