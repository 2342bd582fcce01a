"""The model that ships: its identity, what it finds near, its vocabulary, its limits and its loading."""

import asyncio
import hashlib
import json
import shutil
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.engines.e5_small import SHIPPED, E5Small
from assistant.engines.unigram import END, START, Unigram, normalise
from assistant.errors import ModelUnavailable
from assistant.understanding.emotion import COLUMNS, ROUTES, WIDTH

PASSAGES = [
    "紛失・盗難の際は、24時間受付の専用ダイヤルへお電話ください。カードのご利用をすぐに停止します。",
    "他行あての振込手数料は、インターネットバンキングで220円、窓口で660円です。",
    "営業時間は平日の午前9時から午後3時までです。土曜日・日曜日・祝日は休業します。",
    "To reset your password, open the sign-in page and choose “Forgot password”.",
    "お客さまがお亡くなりになった場合は、相続のお手続きが必要です。戸籍謄本をご用意ください。",
]
QUESTIONS = [
    ("カードを落としたみたいなんですが", 0),
    ("I can't find my bank card", 0),
    ("お金を送るのにいくらかかる？", 1),
    ("日曜もやってますか", 2),
    ("what time do you close on weekdays", 2),
    ("パスワードを忘れました", 3),
    ("父が亡くなりました", 4),
    ("my mother passed away", 4),
]


@pytest.fixture(scope="module")
def embedder() -> E5Small:
    made = E5Small()
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def unigram() -> Unigram:
    return Unigram(SHIPPED / "vocabulary.txt")


def test_the_name_is_that_of_the_files_that_ship() -> None:
    identity = json.loads((SHIPPED / "identity.json").read_text())
    files = ("model.onnx", "model.bin", "mood.onnx", "mood.bin")
    digest = hashlib.sha256(b"".join((SHIPPED / name).read_bytes() for name in files)).hexdigest()
    assert identity["sha256"] == digest
    assert E5Small().name == f"e5-small-ja-en-int8-{digest[:8]}"
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 60e6


async def test_it_finds_the_passage_that_answers_in_either_language(embedder: E5Small) -> None:
    passages = await embedder.embed(PASSAGES, "passage")
    questions = await embedder.embed([question for question, _ in QUESTIONS], "query")
    assert (questions @ passages.T).argmax(axis=1).tolist() == [answer for _, answer in QUESTIONS]


async def test_listening_gives_the_questions_vector_and_its_mood(embedder: E5Small) -> None:
    messages = ["母が亡くなりました", "日曜もやってますか", "There is smoke coming out of the charger", "What are your fees?", ""]
    heard, vectors = await embedder.listen(messages), await embedder.embed(messages, "query")
    assert heard.shape == (len(messages), embedder.dimension + WIDTH)
    assert np.array_equal(heard[:, :embedder.dimension], vectors)
    hand_off = heard[:, embedder.dimension + COLUMNS["route"].start + ROUTES.index("hand_off")]
    assert min(hand_off[0], hand_off[2]) > max(hand_off[1], hand_off[3])
    assert np.array_equal(await embedder.listen(messages[:1]), heard[:1])


async def test_half_width_full_width_and_decomposed_writing_are_one(embedder: E5Small) -> None:
    found = await embedder.embed(["ｶﾞｲﾄﾞをＡＢＣ１", "ガイドをABC1", "カ\u3099イト\u3099をABC1"], "query")
    assert np.allclose(found, found[0], atol=1e-6)


async def test_text_beyond_512_tokens_is_not_seen(embedder: E5Small) -> None:
    long = "手数料は1,100円です。" * 200
    found = await embedder.embed([long, long + "まったく別の話"], "passage")
    assert np.allclose(found[0], found[1])


async def test_a_question_overtakes_an_ingest(embedder: E5Small) -> None:
    ingest = asyncio.create_task(embedder.embed([text * 8 for text in PASSAGES] * 20, "passage"))
    await asyncio.sleep(0.05)
    before = time.perf_counter()
    await embedder.embed(["日曜もやってますか"], "query")
    waited = time.perf_counter() - before
    assert not ingest.done()
    await ingest
    assert waited < 0.25 * (time.perf_counter() - before)


@pytest.mark.parametrize("damage", ["identity.json", "vocabulary.txt", "model.bin", "model.onnx", "mood.bin", "mood.onnx"])
def test_a_damaged_model_says_what_to_do(damage: str, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / damage).write_bytes(b"\x00damaged")
    with pytest.raises(ModelUnavailable, match="Reinstall"):
        E5Small(folder=tmp_path / "model").warm_up()


@pytest.fixture(scope="module")
def library(unigram: Unigram) -> "object":
    """The same vocabulary in the `tokenizers` package, with XLM-R's rules."""
    tokenizers = pytest.importorskip("tokenizers")
    lines = (SHIPPED / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    pairs = [(piece, float(score)) for piece, _, score in (line.rpartition("\t") for line in lines)]
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(pairs, unk_id=3, byte_fallback=False))
    rules = tokenizers.normalizers
    made.normalizer = rules.Sequence(
        [
            rules.Replace("～", "\ue000"),
            rules.Nmt(),
            rules.NFKC(),
            rules.Replace("\ue000", "～"),
            rules.Replace(tokenizers.Regex(" {2,}"), " "),
            rules.Strip(),
        ]
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    return made


def _long_known(letter: str) -> bool:
    """Tell whether every Unicode version folds it alike: Python and the package learn of new letters at other times."""
    new = unicodedata.ucd_3_2_0.category(letter) == "Cn"
    return unicodedata.category(letter) != "Cn" and not (
        new and (unicodedata.decomposition(letter) or unicodedata.combining(letter)))


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ue000").filter(_long_known)


@settings(max_examples=300, deadline=None)
@given(text=st.text(LETTERS, max_size=80))
def test_text_is_cut_as_the_tokenizers_package_cuts_it(text: str, unigram: Unigram, library: object) -> None:
    if not normalise(text):
        return
    encoded = library.encode(f"query: {text}", add_special_tokens=False).ids  # type: ignore[attr-defined]
    assert unigram.encode(f"query: {text}", 512) == [START, *encoded[:510], END]


def test_every_kept_piece_is_found_again(unigram: Unigram) -> None:
    assert len(unigram) == 123_588
    assert len(unigram.encode("日本語", 512)) <= 5
    assert unigram.encode("", 512)[0] == START
    assert len(unigram.encode("あいうえお" * 1000, 64)) == 64
