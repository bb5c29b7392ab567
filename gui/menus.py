"""Where each action is found: the menu bar, the context menus and the toolbar, as data.

Why the toolbar is short: it holds what is done many times a day; everything is in the menus and
in the command palette.
"""

from __future__ import annotations

from msgspec import Struct

SEPARATOR = "-"


class MenuSpec(Struct, frozen=True):
    """A menu: ids of actions, "-" for a line, or a further menu; `name` lets others fill it."""

    title: str
    entries: tuple[str | MenuSpec, ...] = ()
    name: str = ""


MENUS: tuple[MenuSpec, ...] = (
    MenuSpec(
        "&File",
        (
            "home.open",
            "home.open-window",
            MenuSpec("Open &Recent", name="recent"),
            "home.open-sample",
            SEPARATOR,
            "archive.open",
            "archive.open-directory",
            "archive.import",
            "archive.close",
            SEPARATOR,
            "run.import",
            "run.export",
            SEPARATOR,
            "home.open-folder",
            "home.copy-path",
            SEPARATOR,
            "app.close-window",
            "app.quit",
        ),
    ),
    MenuSpec(
        "&Edit",
        (
            "edit.undo",
            "edit.redo",
            SEPARATOR,
            "run.copy",
            "run.copy-archive",
            "run.drag-archive",
            "run.paste",
            SEPARATOR,
            "view.filter",
            "view.clear-filter",
            SEPARATOR,
            "list.save",
            "list.edit",
            "list.delete",
            "list.move-up",
            "list.move-down",
            SEPARATOR,
            "tag.rename",
            "tag.delete",
        ),
    ),
    MenuSpec(
        "&View",
        (
            "view.this-computer",
            "view.trash",
            SEPARATOR,
            "view.columns",
            "view.column-menu",
            "view.largest-first",
            "view.refresh",
            SEPARATOR,
            "view.toggle-toolbar",
            "view.toggle-places",
            "view.toggle-details",
            "view.toggle-jobs",
            MenuSpec("Co&lours", ("view.scheme-system", "view.scheme-light", "view.scheme-dark")),
            SEPARATOR,
            "view.next-pane",
            "view.previous-pane",
            "view.next-tab",
            "view.previous-tab",
        ),
    ),
    MenuSpec(
        "&Run",
        (
            "run.mark",
            "run.label",
            "run.edit-label",
            "run.tag",
            "run.comment",
            SEPARATOR,
            "run.stop",
            SEPARATOR,
            "run.open-folder",
            "run.reveal",
            SEPARATOR,
            "run.show-batch",
            "run.show-trials",
            SEPARATOR,
            "run.copy-rows",
            "run.copy-id",
            "run.copy-path",
            "run.copy-command",
            SEPARATOR,
            "run.delete",
            "run.restore",
            "run.purge",
            "run.empty-trash",
        ),
    ),
    MenuSpec(
        "&Compare",
        (
            "view.runs",
            "compare.open",
            "view.plots",
            "view.diff",
            "view.images",
            SEPARATOR,
            "compare.pin",
            "compare.only-different",
            "compare.turn",
            "compare.group",
            SEPARATOR,
            "diff.next",
            "diff.previous",
            "diff.swap",
            "diff.open-program",
            SEPARATOR,
            "compare.export",
            "compare.tensorboard",
            "compare.views",
            "compare.save-view",
        ),
    ),
    MenuSpec(
        "Re&motes",
        (
            "run.push",
            "run.pull",
            "remote.sync",
            SEPARATOR,
            "remote.refresh",
            "remote.test",
            "remote.edit",
            "remote.discard",
            "remote.remove",
            SEPARATOR,
            "remote.add",
        ),
    ),
    MenuSpec(
        "&Jobs",
        (
            *("job.answer", "job.pause", "job.cancel", "job.retry", "job.show"),
            *(SEPARATOR, "job.next", "job.earlier", "job.later", SEPARATOR, "job.clear"),
            *(SEPARATOR, "job.limit", "job.verify"),
        ),
    ),
    MenuSpec(
        "&Help",
        ("app.commands", "help.shortcuts", "help.filter", SEPARATOR, "help.log", "help.about"),
    ),
)

TABLE_MENU = MenuSpec(
    "Runs",
    (
        "run.mark",
        "run.label",
        "run.edit-label",
        "run.tag",
        "run.comment",
        SEPARATOR,
        "run.stop",
        SEPARATOR,
        "compare.open",
        SEPARATOR,
        "run.open-folder",
        "run.reveal",
        SEPARATOR,
        "run.show-batch",
        "run.show-trials",
        SEPARATOR,
        "run.copy",
        "run.copy-archive",
        "run.drag-archive",
        "run.copy-rows",
        "run.copy-id",
        "run.copy-path",
        "run.copy-command",
        SEPARATOR,
        "run.push",
        "run.export",
        SEPARATOR,
        "run.delete",
        "run.purge",
    ),
)

