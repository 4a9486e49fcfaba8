"""The measured figures of the pages are those of their records; docs/figures.py finds those that are not."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
figures = runpy.run_path(str(ROOT / "docs" / "figures.py"))
PAGES = [*figures["PAGES"], *figures["ALSO"]]
FIVES = "[report](benchmarks/mnist-five.md)"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_figure_of_a_page_is_that_of_its_record(path):
    """Mend it by `python docs/figures.py --write`, and read the sentences around it again."""
    assert not figures["findings"](path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_figures_of_a_page_are_seen(path):
    """An expression that finds none would find no wrong one."""
    assert len(list(figures["figures_of"](path, path.read_text(encoding="utf-8")))) > 10


def page_of(text, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def sentence(text, items, record="mnist-five.csv"):
    return f"{text} ({FIVES}).\n<!-- figures of {record}: {items} -->\n"


TABLE = f"""See the {FIVES}.

| training data | average precision | gap closed | F1 | to resample |
|---|---|---|---|---|
| SMOTE | 0.9745 | 20% | 0.906 | 1 s |
| **`GANOverSampler`** | 0.9948 | 97% | 0.965 | 26 s |
<!-- figures of mnist-five.csv -->
"""
REPORTS = """| images | SMOTE | GAN | significant |
|---|---|---|---|
| 20 ([report](../benchmarks/digits-20.md)) | .9579 | **.9893** | above affine (p = .433, .047) |
<!-- figures of the linked reports; of digits-20: p GANOverSampler over affine;
Wilcoxon GANOverSampler over affine -->
"""
RIGHT = [
    sentence("SMOTE ranks at .9745, the GAN at 0.9948 and .995", "SMOTE; GANOverSampler; GANOverSampler"),
    sentence("F1 at 0.5 is .906, the gap closed 20 %", "F1 SMOTE; gap SMOTE"),
    sentence("In the median it takes 26 s", "seconds GANOverSampler"),
    sentence(
        "Deformation is .0005 below, at most p = .99",
        "GANOverSampler over DeformationOverSampler; p F1 GANOverSampler over SMOTE or affine",
    ),
    sentence("The weak one gets .186", "F1 nothing by notebook 16-1"),
    sentence("All .9893, the ones 102 %", "GANOverSampler; gap GANOverSampler on digits-1", "digits-20"),
    sentence(
        "Above SMOTE on eight digits of ten, above learned deformation on five digits of ten",
        "ahead GANOverSampler over SMOTE; ahead GANOverSampler over DeformationOverSampler",
        "digits-20",
    ),
    sentence(
        "Against learned deformation +.0005, SMOTE against it -.0197",
        "GANOverSampler over DeformationOverSampler; SMOTE over DeformationOverSampler",
    ),
    sentence("On another page it is .9875, and .5 has no record", "in speed.md; unrecorded"),
    f"Python 3.11 with 315 fives, `x=.25` ({FIVES}).\n",
    TABLE,
    REPORTS,
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_figures_are_left_alone(text, tmp_path):
    path = page_of(text, tmp_path)
    assert not figures["findings"](path)
    figures["write"](path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        *[(TABLE, *pair) for pair in (("0.9745", "0.9744"), ("97%", "96%"), ("0.965", "0.964"), ("26 s", "25 s"))],
        *[(REPORTS, *pair) for pair in ((".9579", ".9578"), (".9893", ".9892"), (".047", ".046"))],
        *[(RIGHT[0], *pair) for pair in ((".9745", ".9746"), ("0.9948", "0.9947"), (".995 ", ".994 "))],
        *[(RIGHT[1], *pair) for pair in ((".906", ".905"), ("20 %", "21 %"))],
        *[(RIGHT[3], *pair) for pair in ((".0005", ".0006"), (".99 ", ".98 "))],
        (RIGHT[4], ".186", ".187"),
        (RIGHT[6], "five digits", "six digits"),
        (RIGHT[5], "102 %", "101 %"),
    ],
)
def test_a_wrong_figure_is_found_and_mended(text, right, wrong, tmp_path):
    assert text.count(right) == 1
    path = page_of(text.replace(right, wrong), tmp_path)
    [found] = figures["findings"](path)
    assert f": {right.split()[0].strip('%')} by its record" in found
    figures["write"](path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"It is .9745 ({FIVES}).\n", "no comment"),
        (sentence("It is .9745", "SMOTE").replace(FIVES, "a page"), "no link"),
        (sentence("It is .9745 and .9948", "SMOTE"), "1 are named"),
        (
            sentence(
                "It is +.0005 and -.0005",
                "GANOverSampler over DeformationOverSampler; DeformationOverSampler over GANOverSampler",
            )
            .replace("+", "-", 1)
            .replace("and -", "and +"),
            "5 by its",
        ),
        (sentence("It is .9745", "SMITE"), "no method of mnist-five.csv: SMITE"),
        (sentence("It is .9745", "SMOTE", "mnist-6.csv"), "no record mnist-6.csv"),
        (sentence("It is .9999", "in speed.md"), "does not stand in speed.md"),
        (TABLE.replace("| SMOTE", "| SMITE"), "no method of mnist-five.csv: SMITE"),
        (TABLE.replace("| F1", "| F2"), "what is 'F2'?"),
        (TABLE.replace("<!-- figures of mnist-five.csv -->\n", ""), "no comment"),
        (REPORTS.replace("p = .433", "p = .433, .99"), "2 are named"),
        (REPORTS.replace("p = .433, .047", "significant"), "2 are named"),
    ],
)
def test_what_can_not_be_compared_is_told(text, told, tmp_path):
    found = figures["findings"](page_of(text, tmp_path))
    assert found
    assert all(told in line for line in found)
