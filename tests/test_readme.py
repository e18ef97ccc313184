"""The examples of the README and the docs run and print what they say."""

import doctest
import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_examples_of_the_readme(capsys):
    """Examples run in order, and use names that earlier examples define."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    names: dict = {}
    for block in blocks:
        exec(block, names)
    assert "worst perimeter" in capsys.readouterr().out
    assert len(names["scores"]) == names["X"].shape[1]
    assert names["select"].get_support().sum() == 10
    claims = re.findall(
        r"^(\w+) = .*  # ([.\d]+)", README.read_text(), flags=re.MULTILINE
    )
    assert len(claims) == 4
    for name, figure in claims:
        assert names[name] == pytest.approx(float(figure), abs=0.005)


@pytest.mark.parametrize("page", ["index.rst", "estimators.rst"])
def test_examples_of_the_docs(page):
    n_failed, n_tried = doctest.testfile(
        str(README.parent / "docs" / page),
        module_relative=False,
        optionflags=doctest.NORMALIZE_WHITESPACE,
    )
    assert n_tried > 2
    assert not n_failed
