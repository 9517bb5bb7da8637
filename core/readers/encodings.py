"""Which encoding the bytes of a text are in, and the text.

UTF-8 where it decodes, since text in another encoding hardly ever does; UTF-16 and UTF-32 by their
byte-order mark or by the zeros that Latin letters have there. Anything else is a choice between
encodings that all decode, often without an error: each candidate is scored by how many of its
letters outside ASCII lie in words of the languages that are written in it (the word lists of
``wordfreq``, Speer 2022), less the share that stands where no language has it (a sign within a
word, a capital after a small letter, a mix of scripts). Where no word is known,
``charset_normalizer`` decides.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from zlib import crc32

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError, counted, shorten

# By length, since the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi", "is", "ca")
_CENTRAL = ("pl", "cs", "hu", "sk", "sl", "sh", "ro", "de")
_CYRILLIC = ("ru", "uk", "bg", "mk")
# Codec, what people call it, the languages written in it. Of two that score alike the first is
# taken, so those that are met more often come first.
_KNOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "utf-8": ("UTF-8", ()),
    "utf-16-le": ("UTF-16 LE", ()),
    "utf-16-be": ("UTF-16 BE", ()),
    "utf-32-le": ("UTF-32 LE", ()),
    "utf-32-be": ("UTF-32 BE", ()),
    "cp1252": ("Windows-1252", _WESTERN),
    "cp1251": ("Windows-1251", _CYRILLIC),
    "cp932": ("Shift JIS", ("ja",)),
    "gb18030": ("GB 18030 (GBK)", ("zh",)),
    "big5hkscs": ("Big5", ("zh",)),
    "cp949": ("EUC-KR (Windows-949)", ("ko",)),
    "euc_jp": ("EUC-JP", ("ja",)),
    "cp1250": ("Windows-1250", _CENTRAL),
    "cp1253": ("Windows-1253", ("el",)),
    "cp1254": ("Windows-1254", ("tr",)),
    "cp1255": ("Windows-1255", ("he",)),
    "cp1256": ("Windows-1256", ("ar", "fa", "ur")),
    "cp1257": ("Windows-1257", ("lt", "lv")),
    "cp1258": ("Windows-1258", ("vi",)),
    "cp874": ("Windows-874", ("th",)),
    "iso8859_2": ("ISO 8859-2", _CENTRAL),
    "iso8859_7": ("ISO 8859-7", ("el",)),
    "iso8859_15": ("ISO 8859-15", _WESTERN),
    "koi8_r": ("KOI8-R", ("ru", "bg")),
    "koi8_u": ("KOI8-U", ("uk",)),
    "iso8859_5": ("ISO 8859-5", _CYRILLIC),
    "mac_roman": ("Mac Roman", _WESTERN),
    "mac_cyrillic": ("Mac Cyrillic", _CYRILLIC),
    "mac_latin2": ("Mac Central European", _CENTRAL),
    "mac_greek": ("Mac Greek", ("el",)),
    "mac_turkish": ("Mac Turkish", ("tr",)),
    "cp850": ("DOS (850)", _WESTERN),
    "cp437": ("DOS (437)", _WESTERN),
    "cp852": ("DOS (852)", _CENTRAL),
    "cp866": ("DOS (866)", _CYRILLIC),
    "cp737": ("DOS (737)", ("el",)),
    "cp857": ("DOS (857)", ("tr",)),
    "iso2022_jp": ("ISO-2022-JP", ("ja",)),
}
CHOICES = {codec: label for codec, (label, _) in _KNOWN.items()}
_WIDE = {"cp932", "gb18030", "big5hkscs", "cp949", "euc_jp"}  # two bytes and more a character
_UNMARKED = {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "iso2022_jp"}
# Lead bytes of the characters in everyday use: the first level of the standards, Hangul, kana.
_COMMON = {
    "cp932": (0x81, 0x97),
    "euc_jp": (0xA1, 0xCF),
    "gb18030": (0xA1, 0xD7),
    "big5hkscs": (0xA1, 0xC6),
    "cp949": (0xA1, 0xC8),
}
# Windows-1252 leaves five bytes undefined; those are read as Latin-1, so that nothing is lost.
_WINDOWS = "".join(bytes([i]).decode("cp1252", "ignore") or chr(i) for i in range(256))
_SAMPLE_BYTES = 20_000
_NEAR = 0.2  # of the most plausible candidate
_SURE = 0.5  # of the letters outside ASCII in known words
_MARGIN = 0.02  # over the best candidate that reads another text
_TOKEN = re.compile(r"[^\W\d_]+(?:[’'`]?[^\W\d_]+)*")
_UNBROKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST = 6  # characters of a word in a script without blanks


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a text: Python's name of it, what people call it, why it was taken.

    ``sure`` is false where another encoding reads the bytes nearly as well.
    """

    codec: str
    label: str
    why: str
    sure: bool = True


