"""The check for plain English, docs/prose.py, finds what it names and leaves plain sentences alone."""

import runpy
from pathlib import Path

import pytest

prose = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "prose.py"))


def found(text, suffix, tmp_path):
    path = tmp_path / f"page{suffix}"
    path.write_text(text, encoding="utf-8")
    return prose["findings"](path)


@pytest.mark.parametrize(
    "sentence",
    [
        "None of the three is told from the others.",
        "It is what practitioners call augmentation.",
        "One of\nthem is ours.",
        "How strong it is, the class tells: .75 or less.",
        "Good rows need not help: that, `comparison` measures.",
        "Nor does the other.",
        "The bits would else depend on threads.",
    ],
)
def test_a_form_that_is_hard_to_read_is_found(sentence, tmp_path):
    assert len(found(f"Plain.\n\n{sentence}\n", ".md", tmp_path)) == 1
    assert len(found(f'"""{sentence}"""\n', ".py", tmp_path)) == 1
    comment = "# " + sentence.replace("\n", " ")
    assert len(found(f"{comment}\n", ".py", tmp_path)) == 1


def test_a_long_sentence_of_a_page_is_found_on_its_line(tmp_path):
    too_long = prose["LONGEST"] + 1
    [(line, what)] = found("# Title\n\nShort. " + "word " * too_long + "\n", ".md", tmp_path)
    assert line == 3
    assert str(too_long) in what


@pytest.mark.parametrize("end", [". ", ".\n\n", "\n- ", "; "])
def test_sentences_end_where_readers_pause(end, tmp_path):
    half = "word " * (prose["LONGEST"] - 1) + "word"
    assert not found(half + end + half + ".\n", ".md", tmp_path)


@pytest.mark.parametrize(
    "block", ["```python\n{}\n```\n", "| {} |\n", "# {}\n", "[text](https://example.org/{})\n", "`{}`\n"]
)
def test_code_tables_headings_and_addresses_are_no_prose(block, tmp_path):
    assert not found(block.format("none of them " * 30), ".md", tmp_path)
