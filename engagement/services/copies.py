"""Ideas that wait and are copies of one another: found for the desk, which decides about them at once."""

from django.core.cache import cache
from django.db.models import Count, Max

from engagement.models import Idea
from engagement.services.similar import words_of
from engagement.similarity import groups_of_copies

LOOKED_AT = 500
"""The oldest ideas of the queue that are compared."""
KEPT_SECONDS = 600


def waiting_copies() -> list[list[int]]:
    """Groups of at least three ideas that wait, by their keys: the oldest of a group first.

    Worked out anew when the queue changed, else remembered; one small query tells.
    """
    queue = Idea.objects.waiting().readable()
    seen = queue.order_by().aggregate(count=Count("pk"), last=Max("changed_at"), newest=Max("pk"))
    if not seen["count"]:
        return []
    key = f"copies:{seen['count']}:{seen['newest']}:{seen['last']:%Y%m%d%H%M%S%f}"
    found: list[list[int]] | None = cache.get(key)
    if found is None:
        oldest = queue.oldest_first().with_public_words()[:LOOKED_AT]
        found = groups_of_copies((idea.pk, words_of(idea)) for idea in oldest)
        cache.set(key, found, KEPT_SECONDS)
    return found
