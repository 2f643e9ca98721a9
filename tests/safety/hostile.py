"""Five hundred hostile files, made anew from one seed: names, encodings, bombs, formulas, polyglots."""
# ruff: noqa: E501 - rows of bytes as they are

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

SEED = 20260504
HEADER = "title,problem,proposal"
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "\r=1", '=HYPERLINK("http://x")')
NAMES = (
    *("../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/shadow", "C:\\boot.ini", "a/../../b.csv"),
    *("ideas\x00.csv", "ideas\u202egnp.csv", "x" * 300 + ".csv", "\U0001f300" * 40 + ".csv", ".htaccess"),
    *("ideas.csv;rm -rf", "$(id).csv", "`id`.csv", "con.csv", "ideas.csv.php", "<b>ideas</b>.csv", " .csv"),
    *(
        'id"eas.csv',
        "ide\r\nas.csv",
        "%2e%2e%2fideas.csv",
        "ideas.csv\u0000.xlsx",
        "-rf.csv",
        "ide\u0301as.csv",
    ),
)


@dataclass(frozen=True)
class Hostile:
    """A file as somebody may send it: what it is called, what is in it, and what is the matter with it."""

    kind: str
    name: str
    data: bytes


def file(number: int) -> Hostile:
    """One of a fixed row without end: every maker in turn, each time with other chances."""
    make = MAKERS[number % len(MAKERS)]
    chance = random.Random(SEED + number)
    data = make(chance)
    ending = {b"PK": ".xlsx", b"\xff\xd8": ".jpg", b"\x89P": ".png"}.get(data[:2], ".csv")
    name = chance.choice(NAMES) if chance.random() < 0.5 else f"ideas-{number}{ending}"
    return Hostile(make.__name__, name, data)


def _words(chance: random.Random, most: int = 40) -> str:
    return "".join(
        chance.choice("abc é\"',;\n\t=+-@<>&'\u202e\x07\ufeff") for _ in range(chance.randint(0, most))
    )


def _csv(chance: random.Random) -> bytes:
    """An ordinary file, to be spoilt by others."""
    rows = "".join(f"T{n},Dark corner {n} {chance.random()},Lamps\n" for n in range(chance.randint(1, 4)))
    return f"{HEADER}\n{rows}".encode()


# Encodings --------------------------------------------------------------------------------------


def utf16(chance: random.Random) -> bytes:
    return (
        _csv(chance).decode().encode(chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7")))
    )


def broken_utf8(chance: random.Random) -> bytes:
    data = bytearray(_csv(chance))
    for _time in range(chance.randint(1, 6)):
        data.insert(chance.randrange(len(data)), chance.choice((0xC3, 0xFF, 0xE2, 0xF8, 0x80, 0x00)))
    return bytes(data)


def mixed_encodings(chance: random.Random) -> bytes:
    return _csv(chance) + "Été,Trottoir glacé,Sel\n".encode("cp1252") + "夜,暗い,灯\n".encode("shift-jis")


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(0, 5000))


def nuls(chance: random.Random) -> bytes:
    return b"\x00" * chance.randint(1, 5000)


# Tables that are none ---------------------------------------------------------------------------


def empty(chance: random.Random) -> bytes:
    return chance.choice((b"", b"\n\n\n", b" ", b"\xef\xbb\xbf", b"\r", b",,,,\n"))


def only_header(chance: random.Random) -> bytes:
    return chance.choice(
        (HEADER, HEADER + "\n", "title\n", "title,title,problem\n", ",".join("abcdef"))
    ).encode()


def ragged(chance: random.Random) -> bytes:
    rows = "\n".join(",".join(_words(chance, 8) for _ in range(chance.randint(0, 9))) for _ in range(9))
    return f"{HEADER}\n{rows}".encode()


def open_quotes(chance: random.Random) -> bytes:
    return f'{HEADER}\nT,"{_words(chance)}\nU,"V""\n'.encode() + b"x,y,z\n" * chance.randint(1, 300)


def many_columns(chance: random.Random) -> bytes:
    return (",".join(f"c{n}" for n in range(chance.choice((300, 20_000)))) + "\n").encode()


def long_line(chance: random.Random) -> bytes:
    return HEADER.encode() + b"\nT," + b"a" * chance.choice((200_000, 2_000_000)) + b",b\n"


def html_as_csv(chance: random.Random) -> bytes:
    return f"<!DOCTYPE html><script>alert({chance.random()})</script>,problem\nT,<img src=x onerror=x>\n".encode()


def formulas(chance: random.Random) -> bytes:
    rows = "".join(f'"{one}","{one} {chance.random()}","{one}"\n' for one in FORMULAS)
    return f"{HEADER}\n{rows}".encode()


def markup(chance: random.Random) -> bytes:
    words = (
        f"<script>alert(1)</script> {{{{ 7*7 }}}} {{% load x %}} '; DROP TABLE x;-- ${{x}} {chance.random()}"
    )
    return f'{HEADER}\n"{words}","{words}","{words}"\n'.encode()


# Workbooks --------------------------------------------------------------------------------------


_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook'
    '.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-office'
    'document.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
    '2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org'
    '/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/office'
    'Document/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET = '<?xml version="1.0"?>{0}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{1}</sheetData></worksheet>'
ROW = '<row r="{0}"><c r="{1}{0}" t="inlineStr"><is><t>{2}</t></is></c></row>'


