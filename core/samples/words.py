"""What people write on their runs: labels, tags, comments. Long, odd and in several scripts."""

from __future__ import annotations

SPECIES = (
    "blackbird", "blue tit", "chaffinch", "chiffchaff", "great tit",
    "nightingale", "robin", "song thrush", "wren", "yellowhammer",
)  # fmt: skip

TAGS = ("baseline", "paper", "sweep", "night shift", "field test", "keep", "öffentlich", "v2")

LABELS = (
    "first try with dropout",
    "same as last week but with the new recordings",
    "Große Rohrdommel, früh am Morgen",
    "зяблик против пеночки",
    "ヒバリ 🐦 雑音なし",
    "best so far 🎉",
    "قبل الفجر: صوت البلبل",
    "קול הזמיר בלילה",
    "café – naïve baseline, don't touch",
    'why does "hann" win?',
    "0.001",
    "yes",
    "re: batch of Tuesday (restarted after the power cut, numbers before step 20 are not "
    "comparable with the other runs because the validation split was still the old one; see the "
    "comment for what changed and for the list of recordings that were left out on purpose)",
    "# not a comment",
    "learning rate: too high?",
    "tab\tand more",
)

COMMENTS = (
    "Loss falls nicely until step 30, then the validation loss turns up. Try more dropout.",
    "The confusion between chiffchaff and wren is back.\n\nSee images/confusion.png: "
    "the two rows are nearly the same.",
    "Ran on the old card, so times are not comparable.",
    "Использовать для статьи.",
    "Keep. This is the one in figure 3.",
)

USERS = ("ada", "grace", "jürgen")
HOSTS = ("lark", "gpu1", "laptop")
