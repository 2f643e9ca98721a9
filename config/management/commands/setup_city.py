"""`manage.py setup_city`: from an empty database to a city whose first administrator can sign in."""

import getpass
import sys
import zoneinfo
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from config import envfile
from config.env import SettingError, env_file
from engagement.models import User
from engagement.services import Refused, add_staff
from prioritisation import demonstration
from prioritisation.services.setup import ROLES, install_city


class Command(BaseCommand):
    help = (
        "Set up this city: its settings in .env, the database, roles, standard reasons and the first "
        "administrator. Safe to run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help='the city\'s name, e.g. "City of Rowanbridge"')
        parser.add_argument("--name-fr", help="its name in French, where it differs")
        parser.add_argument("--languages", default="en,fr", help="the first is the default (en,fr)")
        parser.add_argument("--time-zone", default="America/Toronto", help="e.g. America/Toronto")
        parser.add_argument("--administrator", required=True, metavar="NAME", help="sign-in name")
        parser.add_argument("--email", required=True, help="the administrator's address")
        parser.add_argument("--contact", help="the address that residents see and mails come from")
        parser.add_argument("--address", help="where residents reach it, e.g. https://ideas.city.example")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from input")
        parser.add_argument("--force", action="store_true", help="overwrite other values in .env")

    def handle(self, *args: Any, **options: Any) -> None:
        values = self._checked(options)
        path = env_file(settings.BASE_DIR)
        try:
            envfile.check_place(path)
        except SettingError as error:
            raise CommandError(str(error)) from error
        other = envfile.differing(path, values)
        if other and not options["force"]:
            lines = [f"  {name}={there}   (asked for: {values[name]})" for name, there in other.items()]
            raise CommandError(
                f"{path} already says something else:\n" + "\n".join(lines) + "\nUse --force to overwrite it."
            )
        call_command("migrate", verbosity=0, interactive=False)
        if demonstration.is_loaded():
            raise CommandError(
                "This database holds the made-up demonstration city, which never mixes with real data.\n"
                f"Set DATABASE_URL to another database, or remove {settings.VAR} to start anew."
            )
        self._administrator(options)
        install_city()
        self.stdout.write(f"Roles and standard reasons: there ({', '.join(ROLES)}).")
        changed = envfile.write(path, values)
        if changed:
            self.stdout.write(f"Written to {path}:")
            for name in changed:
                self.stdout.write(f"  {name}={values[name]}")
        else:
            self.stdout.write(f"{path} said all this already.")
        self.stdout.write(
            "\nNext: manage.py import_districts FILE.geojson, then restart, sign in at /admin/ "
            "and make the first invitation."
        )

    def _checked(self, options: dict[str, Any]) -> dict[str, str]:
        """What goes into .env, or CommandError about the first value that can't be used."""
        languages = [code.strip() for code in options["languages"].split(",") if code.strip()]
        unknown = [code for code in languages if code not in settings.KNOWN_LANGUAGES]
        if unknown or not languages:
            known = ", ".join(settings.KNOWN_LANGUAGES)
            raise CommandError(f"--languages {options['languages']}: there are {known}.")
        if options["time_zone"] not in zoneinfo.available_timezones():
            raise CommandError(
                f"--time-zone {options['time_zone']}: not known. Use one such as America/Toronto."
            )
        for name in ("email", "contact"):
            try:
                if options[name]:
                    validate_email(options[name])
            except ValidationError as error:
                raise CommandError(f"--{name} {options[name]}: not an e-mail address.") from error
        address = options["address"]
        if address and not address.startswith(("https://", "http://")):
            raise CommandError(f"--address {address}: begin with https://")
        values = {
            "WINNOW_CITY_NAME": options["name"],
            "WINNOW_CITY_NAME_FR": options["name_fr"],
            "WINNOW_LANGUAGES": ",".join(languages),
            "WINNOW_TIME_ZONE": options["time_zone"],
            "WINNOW_CONTACT_EMAIL": options["contact"],
            "WINNOW_BASE_URL": address.rstrip("/") if address else None,
            "WINNOW_HOSTS": address.partition("://")[2].split("/")[0].split(":")[0] if address else None,
        }
        given = {name: value for name, value in values.items() if value}
        try:
            envfile.check(given)
        except SettingError as error:
            raise CommandError(str(error)) from error
        return given

    def _administrator(self, options: dict[str, Any]) -> None:
        name = options["administrator"]
        there = User.objects.filter(username=name).first()
        if there is not None:
            if not there.is_superuser:
                raise CommandError(f"{name} is there already and is no administrator. Choose another name.")
            self.stdout.write(f"Administrator {name}: there already, left as it is.")
            return
        password = self._password(options["password_stdin"])
        try:
            validate_password(password, User(username=name, email=options["email"]))
            add_staff(
                username=name,
                email=options["email"],
                password=password,
                groups=["administrator"],
                administrator=True,
            )
        except ValidationError as error:
            raise CommandError("This password can't be used. " + " ".join(error.messages)) from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Administrator {name}: made.")

    def _password(self, from_input: bool) -> str:
        if from_input:
            return sys.stdin.readline().rstrip("\r\n")
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to type a password: use --password-stdin.")
        password = getpass.getpass("Password for the administrator: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ.")
        return password
