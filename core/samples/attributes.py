"""The attributes of a sample run, in Guild's forms.

Why: most attributes are the same in all runs of an operation. They are dumped once and the few
words that differ are put in, which makes a store of 100,000 runs a matter of a minute or two.
"""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import Any

from core.samples.guild_yaml import dump, dump_list, dump_map, dump_text
from core.samples.plan import SampleRun
from core.samples.project import GROWN_UP, HOME, PROJECT, PYTHON, OperationName, version

_DATA_MARK = "0" * 32
_BATCH_OPERATIONS = ("batch", "search", "all")
_LABELS_DEPENDENCY = (
    "file:labels.json:\n  file:labels.json:\n    paths:\n"
    "    - ../../../projects/birdsong/labels.json\n    uri: file:labels.json\n"
)
_ENVIRONMENT = {
    "EDITOR": "vim", "HOME": HOME, "LANG": "en_GB.UTF-8", "LOG_LEVEL": "20", "LOGNAME": "ada",
    "PATH": f"{PROJECT}/.venv/bin:/usr/local/bin:/usr/bin:/bin", "PWD": PROJECT,
    "CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "8", "SHELL": "/bin/bash", "SHLVL": "1",
    "TERM": "xterm-256color", "USER": "ada", "VIRTUAL_ENV": f"{PROJECT}/.venv",
}  # fmt: skip
_PACKAGES = ["click==8.1.7", "guildai==0.9.0", "numpy==1.26.4", "PyYAML==6.0.1", "torch==2.2.1"]
_FALSE_PARAMS = (
    "background", "break_on_error", "edit_batch_comment", "edit_comment", "edit_flags",
    "fail_on_trial_error", "force_deps", "force_flags", "force_sourcecode", "help_model",
    "help_op", "keep_batch", "keep_run", "needed", "no_gpus", "no_wait", "optimize", "print_cmd",
    "print_env", "print_trials", "quiet", "stage", "stage_trials", "test_flags",
    "test_sourcecode",
)  # fmt: skip
_NULL_PARAMS = (
    "batch_comment", "batch_label", "comment", "debug_sourcecode", "gpus", "label", "max_trials",
    "maximize", "minimize", "optimizer", "pidfile", "proto", "random_seed", "remote", "restart",
    "run_dir", "run_id", "save_trials", "stop_after", "test_output_scalars",
)  # fmt: skip
_LIST_PARAMS = ("additional_deps", "batch_tags", "break_", "flags", "opt_flags", "tags")


def attributes(run: SampleRun, seed: int) -> dict[str, str]:
    """Name to content of every attribute file of `run`."""
    name = run.operation
    found = {
        "cmd": _command(run),
        "deps": _dependencies(run),
        "flags": dump_map(run.flags),
        "host": run.host + "\n",
        "id": dump_text(run.id),
        "initialized": f"{run.started - 312_000}\n",
        "op": _operation(name).replace(_DATA_MARK, run.data or _DATA_MARK),
        "platform": _platform(),
        "plugins": "- cpu\n- disk\n- memory\n- perf\n- python_script\n",
        "random_seed": f"{seed}\n",
        "run_params": _run_params(name, run.outcome == "staged"),
        "sourcecode_digest": dump_text(_digest(run)),
        "user": dump_text(run.user),
        "user_flags": dump_map(run.user_flags),
    }
    if name not in ("batch", "search") and run.version % 4 == 1:
        found["vcs_commit"] = version(run.version).commit + "\n"
    return found | _written_later(run) | _annotations(run)


def default_label(run: SampleRun) -> str:
    """The label that Guild gives a run nobody labelled."""
    shown = ((name, _label_text(run.flags[name])) for name in sorted(run.flags))
    return " ".join(f"{name}={text}" for name, text in shown if text is not None)


def _written_later(run: SampleRun) -> dict[str, str]:
    """Attributes that a run gets when it starts and when it ends."""
    found: dict[str, str] = {}
    if run.id == "proto" or run.outcome == "unstarted":
        return found
    found["started"] = f"{run.started}\n"
    if run.outcome in ("pending", "staged"):
        return found
    found["env"] = _environment()
    if not run.is_trial and run.version % 3 == 0:
        found["pip_freeze"] = "".join(f"- {package}\n" for package in _PACKAGES)
    if run.exit_status is not None:
        found["exit_status"] = f"{run.exit_status}\n"
        found["stopped"] = f"{run.stopped}\n"
    if run.operation in ("batch", "search"):
        found["objective"] = "loss\n"
    if run.operation == "all":
        found["steps"] = "- run: prepare\n- run: train\n- run: evaluate\n"
    return found


