"""What may go out, and what may not."""

from collections.abc import AsyncIterator

from assistant.reply.grounding import approve, gate, numbers, source

FEES = source(1, "カードの再発行手数料は1,100円です。お届けまで約1週間かかります。紛失の受付は0120-000-119です。")
HOURS = source(2, "Branches are open from 9:00 to 15:00 on weekdays.")


async def pieces(text: str, size: int = 3) -> AsyncIterator[str]:
    for i in range(0, len(text), size):
        yield text[i : i + size]


async def through(text: str, forbidden: tuple[str, ...] = ()) -> str:
    return "".join([piece async for piece in gate(pieces(text), (FEES, HOURS), forbidden)])


def test_numbers_compare_in_one_form() -> None:
    assert numbers("１，１００円と0120-000-119 [3]") == {"1100", "0120-000-119"}


def test_a_cited_and_supported_sentence_passes() -> None:
    assert approve("再発行手数料は1,100円です。[1]", (FEES,), edge=False)


def test_a_wrong_amount_never_passes_even_with_a_citation() -> None:
    assert approve("再発行手数料は2,200円です。[1]", (FEES,), edge=True) is None


def test_a_citation_of_a_source_that_is_not_there_never_passes() -> None:
    assert approve("再発行手数料は1,100円です。[7]", (FEES,), edge=True) is None


def test_a_supported_sentence_without_a_mark_gets_its_citation() -> None:
    assert approve("再発行手数料は1,100円です。", (FEES, HOURS), edge=False) == "再発行手数料は1,100円です。 [1]"


def test_an_invented_claim_is_dropped_from_the_middle() -> None:
    assert approve("次回は必ず無料にいたします。", (FEES,), edge=False) is None


async def test_a_stream_keeps_what_is_supported_and_drops_the_rest() -> None:
    text = ("承知いたしました。再発行手数料は1,100円です。[1]翌日に必ず届きますのでご安心を。"
            "お届けまで約1週間かかります。[1]")
    passed = await through(text)
    assert "1,100円です。[1]" in passed and "約1週間" in passed
    assert "翌日" not in passed


async def test_forbidden_phrases_do_not_go_out() -> None:
    assert "お気持ちはわかります" not in await through("お気持ちはわかります。再発行手数料は1,100円です。[1]",
                                                  ("お気持ちはわかります",))


async def test_english_sentences_keep_their_spaces() -> None:
    text = "Branches are open from 9:00 to 15:00 on weekdays. [2] Branches open 10:00 on Mars. [2] Bye."
    passed = await through(text)
    assert passed.startswith("Branches are open from 9:00 to 15:00 on weekdays. [2]")
    assert "Mars" not in passed
