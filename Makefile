# Everything a newcomer runs. `make` alone lists the targets.
.PHONY: help setup environment build test test-build nightly lint docs demo wheel test-wheel test-wheel-nnunet reproducible fuzz faults emulate sanitize

help:
	@echo "make setup   install what is missing, build, create the Python environment (quick when done)"
	@echo "make demo    the main job on built-in phantoms, no data needed"
	@echo "make test    all tests"
	@echo "make nightly what tests leave out: every figure of every full scanner, within its limits"
	@echo "make build   release build"
	@echo "make wheel   a Python wheel with the command, for machines without Swift: dist/"
	@echo "make test-wheel  installs it in a clean environment and uses it"
	@echo "make test-wheel-nnunet  the same with nnU-Net from PyPI: some GB"
	@echo "make reproducible  builds the wheel of the last commit twice and compares the bytes"
	@echo "make fuzz    hostile input for the readers, FUZZ_SECONDS=60 for each kind"
	@echo "make sanitize  the tests of kernels and readers under the address sanitizer, of threads under the thread sanitizer"
	@echo "make faults  kills, full disks and other faults while a dataset is made, FAULTS=500 of them"
	@echo "make emulate the kernels on 64-bit Arm, in an emulator, against those of this CPU"
	@echo "make docs    the documentation as a site, with mkdocs from PyPI: .build/site"
	@echo "make lint    swift format, as the tests of a submission do"

setup:
	@scripts/setup.sh

build:
	@scripts/setup.sh packages
	scripts/swift.sh build --product maskct

# What is missing of Python is installed while the tests are built.
# Tests that start nnU-Net or a server and stop it at some moment run one after another, apart from the
# others: beside tests that keep all cores busy, the moment would be missed. They are in the suite RunAlone.
test: build
	@scripts/setup.sh tests
	@$(MAKE) --no-print-directory -j2 environment test-build
	scripts/swift.sh test --skip-build --skip 'RunAlone/'
	scripts/swift.sh test --skip-build --no-parallel --filter 'RunAlone/'

environment:
	@.build/release/maskct setup

test-build:
	scripts/swift.sh build --build-tests

nightly: build
	for scanner in rows16 rows64 rows128; do \
	  .build/release/maskct qa --strict --overwrite --scanner $$scanner --output .build/qa-$$scanner.html || exit 1; \
	done

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

docs:
	@scripts/setup.sh packages
	scripts/docs.sh

demo: setup
	.build/release/maskct demo

wheel:
	@scripts/setup.sh packages
	scripts/wheel.sh

test-wheel: wheel
	scripts/test-wheel.sh

test-wheel-nnunet: wheel
	scripts/test-wheel.sh --nnunet

reproducible:
	@scripts/setup.sh packages
	scripts/reproducible.sh

FUZZ_SECONDS = 60
fuzz:
	@scripts/setup.sh packages
	scripts/fuzz.sh $(FUZZ_SECONDS)

sanitize:
	@scripts/setup.sh packages
	scripts/sanitize.sh

FAULTS = 500
faults: build
	scripts/faults.sh $(FAULTS)

emulate:
	scripts/emulate.sh
