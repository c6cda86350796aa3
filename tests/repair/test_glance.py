"""What a first look rules out would not hold either where it is read as a whole."""

import random

import pytest

from derive.repair.remedy import Mender
from derive.repair.search import Search
from derive.repair.slips import NEAR, candidates
from derive.repair.text import page_of
from derive.repair.writing import Writing
from tests.repair.measured import judged, slipped

FORMULAS = 12
CANDIDATES = 40


@pytest.mark.parametrize("name", ["elman", "scalar", "lstm"])
def test_what_is_ruled_out_at_a_glance_does_not_hold(name):
    source = random.Random(name)
    found = [asked for asked in slipped(1, 3, 1, [name]) if len(asked.wrong) < 250]
    looked = 0
    for asked in source.sample(found, min(FORMULAS, len(found))):
        _, case = judged(asked, repair=False)
        page = page_of(case.formula, Writing(case.survey, case.session))
        search = Search(page, case.formula, case.session)
        near = candidates(page, NEAR)
        for made in source.sample(near, min(CANDIDATES, len(near))):
            if search._is_ruled_out(made):
                looked += 1
                finding = Mender()._holds(search, search.read(made))
                assert finding is None, (asked.wrong, [edit.words for edit in made])
    assert looked > CANDIDATES
