"""The link from a sampler's HTML view to its page, by scikit-learn's own mechanism."""

from __future__ import annotations

from importlib.metadata import metadata


class DocLinkMixin:
    """Links to the documentation that the installed package names among its addresses, if it names one."""

    _doc_link_module = __name__.split(".")[0]

    @property
    def _doc_link_template(self) -> str:
        urls = (entry.split(", ", 1) for entry in metadata("gan-oversampler").get_all("Project-URL") or [])
        address = {name.lower(): url for name, url in urls}.get("documentation", "").rstrip("/")
        return f"{address}/generated/{{estimator_module}}.{{estimator_name}}.html" if address else ""
