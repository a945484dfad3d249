"""Output parameters as they are understood: one reading, from which all else is made."""

from __future__ import annotations

from naftiko_runtime.plan.jsonpath import Path
from naftiko_runtime.plan.shaping.fixed import Fixed
from naftiko_runtime.values import record


@record
class Output:
    """An output parameter, understood.

    Attributes:
        name: What the member is called that it becomes; None for an answer or an item.
        type: JSON Schema's word for the type; None for any.
        description: For people and models.
        source: Where upstream's value is found; None where the document does not say.
        fixed: A value that upstream has no part in.
        max_length: How many characters a text may have.
        properties: The members of an object.
        items: The items of an array.
        values: The values of a map, whatever their keys.
    """

    name: str | None = None
    type: str | None = None
    description: str | None = None
    source: Path | None = None
    fixed: Fixed | None = None
    max_length: int | None = None
    properties: tuple[Output, ...] = ()
    items: Output | None = None
    values: Output | None = None

    @property
    def inside(self) -> tuple[Output, ...]:
        """The outputs directly inside this one."""
        others = (one for one in (self.items, self.values) if one is not None)
        return (*self.properties, *others)

    @property
    def is_whole(self) -> bool:
        """Whether its source is the whole value: `$` or `$.`."""
        return self.source is not None and self.source.is_root

    @property
    def is_object(self) -> bool:
        """Whether it is made into an object, whatever upstream says."""
        return self.fixed is None and bool(self.properties or self.values)

    @property
    def is_identity(self) -> bool:
        """Whether it says no more than: the value as it came."""
        is_bare = not self.inside and self.fixed is None and self.max_length is None
        is_all = self.is_whole or (self.source is None and self.name is None)
        return is_bare and is_all and self.type in (None, "object", "array")

    @property
    def is_constant(self) -> bool:
        """Whether it is the same whatever upstream says."""
        if self.fixed is not None:
            return True
        if self.source is not None or self.values is not None or not self.inside:
            return False
        return all(one.is_constant for one in self.inside)

    @property
    def shares_base(self) -> bool:
        """Whether its properties are found where it would be found itself.

        An object that does not say where it comes from, but whose properties do, only groups what
        they find: their paths start where its own would.
        """
        is_placed = self.source is not None or self.fixed is not None
        return not is_placed and any(one._says_where for one in self.properties)

    @property
    def _says_where(self) -> bool:
        return self.source is not None or self.fixed is not None or self.shares_base
