"""Make the stores of old Guild versions that lie beside this file, and record Guild's answers.

Not part of any test run: the stores were made once, by the real programs, and are data now. To make
one again (Guild 0.7 needs Python 3.7, Guild 0.8 Python 3.8 and older libraries):

    python3.8 -m venv /home/ada/guild
    /home/ada/guild/bin/pip install guildai==0.8.2 'setuptools<60' 'click<8.1' 'werkzeug<2.1' \
        'numpy<1.20' 'protobuf<3.21' 'pydantic<2' 'filelock<3.3'    # 0.7.3: filelock==3.0.12
    python tests/compat/old_stores/make_store.py /home/ada/guild guild-0.8.2

It runs every command in an environment without anything of its caller's, below /home/ada, which
must be yours to write. What it writes beside this file: NAME.tar.gz, the Guild home, and
NAME.json, what `guild runs`, `runs info`, `ls` and `cat` said of each run.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
BASE = Path("/home/ada")

GUILD_FILE = """\
- model: m
  sourcecode:
    - include: "*.py"
    - include: "*.sh"
  operations:
    train:
      exec: sh .guild/sourcecode/train.sh ${lr} ${opt}
      flags:
        lr: 0.1
        opt: sgd
      output-scalars:
        - '(\\key): (\\value)'
    evaluate:
      exec: "sh -c 'echo acc: 0.${k}5'"
      flags:
        k: 1
      requires:
        - operation: m:train
    fail:
      exec: "sh -c 'echo loss: 9; echo sorry >&2; exit ${code}'"
      flags:
        code: 1
    killed:
      exec: sh .guild/sourcecode/kill.sh
    needs-file:
      exec: "true"
      requires:
        - file: there-is-no-such-file
    types:
      exec: "true"
      flags:
        number: 1
        float: 0.5
        tiny: 1e-05
        "yes": yes
        "null": null
        text: some words
        empty: x
    pipeline:
      steps:
        - run: train
          flags: {lr: 0.02}
        - run: evaluate k=5
"""

FILES = {
    "guild.yml": GUILD_FILE,
    "train.sh": """\
for step in 1 2 3 4; do
  echo "step: $step"
  echo "loss: 0.$((9 - step * 2))"
  echo "acc: 0.$((step * 2))5"
done
echo warning: $1 is high >&2
echo "$2" > model.txt
""",
    "kill.sh": "echo dying\nkill -TERM $$\n",
    "train.py": """\
lr = 0.1
name = "net"
for step in range(3):
    print("step:", step)
    print("loss:", 1 / (step + 1))
""",
    "broken.py": "lr = 0.1\nraise SystemExit(7)\n",
}

COMMENT = "First line\n\nThird line: naïve café"


class Maker:
    """Runs one Guild on a home and a project of its own.

    Args:
        environment: The virtual environment that Guild is installed in.
    """

    def __init__(self, environment: Path) -> None:
        self._bin = environment / "bin"
        self.home = BASE / "home"
        self._project = BASE / "project"
        for directory in (self.home, self._project):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        for name, text in FILES.items():
            (self._project / name).write_text(text)

    def guild(self, *args: str, fails: bool = False) -> str:
        """What the command prints on stdout."""
        done = subprocess.run(
            [self._bin / "python", self._bin / "guild", "-H", self.home, *args],
            cwd=self._project,
            env={
                "HOME": str(BASE),
                "USER": "ada",
                "LANG": "C.UTF-8",
                "PATH": f"{self._bin}:/usr/bin:/bin",
                "NO_IMPORT_FLAGS_PROGRESS": "1",
                "PYTHONWARNINGS": "ignore",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if bool(done.returncode) != fails:
            raise AssertionError(f"{args} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def run(self, *args: str, fails: bool = False) -> None:
        """Start a run; it is the first of the list afterwards."""
        self.guild("run", "-y", *args, fails=fails)

    def newest(self) -> str:
        """Id of the run that started last."""
        return self.guild("select", "1").strip()


def make_runs(make: Maker) -> None:
    """One run of each kind."""
    make.run("train.py", "lr=0.5")
    make.run("broken.py", fails=True)
    make.run("m:train", "lr=0.01", "-l", "best so far: λ → “this one”")
    make.guild("mark", "-y", "1")
    make.guild("comment", "-y", "-a", COMMENT, "-u", "ada@desk", "1")
    make.guild("comment", "-y", "-a", "Second", "-u", "grace", "1")
    make.run("m:evaluate", "k=3")
    make.run("m:train", "lr=0.001", "opt=adamw", "-t", "paper", "-t", "seed 2")
    make.guild("tag", "-y", "-a", "Ablation", "1")
    make.run("m:train", "lr=1e-05", "-l", "x" * 30 + " a long label that is folded" * 5)
    make.run("m:fail", "code=3", fails=True)
    make.run("m:killed", fails=True)
    make.run("m:needs-file", fails=True)
    make.run("m:types", "number='1'", "yes=no", "text=Blue Sky, café", "empty=")
    make.run("m:train", "lr=0.3")
    make.guild("run", "-y", "--restart", make.newest(), "lr=0.4")
    make.run("m:train", "lr=0.7", "--stage")
    make.run("m:train", "lr=[0.1,0.2]", "--keep-batch", "-bl", "a grid")
    make.run("train.py", "lr=[0.01:0.1]", "-m", "2", "--random-seed", "7", "--keep-batch")
    make.run("m:pipeline")
    make.run("m:train", "lr=0.9", "-l", "thrown away", "-t", "paper")
    make.guild("runs", "rm", "-y", "1")


def answers(make: Maker) -> dict[str, object]:
    """What Guild says of all runs."""
    found: dict[str, object] = {"version": make.guild("--version").split()[-1]}
    found["runs"] = json.loads(make.guild("runs", "list", "-a", "--json"))
    found["deleted"] = json.loads(make.guild("runs", "list", "-a", "--deleted", "--json"))
    ids = [run["id"] for run in found["runs"]]
    everything = ("--json", "--all-scalars", "--comments", "--env", "--deps")
    found["info"] = {id_: json.loads(make.guild("runs", "info", *everything, id_)) for id_ in ids}
    found["files"] = {id_: make.guild("ls", "-n", "-a", id_).splitlines() for id_ in ids}
    found["output"] = {
        id_: make.guild("cat", "--output", id_)
        for id_ in ids
        if (make.home / "runs" / id_ / ".guild" / "output").exists()
    }
    return found


def pack(home: Path, target: Path) -> None:
    """Write the runs and the trash of a home, without its caches."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("runs", "trash"):
            archive.add(home / name, name)
    target.write_bytes(gzip.compress(data.getvalue(), mtime=0))


def main(environment: Path, name: str) -> None:
    """Make one store."""
    make = Maker(environment)
    make_runs(make)
    said = json.dumps(answers(make), indent=1, sort_keys=True)
    (HERE / f"{name}.json").write_text(f"{said}\n")
    pack(make.home, HERE / f"{name}.tar.gz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
