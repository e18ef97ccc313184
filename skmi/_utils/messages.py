"""Errors and warnings that name parameters, so that the command line can name options.

Their arguments are strings and `Setting`s. `str` joins them. The command line joins
them too, but writes each setting as an option.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["ParameterError", "ParameterWarning", "Setting", "suggest"]


@dataclass(frozen=True)
class Setting:
    """A parameter with the value that a message mentions.

    Parameters
    ----------
    parameter : str
    value : object
    owner : str, default=""
        The class to which the parameter belongs, if it is not the one in use.
    """

    parameter: str
    value: object
    owner: str = ""

    def __str__(self) -> str:
        """Write the setting in Python."""
        setting = f"{self.parameter}={self.value!r}"
        return f"{self.owner}({setting})" if self.owner else setting


class _Pieces:
    """A message whose arguments are pieces of text and settings."""

    args: tuple[object, ...]

    def __str__(self) -> str:
        """Join the pieces."""
        return "".join(map(str, self.args))


class ParameterError(_Pieces, ValueError):
    """An error that names parameters."""


class ParameterWarning(_Pieces, UserWarning):
    """A warning that names parameters."""


def suggest(name: str, names: Iterable[str]) -> str:
    """Complete a message about an unknown name with the known names that resemble it.

    Returns "; did you mean 'a' or 'b'?", or "." if no name is similar.
    """
    by_folded = {known.casefold(): known for known in names}
    similar = [
        by_folded[folded] for folded in get_close_matches(name.casefold(), by_folded)
    ]
    return f"; did you mean {' or '.join(map(repr, similar))}?" if similar else "."