COMPARE_MENU = MenuSpec(
    "Compared runs",
    (
        "compare.pin",
        "compare.open",
        "compare.tensorboard",
        SEPARATOR,
        "run.mark",
        "run.label",
        "run.tag",
        "run.comment",
        SEPARATOR,
        "run.open-folder",
        "run.reveal",
        SEPARATOR,
        "run.copy-id",
        "run.copy-path",
        "run.copy-command",
        SEPARATOR,
        "run.delete",
    ),
)

SHELF_COMPARE_MENU = MenuSpec(
    "Compared runs of an archive",
    (
        "compare.pin",
        "compare.open",
        "compare.tensorboard",
        SEPARATOR,
        "archive.import",
        SEPARATOR,
        "run.copy-id",
        "run.copy-path",
        "run.copy-command",
    ),
)

REMOTE_COMPARE_MENU = MenuSpec(
    "Compared runs of a remote",
    (
        "compare.pin",
        "compare.open",
        "compare.tensorboard",
        SEPARATOR,
        "run.pull",
        SEPARATOR,
        "run.mark",
        "run.label",
        "run.tag",
        "run.comment",
        SEPARATOR,
        "run.copy-id",
        "run.copy-command",
        SEPARATOR,
        "run.delete",
    ),
)

TRASH_MENU = MenuSpec(
    "Deleted runs",
    (
        "run.restore",
        SEPARATOR,
        "run.open-folder",
        "run.reveal",
        SEPARATOR,
        "run.copy",
        "run.copy-rows",
        "run.copy-id",
        "run.copy-path",
        "run.copy-command",
        SEPARATOR,
        "run.purge",
        "run.empty-trash",
    ),
)

SHELF_MENU = MenuSpec(
    "Runs of an archive",
    (
        "archive.import",
        "run.export",
        SEPARATOR,
        "compare.open",
        SEPARATOR,
        "run.open-folder",
        "run.reveal",
        SEPARATOR,
        "run.show-batch",
        "run.show-trials",
        SEPARATOR,
        "run.copy",
        "run.copy-archive",
        "run.drag-archive",
        "run.copy-rows",
        "run.copy-id",
        "run.copy-path",
        "run.copy-command",
    ),
)

REMOTE_RUNS_MENU = MenuSpec(
    "Runs of a remote",
    (
        "run.pull",
        SEPARATOR,
        "run.mark",
        "run.label",
        "run.tag",
        "run.comment",
        SEPARATOR,
        "run.stop",
        SEPARATOR,
        "compare.open",
        SEPARATOR,
        "run.show-batch",
        "run.show-trials",
        SEPARATOR,
        "run.copy",
        "run.copy-rows",
        "run.copy-id",
        "run.copy-command",
        SEPARATOR,
        "run.delete",
        "run.purge",
    ),
)

REMOTE_TRASH_MENU = MenuSpec(
    "Deleted runs of a remote",
    (
        "run.restore",
        SEPARATOR,
        "run.copy-rows",
        "run.copy-id",
        "run.copy-command",
        SEPARATOR,
        "run.purge",
        "run.empty-trash",
    ),
)

JOBS_MENU = MenuSpec(
    "Jobs",
    (
        *("job.answer", "job.pause", "job.cancel", "job.retry", "job.show"),
        *(SEPARATOR, "job.next", "job.earlier", "job.later", SEPARATOR, "job.clear"),
        *(SEPARATOR, "job.limit"),
    ),
)

HOME_PLACE_MENU = MenuSpec(
    "This computer", ("run.import", SEPARATOR, "home.open-folder", "home.copy-path", "view.refresh")
)

REMOTE_MENU = MenuSpec(
    "Remote",
    (
        "run.pull",
        "remote.sync",
        SEPARATOR,
        "remote.refresh",
        "remote.test",
        "remote.edit",
        SEPARATOR,
        "remote.discard",
        "remote.remove",
    ),
)

REMOTE_TRASH_PLACE_MENU = MenuSpec(
    "Trash of a remote", ("remote.refresh", SEPARATOR, "run.empty-trash")
)

TRASH_PLACE_MENU = MenuSpec("Trash", ("run.empty-trash",))

LIST_MENU = MenuSpec(
    "List", ("list.edit", "list.delete", SEPARATOR, "list.move-up", "list.move-down")
)

TAG_MENU = MenuSpec("Tag", ("tag.rename", "tag.delete"))

TOOLBAR: tuple[str, ...] = (
    "home.open",
    SEPARATOR,
    "run.stop",
    SEPARATOR,
    "run.label",
    "run.tag",
    "run.mark",
    SEPARATOR,
    "compare.open",
    SEPARATOR,
    "run.push",
    "run.pull",
    "run.import",
    "run.export",
    SEPARATOR,
    "run.delete",
    "run.restore",
    SEPARATOR,
    "run.open-folder",
)
