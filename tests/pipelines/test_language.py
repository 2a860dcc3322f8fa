"""Language and script of an article from its own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.language import identify
from tests.pipelines.test_charset import KAZAKH, RUSSIAN

ENGLISH = (
    "The footbridge opened on Saturday morning and the first people crossed it before the ceremony. It took three "
    "years to build, and the river flooded the site twice, the city administration said in a short statement."
)
LATIN_KAZAKH = (
    "Jaña köpir aşylğannan keiın qala turğyndary özennıñ ekınşı jağasyna on minutta jetetın boldy. Qūrylys üş jylğa "
    "sozyldy, bul turaly äkımdık habarlady jäne kelesı jyly bağ otyrğyzylady dep aitty."
)
ARABIC_KAZAKH = (
    "جاڭا كوپىر اشىلعاننان كەيىن قالا تۇرعىندارى وزەننىڭ ەكىنشى جاعاسىنا ون مينۋتتا جەتەتىن بولدى. "
    "قۇرىلىس ءۇش جىلعا سوزىلدى."
)


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        (KAZAKH, "kk", "Cyrl"),
        (RUSSIAN, "ru", "Cyrl"),
        (ENGLISH, "en", "Latn"),
        (LATIN_KAZAKH, "kk", "Latn"),
        (
            "Studentter öz biulletenin basyp, komissiia sailap, ashana jaiynda dauys berdi: 15 nauryzdağy referendum "
            "qalai ötetinin körgisi keldi.",
            "kk",
            "Latn",
        ),
        (ARABIC_KAZAKH, "kk", "Arab"),
        ("Көпір ашылды", "kk", "Cyrl"),
        ("Мост открыт", "ru", "Cyrl"),
        ("Bridge opened", "en", "Latn"),
    ],
)
def test_languages_of_the_archive(text: str, language: str, script: str) -> None:
    """Kazakh in three scripts, Russian and English are told apart, in headlines too."""
    assert identify(text) == (language, script)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Жаңы көпүрө ачылгандан кийин шаар тургундары дарыянын экинчи жээгине он мүнөттө жете "
            "турган болушту. Курулуш "
            "үч жылга созулду, ага жүзгө жакын жумушчу катышты. Мэриянын билдиришинче, жазында парк тигилет жана "
            "балдар үчүн аянтча курулат деп күтүлүүдө.",
            "ky",
        ),
        (
            "Міст через річку відкрили в суботу вранці, і перші пішоходи перейшли його ще до офіційної церемонії. "
            "Будівництво тривало три роки. Обсяг робіт зріс через повінь, повідомили в міській раді, а навесні поруч "
            "посадять невеликий сад для мешканців району.",
            "uk",
        ),
        (
            "Die Brücke über den Fluss wurde am Samstagmorgen eröffnet, und die ersten Fußgänger "
            "überquerten sie noch vor "
            "der offiziellen Feier. Der Bau dauerte drei Jahre. Im Frühling soll daneben ein kleiner Garten entstehen, "
            "teilte die Stadtverwaltung mit.",
            "de",
        ),
        (
            "Köprü cumartesi sabahı açıldı ve ilk yayalar resmi törenden önce üzerinden geçti. İnşaat üç yıl sürdü. "
            "Belediyeden yapılan açıklamaya göre ilkbaharda köprünün yanına küçük bir bahçe yapılacak ve çocuklar için "
            "bir oyun alanı kurulacak.",
            "tr",
        ),
    ],
)
def test_other_languages_are_called_by_their_name(text: str, language: str) -> None:
    """A long text in another language is not passed off as one of ours."""
    assert identify(text)[0] == language


@pytest.mark.parametrize("text", ["", "   ", "12.03.2026 — 45 %", "№"])
def test_nothing_is_said_of_nothing(text: str) -> None:
    """Text without letters has no language."""
    assert identify(text) == (None, None)


def test_names_do_not_make_a_russian_text_kazakh() -> None:
    """Kazakh names in a Russian text leave it Russian, a Russian quotation leaves a Kazakh text Kazakh."""
    assert identify(RUSSIAN + " Об этом рассказала Әсел Құрманғали.")[0] == "ru"
    assert identify(KAZAKH + " «Мост готов», — деді ол.")[0] == "kk"


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    """No text raises; a language comes with a script or with none of the three."""
    language, script = identify(text)
    assert language is None or 2 <= len(language) <= 3
    assert script in ("Cyrl", "Latn", "Arab", None)
