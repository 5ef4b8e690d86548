# A thin wrapper: every verb is explained and implemented in make.py.   Another Python:  make book PYTHON=python3.13
PYTHON ?= python3

.PHONY: help book test serve sync reference seeds reproduce lint clean assignments student notebooks release
help:
	@$(PYTHON) make.py help

book test serve sync reference seeds lint clean notebooks release:
	@$(PYTHON) make.py $@

# make assignments YEAR=2027 draws the questions of a year
assignments student:
	@$(PYTHON) make.py $@ $(if $(YEAR),--year $(YEAR))

# make reproduce STUDY="mnist-quick --only step_size=0.1"; without STUDY everything that is recorded (hours)
reproduce:
	@$(PYTHON) make.py reproduce $(STUDY)
