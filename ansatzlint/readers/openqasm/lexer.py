"""Characters to tokens, one at a time and only where the parser asks for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from ansatzlint.readers.openqasm.text import Text

# Possessive and atomic, so that no input makes the matcher go back over blanks.
_BLANK = re.compile(r"(?:\s++|//[^\n]*+|/\*(?>.*?\*/))*+", re.DOTALL)
_TOKEN = re.compile(
    r"""
    (?P<time>(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d++)?\s*+(?:dt|ns|us|µs|μs|ms|s)\b)
  | (?P<float>(?:\d[\d_]*+\.[\d_]*+|\.\d[\d_]*+)(?:[eE][+-]?\d++)?|\d[\d_]*+[eE][+-]?\d++)
  | (?P<integer>0[xX][0-9a-fA-F_]++|0[bB][01_]++|0[oO][0-7_]++|\d[\d_]*+)
  | (?P<name>[^\W\d]\w*+)
  | (?P<string>"[^"\n]*+"|'[^'\n]*+')
  | (?P<hardware>\$\d++)
  | (?P<symbol>->|\+\+|\*\*=|\*\*|<<=|>>=|<<|>>|&&|\|\||[-+*/%^&|~<>=!]=|[-+*/%^~!&|<>=()\[\]{};,:.@\#])
    """,
    re.VERBOSE,
)
_LINE_END = re.compile(r"[^\n]*+")


class Token(NamedTuple):
    """`kind` is time, float, integer, name, string, hardware, symbol or end."""

    kind: str
    text: str
    start: int
    end: int


def token(text: Text, position: int) -> Token:
    """The first token at or after a position; ParseError for what starts none."""
    content = text.content
    blank = _BLANK.match(content, position)
    start = blank.end() if blank else position
    match = _TOKEN.match(content, start)
    if match is not None and match.lastgroup is not None:
        found = match.group()
        if found == "/" and content.startswith("/*", start):
            raise text.syntax_error("this comment is never closed: add `*/`", start)
        end = match.end()
        if match.lastgroup in ("integer", "float") and content[end : end + 1].isidentifier():
            raise text.syntax_error(
                "a number is followed by a letter: write a product with `*`, and names without a leading digit", end
            )
        return Token(match.lastgroup, found, start, end)
    if start == len(content):
        return Token("end", "", start, start)
    if content[start] in "\"'":
        raise text.syntax_error(f"this string is never closed: add `{content[start]}`", start)
    raise text.syntax_error(f"unexpected character {content[start]!r}", start)


def line_end(text: Text, position: int) -> int:
    """Offset of the end of the line."""
    match = _LINE_END.match(text.content, position)
    return match.end() if match else position
