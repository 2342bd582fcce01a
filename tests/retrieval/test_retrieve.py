"""A search finds the right page, in the visitor's language, and says honestly when nothing fits."""

import asyncio
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import KnowledgeError
from assistant.ingestion.ingest import ingest
from assistant.knowledge import Evidence
from assistant.ports import Turn
from assistant.retrieval.index import Index
from assistant.retrieval.query import Synonyms, contextual, load_synonyms
from assistant.retrieval.retrieve import Retriever
from tests.ingestion.letters import Letters

CARD = "# カード\n\n## 紛失したとき {#lost}\n\n紛失受付センターへお電話ください。\n\n"
CARD += "## 年会費 {#fee}\n\n年会費は無料です。\n"
HOURS = "# 営業時間\n\n## 窓口 {#counter}\n\n平日の九時から十五時です。土日は休みます。\n\n"
HOURS += "## ATM {#atm}\n\n毎日七時から使えます。\n"
CARD_EN = "# Cards\n\n## If your card is lost {#lost}\n\nCall the lost card desk.\n\n## Annual fee {#fee}\n\nNone.\n"
PAGES = {
    "ja/card.md": CARD,
    "ja/hours.md": HOURS,
    "en/card.md": CARD_EN,
    "en/pets.md": "# Pets\n\n## Insurance for aquarium fish {#fish}\n\nWe insure aquarium fish.\n",
    "ja/old.md": "---\nvalid_until: 2026-03-31\n---\n# 春のキャンペーン\n\n抽選で旅行券が当たります。\n",
    "ja/soon.md": "---\nvalid_from: 2027-01-01\n---\n# 新しい定期預金\n\n金利は年一パーセントです。\n",
    "ja/copy.md": "# 紛失の窓口\n\n紛失受付センターへ、**お電話**ください！\n",
}
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("retrieval")
    for name, text in PAGES.items():
        path = root / "knowledge" / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    asyncio.run(ingest(root / "knowledge", root / "index", Letters()))
    return root


@pytest.fixture(scope="module")
def retriever(folder: Path) -> Retriever:
    return Retriever(Index.load(folder / "index"), today=lambda: TODAY)


def search(retriever: Retriever, text: str, language: str = "ja", **more: object) -> Evidence:
    vector = asyncio.run(Letters().embed([text], "query"))[0]
    return retriever.retrieve(text, vector, language, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "page"),
    [
        ("カードを紛失しました", "ja", "ja/card.md#lost"),
        ("年会費はいくら", "ja", "ja/card.md#fee"),
        ("My card is lost!", "en", "en/card.md#lost"),
        ("窓口の営業時間", "ja", "ja/hours.md#counter"),
    ],
)
@pytest.mark.parametrize("vectors", [True, False])
def test_the_right_heading_comes_first(
    retriever: Retriever, text: str, language: str, page: str, vectors: bool
) -> None:
    found = search(retriever, text, language) if vectors else retriever.retrieve(text, None, language)
    assert found.hits[0].passage.id == page
    assert found.mode == ("hybrid" if vectors else "keywords")
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)


def test_the_other_language_is_used_only_when_nothing_fits(folder: Path) -> None:
    shy = Retriever(Index.load(folder / "index"), abstain=0.0)
    assert all(hit.passage.language == "ja" for hit in search(shy, "aquarium fish insurance").hits)
    eager = Retriever(Index.load(folder / "index"), abstain=0.999)
    assert search(eager, "aquarium fish insurance").hits[0].passage.id == "en/pets.md#fish"


def test_pages_that_ran_out_or_have_not_begun_are_never_served(folder: Path) -> None:
    for day, served in ((date(2026, 3, 31), {"ja/old.md"}), (TODAY, set()), (date(2027, 1, 1), {"ja/soon.md"})):
        retriever = Retriever(Index.load(folder / "index"), today=lambda day=day: day)  # type: ignore[misc]
        found = {
            hit.passage.page
            for text in ("春のキャンペーン 旅行券", "新しい定期預金 金利")
            for hit in search(retriever, text).hits
        }
        assert found & {"ja/old.md", "ja/soon.md"} == served


