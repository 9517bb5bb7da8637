"""Encodings: text in what people's programs write is read letter by letter."""

from __future__ import annotations

import pytest

from core.base.errors import InputError
from core.readers.encodings import CHOICES, decode, detect

_TEXTS = {
    "ru": "Отличный товар\nПришёл вовремя, всем советую",
    "uk": "Дуже смачний борщ\nЇжа була холодна, але привітний персонал",
    "de": "Größe\nMüller\nÄpfel",
    "fr": "Très bon café\nà côté de l'hôtel, déçu",
    "es": "El niño comió rápido\n¿Qué pasó mañana?",
    "pl": "Żółty samochód\nDziękuję bardzo",
    "cs": "Příliš žluťoučký kůň\nDěkuji",
    "hu": "Nagyon jó könyv\nőszi időjárás, gyűrű",
    "tr": "Çok güzel bir gün\nİstanbul şehri, ığdır",
    "el": "Καλημέρα κόσμε\nη Αθήνα είναι όμορφη",
    "he": "שלום עולם\nהאוכל היה טוב",
    "ar": "مرحبا بالعالم\nالطعام كان جيدا",
    "lt": "Labas rytas, ačiū\nžmogus šuo",
    "ja": "東京は日本の首都です\nとても美味しいラーメン",
    "zh": "北京是中国的首都\n非常好吃的面条",
    "zht": "臺灣的麵條很好吃\n服務員態度很好",
    "ko": "한국어 텍스트입니다\n맛있는 음식",
    "th": "อาหารอร่อยมาก\nบริการดี",
}


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *((one, codec) for one in ("de", "fr", "es") for codec in ("cp1252", "mac_roman")),
        ("de", "cp850"),
        ("de", "iso8859_15"),
        *(("ru", codec) for codec in ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic")),
        ("uk", "cp1251"),
        *(("pl", codec) for codec in ("cp1250", "iso8859_2", "cp852", "mac_latin2")),
        ("cs", "cp1250"),
        ("hu", "iso8859_2"),
        ("tr", "cp1254"),
        ("el", "cp1253"),
        ("he", "cp1255"),
        ("ar", "cp1256"),
        ("lt", "cp1257"),
        *(("ja", codec) for codec in ("cp932", "euc_jp", "iso2022_jp")),
        ("zh", "gbk"),
        ("zht", "big5"),
        ("ko", "euc_kr"),
        ("th", "cp874"),
    ],
)
def test_text_of_many_countries_reads_as_it_was_written(language: str, codec: str) -> None:
    whole = _TEXTS[language]
    table = "id;x\n" + "\n".join(f"{i};{word}" for i, word in enumerate(whole.split()))
    for text in (whole, table):
        read, encoding, notes = decode("a.csv", text.encode(codec))
        assert read == text, encoding
        if codec != "iso2022_jp":
            assert encoding.label in notes[0]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", ["de", "ru", "zh", "th"])
def test_unicode_reads_with_a_byte_order_mark_and_without(language: str, codec: str) -> None:
    text = f"id;x\n1;{_TEXTS[language]}\n"
    read, _, notes = decode("a.csv", text.encode(codec))
    assert read == text
    assert notes == []


def test_utf32_reads() -> None:
    for codec in ("utf-32", "utf-32-le", "utf-32-be"):
        assert decode("a", "id;ä\n".encode(codec))[0] == "id;ä\n"


def test_lines_that_are_not_utf8_are_read_on_their_own_and_counted() -> None:
    data = "Größe\nStraße\n".encode() + "Müller\n".encode("cp1252") + b"gut\n"
    text, _, notes = decode("a", data)
    assert text == "Größe\nStraße\nMüller\ngut\n"
    assert notes[0].startswith("1 line was not in UTF-8, read as Windows-1252 (")


def test_what_the_letters_leave_open_is_told() -> None:
    text, encoding, notes = decode("a", b"x\nqz\xe4qj\n")
    assert text == "x\nqzäqj\n"
    assert not encoding.sure
    assert "another encoding is possible" in notes[0]
    assert "another encoding" not in decode("a", _TEXTS["ru"].encode("cp1251"))[2][0]


def test_no_byte_is_lost_where_windows_1252_has_none() -> None:
    assert decode("a", b"caf\xe9 a\x81b d\xe9j\xe0 vu")[0] == "café a\x81b déjà vu"


def test_a_chosen_encoding_is_taken() -> None:
    data = _TEXTS["pl"].encode("cp1250")
    assert decode("a", data, "windows-1250")[0] == _TEXTS["pl"]
    assert decode("a", data, "cp1251")[0].startswith("Їуіty")
    assert decode("a", b"\xef\xbb\xbfa", "utf8")[0] == "a"
    with pytest.raises(InputError, match="byte 0 is 0xaf"):
        decode("a", data, "utf-8")
    with pytest.raises(InputError, match="no encoding “martian”"):
        decode("a", data, "martian")


def test_damaged_utf16_is_told() -> None:
    text, _, notes = decode("a", "\ufeffab".encode("utf-16-le") + b"\x00")
    assert text == "ab\ufffd"
    assert notes == ["The file is damaged UTF-16 LE; what is lost reads “\ufffd”."]


def test_text_in_ascii_is_utf8() -> None:
    assert detect(b"plain text").codec == "utf-8"
    assert detect(b"").codec == "utf-8"
    assert CHOICES["cp1251"] == "Windows-1251"
