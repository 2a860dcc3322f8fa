"""The words that dates are written with: months, today and yesterday, zone names, and what stands before them."""

from __future__ import annotations

import re
import unicodedata

# Full names in the forms that stand in dates (Russian genitive and nominative, Kazakh bare), then short forms. Kazakh
# in its three scripts; the other languages are those of foreign outlets that write about Kazakhstan.
_MONTHS = (
    "января январь янв қаңтар қаңт қаң qańtar qantar qañtar january jan januar jänner jänn janvier janv enero ene "
    "gennaio gen janeiro stycznia styczeń sty januari ocak oca січня січень січ қаңтары قاڭتار يناير leden ledna",
    "февраля февраль фев февр ақпан ақп aqpan february feb februar feber février févr fevr febrero febbraio febr "
    "fevereiro fev lutego luty lut februari şubat şub лютого лютий лют اقپان فبراير únor února",
    "марта март мар наурыз нау наур nauryz naurız march mar märz mär mrz mars marzo marco março marca marzec maart "
    "mart березня березень бер ناۋرىز مارس březen března",
    "апреля апрель апр сәуір сәу sáuir säuir sauir april apr avril avr abril abr aprile kwietnia kwiecień kwi nisan "
    "nis квітня квітень кві ساۋىر سأۋىر أبريل ابريل duben dubna",
    "мая май мамыр мам mamyr mamır may mai mayo maggio mag maio maja maj mei mayıs травня травень тра مامىر مايو května"
    " květen",
    "июня июнь июн маусым мау маус maýsym mausym mausım june jun juni juin junio giugno giu junho czerwca czerwiec "
    "cze haziran haz червня червень чер ماۋسىم يونيو červen června",
    "июля июль июл шілде шіл shilde şilde july jul juli juillet juil julio luglio lug julho lipca lipiec lip temmuz "
    "tem липня липень лип شىلدە يوليو červenec července",
    "августа август авг тамыз там tamyz tamız august aug août aout agosto ago sierpnia sierpień sie augustus ağustos "
    "ağu серпня серпень сер augusti تامىز أغسطس اغسطس srpen srpna",
    "сентября сентябрь сен сент қыркүйек қыр қырк qyrkúıek qyrkuiek qırküyek qyrkuyek september sep sept septembre "
    "septiembre set settembre setembro września wrzesień wrz eylül eyl вересня вересень вер قىركۇيەك سبتمبر září",
    "октября октябрь окт қазан қаз qazan october oct oktober okt octobre octubre ottobre ott outubro out października "
    "październik paź ekim eki жовтня жовтень жов قازان أكتوبر اكتوبر říjen října",
    "ноября ноябрь ноя нояб қараша қар qarasha qaraşa november nov novembre noviembre novembro listopada listopad lis "
    "kasım kas листопада листопад قاراشا نوفمبر",
    "декабря декабрь дек желтоқсан жел желт jeltoqsan december dec dezember dez décembre déc diciembre dic dicembre "
    "dezembro grudnia grudzień gru aralık ara грудня грудень гру desember des جەلتوقسان ديسمبر prosinec prosince",
)
_TODAY = "сегодня бүгін bugin búgin bügin بۇگىن today heute"
_YESTERDAY = "вчера кеше keshe keşe كەشە yesterday gestern"

_LATIN_LOOKALIKES = str.maketrans("abcehikmoptxyáéó", "авсенікмортхуаео")


def fold_word(word: str) -> str:
    """Return `word` in small letters, without a closing dot, its Latin look-alikes made Cyrillic when it is Cyrillic.

    'Бүгiн' with a Latin i is how several Kazakh outlets print today.
    """
    word = unicodedata.normalize("NFC", word).lower().rstrip(".")
    if any("\u0400" <= letter <= "\u04ff" for letter in word):
        word = word.translate(_LATIN_LOOKALIKES)
    return word


MONTHS = {fold_word(word): number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
DAYS_BACK = {fold_word(word): back for back, words in enumerate((_TODAY, _YESTERDAY)) for word in words.split()}
ZONE_HOURS = {
    "utc": 0.0, "gmt": 0.0, "z": 0.0, "msk": 3.0, "мск": 3.0, "cet": 1.0, "cest": 2.0, "mez": 1.0, "mesz": 2.0,
    "bst": 1.0, "eet": 2.0, "eest": 3.0, "est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0,
    "pst": -8.0, "pdt": -7.0, "et": -5.0, "ist": 5.5, "jst": 9.0, "kst": 9.0,
}  # fmt: skip
"""Hours east of Greenwich of the zone names that pages print. IST is India's: Ireland's pages print GMT."""

PUBLISHED_CUE = re.compile(
    r"\bwritten|опубликован|публикаци|размещен|дата|жариялан|шықты|жарық|published|posted|erstellt|veröffentlicht|publié|"
    r"publicado|pubblicato|opublikowan|datum",
    re.IGNORECASE,
)
MODIFIED_CUE = re.compile(
    r"обновлен|изменен|исправлен|редактирован|жаңартыл|өзгертіл|түзетіл|updated|modified|edited|aktualisiert|"
    r"geändert|mis à jour|modifié|actualizado|aggiornat|zaktualizowan|update\b|stand:",
    re.IGNORECASE,
)


def month_of(word: str) -> int | None:
    """Return the month, 1 to 12, that `word` names in any of the known languages, case endings of Kazakh included."""
    folded = fold_word(word)
    month = MONTHS.get(folded)
    if month is None and len(folded) > 5:
        # Kazakh adds its case to the month: наурызда, ақпанның, қарашадағы.
        for ending in (
            "дағы",
            "дегі",
            "тағы",
            "тегі",
            "ның",
            "нің",
            "дың",
            "дің",
            "тың",
            "тің",
            "да",
            "де",
            "та",
            "те",
            "ы",
            "і",
        ):
            if folded.endswith(ending) and folded.removesuffix(ending) in MONTHS:
                return MONTHS[folded.removesuffix(ending)]
    return month


def days_back(word: str) -> int | None:
    """Return 0 for a word that says today, 1 for yesterday, None for any other."""
    return DAYS_BACK.get(fold_word(word))
