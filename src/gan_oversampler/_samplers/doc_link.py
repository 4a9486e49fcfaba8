"""Where an estimator is documented, for its HTML view."""

from __future__ import annotations

from functools import cache
from importlib.metadata import metadata


@cache
def documentation_url() -> str:
    """The address that the installed package names as "Documentation" among its URLs, or nothing."""
    for entry in metadata("gan-oversampler").get_all("Project-URL") or []:
        name, _, url = entry.partition(", ")
        if name.lower() == "documentation":
            return url.rstrip("/")
    return ""


def page_of(cls: type) -> str:
    """Address of the reference page of a class of ours; nothing where the package names no address."""
    url = documentation_url()
    return f"{url}/generated/gan_oversampler.{cls.__name__}.html" if url else ""
