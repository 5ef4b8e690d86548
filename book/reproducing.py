# ---
# jupyter:
#   jupytext:
#     default_lexer: ipython3
#     formats: md:myst,py:percent
#     notebook_metadata_filter: jupytext,kernelspec,mystnb,myst
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (reproducing)=
# # Reproducing at scale
#
# Most of the book runs while its pages are made. What takes longer is *recorded*: a study is a list of configurations and a
# pure function of one of them, and its record holds, for every run, the configuration, the result, the processor time and the
# provenance (hashes of the data and of the code, versions, platform). Records are small text files in `results/`, one line a
# run; the chapters read them, and `make reproduce` repeats them from nothing.

# %% tags=["nbval-check-output"]
from stableminima.book.studies.registry import STUDIES, study_named
from stableminima.experiments import RecordMissing, load_record

print("study                 runs  recorded  processor time")
for name in STUDIES:
    try:
        record = load_record(name)
    except RecordMissing:
        continue
    total = len(study_named(name).configurations)
    print(f"{name:<20} {total:>5} {len(record):>9} {record['seconds'].sum() / 60:>11.0f} min")

# %% [markdown]
# ## Repeat a record
#
#     make reproduce                                                     everything that is recorded (hours)
#     python -m stableminima list                                        what there is, and how long it takes
#     python -m stableminima reproduce depth                             one study
#     python -m stableminima reproduce mnist-35 --only seed=0 batch_size=16
#     python -m stableminima reproduce mnist-35 --check                  run nothing: is the record readable and complete?
#
# (with the Python of `.venv`). The repeated runs go to `_build/reproduced`, the record is not touched, every difference
# beyond a study's tolerance is printed, and so are the columns that were *not* compared. The tolerances of trained networks are wide for a reason that chapter 4 measures: SGD at
# the edge of stability is chaotic, and the rounding of another processor leads to another network. What must agree is what the
# book says of *all* of them.
#
# ## Recorded once more
#
# The first records of chapters 4, 5 and 8 were made by code that no commit holds. All of them were made again, each by a commit that its
# provenance names, and the old and the new runs were compared in every column that both have.
#
# | study | runs | the same in every digit | what changed |
# |:--|--:|--:|:--|
# | `mnist-35` | 240 | 240 | |
# | `mnist-pairs` | 180 | 180 | |
# | `mnist-scale` | 72 | 72 | |
# | `mnist-size` | 72 | 72 | |
# | `mnist-warmup` | 64 | 64 | |
# | `bump-31` | 12 | 12 | |
# | `depth` | 60 | 60 | but for the status, which now looks at two consecutive steps; 21 runs are new |
# | `mnist-sampling` | 132 | 37 | the 95 runs with independent batches that converged: another rounding, other networks; their sharpness moved by at most 0.6 %, their stability norm by at most 3 % |
#
# Batch Sharpness is a new column, and two columns have new names. One sentence of the book did not survive: no run with independent
# batches had ended above $2/\eta$ in the first record, and chapter 4 said "never"; in the second one of 95 ends 0.05 % above it, and the chapter says so.
#
# ## A sweep of your own
#
#     python -m stableminima sweep --digits 4/9 --step-sizes 0.05 0.1 0.2 --seeds 0-4 --out mine.json
#     python -m stableminima sweep --pixels raw centred --warmup 0 1000 --step-sizes 0.3 0.5 --out pixels.json
#
# The first trains fifteen networks by the stated protocol, the second eight with two codings of the pixels and with and
# without a warm-up; each is measured: sharpness, the bound chain, the exact thresholds of SGD,
# validation. `--help` lists what can be varied. Each finished run is in the file at once; after Ctrl-C, a crash or a full disk the
# same command with `--resume` does what is left, and the record is the same as without the interruption.
# In Python, `read_record("mine.json")` (from `stableminima.experiments`) gives it back, with columns as arrays and
# `record.where(batch_size=16)` for some of the runs.
#
# ## Past one machine
#
# Runs are independent, so a cluster needs no more than an address. With [Dask](https://distributed.dask.org) installed beside the
# book (`pip install` the line of `requirements.txt` that names `distributed`), start a scheduler and, on every machine that has this
# package, its workers:
#
#     dask scheduler
#     dask worker tcp://SCHEDULER:8786 --nworkers auto --nthreads 1
#
# and add `--scheduler tcp://SCHEDULER:8786` to `sweep`, `record` or `reproduce`. The machine on which you type the command writes
# the record. If a worker dies, its runs are done again by another, and each run enters the record once; a test of the book kills one to see.
#
# ## A study of your own
#
# ```python
# from stableminima.experiments import Study, run_study
#
#
# def run(configuration):  # in a module, so that worker processes can import it
#     return {"square": configuration["x"] ** 2}
#
#
# study = Study("squares", "Squares of a few numbers.", run, [{"x": x} for x in range(10)])
# record = run_study(study, workers=2, path="squares.json")
# record.where(x=[2, 3])["square"]  # array([4, 9])
# ```
#
# Registered in `stableminima.book.studies.registry.STUDIES`, it can be repeated and compared like the studies of the book.
