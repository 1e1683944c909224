# groundtune: every target sets up what it needs first.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv

.PHONY: help setup models demo test check bench lock clean
help:            ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# torch comes first and through pip, which honours the user's own choice of build (PIP_INDEX_URL, PIP_FIND_LINKS);
# everything else is installed exactly as locked, without a resolver.
$(VENV)/.complete: requirements.lock pyproject.toml
	@echo "==> environment ($(VENV))"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet "torch==2.13.0" -c requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.complete models   ## make the environment and pull the two offline models

models: $(VENV)/.complete   ## pull and convert the two offline models (once, into the user's cache)
	@$(BIN)/groundtune models pull
