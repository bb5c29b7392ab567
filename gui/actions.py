"""Every command of the window as data; `gui.menus` says where each is found.

Why data: an action then has one text, one shortcut and one tip wherever it appears, and a test
can hold all of them to the same rules. An action's id is its object name and never changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QKeySequence

from gui.action_spec import ActionSpec, Area
from gui.compare.compare_actions import COMPARING
from gui.compare.diff_actions import DIFFERENCES
from gui.jobs.job_specs import JOB_AREA
from gui.remotes.remote_specs import REMOTE_AREA

AREAS: tuple[Area, ...] = (
    Area(
        "home",
        "Homes",
        (
            ActionSpec(
                "home.open",
                "&Open Home…",
                "Choose a Guild home, or a project with one, and show its runs here",
                "Ctrl+O",
                "folder-open",
                short="Open",
            ),
            ActionSpec(
                "home.open-window",
                "Open Home in &New Window…",
                "Choose a home and show its runs in another window",
                "Ctrl+Shift+N",
                "window",
            ),
            ActionSpec(
                "home.open-sample",
                "Open a &Sample Store",
                "Make a temporary home with sample runs and look around in it",
                icon="sample",
            ),
            ActionSpec(
                "home.open-folder",
                "Open Home &Folder",
                "Show the folder of this home in the file manager",
                icon="folder",
            ),
            ActionSpec(
                "home.copy-path", "Copy Home &Path", "Copy the path of this home", icon="copy"
            ),
        ),
    ),
    Area(
        "edit",
        "Undo and redo",
        (
            ActionSpec("edit.undo", "&Undo", "Take back what was done last", "Ctrl+Z", "undo"),
            ActionSpec(
                "edit.redo", "&Redo", "Do again what was taken back", "Ctrl+Shift+Z", "redo"
            ),
        ),
    ),
    Area(
        "run",
        "Runs",
        (
            ActionSpec(
                "run.mark",
                "&Mark",
                "Mark the selected runs, or take the mark off when all of them have it",
                "Ctrl+M",
                "star",
            ),
            ActionSpec(
                "run.label",
                "&Label…",
                "Set, extend or clear the labels of the selected runs, and see each result first",
                "Ctrl+L",
                "edit",
            ),
            ActionSpec(
                "run.edit-label",
                "Edit Label &Here",
                "Type the label of the run in its cell; several runs are labelled in the dialog",
                "F2",
                scope="table",
            ),
            ActionSpec(
                "run.tag",
                "Ta&gs…",
                "Add tags to the selected runs, or delete some of theirs",
                "Ctrl+T",
                "tag",
            ),
            ActionSpec(
                "run.comment",
                "&Write Comment",
                "Write a comment on the selected runs",
                "Ctrl+Alt+M",
                "comment",
            ),
            ActionSpec(
                "run.stop",
                "&Stop…",
                "End the processes of the selected runs that are running here",
                "Ctrl+.",
                "stop",
            ),
            ActionSpec(
                "run.delete",
                "&Delete",
                "Move the selected runs to the trash",
                "Del",
                "trash",
                scope="table",
            ),
            ActionSpec(
                "run.restore",
                "R&estore",
                "Move the selected runs back from the trash",
                "Ctrl+Shift+U",
                "restore",
            ),
            ActionSpec(
                "run.purge",
                "Delete Perma&nently…",
                "Erase the selected runs and all their files for ever",
                "Shift+Del",
                "purge",
                scope="table",
                short="Delete…",
                stands_in="run.delete",
            ),
            ActionSpec(
                "run.empty-trash",
                "Empt&y Trash…",
                "Erase every run in the trash for ever",
                icon="purge",
            ),
            ActionSpec(
                "run.export",
                "E&xport…",
                "Copy or move the selected runs into a directory or an archive",
                "Ctrl+E",
                "export",
            ),
            ActionSpec(
                "run.import",
                "&Import…",
                "Bring runs in from archives and directories, and see first what would come",
                "Ctrl+I",
                "import",
            ),
            ActionSpec(
                "run.push",
                "Push to R&emote…",
                "Copy the selected runs to a remote, and see first what that changes",
                "Ctrl+U",
                "push",
                short="Push",
            ),
            ActionSpec(
                "run.pull",
                "Pu&ll from Remote…",
                "Copy runs of a remote to this computer, and see first what that changes",
                "Ctrl+D",
                "pull",
                short="Pull",
            ),
            ActionSpec(
                "run.paste",
                "P&aste",
                "Import the runs, directories or archives that were copied in a file manager",
                "Ctrl+V",
                scope="table",
            ),
            ActionSpec(
                "run.copy",
                "&Copy",
                "Copy the selected runs: as folders for a file manager, as ids for a text, "
                "as a table for a spreadsheet",
                "Ctrl+C",
                "copy",
                scope="table",
            ),
            ActionSpec(
                "run.copy-archive",
                "Cop&y as Archive",
                "Pack the selected runs into one archive and copy that, for a file manager",
                "Ctrl+Alt+A",
                "archive",
            ),
            ActionSpec(
                "run.drag-archive",
                "Pac&k and Drag as Archive",
                "Pack the selected runs into one archive that can then be dragged out",
                "Ctrl+Alt+Shift+A",
                "archive",
            ),
            ActionSpec(
                "run.copy-rows",
                "Copy Row &Values",
                "Copy the selected rows with their headings as plain text, parted by tabs",
                "Ctrl+Alt+Shift+C",
            ),
            ActionSpec(
                "run.copy-id", "Copy &Id", "Copy the ids of the selected runs", "Ctrl+Shift+C"
            ),
            ActionSpec(
                "run.copy-path",
                "Copy &Path",
                "Copy the directories of the selected runs",
                "Ctrl+Alt+C",
            ),
            ActionSpec(
                "run.copy-command", "Copy Comm&and", "Copy the command line that the run executed"
            ),
            ActionSpec(
                "run.open-folder",
                "&Open Folder",
                "Open the run's directory in the file manager",
                "Ctrl+Shift+O",
                "folder-open",
                short="Folder",
            ),
            ActionSpec(
                "run.reveal",
                "&Reveal in File Manager",
                "Show the run's directory selected in the folder around it",
                "Ctrl+Shift+R",
                "reveal",
                short="Reveal",
            ),
            ActionSpec(
                "run.show-batch",
                "Show &Batch",
                "Select the batch that started this trial",
                "Alt+Up",
                "batch",
                short="Batch",
            ),
            ActionSpec(
                "run.show-trials",
                "Show &Trials",
                "Show only the trials of this batch",
                "Alt+Down",
                "trials",
                short="Trials",
            ),
        ),
    ),
    Area(
        "archive",
        "Archives",
        (
            ActionSpec(
                "archive.open",
                "Open &Archive…",
                "Look at the runs of an archive beside this home, without importing them",
                "Ctrl+Shift+A",
                "archive",
            ),
            ActionSpec(
                "archive.open-directory",
                "Open Export &Directory…",
                "Look at the runs of a directory beside this home, without importing them",
                icon="archive",
            ),
            ActionSpec(
                "archive.import",
                "Import &Here…",
                "Import the selected runs of the archive that is shown, or all of them, and see "
                "first what would come",
                "Ctrl+Alt+I",
                "import",
            ),
            ActionSpec(
                "archive.close",
                "Close Archi&ve",
                "Take the archive that is shown off the places; its file is not touched",
                "Ctrl+Shift+W",
                "close",
            ),
        ),
    ),
    COMPARING,
    DIFFERENCES,
    REMOTE_AREA,
    Area(
        "list",
        "Smart lists",
        (
            ActionSpec(
                "list.save",
                "&Save Filter as List…",
                "Keep the filter as a smart list in the places",
                "Ctrl+S",
                "save-list",
            ),
            ActionSpec(
                "list.edit", "&Edit List…", "Change the name or the filter of the list", icon="edit"
            ),
            ActionSpec(
                "list.delete", "&Delete List", "Delete the list; no run is touched", icon="trash"
            ),
            ActionSpec("list.move-up", "Move List U&p", "Move the list one place up"),
            ActionSpec("list.move-down", "Move List Do&wn", "Move the list one place down"),
        ),
    ),
    Area(
        "tag",
        "Tags",
        (
            ActionSpec(
                "tag.rename",
                "Rena&me Tag…",
                "Give the tag another name on every run that has it",
                icon="edit",
            ),
            ActionSpec(
                "tag.delete",
                "Delete Ta&g",
                "Take the tag off every run that has it; no run is deleted",
                icon="trash",
            ),
        ),
    ),
    JOB_AREA,
    Area(
        "view",
        "View",
        (
            ActionSpec("view.runs", "&Runs", "Go to the table of runs", "Alt+1", "list"),
            ActionSpec(
                "view.plots",
                "P&lots",
                "Plot the selected runs, or all that the filter shows",
                "Alt+3",
                "plots",
            ),
            ActionSpec(
                "view.diff",
                "Di&fferences",
                "Show what differs between two of the selected runs, or of all that are shown",
                "Alt+4",
                "diff",
            ),
            ActionSpec(
                "view.images",
                "I&mages",
                "Show the same picture of the selected runs, or of all that are shown",
                "Alt+5",
                "image",
            ),
            ActionSpec("view.filter", "&Find Runs", "Go to the filter box", "Ctrl+F", "search"),
            ActionSpec(
                "view.clear-filter",
                "C&lear Filter",
                "Show every run again",
                "Ctrl+Shift+F",
                "clear",
            ),
            ActionSpec(
                "view.columns",
                "&Columns…",
                "Choose which columns the table shows",
                "Ctrl+Shift+K",
                "columns",
            ),
            ActionSpec(
                "view.column-menu",
                "Column &Menu",
                "Sort by the column that Left and Right went to, hide it, or make it fit",
                "Ctrl+Shift+H",
            ),
            ActionSpec(
                "view.largest-first",
                "Lar&gest First",
                "Sort the runs by what their files take on disk, and show that in a column",
                icon="down",
            ),
            ActionSpec(
                "view.refresh",
                "&Refresh",
                "Look for changes on disk now; this also happens by itself",
                "F5",
                "refresh",
            ),
            ActionSpec(
                "view.this-computer",
                "&This Computer",
                "Show the runs of this home",
                "Ctrl+1",
                "computer",
            ),
            ActionSpec("view.trash", "Tras&h", "Show deleted runs", "Ctrl+2", "trash"),
            ActionSpec(
                "view.toggle-toolbar",
                "T&oolbar",
                "Show or hide the toolbar",
                "Ctrl+Shift+T",
                checkable=True,
            ),
            ActionSpec(
                "view.toggle-places",
                "&Places",
                "Show or hide the places on the left",
                "F9",
                checkable=True,
            ),
            ActionSpec(
                "view.toggle-details",
                "&Details",
                "Show or hide the details on the right",
                "F8",
                checkable=True,
            ),
            ActionSpec(
                "view.toggle-jobs",
                "&Jobs",
                "Show or hide the jobs below the runs",
                "F7",
                checkable=True,
            ),
            ActionSpec(
                "view.scheme-system",
                "&System",
                "Use light or dark colours as the desktop does",
                checkable=True,
                group="scheme",
                full_text="Colours as the Desktop Has Them",
            ),
            ActionSpec(
                "view.scheme-light",
                "&Light",
                "Always use light colours",
                checkable=True,
                group="scheme",
                full_text="Light Colours",
            ),
            ActionSpec(
                "view.scheme-dark",
                "&Dark",
                "Always use dark colours",
                checkable=True,
                group="scheme",
                full_text="Dark Colours",
            ),
            ActionSpec(
                "view.next-pane", "&Next Pane", "Go to the places, the runs or the details", "F6"
            ),
            ActionSpec("view.previous-pane", "Pre&vious Pane", "Go one pane back", "Shift+F6"),
            ActionSpec(
                "view.next-tab",
                "Next Details T&ab",
                "Show the next tab of the details",
                "Alt+Right",
            ),
            ActionSpec(
                "view.previous-tab",
                "Previous Details Ta&b",
                "Show the tab of the details before this one",
                "Alt+Left",
            ),
        ),
    ),
    Area(
        "app",
        "Application",
        (
            ActionSpec(
                "app.commands",
                "&Commands…",
                "Find any command by its name",
                "Ctrl+Shift+P",
                "command",
            ),
            ActionSpec("app.close-window", "&Close Window", "Close this window", "Ctrl+W"),
            ActionSpec(
                "app.quit", "&Quit", "Close all windows; running runs go on", "Ctrl+Q", "quit"
            ),
        ),
    ),
    Area(
        "help",
        "Help",
        (
            ActionSpec(
                "help.shortcuts",
                "&Keyboard Shortcuts",
                "List every shortcut",
                "Ctrl+?",
                "keyboard",
            ),
            ActionSpec(
                "help.filter",
                "How to &Filter",
                "Examples of what the filter box understands",
                "F1",
                "search",
            ),
            ActionSpec(
                "help.log",
                "Open &Log Folder",
                "Show the folder with the log files in the file manager",
                icon="log",
            ),
            ActionSpec(
                "help.about", "&About Rundesk", "Version, licences, what it runs on", icon="info"
            ),
        ),
    ),
)


def specs() -> Iterator[ActionSpec]:
    """Every action, area by area."""
    for area in AREAS:
        yield from area.actions


def plain_text(action_text: str) -> str:
    """An action's text without mnemonic, for buttons and lists."""
    return action_text.replace("&", "")


def tool_tip(spec: ActionSpec) -> str:
    """What an action does, and its shortcut."""
    if not spec.shortcut:
        return spec.tip
    keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{spec.tip} ({keys})"
