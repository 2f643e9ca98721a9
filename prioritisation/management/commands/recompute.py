"""Makes a result again from its frozen inputs and says whether it comes out the same."""

from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from prioritisation import rankings, services
from prioritisation.models import Result

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Makes a result again from its frozen inputs and compares every figure. Exits with 1 on a difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("result", nargs="?", type=int, help="Number of the result.")
        parser.add_argument("--all", action="store_true", help="All results that there are.")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["result"] is None) != options["all"]:
            raise CommandError(_("Name one result, or ask for --all."))
        results = Result.objects.select_related("policy_version").order_by("pk")
        if not options["all"]:
            results = results.filter(pk=options["result"])
            if not results:
                raise CommandError(_("There is no such result."))
        same = [self._check(result) for result in results.iterator(chunk_size=10)]
        if not all(same):
            raise CommandError(_("Not everything came out the same."), returncode=1)

    def _check(self, result: Result) -> bool:
        kept = result.numpy_version or str(np.__version__)
        same_numpy = kept == np.__version__
        self.stdout.write(
            _("Result %(number)s (%(kind)s), inputs %(sha)s")
            % {"number": result.pk, "kind": result.get_kind_display(), "sha": result.inputs_sha256[:16]}
        )
        sound = rankings.fingerprint(result.inputs) == result.inputs_sha256
        if not sound:
            self.stdout.write("  " + _("The inputs are not those whose fingerprint was kept."))
        again = services.recompute(result)
        if again is None:
            self.stdout.write("  " + _("Results of this kind are not made again here."))
            return sound
        found = rankings.compare(result.output, again, same_numpy=same_numpy)
        if not same_numpy:
            self.stdout.write(
                "  "
                + _("Made with numpy %(kept)s, now %(now)s: shares of random draws may differ a little.")
                % {"kept": kept, "now": np.__version__}
            )
        self.stdout.write(
            "  "
            + _("%(exact)s figures the same, %(close)s within four standard errors, %(different)s different.")
            % {"exact": found.exact, "close": found.close, "different": len(found.different)}
        )
        for where, one, other in found.different[:SHOWN]:
            self.stdout.write(f"  {where}: {one} != {other}")
        return sound and found.same
