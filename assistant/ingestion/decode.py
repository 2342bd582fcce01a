"""Turns a file's bytes into honest text: encodings, broken forms, invisible code points. It knows no file formats."""

import re
import unicodedata
from dataclasses import dataclass

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
         (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_COMPATIBLE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06\ufe30-\ufe4f]")  # PDF radicals, ligatures
_ALLOWED = frozenset("\n\t")
_EMOJI_JOINERS = frozenset("\u200d\ufe0e\ufe0f")
_VARIANTS = re.compile("[\U000e0100-\U000e01ef]")  # ideographic variation selectors: same character, other glyph
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Readable text and what was noteworthy about it (encodings other than UTF-8, stripped code points)."""

    text: str
    flags: tuple[str, ...] = ()


class NotText(ValueError):
    """The bytes are in no encoding that is known here; the message is fit for a report."""


def decode(data: bytes) -> Decoded:
    """Decode and clean a text file. Raises NotText rather than hand over garbled text."""
    text, encoding = _decoded(data)
    cleaned = clean(text)
    flags = cleaned.flags if encoding == "utf-8" else (f"read as {encoding}; save it as UTF-8", *cleaned.flags)
    return Decoded(cleaned.text, flags)


def clean(text: str) -> Decoded:
    """Repair half-width kana, decomposed kana and compatibility forms; strip what a reader cannot see."""
    text = _VARIANTS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = unicodedata.normalize("NFC", text)
    text = _HALF_KANA.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    text = _COMPATIBLE.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    kept: list[str] = []
    stripped = 0
    for place, ch in enumerate(text):
        if (ch.isascii() and (ch.isprintable() or ch in _ALLOWED)) or _visible(ch, text[place - 1] if place else ""):
            kept.append(ch)
        else:
            stripped += ch not in "\ufeff\u00ad\x0c"
    flags = (f"{stripped} invisible code points stripped",) if stripped else ()
    return Decoded("".join(kept), flags)


def _visible(ch: str, before: str) -> bool:
    if ch in _EMOJI_JOINERS:
        return bool(before) and (unicodedata.category(before) in ("So", "Sk") or before in _EMOJI_JOINERS
                                 or before in "0123456789#*")
    if ch in _INVISIBLE_LETTERS:
        return False
    return unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark):].decode(name), name.removesuffix("-le").removesuffix("-be")
            except UnicodeDecodeError as error:
                raise NotText(f"begins like {name} but is not ({error.reason} at byte {error.start})") from error
    try:
        text = data.decode("utf-8")
        if "\x00" not in text[:4096]:
            return (text, "utf-8") if "\x1b$" not in text else (data.decode("iso2022_jp"), "iso-2022-jp")
    except UnicodeDecodeError:
        pass
    guesses = [guess for name in ("cp932", "euc_jp", "cp1252", *(("utf-16-le", "utf-16-be") if 0 in data else ()))
               if (guess := _guess(data, name)) is not None]
    if not guesses:
        raise NotText("not UTF-8 nor any Japanese encoding; save it as UTF-8")
    score, text, name = max(guesses)
    if score < 0.75:
        raise NotText("its encoding cannot be told; save it as UTF-8")
    return text, name


def _guess(data: bytes, name: str) -> tuple[float, str, str] | None:
    """Decode on trial; the score (0–1) is the share of ordinary characters among those not plain ASCII."""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    if "\x00" in text:
        return None
    others = [ch for ch in text if not (ch.isascii() and (ch.isprintable() or ch.isspace()))]
    if not others:
        return 1.0, text, name
    if name == "cp1252":  # accents and dashes are strewn into letters; 256 byte values decode to something, too
        western = len(_WESTERN.findall("".join(others))) / len(others)
        return (western - 0.1 if len(others) * 4 < len(text) else 0.0), text, name
    return len(_ORDINARY.findall("".join(others))) / len(others), text, name


_ORDINARY = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e\u2010-\u2026\u2190-\u25ef\u2460-\u2473]")
_WESTERN = re.compile("[\u00a3\u00a9\u00ab\u00ae\u00b0\u00b7\u00bb\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff€–—‘’“”•…]")
