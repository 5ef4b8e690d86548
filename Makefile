# A thin wrapper: every verb is explained and implemented in make.py.   Another Python:  make book PYTHON=python3.13
PYTHON ?= python3

.PHONY: help book test serve sync reference lint clean
help:
	@$(PYTHON) make.py help

book test serve sync reference lint clean:
	@$(PYTHON) make.py $@
