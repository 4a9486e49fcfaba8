"""Plain English, checked: ``python docs/prose.py [FILE ...]``, a part of ``make lint``.

Pages, docstrings, messages and comments are searched for forms that make a sentence hard to read, and pages for long
sentences.
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 40  # words of a sentence of a page
HARD_TO_READ = {
    r"\bit is what\b": "name the thing",
    r"\bof them( all)?\b": "name them, or leave it out",
    r"\btold (from|by|apart)\b": "differs from, distinguished from, decided by",
    r", (it|the \w+) (says|tells)[.:]": "begin with who says it",
    r"\bthat, (it|the \w+|`\w+`) (says|tells|measures)\b": "begin with who does it",
    r"\b(nor|neither|so|thus|only then|never) (is|are|does|do|has|have|was|were|can|may) (it|the|a|this|that)\b": (
        "subject first, then the verb"
    ),
    r"\b(would|must|could|may) else\b": "otherwise",
    r"\bnothing that can come of\b|\bcan come of\b": "name the outcome",
    r"\b(thereof|thereby|therein|wherein|whereby|whereof|heretofore|that which|those who)\b": "a plain word",
}
# Written by `comparison ... report`: its words stand in the package.
REPORTS = {
    path.name
    for path in (ROOT / "benchmarks").glob("*.md")
    if path.read_text(encoding="utf-8").startswith("# Comparison ")
}


def _blank(match):
    """As many lines as before, and no words."""
    return "\n" * match.group().count("\n")


def prose_of_page(text):
    """A Markdown page without code, tables, and addresses of links; lines stay where they are."""
    text = re.sub(r"^(```|:::).*?^\1\s*$", _blank, text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\|.*$|^#.*$|^!\[.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"`[^`\n]*`", "`code`", text)


def sentences(text):
    """Each sentence of a page with the line that it begins on; a paragraph or an item of a list ends one, too."""
    for match in re.finditer(
        r"\S.*?(?:[.!?;:](?=[\s)*\]])|(?=\n\s*\n|\n\s*(?:[-*]|\d+\.) )|\Z)", text, flags=re.DOTALL
    ):
        yield text[: match.start()].count("\n") + 1, match.group()


def prose_of_code(text):
    """Docstrings, messages and comments of a module, each with its first line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def long_sentences(text):
    for line, sentence in sentences(prose_of_page(text)):
        if (count := len(re.findall(r"\w[\w'.-]*", sentence))) > LONGEST:
            yield line, f"a sentence of {count} words: {' '.join(sentence.split())[:60]}…"


def hard_forms(line, text):
    for pattern, advice in HARD_TO_READ.items():
        for match in re.finditer(pattern.replace(" ", r"\s+"), text, flags=re.IGNORECASE):
            at = line + text[: match.start()].count("\n")
            yield at, f'"{" ".join(match.group().split())}": {advice}'


def findings(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return sorted(found for line, prose in prose_of_code(text) for found in hard_forms(line, prose))
    return sorted([*hard_forms(1, prose_of_page(text)), *long_sentences(text)])


def everything():
    """Every page and module, without what the site's build makes."""
    made = {"_build", "auto_examples", "generated", "benchmarks"}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
    copies = {path.name.lower() for path in ROOT.glob("*.md")}
    pages = [path for path in pages if path.parent.name != "docs" or path.name not in copies]
    modules = [path for folder in ("src", "examples", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    modules += [path for path in (ROOT / "docs").rglob("*.py") if not made & set(path.relative_to(ROOT / "docs").parts)]
    return [path for path in [*pages, *modules] if path.name not in REPORTS]


if __name__ == "__main__":
    paths = [Path(name).resolve() for name in sys.argv[1:]] or everything()
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in sorted(paths)
        if path.name not in REPORTS and path != Path(__file__).resolve()
        for line, what in findings(path)
    ]
    print("\n".join(found))
    sys.exit(bool(found))