def _annotations(run: SampleRun) -> dict[str, str]:
    found: dict[str, str] = {}
    label = default_label(run) if run.label is None else run.label
    if label:
        found["label"] = dump(label)
    if run.tags:
        found["tags"] = dump(run.tags)
    if run.is_marked:
        found["marked"] = "true\n"
    if run.comments:
        found["comments"] = dump(
            [{"body": c.body, "host": c.host, "time": c.time, "user": c.user} for c in run.comments]
        )
    return found


def _label_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    if isinstance(value, str):
        return f"'{value}'" if " " in value or not value or value.isdigit() else value
    return dump_text(value).strip()


def _command(run: SampleRun) -> str:
    if run.operation in ("batch", "search"):
        return dump_list([PYTHON, "-um", "guild.batch_main"])
    if run.operation == "all":
        return dump_list([PYTHON, "-um", "guild.steps_main"])
    words = [PYTHON, "-um", "guild.op_main", _module(run.operation), "--"]
    for name in sorted(run.flags):
        if run.flags[name] is not None and name not in ("data", "weights"):
            words += [f"--{name}", _argument(run.flags[name])]
    return dump_list(words)


def _argument(value: Any) -> str:
    if isinstance(value, list):
        return shlex.join(str(item) for item in value)
    return value if isinstance(value, str) else dump_text(value).strip()


def _dependencies(run: SampleRun) -> str:
    if run.operation != "train" or run.id == "proto" or run.outcome in ("staged", "pending"):
        return "{}\n"
    data = (
        f"data:\n  data:\n    config: {dump_text(run.data).strip()}\n    paths:\n"
        f"    - ../{run.data}/songs.csv\n    uri: operation:prepare\n"
    )
    return data + (_LABELS_DEPENDENCY if run.version >= GROWN_UP else "")


def _digest(run: SampleRun) -> str | None:
    return None if run.operation in _BATCH_OPERATIONS else version(run.version).digest


def _module(name: OperationName) -> str:
    return "train" if name == "package" else name


@lru_cache(maxsize=1)
def _environment() -> str:
    return dump(_ENVIRONMENT)


@lru_cache(maxsize=1)
def _platform() -> str:
    python = "3.11.8 (main, Feb  7 2024, 21:52:08) [GCC 12.2.0]"
    return dump(
        {
            "architecture": "64bit ELF",
            "cpus": 16,
            "processor": "",
            "python_version": python,
            "uname": "Linux lark 6.6.15-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.6.15-2 x86_64",
        }
    )


@lru_cache(maxsize=32)
def _run_params(name: OperationName, is_staged: bool) -> str:  # noqa: FBT001 - a key of the cache
    values: dict[str, Any] = dict.fromkeys(_FALSE_PARAMS, False)
    values |= dict.fromkeys(_NULL_PARAMS) | {name: [] for name in _LIST_PARAMS}
    values |= {"opspec": f"birdsong:{_module(name)}", "yes": True, "stage": is_staged}
    return dump(values)


@lru_cache(maxsize=16)
def _operation(name: OperationName) -> str:
    """The `op` attribute, the id of the data's run marked by zeros."""
    is_batch = name in ("batch", "search")
    main = "batch_main" if is_batch else "steps_main" if name == "all" else "op_main"
    args = ["${python_exe}", "-um", f"guild.{main}"]
    if main == "op_main":
        args += [_module(name), "--", "__flag_args__"]
    environment = {
        "GUILD_PLUGINS": "cpu,disk,memory,perf,python_script",
        "PROJECT_DIR": "" if is_batch else PROJECT,
        "PYTHONPATH": f".:{PROJECT}/.venv/lib/python3.11/site-packages",
    }
    return dump(
        {
            "delete-on-success": False,
            "deps": _declared_dependencies() if name == "train" else [],
            "flag-null-labels": {},
            "flags-extra": {"data": {"name": "data"}} if name == "train" else {},
            "label-template": None,
            "op-cmd": {
                "cmd-args": args,
                "cmd-env": environment,
                "cmd-flags": {"data": {"arg-skip": True}},
                "flags-dest": "args" if main != "op_main" else "globals",
            },
            "output-scalars": None,
            "python-requires": None,
            "sourcecode": {"dest": "."},
        }
    )


def _declared_dependencies() -> list[dict[str, Any]]:
    return [
        {
            "location": PROJECT,
            "name": "file:labels.json",
            "sources": [{"file": "labels.json"}],
        },
        {
            "config": {"data": _DATA_MARK},
            "location": PROJECT,
            "name": "data",
            "sources": [{"name": "data", "operation": "prepare", "select": "songs.csv"}],
        },
    ]
