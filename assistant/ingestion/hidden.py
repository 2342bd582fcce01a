"""Takes out of a page what a visitor would not see or must not run: comments, hidden elements, scripts."""

import re

_OPENER = re.compile(r"<!--|<(?P<active>script|style|iframe|object|svg|template)\b[^<>]*>"
                     r"|<(?P<unseen>[a-z][a-z0-9]*)\b(?=[^<>]{0,2000}?(?:display\s*:\s*none|visibility\s*:\s*hidden"
                     r"|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|\shidden(?=[\s=>/])))[^<>]*>",
                     re.IGNORECASE)


def strip_hidden(body: str) -> tuple[str, int]:
    """Give the page without hidden parts, and how many were taken out; an author's comments are not counted.

    Runs in linear time whatever the page holds: a tag that is never closed is looked for once.
    """
    kept: list[str] = []
    place = count = 0
    lower = body.lower()
    unclosed: set[str] = set()
    while match := _OPENER.search(body, place):
        kept.append(body[place:match.start()])
        name = match["active"] or match["unseen"]
        closer = f"</{name.lower()}" if name else "-->"
        end = -1 if closer in unclosed else lower.find(closer, match.end())
        if end < 0:
            unclosed.add(closer)
            place = len(body) if match["active"] else match.end()
        else:
            place = body.find(">", end) + 1 or len(body)
        count += name is not None
    kept.append(body[place:])
    return "".join(kept), count
