# Targets, one line each; `make` lists them. Only Swift 6 and Debian 12 are expected: the rest is installed when missing.
SHELL := /bin/bash
FIDEDIFF := .build/release/fidediff
DATA ?= ../shared/data
PYTHON := .venv/bin/python

.PHONY: help setup build run test smoke test-operations evaluate check-parity check-fixtures bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 20

setup: ## install the system packages that are missing
	@deploy/setup.sh libopenblas-dev libjpeg-dev libpng-dev libsqlite3-dev libcurl4-openssl-dev curl

build: setup ## build the release executable
	@swift build -c release --product fidediff

run: build ## build, serve on 127.0.0.1:8080, deblur the demo photograph, stay up
	@deploy/run.sh $(FIDEDIFF)

test: setup ## build and pass the tests
	@swift test

smoke: build ## start the built server, deblur a real photograph, kill it, see the job survive
	@deploy/setup.sh python3 python3-pil
	@/usr/bin/python3 Tests/Smoke/smoke.py $(FIDEDIFF) --data $(DATA)

.cache/operations/ready: Tests/Operations/requirements.txt
	@deploy/setup.sh python3-venv
	@python3 -m venv .cache/operations
	@.cache/operations/bin/pip install -q --disable-pip-version-check -r Tests/Operations/requirements.txt
	@touch .cache/operations/ready

test-operations: build .cache/operations/ready ## hold metrics, dashboard, webhooks and log against independent readers of them
	@.cache/operations/bin/python Tests/Operations/operations.py $(FIDEDIFF)

.venv/ready: training/requirements.txt
	@deploy/setup.sh python3-venv
	@python3 -m venv .venv
	@.venv/bin/pip install -q --disable-pip-version-check -r training/requirements.txt
	@touch .venv/ready

evaluate: build .venv/ready ## PSNR, SSIM, LPIPS, DISTS and blur-level figures of the shipped weights over the evaluation pictures
	@$(PYTHON) training/fetch_perceptual.py
	@$(PYTHON) training/evaluate.py --data $(DATA)/eval --fidediff $(FIDEDIFF) $(EVALUATE)

check-parity: build .venv/ready ## compare every stage of tiny, default and paper with PyTorch and diffusers
	@$(PYTHON) training/check_parity.py --fidediff $(FIDEDIFF) $(PARITY)

check-fixtures: .venv/ready ## see that the golden fixtures are reproduced byte for byte
	@$(PYTHON) training/make_fixtures.py --check

bench: build ## time the engine on a 1280x720 picture
	@deploy/setup.sh python3 python3-pil
	@bench/run.sh $(FIDEDIFF)

clean: ## remove what was built
	@rm -rf .build .venv
