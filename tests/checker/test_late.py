"""What is made when it is first asked for stays what it stands for, copied or sent elsewhere."""

from __future__ import annotations

import copy
import pickle

from archcheck.late import regex


def test_a_late_expression_can_be_copied_and_sent():
    word = regex(r"\w+")
    for other in (copy.copy(word), copy.deepcopy(word), pickle.loads(pickle.dumps(word))):
        assert other.fullmatch("word")
    assert word.fullmatch("word")
    assert copy.copy(word).fullmatch("word")
