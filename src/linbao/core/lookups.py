"""`field__in_array`: one parameter for many ids, where `IN` would carry each of them through the compiler."""

from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, Lookup


@ForeignKey.register_lookup
class InArray(Lookup):
    """`column = ANY(array)`. For a wide view; a narrow one keeps `IN`, which lets an index give the order."""

    lookup_name = "in_array"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [list(value)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, values = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", [*values, list(self.rhs)]
