# A thin wrapper: every verb is explained and implemented in make.py.   Another Python:  make book PYTHON=python3.13
PYTHON ?= python3

.PHONY: help book test serve sync reference seeds mutants reproduce lock lint clean assignments marking student notebooks release
help:
	@$(PYTHON) make.py help

book test serve sync reference seeds mutants lock lint clean notebooks release:
	@$(PYTHON) make.py $@

# make assignments YEAR=2027 draws the questions of a year
assignments student:
	@$(PYTHON) make.py $@ $(if $(YEAR),--year $(YEAR))

# make reproduce STUDY="mnist-quick --only step_size=0.1"; without STUDY everything that is recorded (hours)
reproduce:
	@$(PYTHON) make.py reproduce $(STUDY)

# make marking SET=1-the-bound FOLDER=path/to/submissions   (OPTIONS=--after-deadline)
marking:
	@$(PYTHON) make.py marking $(SET) $(if $(FOLDER),"$(abspath $(FOLDER))") $(OPTIONS)