def detect(data: bytes) -> Encoding:
    """The encoding that ``data`` is most likely in."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _encoding(codec, "a byte-order mark")
    if unmarked := _without_mark(data):
        return _encoding(unmarked, "zeros at every other byte")
    try:
        data.decode()
    except UnicodeDecodeError:
        return _guess(_foreign_sample(data))
    if b"\x1b$" in data and _decodes(data, "iso2022_jp"):
        return _encoding("iso2022_jp", "its escape sequences")
    return _encoding("utf-8", "all bytes decode")


def decode(name: str, data: bytes, codec: str | None = None) -> tuple[str, Encoding, list[str]]:
    """The text without its byte-order mark, its encoding, and notes on what was done to read it.

    ``codec`` is a key of ``CHOICES``; ``None`` detects it. Where most lines are UTF-8, only the
    others are read by the encoding that is detected for them.

    Raises:
        InputError: ``codec`` is none that is known, or the bytes are not in it.
    """
    if codec is not None:
        return _decode_as(name, data, codec)
    encoding = detect(data)
    for mark, marked in _MARKS:
        if encoding.codec == marked:
            data = data.removeprefix(mark)
    if encoding.codec in _UNMARKED:
        text, notes = _decode_unicode(data, encoding)
        return text, encoding, notes
    foreign = sum(1 for _ in _foreign_lines(data))
    utf8 = sum(not line.isascii() for line in data.splitlines()) - foreign
    if utf8 > (foreign if encoding.codec in _WIDE else 0):
        text = "".join(
            line.decode() if _decodes(line, "utf-8") else _leniently(line, encoding.codec)
            for line in data.splitlines(keepends=True)
        )
        verb = "was" if foreign == 1 else "were"
        note = f"{counted(foreign, 'line')} {verb} not in UTF-8, read as {encoding.label}"
    else:
        text = _leniently(data, encoding.codec)
        note = f"Read as {encoding.label}, since it is not UTF-8"
    if lost := text.count("\ufffd"):
        note += f", {counted(lost, 'character')} not in it ({lost:,} times “\ufffd”)"
    doubt = "" if encoding.sure else "; another encoding is possible, so check the first rows"
    return text, encoding, [f"{note} ({encoding.why}){doubt}."]


def _encoding(codec: str, why: str, *, sure: bool = True) -> Encoding:
    return Encoding(codec, _KNOWN[codec][0], why, sure)


def _decode_as(name: str, data: bytes, codec: str) -> tuple[str, Encoding, list[str]]:
    known = next((one for one in CHOICES if _same_codec(one, codec)), None)
    if known is None:
        raise InputError(
            f"There is no encoding “{shorten(codec, 40)}”.",
            f"Known: {', '.join(CHOICES)}.",
            "Choose one of these, or leave it out to have it detected.",
        )
    for mark, marked in _MARKS:
        if known == marked:
            data = data.removeprefix(mark)
    try:
        text = data.decode(known)
    except UnicodeDecodeError as error:
        if known == "cp1252":
            return _leniently(data, known), _encoding(known, "chosen"), []
        raise InputError(
            f"“{shorten(name)}” is not in {CHOICES[known]}: byte {error.start:,} is "
            f"{data[error.start]:#04x}.",
            "Bytes that the encoding has.",
            "Choose another encoding, or leave it out to have it detected.",
        ) from error
    return text, _encoding(known, "chosen"), []


def _same_codec(known: str, given: str) -> bool:
    try:
        return codecs.lookup(known).name == codecs.lookup(given).name
    except (LookupError, ValueError):
        return False


def _decode_unicode(data: bytes, encoding: Encoding) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding.codec), []
    except UnicodeDecodeError:
        lost = f"The file is damaged {encoding.label}; what is lost reads “\ufffd”."
        return data.decode(encoding.codec, "replace"), [lost]


def _leniently(data: bytes, codec: str) -> str:
    """The text of bytes of which only a sample has been decoded before."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        if codec in _WIDE:
            return data.decode(codec, "replace")
    return codecs.charmap_decode(data, "strict", _WINDOWS)[0]


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte-order mark: zeros stand at every other place of ASCII.

    Scripts that are not Latin have few zeros, yet line ends, blanks and separators still do.
    """
    start = data[: 4096 - len(data[:4096]) % 4] if len(data) >= 4096 else data
    if b"\0" not in start or len(data) % 2:
        return None
    if len(data) % 4 == 0:
        for codec, place in (("utf-32-le", 3), ("utf-32-be", 0)):
            if start[place::4].count(0) == len(start[place::4]) and _decodes(data, codec):
                return codec
    even, odd = start[::2].count(0), start[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) > 0.05 * len(start) / 2 or not _decodes(data, codec):
        return None
    text = data[:_SAMPLE_BYTES].decode(codec, "ignore")
    strange = sum(unicodedata.category(char) in ("Cc", "Cn", "Co") for char in text)
    strange -= sum(map(text.count, "\t\r\n"))
    return codec if strange <= len(text) / 20 else None


def _foreign_lines(data: bytes) -> Iterable[bytes]:
    return (line for line in data.splitlines() if not _decodes(line, "utf-8"))


def _foreign_sample(data: bytes) -> bytes:
    """The first lines that are not UTF-8, as many as are looked at."""
    lines, size = [], 0
    for line in _foreign_lines(data):
        lines.append(line)
        size += len(line) + 1
        if size >= _SAMPLE_BYTES:
            break
    return b"\n".join(lines)[:_SAMPLE_BYTES]


def _guess(sample: bytes) -> Encoding:
    """The candidate whose letters outside ASCII lie in known words; told how many do."""
    texts = {codec: text for codec in _candidates() if (text := _sample_text(sample, codec))}
    plain = {
        codec: _common_share(sample, codec) - _strangeness(text) for codec, text in texts.items()
    }
    # Word lists take time, so they are read for the plausible alone.
    most = max(plain.values())
    shares = _shares({one: texts[one] for one in texts if plain[one] >= most - _NEAR})
    ranks = {} if any(shares.values()) else _library_ranks(sample)
    places = [*_KNOWN]
    order = sorted(
        shares,
        key=lambda one: (
            -round(shares[one] + plain[one], 3),
            ranks.get(one, len(ranks)),
            places.index(one),
        ),
    )
    best = order[0]
    other = next((one for one in order if texts[one] != texts[best]), None)
    lead = 1.0 if other is None else shares[best] + plain[best] - shares[other] - plain[other]
    why = (
        f"{shares[best]:.0%} of its letters outside ASCII lie in known words"
        if shares[best]
        else "the most plausible of those that fit, no word was recognised"
    )
    return _encoding(best, why, sure=shares[best] >= _SURE and lead >= _MARGIN)


def _shares(texts: Mapping[str, str]) -> dict[str, float]:
    """For each candidate, the share of known words in the language that it fits best."""
    known = _known_words(texts)
    return {
        codec: max((_coverage(text, known[one]) for one in _KNOWN[codec][1]), default=0.0)
        for codec, text in texts.items()
    }


def _candidates() -> list[str]:
    return [codec for codec in _KNOWN if codec not in _UNMARKED]


def _sample_text(sample: bytes, codec: str) -> str | None:
    """The sample as text; ``None`` where it does not decode, save for a cut at its end."""
    whole = len(sample) < _SAMPLE_BYTES
    if codec == "cp1252":
        return codecs.charmap_decode(sample, "strict", _WINDOWS)[0]
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return None


def _tokens(text: str) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(text) if not token.isascii()]


def _known_words(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """For each language of the candidates, which of their words and parts of words it has."""
    wanted: dict[str, set[str]] = {}
    for codec, text in texts.items():
        asked = set()
        for token in _tokens(text):
            if len(token) > 1:
                asked.add(token.casefold())
            if _UNBROKEN.search(token):
                asked.update(
                    token[at : at + length]
                    for at in range(len(token))
                    for length in range(2, min(_LONGEST, len(token) - at) + 1)
                )
        for language in _KNOWN[codec][1]:
            wanted.setdefault(language, set()).update(asked)
    return {language: _known(language, asked) for language, asked in wanted.items()}


def _known(language: str, words: set[str]) -> frozenset[str]:
    """Those of ``words`` that the language has."""
    listed = [*words]
    hashes = np.array([crc32(word.encode()) for word in listed], dtype=np.uint32)
    known = _word_hashes(language)
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    inside = known[places] == hashes if len(known) else np.zeros(len(listed), dtype=bool)
    return frozenset(word for word, has in zip(listed, inside, strict=True) if has)


@cache
def _word_hashes(language: str) -> npt.NDArray[np.uint32]:
    """Sorted CRC-32 of a language's words, which take a twentieth of the words' memory.

    One other word in 60,000 has the hash of one of them, on which no choice hangs.
    """
    from wordfreq import available_languages, read_cBpack

    path = available_languages("small").get(language)
    words = () if path is None else chain.from_iterable(read_cBpack(path))
    hashes = (crc32(word.encode()) for word in words)
    return np.sort(np.fromiter(hashes, dtype=np.uint32))


def _coverage(text: str, known: frozenset[str]) -> float:
    """Share of the letters outside ASCII that lie in known words of two letters and more."""
    letters = inside = 0
    for token in _tokens(text):
        outside = sum(not char.isascii() for char in token)
        letters += outside
        if len(token) > 1 and token.casefold() in known:
            inside += outside
        elif _UNBROKEN.search(token):
            inside += _longest_matches(token, known)
    return inside / letters if letters else 0.0


def _longest_matches(token: str, known: frozenset[str]) -> int:
    """Letters outside ASCII that words of two letters and more cover, the longest first."""
    at = covered = 0
    while at < len(token):
        lengths = range(min(_LONGEST, len(token) - at), 1, -1)
        length = next((n for n in lengths if token[at : at + n] in known), 1)
        if length > 1:
            covered += sum(not char.isascii() for char in token[at : at + length])
        at += length
    return covered


def _strangeness(text: str) -> float:
    """Share of the characters outside ASCII that stand where no language has them."""
    outside = strange = 0
    before = " "
    for char, after in zip(text, text[1:] + " ", strict=True):
        if not char.isascii():
            outside += 1
            strange += _is_strange(before, char, after)
        before = char
    return strange / outside if outside else 0.0


def _is_strange(before: str, char: str, after: str) -> bool:
    category = unicodedata.category(char)
    if category in ("Cc", "Cn", "Co") or "\uff61" <= char <= "\uff9f":  # half-width katakana
        return True
    if category[0] not in "LM":
        if category[0] == "S":
            return (before.isalpha() or after.isalpha()) and char not in "®™©°"
        return before.isalpha() and after.isalpha() and char not in "’‘·\u00ad"
    if category[0] == "M":  # an accent stands on a letter, or on another accent
        return not (before.isalpha() or unicodedata.category(before)[0] == "M")
    if category == "Lu" and before.islower():
        return True
    return _mixes_scripts(before, char, after)


def _mixes_scripts(before: str, char: str, after: str) -> bool:
    if _UNBROKEN.match(char):  # a word of another script may stand beside, not one on each side
        return before.islower() or after.islower()
    return any(
        near.isalpha() and _script(near) != _script(char)
        for near in (before, after)
        if not _UNBROKEN.match(char) and not _UNBROKEN.match(near)
    )


def _script(char: str) -> str:
    if char in "ªº":
        return "LATIN"
    return unicodedata.name(char, "").partition(" ")[0]


def _common_share(sample: bytes, codec: str) -> float:
    """For an encoding of two bytes: share of its characters in everyday use, less one half."""
    if codec not in _WIDE:
        return 0.0
    first, last = _COMMON[codec]
    pairs = common = at = 0
    while at + 1 < len(sample):
        lead = sample[at]
        if lead < 0x80 or (codec == "cp932" and 0xA0 <= lead <= 0xDF):
            at += 1
            continue
        pairs += 1
        common += first <= lead <= last
        at += 2
    return common / pairs - 0.5 if pairs else 0.0


def _library_ranks(sample: bytes) -> dict[str, int]:
    """The candidates' places in the order of ``charset_normalizer``."""
    from charset_normalizer import from_bytes

    order = [match.encoding for match in from_bytes(sample)]
    return {codec: place for place, codec in enumerate(order)}
