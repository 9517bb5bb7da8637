"""The three parts of a help text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Help:
    """What a method is, when it misleads, and where to read more.

    Attributes:
        what, misleads: Markdown.
        more: authors and titles with the address of each.
    """

    what: str
    misleads: str
    more: tuple[tuple[str, str], ...]

    def markdown(self) -> str:
        """All three parts."""
        listed = "; ".join(f"[{title}]({address})" for title, address in self.more)
        return f"{self.what}\n\n**Caveats.** {self.misleads}\n\n**References.** {listed}."


def arxiv(number: str) -> str:
    """The address of a paper on arXiv."""
    return f"https://arxiv.org/abs/{number}"


def doi(name: str) -> str:
    """The address of a paper by its DOI."""
    return f"https://doi.org/{name}"


def acl(name: str) -> str:
    """The address of a paper in the ACL Anthology."""
    return f"https://aclanthology.org/{name}/"
