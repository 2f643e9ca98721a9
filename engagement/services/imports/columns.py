"""Which column of a file holds what: named by the person, else guessed from usual names in four languages."""

from collections.abc import Iterable, Sequence

from engagement.text import fold

Mapping = dict[str, str]
"""Field of an idea -> name of the column."""

GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "identifier", "identifiant", "identificador", "external id", "reference"),
    "title": ("title", "titre", "titol", "titulo", "subject", "objet", "sujet", "assumpte", "asunto", "name"),
    "problem": (
        *("problem", "probleme", "problema", "description", "descripcio", "descripcion", "summary"),
        *("resume", "resum", "resumen", "text", "texte", "texto", "body", "idea", "idee", "details"),
        *("contenu", "contingut", "contenido", "comment", "commentaire", "comentari", "comentario"),
    ),
    "proposal": ("proposal", "proposition", "proposta", "propuesta", "solution", "solucio", "solucion"),
    "district": (
        *("district", "districte", "distrito", "arrondissement", "borough", "ward", "quartier"),
        *("neighbourhood", "neighborhood", "barri", "barrio", "council district"),
    ),
    "themes": ("theme", "themes", "thema", "tema", "temes", "temas", "category", "categorie", "categoria"),
    "language": ("language", "langue", "llengua", "idioma", "lengua", "lang", "locale"),
    "received": (
        *("received", "received at", "date received", "recu le", "date de reception", "data de recepcio"),
        *("fecha de recepcion", "created at", "created", "cree le", "date", "data", "fecha"),
    ),
    "address": ("address", "adresse", "adreca", "direccion", "location", "lieu", "lloc", "lugar"),
    "latitude": ("latitude", "latitud", "lat"),
    "longitude": ("longitude", "longitud", "lon", "lng", "long"),
}
FIELDS = tuple(GUESSES)


def guess(columns: Sequence[str]) -> Mapping:
    """What can be told from the names alone. A file with titles only has its problems there."""
    by_name = {fold(column): column for column in reversed(columns)}
    found = {
        field: by_name[name]
        for field, names in GUESSES.items()
        for name in reversed(names)
        if name in by_name
    }
    if "problem" not in found and "proposal" in found:
        found["problem"] = found.pop("proposal")
    elif "problem" not in found and "title" in found:
        found["problem"] = found.pop("title")
    return found


class MappingError(ValueError):
    """A mapping that cannot be read or does not fit the file; `code` and `params` say why."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_mapping(lines: Iterable[str]) -> Mapping:
    """`FIELD=COLUMN` each; an empty column means: not from this file."""
    mapping: Mapping = {}
    for line in lines:
        field, equals, column = line.partition("=")
        field = field.strip()
        if not equals or field not in FIELDS:
            raise MappingError("mapping_field", given=line.strip()[:100], fields=", ".join(FIELDS))
        mapping[field] = column.strip()
    return mapping


def settle(columns: Sequence[str], given: Mapping) -> Mapping:
    """The guess, overruled by what was given. Raises `MappingError` where a column is not there."""
    by_name = {column.casefold(): column for column in columns}
    mapping = {field: column for field, column in guess(columns).items() if field not in given}
    for field, name in given.items():
        if not name:
            continue
        if name.casefold() not in by_name:
            raise MappingError("mapping_column", column=name[:100], columns=", ".join(columns)[:1000])
        mapping[field] = by_name[name.casefold()]
    if "problem" not in mapping:
        raise MappingError("mapping_problem", columns=", ".join(columns)[:1000])
    return mapping