def _entry(name: str) -> zipfile.ZipInfo:
    """A name in a box, always of the same moment: `zipfile` would write the present one."""
    entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def workbook(sheet: str | bytes, **more: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in _PARTS.items():
            box.writestr(_entry(name), text)
        box.writestr(_entry("xl/worksheets/sheet1.xml"), sheet)
        for name, content in more.items():
            box.writestr(_entry(name.replace("__", "/")), content)
    return made.getvalue()


def zip_bomb(chance: random.Random) -> bytes:
    return workbook(SHEET.format("", " " * chance.choice((10_000_000, 20_000_000))))


def nested_zip(chance: random.Random) -> bytes:
    inner = workbook("x")
    for _depth in range(chance.randint(2, 6)):
        inner = workbook(SHEET.format("", ""), **{"xl__media__inner.zip": inner})
    return inner


def billion_laughs(chance: random.Random) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, chance.randint(6, 10))
    )
    return workbook(SHEET.format(f"<!DOCTYPE x [{entities}]>", ROW.format(1, "A", "&a5;")))


def outside_entity(chance: random.Random) -> bytes:
    target = chance.choice(("file:///etc/passwd", "http://127.0.0.1:9/x"))
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{target}">]>'
    return workbook(SHEET.format(doctype, ROW.format(1, "A", "title &e;")))


def far_cells(chance: random.Random) -> bytes:
    rows = ROW.format(1, "A", "problem") + ROW.format(chance.choice((1_048_576, 99_999_999)), "XFD", "far")
    return workbook(SHEET.format("", rows))


def many_cells(chance: random.Random) -> bytes:
    return workbook(SHEET.format("", "<row>" + "<c/>" * chance.choice((50_000, 300_000)) + "</row>"))


def broken_workbook(chance: random.Random) -> bytes:
    whole = bytearray(workbook(SHEET.format("", ROW.format(1, "A", "problem"))))
    for _time in range(chance.randint(1, 8)):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole[: chance.randint(20, len(whole))])


def paths_in_a_zip(chance: random.Random) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as box:
        for name in ("../../evil.txt", "/tmp/evil.txt", "xl/workbook.xml", "[Content_Types].xml"):
            box.writestr(_entry(name), _words(chance))
    return made.getvalue()


# Pictures ---------------------------------------------------------------------------------------


def _picture(kind: str, size: tuple[int, int] = (12, 9)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "green").save(made, kind)
    return made.getvalue()


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_bomb(chance: random.Random) -> bytes:
    return _png(
        *chance.choice(((60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 0))), zlib.compress(b"\0" * 3_000_000)
    )


def gigapixel_jpeg(chance: random.Random) -> bytes:
    data = bytearray(_picture("JPEG"))
    frame = data.find(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, chance.choice((65_000, 65_535, 0)))
    return bytes(data)


def gif_and_script(chance: random.Random) -> bytes:
    return b"GIF89a/*" + _picture("GIF")[6:] + f"*/=1;alert({chance.random()})".encode()


def pdf_and_zip(chance: random.Random) -> bytes:
    return b"%PDF-1.7\n" + _words(chance).encode() + workbook(SHEET.format("", ""))


def jpeg_with_php(chance: random.Random) -> bytes:
    return _picture("JPEG") + f"<?php system('id'); /* {chance.random()} */ ?>".encode()


def svg_as_png(chance: random.Random) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert({chance.random()})"/>'.encode()


def cut_picture(chance: random.Random) -> bytes:
    whole = _picture(chance.choice(("JPEG", "PNG", "WEBP")), (200, 200))
    return whole[: chance.randint(3, len(whole) - 3)]


def only_signature(chance: random.Random) -> bytes:
    return chance.choice(
        (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
    )


# GeoJSON ----------------------------------------------------------------------------------------


def deep_json(chance: random.Random) -> bytes:
    depth = chance.choice((1_000, 100_000))
    return chance.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth))


def odd_numbers(chance: random.Random) -> bytes:
    odd = chance.choice(("NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, '"45"', "null", "true", "[]"))
    ring = f"[[{odd},45],[-73,45],[-73,46],[{odd},45]]"
    return _district(f'{{"type":"Polygon","coordinates":[{ring}]}}')


def _district(geometry: str, properties: str = '{"name":"A"}') -> bytes:
    feature = f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'
    return f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode()


def twice_the_same_key(chance: random.Random) -> bytes:
    return _district(
        '{"type":"Polygon","type":"Point","coordinates":[],"coordinates":[0,0]}', '{"name":1,"name":[]}'
    )


def odd_geometry(chance: random.Random) -> bytes:
    kind = chance.choice(("Point", "Polygon", "MultiPolygon", "GeometryCollection", "", "__proto__"))
    return _district(
        json.dumps({"type": kind, "coordinates": [[[chance.random()] * 2] * chance.randint(0, 5)]})
    )


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    *(
        utf16,
        broken_utf8,
        mixed_encodings,
        noise,
        nuls,
        empty,
        only_header,
        ragged,
        open_quotes,
        many_columns,
    ),
    *(long_line, html_as_csv, formulas, markup, zip_bomb, nested_zip, billion_laughs, outside_entity),
    *(far_cells, many_cells, broken_workbook, paths_in_a_zip, png_bomb, gigapixel_jpeg, gif_and_script),
    *(pdf_and_zip, jpeg_with_php, svg_as_png, cut_picture, only_signature, deep_json, odd_numbers),
    *(twice_the_same_key, odd_geometry),
)
