"""`coopbench optimize`: a user's own function, from the file to the verdict."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

COOPBENCH = [sys.executable, "-m", "coopbench.harness.cli.main", "optimize"]
SOURCE = """#include <stddef.h>
#include <stdio.h>
#include "limits_of_ours.h"

long ordered(const int *a, int n, int gap)
{
    long count = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < gap && i + j + STEP < n; j++)
            if (a[i] <= a[i + j + STEP])
                count++;
    return count;
}

int unrelated(int x)
{
    return x + 1;
}

int main(void)
{
    printf("%d\\n", unrelated(1));
    return 0;
}
"""
BETTER = """long ordered(const int *a, int n, int gap)
{
    long count = 0;
    for (int i = 0; i < n; i++) {
        int last = n - i - STEP < gap ? n - i - STEP : gap;
        int smaller = 0;
        for (int j = 0; j < last; j++)
            smaller += a[i] <= a[i + j + STEP];
        count += smaller;
    }
    return count;
}
"""
WRONG = BETTER.replace("<=", "<")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a source file and its header."""
    (tmp_path / "code.c").write_text(SOURCE)
    (tmp_path / "limits_of_ours.h").write_text("#define STEP 1\n")
    return tmp_path


def script(folder: Path, code: str) -> str:
    """Write answers of a model that rewrites the function once; return the backend's name."""
    guide = {"action": "rewrite", "level": "c", "parent": "n0", "attempts": 1}
    claim = {"transformation": "bound hoisted", "legality": "same bound", "expected": "faster"}
    finish = {"action": "finish", "reason": "done"}
    answers = [
        ("guide", f"```json\n{json.dumps(guide)}\n```"),
        ("c", f"```c\n{code}```\n```json\n{json.dumps(claim)}\n```"),
        ("guide", f"```json\n{json.dumps(finish)}\n```"),
    ]
    said = [{"role": role, "text": text} for role, text in answers]
    (folder / "answers.json").write_text(json.dumps(said))
    return "scripted:answers.json"


def optimize(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command on the emulated target, where nothing is noisy."""
    command = [*COOPBENCH, "code.c", "-f", "ordered", "-t", "armv8-a", "--store", "st", *args]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_better_function_is_written_with_its_diff(folder: Path) -> None:
    """The file, the diff, the verdict and the evidence of a faster version are given."""
    done = optimize(folder, "--yes", "--backend", script(folder, BETTER))
    assert done.returncode == 0, done.stderr
    written = (folder / "code.optimized.c").read_text()
    assert "int last" in written
    before, _, after = SOURCE.partition("long ordered")
    assert written.startswith(before)
    assert written.endswith(after[after.index("int unrelated") :])
    assert "left out" not in written
    assert "left out, because ordered does not need it: unrelated, main" in done.stderr
    (folder / "copy").mkdir()
    (folder / "copy" / "code.c").write_text(SOURCE)
    diff = folder / "code.optimized.diff"
    subprocess.run(["git", "apply", diff], check=True, cwd=folder / "copy")
    assert (folder / "copy" / "code.c").read_text() == written
    assert "+        int last" in done.stdout
    assert "faster: " in done.stdout
    assert "hidden   passed" in done.stdout
    assert (folder / "code.c").read_text() == SOURCE


def test_a_wrong_function_is_not_written(folder: Path) -> None:
    """A version that fails its tests is never handed over."""
    done = optimize(folder, "--yes", "--json", "--backend", script(folder, WRONG))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "no_change"
    assert not list(folder.glob("*.optimized.*"))


def test_a_guess_must_be_confirmed(folder: Path) -> None:
    """Nobody's confirmation is assumed; what is shown can be given back as a contract."""
    done = optimize(folder)
    assert done.returncode == 2
    assert "accept it with --yes" in done.stderr
    shown = done.stdout[done.stdout.index("name =") : done.stdout.index("assumed:")]
    (folder / "contract.toml").write_text(shown)
    backend = script(folder, BETTER)
    done = optimize(folder, "--contract", "contract.toml", "--backend", backend)
    assert done.returncode == 0, done.stderr
    assert (folder / "code.optimized.c").exists()


def test_without_a_model_the_autotuner_is_offered(folder: Path) -> None:
    """Without a backend the message says so, and what works without one does work."""
    done = optimize(folder, "--yes")
    assert done.returncode == 2
    assert "no model can be reached" in done.stderr
    assert "--entrant autotune" in done.stderr
    done = optimize(folder, "--yes", "-e", "autotune", "--budget", "evaluations=4")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("-f", "nothing"), "no function 'nothing'"),
        (("--contract", "none.toml"), "cannot read none.toml"),
        (("-e", "coperative", "--yes"), "did you mean 'cooperative'"),
        (("--budget", "call=3", "--yes", "-e", "autotune"), "call"),
        (("-t", "x86-64-v2", "--yes", "-e", "autotune"), "one target at a time"),
        (("-o", "none/code.c", "--yes", "-e", "autotune"), "cannot be written into"),
        (("-o", "code.c", "--yes", "-e", "autotune"), "is the original"),
    ],
)
def test_mistakes_are_one_message(folder: Path, args: tuple[str, ...], message: str) -> None:
    """A wrong name or file ends with exit code 2 and one line that names it."""
    done = optimize(folder, *args)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_function_with_undefined_behaviour_is_the_users_to_mend(folder: Path) -> None:
    """If the original itself fails on the guessed inputs, that is said, not judged."""
    text = SOURCE.replace("i + j + STEP < n", "1")
    (folder / "code.c").write_text(text)
    done = optimize(folder, "--yes", "-e", "autotune", "--budget", "evaluations=2")
    assert done.returncode == 2
    assert "the reference itself fails" in done.stderr
