"""The link from an estimator's HTML view to its page."""

from email.message import Message

import pytest

from gan_oversampler import DeformationOverSampler, GANOverSampler, _doc_link


@pytest.fixture
def published(monkeypatch):
    """As if the package named where its documentation is."""

    def metadata(name):
        message = Message()
        message["Project-URL"] = "Source, https://example.org/source"
        message["Project-URL"] = "Documentation, https://example.org/docs/"
        return message

    monkeypatch.setattr(_doc_link, "metadata", metadata)
    _doc_link.documentation_url.cache_clear()
    yield
    _doc_link.documentation_url.cache_clear()


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
def test_the_view_links_to_the_page_of_the_class(published, cls):
    assert f"https://example.org/docs/generated/gan_oversampler.{cls.__name__}.html" in cls()._repr_html_()


def test_without_an_address_there_is_no_link_to_anywhere():
    _doc_link.documentation_url.cache_clear()
    assert _doc_link.page_of(GANOverSampler) == "" or _doc_link.documentation_url()
    assert "scikit-learn.org/stable/modules" not in GANOverSampler()._repr_html_()
