"""object_lambda with the origins `oac` and `function_url`: applied, planned again and destroyed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.leftovers import count_resources
from tools.local import StackOptions
from tools.local.deployment import prepare_terraform
from tools.local.emulator.process import Emulator
from tools.local.state import StateFolder

pytestmark = pytest.mark.xdist_group("object_lambda_lifecycle")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder(tmp_path_factory.mktemp("lifecycle"))


@pytest.fixture(scope="module")
def emulator(state: StateFolder) -> Iterator[Emulator]:
    with Emulator(state) as running:
        yield running


# test_all_variants does the same with the origin edge_signer.
@pytest.mark.parametrize("origin", ["oac", "function_url"])
def test_the_second_plan_is_empty_and_destroy_leaves_nothing(
    state: StateFolder, emulator: Emulator, origin: str
) -> None:
    options = StackOptions(
        folder=state.path, variants=["object_lambda"], variables={"object_lambda": {"origin": origin}}
    )
    terraform = prepare_terraform(options, emulator.url)
    if not Path(terraform.folder, ".terraform").exists():
        terraform.init()
    terraform.apply()
    assert count_resources(emulator)["distributions"] == 1
    assert not terraform.plan()
    terraform.destroy()
    assert count_resources(emulator) == {}
