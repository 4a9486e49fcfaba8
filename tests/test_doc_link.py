"""The link from an estimator's HTML view to its page."""

from email.message import Message

import pytest

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._samplers import doc_link


@pytest.fixture
def urls(monkeypatch):
    """Addresses that the package names, as if it were installed with them."""
    message = Message()
    message["Project-URL"] = "Source, https://example.org/source"
    monkeypatch.setattr(doc_link, "metadata", lambda name: message)
    return message


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
def test_the_view_links_to_the_page_of_the_class(urls, cls):
    urls["Project-URL"] = "Documentation, https://example.org/docs/"
    assert f"https://example.org/docs/generated/gan_oversampler.{cls.__name__}.html" in cls()._repr_html_()


def test_without_an_address_there_is_no_link_to_anywhere(urls):
    view = GANOverSampler()._repr_html_()
    assert "example.org" not in view
    assert "sk-estimator-doc-link" in view  # the place of the link, with nothing behind it
    assert "Documentation for GANOverSampler" not in view


def test_a_class_of_a_users_own_has_no_page_here(urls):
    class Mine(GANOverSampler):
        pass

    urls["Project-URL"] = "documentation, https://example.org/docs"
    assert "example.org/docs/generated" in GANOverSampler()._repr_html_()
    assert "example.org" not in Mine()._repr_html_()
