"""The program of `./invokew`: Invoke, whose messages about the command line say what to do instead."""

# ruff: noqa: E402  # Ctrl-C is prepared before the imports that take long

import errno
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence

# Ctrl-C during the imports, most of the first second, ends the program without a stack trace. A shell ignores
# Ctrl-C for background processes, and Python leaves that as it is.
_IS_INTERRUPTIBLE = __name__ == "__main__" and signal.getsignal(signal.SIGINT) == signal.default_int_handler
if _IS_INTERRUPTIBLE:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from invoke import __version__
from invoke.exceptions import ParseError
from invoke.parser.argument import Argument
from invoke.parser.context import ParserContext
from invoke.parser.parser import ParseResult
from invoke.program import Program

_COMMAND = "./invokew"
_NO_SPACE = frozenset({errno.EDQUOT, errno.ENOSPC, errno.EROFS})
# Options of backfill, for the original without metadata, and of test, for all tests.
_MAY_BE_EMPTY = frozenset({"options", "only"})


class Tasks(Program):
    """Invoke with other messages."""

    def parse_core(self, argv: list[str] | None) -> None:
        """Parse the options before the first task."""
        try:
            super().parse_core(argv)
        except ParseError as error:
            raise ParseError(explain(error)) from error

    def parse_tasks(self) -> None:
        """Parse the tasks and their options.

        Invoke takes an unknown option for a positional argument, so that `erase --help` would erase a key.
        """
        try:
            super().parse_tasks()
        except ParseError as error:
            if not (error.context and self._asks_for_help(error.context)):
                raise ParseError(explain(error)) from error
            self.tasks = ParseResult()
        for context in self.tasks:
            if not self._asks_for_help(context):
                _check_values(context)

    def _asks_for_help(self, context: ParserContext) -> bool:
        """Return whether `--help` took the place of an argument. Invoke then prints the help and exits.

        Raises:
            ParseError: another option took that place.
        """
        option = _misread_option(context, self.core.unparsed)
        if not option:
            return False
        if option not in {"--help", "-h"}:
            problem = _explain_unknown(repr(option), context.name)
            raise ParseError(" ".join([problem, *_explain_hyphens(context), _remedy(context.name)]))
        self.core[0].args.help.value = context.name
        return True


def _check_values(context: ParserContext) -> None:
    """Refuse values that no task can use: a shell variable without a value is not the default of an option.

    Raises:
        ParseError: an option is empty, or an argument is not UTF-8, which Python represents by surrogates.
    """
    for argument in context.args.values():
        is_list = argument.kind is list  # Invoke calls these options positional, too
        values = argument.value if is_list else [argument.raw_value]
        is_option = is_list or not argument.positional
        if "" in values and is_option and argument.name not in _MAY_BE_EMPTY:
            flag = _flag(str(argument.name), context)
            raise ParseError(f"The option {flag} has an empty value. {_remedy(context.name)}")
        if not is_option and any("\ud800" <= letter <= "\udfff" for letter in str(argument.value)):
            raise ParseError(f"{str(argument.name).upper()} is not UTF-8. {_remedy(context.name)}")


def explain(error: ParseError) -> str:
    """Return a sentence about an error on the command line, and one that says what to do."""
    context = error.context
    name = context.name if context else None
    remedy = _remedy(name)
    if context and name and context.missing_positional_args:
        return f"{name} needs {_describe(context.missing_positional_args)}. {remedy}"
    if found := re.fullmatch(r"No idea what ('.*'|\".*\") is!", str(error), re.DOTALL):
        return f"{_explain_unknown(found[1], name)} {remedy}"
    if found := re.match(r"Flag <Argument: (\S+?)( \(|>| )", str(error)):
        return f"The option {_flag(found[1], context)} {_explain_value(str(error))}. {remedy}"
    return f"The command line cannot be read: {error} {remedy}"


def _remedy(name: str | None) -> str:
    return f"`{_COMMAND} --help {name}` lists the options." if name else f"`{_COMMAND}` lists the tasks."


def _misread_option(context: ParserContext, argv: Sequence[str]) -> str | None:
    """Return the option that took the place of an argument, unless a flag like `--key` names the argument."""
    tokens = {token.partition("=")[0] for token in argv}
    for argument in context.positional_args:
        flags = {flag for flag, one in context.flags.items() if one.name == argument.name}
        if str(argument.value).startswith("-") and not flags & tokens:
            return str(argument.value)
    return None


def _explain_hyphens(context: ParserContext) -> Iterator[str]:
    for argument in context.positional_args:
        if argument.name in {"key", "selection"}:
            yield f"For a key that begins with a hyphen, write --{argument.name}=-a.jpg."


def _describe(arguments: list[Argument]) -> str:
    return " and ".join(f"{str(one.name).upper()} ({one.help})" for one in arguments)


def _explain_unknown(value: str, name: str | None) -> str:
    option = value[1:].startswith("-")
    if name:
        return f"{name} has no {'option' if option else 'argument'} {value}."
    return f"There is no {'option' if option else 'task'} {value}."


def _flag(name: str, context: ParserContext | None) -> str:
    flags = context.flags if context else {}
    return next((flag for flag, argument in flags.items() if argument.name == name), f"--{name}")


def _explain_value(message: str) -> str:
    return "takes no value" if "doesn't take any value" in message else "needs a value"


if __name__ == "__main__":
    if _IS_INTERRUPTIBLE:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        Tasks(name="Invoke", binary=_COMMAND, binary_names=[_COMMAND], version=__version__).run()
    except BrokenPipeError:
        # The reader, such as `head`, has enough. Python would flush the rest at its exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        # A folder that is not writable, a full disk, a file in the place of a folder.
        # The errors of HTTP have a URL as the name of a file, and no reason.
        if error.strerror is None or (error.filename is None and error.errno not in _NO_SPACE):
            raise
        print(f"{error.filename or 'A file'} cannot be used: {error.strerror}.", file=sys.stderr)
        sys.exit(1)
