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
	@echo "==> environment in $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet "torch==2.13.0" -c requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

models: $(VENV)/.complete   ## pull and convert the two offline models (once, into the user's cache)
	@$(BIN)/groundtune models pull

setup: models   ## make the environment and pull the two offline models

demo: setup     ## the sample shop: advise, provision, ask, compare
	@$(BIN)/groundtune demo --project demo-project --sample data/outdoor-shop

test: setup     ## every test, offline, on the real models too: those without models side by side, then the others
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -ra -m "not slow" -n auto --dist worksteal tests
	@$(BIN)/python -m pytest -q -ra -m slow tests

check: $(VENV)/.complete   ## lint, types, import contracts and the quick tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not slow and not long" -n auto --dist worksteal tests

bench: setup    ## the side-by-side benchmarks (reads public data sets; see benchmarks/README.md)
	@for each in robustness.cases speed.costs robustness.personal_data quality.abstention_default robustness.fuzz quality.chunking quality.statistics speed.indexing speed.scale quality.retrieval quality.xquad quality.parity quality.sample robustness.kills; do $(BIN)/python -m benchmarks.$$each || exit 1; done
	@for each in speed.estimate speed.startup quality.followups robustness.injection; do $(BIN)/python -m benchmarks.$$each --project .groundtune-bench/sample || exit 1; done
	@for each in quality.abstention quality.citations; do $(BIN)/python -m benchmarks.$$each --sample .groundtune-bench/sample --xquad .groundtune-bench/xquad || exit 1; done

lock:           ## resolve the dependencies anew into requirements.lock
	@$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-header --no-annotate --quiet \
	  | grep -v -i -E '^(torch|torchvision|nvidia-|cuda-|triton)' > requirements.lock

clean:          ## remove the environment and the demo project
	rm -rf $(VENV) demo-project
