"""The order of the examples, and the arguments of the one that is a command as well."""

import tempfile
from pathlib import Path

ORDER = (
    "plot_digits",
    "plot_pipeline",
    "plot_compare_samplers",
    "plot_threshold",
    "plot_multiclass",
    "plot_colour_images",
    "plot_solar_cells",
    "plot_image_folder",
    "plot_table",
    "plot_grid_search",
    "plot_both_classes",
    "plot_deformations",
    "plot_quality_report",
    "plot_early_stopping",
    "plot_save_and_draw",
    "plot_larger_than_memory",
    "plot_batches",
    "plot_custom_generator",
)


class ByPlace:
    """Examples in the order in which a newcomer meets them."""

    def __init__(self, src_dir):
        self.src_dir = src_dir

    def __call__(self, filename):
        return ORDER.index(Path(filename).stem)


def arguments(gallery_conf, script_vars):
    """The demonstration leaves its picture outside the documentation."""
    if Path(script_vars["src_file"]).stem != "plot_digits":
        return []
    return ["--picture", str(Path(tempfile.gettempdir()) / "gan-oversampler-demo.png")]
