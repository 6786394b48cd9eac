"""What the card says of the training run."""

from codemode_tui.bundled.recipe.card import rises


def test_a_run_that_was_prolonged_is_told_from_one_that_went_as_planned() -> None:
    warm = [(20, 0.0004), (40, 0.0008), (60, 0.002), (80, 0.002)]
    planned = [*warm, (100, 0.0015), (120, 0.001), (140, 0.0005)]
    assert rises(planned) == []
    assert rises([*planned, (160, 0.0012), (180, 0.0007)]) == [160]
    assert rises([*planned, (160, 0.0007), (180, 0.001), (200, 0.0012), (220, 0.0002)]) == [160]
    assert rises([]) == []
