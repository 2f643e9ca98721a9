"""How a service says no."""


class Refused(Exception):  # noqa: N818 - it is said as a word: "the service refused"
    """A verb that cannot be done, in words for who asked. `field` names the form field it concerns."""

    def __init__(self, message: object, *, code: str = "refused", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Stale(Refused):
    """Somebody else changed the record since it was read; nothing was overwritten."""

    def __init__(self, message: object) -> None:
        super().__init__(message, code="stale")
