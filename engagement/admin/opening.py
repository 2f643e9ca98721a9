"""A filter that opens on one of its choices: a list shows first what waits."""

from typing import Any

from django.contrib import admin

ALL = "all"


class OpeningFilter(admin.SimpleListFilter):
    """`opening` is the choice shown where none is made: "all" is one of the choices."""

    opening = ""

    def chosen(self) -> str:
        return str(self.value() or self.opening)

    def choices(self, changelist: Any) -> Any:
        chosen = self.chosen()
        for value, label in self.lookup_choices:
            yield {
                "selected": str(value) == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }
