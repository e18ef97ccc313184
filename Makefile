PYTHON ?= python3
VENV ?= .venv

# Stamps carry the interpreter's name, so that another PYTHON makes $(VENV) anew.
INTERPRETER := $(shell $(PYTHON) -c 'import re, sys; \
	print(re.sub(r"\W+", "-", f"{sys.base_prefix} {sys.version.split()[0]}"))')
STAMP := $(VENV)/made-of$(INTERPRETER)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SOURCES := pyproject.toml setup.cfg $(wildcard skmi/_kernels/*.p*)
TABLE := build/breast_cancer.csv
CHECKED := build/checked build/sanitized
CHECK_KERNELS = export PYTHONPATH=. PATH="$(abspath $(BIN)):$$PATH" && \
	python -m pytest --quiet --numprocesses auto tests/test_kernels.py tests/test_spaces.py && \
	python tests/fuzz_kernels.py --first-seed 0 --seconds 30
SANITIZER_OPTIONS = LD_PRELOAD="$$(gcc -print-file-name=libasan.so)" PYTHONMALLOC=malloc \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1

.PHONY: demo test sanitize test-oldest lint bench bench-accuracy bench-selection \
	bench-power docs clean $(CHECKED)
.DELETE_ON_ERROR:
.NOTPARALLEL:

demo: $(TABLE)
	$(BIN)/skmi rank $(TABLE) --target target
	$(BIN)/python docs/demo.py $(TABLE)

test: $(STAMP)-test
	$(BIN)/python -m pytest --numprocesses auto

# Of the oldest versions there are wheels for CPython 3.11 and 3.12 only.
test-oldest: build/oldest.txt
	PIP_CONSTRAINT=$(abspath $<) $(MAKE) VENV=$(VENV)-oldest test

# The kernels in two other builds: `checked` checks the indices of memoryviews, and
# `sanitized` memory, overflow and undefined behaviour.
sanitize: $(CHECKED)
	cd build/checked && $(CHECK_KERNELS)
	cd build/sanitized && export $(SANITIZER_OPTIONS) && $(CHECK_KERNELS)

lint: $(STAMP)-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(abspath $(BIN)):$$PATH" cython-lint skmi  # it calls pycodestyle
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)-bench
	$(BIN)/python benchmarks/run.py

bench-accuracy: $(STAMP)-bench
	$(BIN)/python benchmarks/accuracy.py

bench-selection: $(STAMP)-bench $(STAMP)-networks
	$(BIN)/python benchmarks/selection.py

bench-power: $(STAMP)-bench
	$(BIN)/python benchmarks/power.py

docs: $(STAMP)-docs
	$(BIN)/sphinx-build -W --keep-going docs docs/_build/html

clean:
	rm -rf .venv* build dist *.egg-info .*_cache .hypothesis docs/_build docs/generated
	rm -f skmi/_kernels/*.c skmi/_kernels/*.so

$(STAMP):
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

$(STAMP)-core: $(SOURCES) | $(STAMP)
	$(PIP) install --config-settings editable_mode=compat --editable .
	touch $@

# What an extra asks for, without building the kernels again.
$(STAMP)-%: $(STAMP)-core
	$(PYTHON) -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
		print(*p['optional-dependencies']['$*'], sep='\n')" | $(PIP) install --requirement /dev/stdin
	touch $@

# Bayesian networks, as data files. Nothing of the package is imported, so that it needs
# none of its dependencies.
$(STAMP)-networks: | $(STAMP)
	$(PIP) install --no-deps pgmpy==1.0.0
	touch $@

# What a build needs, for builds outside of pip.
$(STAMP)-build: $(STAMP)-core
	$(PYTHON) -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb')); \
		print(*p['build-system']['requires'], sep='\n')" | $(PIP) install --requirement /dev/stdin
	touch $@

$(CHECKED): | $(STAMP)-build $(STAMP)-test
	mkdir -p $@
	tar --create --exclude '*.so' --exclude '*.c' skmi tests \
		pyproject.toml setup.cfg README.md LICENSE | tar --extract --directory $@
	cd $@ && SKMI_KERNELS=$(@F) $(abspath $(BIN))/python \
		-c "import setuptools; setuptools.setup()" --quiet build_ext --inplace

$(TABLE): $(STAMP)-core
	mkdir -p $(@D)
	$(BIN)/python -c "from sklearn.datasets import load_breast_cancer as load; \
		load(as_frame=True).frame.to_csv('$@', index=False)"

# The lower bounds in pyproject.toml, as versions.
build/oldest.txt: pyproject.toml
	mkdir -p $(@D)
	$(PYTHON) -c "import tomllib; p = tomllib.load(open('$<', 'rb'))['project']; \
		bounds = p['dependencies'] + p['optional-dependencies']['test']; \
		print('\n'.join(bounds).replace('>=', '=='))" > $@
