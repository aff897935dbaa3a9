"""Positions of statements in HCL, the language of Terraform's files. Expressions are not evaluated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# HCL Native Syntax Specification, "Lexical Elements" and "Structural Elements":
# https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
_TOKEN = re.compile(
    r"""
      (?P<blank>[ \t\r\ufeff]+ | \#[^\n]* | //[^\n]* | /\*.*?\*/)
    | (?P<newline>\n)
    | (?P<name>[^\W\d][\w-]*)
    | (?P<heredoc><<-?(?P<marker>[^\W\d][\w-]*)\r?\n .*? ^[ \t]*(?P=marker)[ \t]*\r?$)
    | (?P<quote>")
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_IN_STRING = re.compile(r'\\.|\$\$\{|%%\{|(?P<template>[$%]\{)|(?P<quote>")', re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"


class HclError(ValueError):
    """The text is not valid HCL."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """An attribute or a block.

    Attributes:
        name: name of an attribute, or type of a block.
        labels: labels of a block, without quotation marks.
        start: index of the first character in the text.
        end: index after the last character, excluding the newline.
        body: statements in a block; None for an attribute.
    """

    name: str
    labels: tuple[str, ...] = ()
    start: int
    end: int
    body: tuple["Statement", ...] | None = None

    def value(self, text: str) -> str:
        """Return the expression of an attribute as written in the text that was parsed."""
        return text[self.start : self.end].partition("=")[2].strip()


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def read_statements(text: str) -> tuple[Statement, ...]:
    """Parse the statements of a file.

    Raises:
        HclError: the text is not valid HCL; the message names the line.
    """
    reader = _Reader(text)
    statements = reader.body()
    if reader.token.kind != "end":
        raise reader.error()
    return statements


class _Reader:
    """Recursive descent parser. `token` is the next token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text, 0)
        self.token = next(self._tokens)

    def body(self) -> tuple[Statement, ...]:
        """Parse statements up to a closing brace or the end."""
        statements: list[Statement] = []
        while True:
            while self.token.kind == "newline":
                self._advance()
            if self.token.kind == "end" or self.token.text == "}":
                return tuple(statements)
            statements.append(self._statement())

    def _statement(self) -> Statement:
        first = self.token
        if first.kind != "name":
            raise self.error()
        self._advance()
        labels = []
        while self.token.kind in {"name", "string"}:
            labels.append(self.token.text.strip('"'))
            self._advance()
        if self.token.text == "=" and not labels:
            return Statement(name=first.text, start=first.start, end=self._expression_end())
        if self.token.text != "{":
            raise self.error()
        self._advance()
        body = self.body()
        if self.token.text != "}":
            raise self.error()
        end = self.token.end
        self._advance()
        return Statement(name=first.text, labels=tuple(labels), start=first.start, end=end, body=body)

    def _expression_end(self) -> int:
        """Return the end of an expression: the end of the line or of the block, outside all brackets."""
        depth, end = 0, self.token.end
        while depth or not (self.token.kind == "newline" or self.token.text == "}"):
            if self.token.kind == "end":
                if depth:
                    raise self.error()
                break
            depth += (self.token.text in _OPENING) - (self.token.text in _CLOSING)
            end = self.token.end
            self._advance()
        return end

    def _advance(self) -> None:
        self.token = next(self._tokens)

    def error(self) -> HclError:
        """Return an error that names the line of the next token."""
        return HclError(f"line {self._text.count('\n', 0, self.token.start) + 1} is not HCL")


def _tokens(text: str, position: int) -> Iterator[_Token]:
    """Yield all tokens except blanks and comments, then "end". A string with templates is one token."""
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or ""
        position = match.end()
        if kind == "blank":
            continue
        if kind == "quote":
            position = _string_end(text, position)
            kind = "string"
        elif match["heredoc"]:
            kind = "heredoc"
        yield _Token(kind=kind, text=text[match.start() : position], start=match.start())
    yield _Token(kind="end", text="", start=len(text))


def _string_end(text: str, position: int) -> int:
    while match := _IN_STRING.search(text, position):
        position = match.end()
        if match["quote"]:
            return position
        if match["template"]:
            position = _template_end(text, position)
    raise HclError("a string has no end")


def _template_end(text: str, position: int) -> int:
    depth = 1
    for token in _tokens(text, position):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            return token.end
    raise HclError("a template has no end")
