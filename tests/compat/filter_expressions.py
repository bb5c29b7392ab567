"""Filter expressions to ask Guild and us: those it understands, and those it refuses."""

from __future__ import annotations

UNDERSTOOD = """
op = train
operation = m:train
operation = train
op = 'train.py'
model = m
model = ''
run = ac7938d4
short_id contains A
lr < 0.05
lr < 0.05 and loss > 0.05
lr = 0.1
lr = 1e-05
lr = '1e-05'
lr = .1
lr != 0.1
lr <> 0.1
lr is undefined
lr is not undefined
lr in [0.1, 0.2]
lr not in [0.1, 0.2]
lr in [undefined]
flag:lr > 0.3
scalar:loss < 0.2
scalar:acc > 0.5
loss = 0.1
loss > 0
loss is undefined
loss is not undefined
loss contains 0.1
acc > 0.1
attr:acc > 0.1
flag:acc > 0.1
acc = 0.125
host contains a
flag:host = 3
scalar:host = 3
status = completed
status in [error, terminated]
status != completed
status not in [completed, error] and lr > 0
not status = completed
not status = completed and op = train
not (status = completed and op = train)
op = train and lr = 0.1 or status = error
(op = train and lr = 0.1) or status = error
op = train or lr = 0.1 and status = error
x = 0.25 and y=3
x < 0
x > 0
x >= 0.25
x <= -0.5
x is undefined
y > 100
y = 3.0
y = 3
label contains BEST
label contains 'on and on'
label contains "Überblick"
label contains "caf"
label = ''
label != ''
label is undefined
label is not undefined
label < b
label = mine
flag:label = mine
attr:label contains mine
tags contains paper
tags contains Paper
tags contains "seed 2"
tags not contains paper
tags is undefined
tags = [paper]
tags = ["Ablation", paper, "seed 2"]
tags contains undefined
flag:tags = none
marked = true
marked is true
marked != true
marked
not marked
marked is undefined
comments contains ada
comments is undefined
comments is not undefined
not comments contains x
comments not contains x
started > '2026-01-01'
started contains 2026
started contains '2025-'
started is undefined
started = ''
stopped = ''
stopped < '2026-12-31'
time contains ':'
time = '1:02:03'
time is undefined
sourcecode is undefined
sourcecode = ''
sourcecode contains a
from contains model
from contains '~'
exit_status = 0
exit_status > 0
exit_status < 0
exit_status is undefined
exit_status != 0
number = 1
number = '1'
number = true
number < 5
number > a
number in [1, abc]
number contains 1
yes = true
yes = 'yes'
yes = yes
yes is true
off = false
off is not undefined
flag:null is undefined
flag:null = here
date = '2020-01-01'
date contains 2020
date > '2020-01-01'
date is not undefined
text = some
text = 'some words'
text contains "SOME W"
text < t
list = [1,2,3]
list contains 2
list contains b
list < [2]
list = ["a","b"]
list contains [1]
list is undefined
map contains k
map contains 'z'
map is not undefined
empty = ''
empty = x
empty is undefined
flag:flag:x = 1
scalar.y = 2
flag:started = never
flag:status = fine
flag:id = 12
flag:operation = other
deep = 1
depth = 7
depth = 2
depth > 1
logs/val#loss > 0
scalar:logs/val#loss > 0
scalar:logs/train#loss > 0
scalar:.guild#loss > 0
scalar:#loss > 0
group/acc > 0
scalar:group/acc > 2
scalar:logs/val#group/acc > 1.5
loss > 2
attr:random_seed > 0
random_seed > 100
platform contains python
plugins contains cpu
cmd contains sh
cmd contains train.sh
env contains PATH
attr:flags contains lr
user_flags contains lr
objective is undefined
initialized > 0
vcs_commit is undefined
sourcecode_digest contains a
deps is not undefined
bogus = 3
bogus != 3
bogus is undefined
bogus < 3
bogus contains 3
bogus not contains 3
x
0
1
""
'a'
true
false
undefined
not undefined
[0]
x = 1 AND y = 2
X = 0.25
NOT x = 0.25
x IS NOT Undefined
x=0.25and y=3
x = -.5
x = .5.5
x = 010
x = 1e2
x < true
code = 3
code > 1
k = 5
code in [1,2,[3]]
code in [1, 2, 3]
n = 3
fast = true
name contains it's
name = "it's me"
name = "it\\x27s me"
fast is undefined
batch-size = 32
batch-size in [64]
opt = adamw
opt contains ADA
opt > r
opt = adamw or opt = sgd and lr < 0.1
loss < 0.5
lr > 0.05 and not (opt = adamw or lr > 0.5) and loss < 1
id = 12
id is undefined
step = 4
lr_used > 0
opref contains m
flag:bogus = 1
scalar:bogus = 1
attr:bogus is undefined
attr: = 1
flag: = 1
scalar: = 1
attr:started contains 2026
attr:id contains ac
not not x = 0.25
((x = 0.25))
lr=0.2
lr=[0.1]
""".strip().split("\n")

ODDLY_WRITTEN = [
    "x\t= 0.25",
    "x = 0.25\tand y = 3",
    "x = 0.25 and\n y = 3",
    "x = 0.25\nor y = 2",
    "  x = 0.25  ",
]

REFUSED = [
    "'flag:flag:x' = 1",
    "x = [1",
    "x = ",
    "x < < 3",
    "(x = 1",
    "x = 1)",
    "= 3",
    "x = 1 y = 2",
    "x = 1, 2",
    "x in 3",
    "x in []",
    "x not = 3",
    "x is",
    "not",
    "and x",
    "x and",
    "x or or y",
    'x = "abc',
    "x = 'it's'",
    "x ! 3",
    "x = #",
    "x = 1 & y = 2",
    "x contains",
    "x not contains",
    "x not in 3",
    "[1,2",
    "in = 3",
    "true = 1",
    "x = (3)",
    '"a" = 3',
    "3 = x",
    "x = +3",
    "@",
    "x = $y",
    'x = "\\q"',
    'x = "a" "b"',
    "x = 'a''b'",
    "()",
    "x = 1 and\n ?",
    "   ",
]

OURS_ALONE = [
    "_x = 3",
    "id contains 4d29",
    "loss step > 3",
    "min loss < 1",
    "started last 3 days",
    "time = 1:02:03",
    "x = 1.2.3",
    "x = 12:30",
    "x = 1_000",
    "x = 1e",
    "x = 2026-01-01",
    "x = 3ab",
    "x = ü",
    "x == 1",
    "ü = 3",
]
