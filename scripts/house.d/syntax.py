"""What an attribute and a `use` tree say, from their tokens."""


def is_word(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


def names_test(attribute: list[str]) -> bool:
    """Whether an attribute makes its function a test: `#[test]`, `#[tokio::test(…)]`."""
    path = attribute[: attribute.index("(")] if "(" in attribute else attribute
    return path[-1:] == ["test"]


def says_test(attribute: list[str]) -> bool:
    """Whether an attribute makes its item test code: a test, or a `cfg` with a `test` that no `not` negates."""
    if names_test(attribute):
        return True
    if attribute[:2] != ["cfg", "("]:
        return False
    depth_of_not = []
    depth = 0
    for index, word in enumerate(attribute):
        if word == "(":
            depth += 1
            if attribute[index - 1] == "not":
                depth_of_not.append(depth)
        elif word == ")":
            if depth_of_not and depth_of_not[-1] == depth:
                depth_of_not.pop()
            depth -= 1
        elif word == "test" and not depth_of_not:
            return True
    return False


def inner_attributes_say_test(text: list[str], partner: dict[int, int]) -> bool:
    at = 0
    while text[at : at + 3] == ["#", "!", "["]:
        close = partner[at + 2]
        if says_test(text[at + 3 : close]):
            return True
        at = close + 1
    return False


def leaves(words: list[str], prefix: tuple[str, ...]):
    """The paths of a `use` tree, with the name by which each is known: `a::{self, b as c, d::*}`."""
    if not words:
        return
    path = list(prefix)
    at = 0
    while at < len(words):
        word = words[at]
        if word == "{":
            for branch in _branches(words[at + 1 : -1]):
                yield from leaves(branch, tuple(path))
            return
        if word == "*":
            yield tuple(path), "*"
            return
        if word == "as":
            yield tuple(path), words[at + 1]
            return
        if word == "self" and path:
            at += 1
            continue
        if word != "::":
            path.append(word)
        at += 1
    yield tuple(path), path[-1]


def _branches(words: list[str]):
    depth, begin = 0, 0
    for index, word in enumerate(words):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if word == "," and depth == 0:
            yield words[begin:index]
            begin = index + 1
    if begin < len(words):
        yield words[begin:]
