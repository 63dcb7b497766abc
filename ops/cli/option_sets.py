"""Options that several verbs have in common: a dataclass with a field for each, None where it was not given."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, ClassVar, cast

from fleet.errors import BadInput
from ops.exit_codes import ExitCode


class OptionSet:
    """What such a dataclass is made from."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]  # Any: as `dataclasses` has them

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields that were given."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)

    @classmethod
    def option_of(cls, field_name: str) -> str:
        """The option that fills the field: ``--gate-port`` of ``gate_ports``."""
        annotation: Any = cls.__annotations__[field_name]  # Any: typer's OptionInfo has no public type
        option: str = annotation.__metadata__[0].default.partition("/")[0]
        return option

    @classmethod
    @contextmanager
    def naming(cls, field_name: str) -> Iterator[None]:
        """Errors in what is done inside begin with the option of the field."""
        try:
            yield
        except BadInput as error:
            raise BadInput(f"{cls.option_of(field_name)}: {error}") from error

    @classmethod
    def taken_by(cls, verb: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
        """Gives ``verb``, whose last parameter is ``**given``, these options."""
        own = inspect.signature(verb)
        parameters = [each for each in own.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        options = [
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=field.type)
            for field in fields(cls)
        ]
        # Any: the type of a function does not know that it may have a signature that is not its own.
        cast("Any", verb).__signature__ = own.replace(parameters=[*parameters, *options])
        return verb