def test_the_same_words_on_two_pages_are_one_hit(retriever: Retriever) -> None:
    texts = [hit.passage.text for hit in search(retriever, "紛失受付センター").hits]
    assert sum("紛失受付センター" in text for text in texts) == 1


def test_strength_is_higher_for_what_pages_answer(retriever: Retriever) -> None:
    good = retriever.retrieve("カードを紛失したとき", None, "ja").strength
    assert 0 <= retriever.retrieve("火星への引っ越し", None, "ja").strength < good <= 1
    assert search(retriever, "カードを紛失したとき").strength > search(retriever, "qzx jvk").strength


def test_nothing_to_search_is_said_so(folder: Path) -> None:
    assert Retriever(None).retrieve("何か", None, "ja") == Evidence((), 0.0, "none")


def test_a_vector_of_another_model_is_not_used(retriever: Retriever) -> None:
    found = retriever.retrieve("カードを紛失しました", np.ones(7, dtype=np.float32), "ja")
    assert (found.mode, found.hits[0].passage.id) == ("keywords", "ja/card.md#lost")


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\x00\ud800", "🙂", "a" * 50_000, "あ" * 50_000, "' OR 1=1 --", "<script>", "ｶｰﾄﾞ"]
)
def test_any_question_is_survived_quickly(retriever: Retriever, text: str) -> None:
    began = time.perf_counter()
    assert isinstance(retriever.retrieve(text, None, "ja"), Evidence)
    assert time.perf_counter() - began < 0.5


def test_a_follow_up_carries_its_topic(retriever: Retriever) -> None:
    history = (Turn("visitor", "窓口の営業時間を教えてください"), Turn("assistant", "平日の九時からです。"))
    assert contextual("土日は？", history) == "窓口の営業時間を教えてください 土日は？"
    assert search(retriever, "土日は？", history=history).hits[0].passage.id == "ja/hours.md#counter"
    english = (Turn("visitor", "When is the branch open?"), Turn("assistant", "Nine to three."))
    assert contextual("and on Sundays?", english) == "when is the branch open? and on Sundays?"


@pytest.mark.parametrize(
    "text", ["カードを海外でなくしました、どうしたらいいですか", "How do I open an account for my daughter?"]
)
def test_a_whole_question_stands_alone(text: str) -> None:
    assert contextual(text, (Turn("visitor", "営業時間は"), Turn("visitor", "opening hours"))) == text


def test_two_follow_ups_reach_back_to_the_question() -> None:
    history = (Turn("visitor", "窓口の営業時間を教えてください"), Turn("visitor", "土日は？"))
    assert contextual("祝日は？", history) == "窓口の営業時間を教えてください 祝日は？"


def test_synonyms_of_the_content_team_are_found(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "synonyms.toml"
    path.write_text('groups = [["紛失", "どこかに消えた"], ["ＡＴＭ", "現金自動機"]]', encoding="utf-8")
    synonyms = load_synonyms(path)
    assert synonyms.groups[1] == ("atm", "現金自動機")
    index = Index.load(folder / "index")
    asked = "財布ごとどこかに消えた"
    assert (
        Retriever(index).retrieve(asked, None, "ja").strength
        < Retriever(index, synonyms).retrieve(asked, None, "ja").strength
    )
    assert Retriever(index, synonyms).retrieve(asked, None, "ja").hits[0].passage.id == "ja/card.md#lost"


@pytest.mark.parametrize(
    "text", ["groups = [", 'groups = ["a"]', 'groups = [["one"]]', "groups = [[1, 2]]", "groups = 3"]
)
def test_wrong_synonyms_name_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "synonyms.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"synonyms\.toml"):
        load_synonyms(path)
    assert load_synonyms(tmp_path / "none.toml") == Synonyms()


def test_the_demo_synonyms_can_be_read() -> None:
    assert len(load_synonyms(Path(__file__).parents[2] / "knowledge" / "synonyms.toml").groups) > 30
