"""How far a sent answer is from what was suggested."""


def edit_distance(one: str, other: str) -> int:
    """Count the characters to insert, delete or replace (Levenshtein), in len(one) × len(other) steps."""
    previous = list(range(len(other) + 1))
    for row, a in enumerate(one, 1):
        current = [row]
        for column, b in enumerate(other, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b)))
        previous = current
    return previous[-1]
