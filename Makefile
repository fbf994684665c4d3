# Targets, one line each; `make` lists them. Only Swift 6 and Debian 12 are expected: the rest is installed when missing.
SHELL := /bin/bash
FIDEDIFF := .build/release/fidediff
DATA ?= ../shared/data
PYTHON := .venv/bin/python
HOURS ?= 24
TESTER := .venv-tests/bin/python

.PHONY: help setup build run test smoke check-format format check-public check-hardening fuzz sanitize test-page test-contract test-docs test-deploy test-operations test-training torture share package test-package campaign campaign-status campaign-stop evaluate check-parity check-loops check-fixtures bench bench-throughput bench-peers bench-http bench-attacks bench-store clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 20

setup: ## install the system packages that are missing
	@deploy/setup.sh libopenblas-dev libjpeg-dev liblcms2-dev libpng-dev libsqlite3-dev libcurl4-openssl-dev libssl-dev curl

build: setup ## build the release executable, the same that `make package` ships: Swift's own libraries are in it
	@swift build -c release --product fidediff --static-swift-stdlib

run: build ## build, serve on 127.0.0.1:8080, deblur the demo photograph, stay up
	@deploy/run.sh $(FIDEDIFF)

test: setup ## build and pass the tests
	@mkdir -p .build; set -o pipefail; swift test 2>&1 | tee .build/test.log || { echo; grep -E -A3 '^✘|error:' .build/test.log; exit 1; }

check-format: ## see that Swift sources are as `swift format` writes them, 140 columns (.swift-format)
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests

format: ## write Swift sources as check-format wants them
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

check-public: ## count Engine's public types (at most 15) and what of them has no doc comment (nothing)
	@deploy/setup.sh python3
	@/usr/bin/python3 Tests/Public/public.py Engine 15

check-hardening: build ## see that the executable is position independent, its relocations read-only, its stack and calls guarded
	@deploy/setup.sh binutils
	@Tests/Hardening/hardening.sh $(FIDEDIFF)

fuzz: setup ## readers of strangers' bytes under libFuzzer and AddressSanitizer: http, picture, weights, RUNS (100000) of each
	@for target in http picture weights; do Tests/Fuzz/fuzz.sh $$target $(or $(RUNS),100000) || exit 1; done

sanitize: setup ## all tests under AddressSanitizer, ThreadSanitizer and UndefinedBehaviorSanitizer, hours in all; KIND=thread FILTER=Storage for less
	@for kind in $(or $(KIND),address thread undefined); do Tests/Sanitizers/sanitize.sh $$kind $(FILTER) || exit 1; done

smoke: build ## start the built server, deblur a real photograph, kill it, see the job survive
	@deploy/setup.sh python3 python3-pil
	@/usr/bin/python3 Tests/Smoke/smoke.py $(FIDEDIFF) --data $(DATA)

.venv-tests/ready: Tests/requirements.txt
	@deploy/setup.sh python3-venv
	@python3 -m venv .venv-tests
	@.venv-tests/bin/pip install -q --disable-pip-version-check -r Tests/requirements.txt
	@touch .venv-tests/ready

test-page: build .venv-tests/ready ## the pages in headless Chromium; screenshots under artifacts/page
	@deploy/setup.sh chromium chromium-driver fonts-dejavu-core
	@$(TESTER) Tests/Page/page.py $(FIDEDIFF)

test-contract: build .venv-tests/ready ## openapi.yaml against the running service with schemathesis
	@$(TESTER) Tests/Contract/contract.py $(FIDEDIFF) $(CONTRACT)

test-docs: build .venv-tests/ready ## run the examples of docs/
	@$(TESTER) Tests/Docs/docs.py $(FIDEDIFF)

test-deploy: setup .venv-tests/ready ## check deploy/ and run the Dockerfile's steps in a fresh Debian root
	@deploy/setup.sh debootstrap systemd openssl
	@$(TESTER) Tests/Deploy/deploy.py

test-operations: build .venv-tests/ready ## hold metrics, dashboard, webhooks and log against independent readers of them
	@$(TESTER) Tests/Operations/operations.py $(FIDEDIFF)

torture: build .venv-tests/ready ## kill it, cut its power, fail its disk, shift its clock, send it hostile files, flood it; figures into docs/reliability.md
	@deploy/setup.sh strace fuse3 libfuse2 nginx-light gcc libc6-dev
	@$(TESTER) Tests/Torture/torture.py $(FIDEDIFF) --data $(DATA) $(or $(TORTURE),--report docs/reliability.md)

share: build ## man page and shell completions, from the commands' own definitions, into .build/share
	@deploy/setup.sh mandoc
	@BUILD=--static-swift-stdlib deploy/share.sh $(FIDEDIFF) .build/share

package: share ## a .deb and a tarball that run on Debian 12 without a compiler, into .build/package
	@deploy/setup.sh dpkg-dev
	@deploy/package.sh $(FIDEDIFF) .build/share .build/package

test-package: package .venv-tests/ready ## install the package in a bare Debian 12 root and deblur a photograph there
	@deploy/setup.sh debootstrap
	@$(TESTER) Tests/Deploy/package.py .build/package

.venv/ready: training/requirements.txt
	@deploy/setup.sh python3-venv
	@python3 -m venv .venv
	@.venv/bin/pip install -q --disable-pip-version-check -r training/requirements.txt
	@touch .venv/ready

evaluate: build .venv/ready ## what the shipped weights, or those of MODEL, gain on the evaluation pictures, by set and kind of blur, with intervals
	@$(PYTHON) -m training.losses.fetch
	@$(PYTHON) -m training.measure.evaluate --data $(DATA)/eval/gopro $(DATA)/eval/synthetic $(DATA)/eval2 --fidediff $(FIDEDIFF) $(if $(MODEL),--model $(MODEL)) $(EVALUATE)
	@$(PYTHON) -m training.measure.monotone --data $(DATA)/eval --fidediff $(FIDEDIFF) $(if $(MODEL),--model $(MODEL)) --max-fall 25

campaign: .venv/ready ## train in the background, by itself, for HOURS (24) hours or until make campaign-stop; it goes on from where it was
	@deploy/setup.sh gcc libc6-dev libtcmalloc-minimal4 fonts-dejavu-core
	@$(PYTHON) -m training.losses.fetch > /dev/null
	@mkdir -p .train/campaign
	@setsid nohup $(PYTHON) -m training.runs.campaign --hours $(HOURS) --data $(DATA) >> .train/campaign/campaign.out 2>&1 &
	@sleep 5; $(PYTHON) -m training.runs.campaign --status

campaign-status: .venv/ready ## one screen: is the training running, the last figures, what to do next
	@$(PYTHON) -m training.runs.campaign --status

campaign-stop: .venv/ready ## end the training within a minute, everything saved
	@$(PYTHON) -m training.runs.campaign --stop

test-training: .venv/ready ## the unit tests of training/, and the run on a GPU rehearsed on the CPU
	@deploy/setup.sh gcc libc6-dev fonts-dejavu-core
	@$(PYTHON) -m unittest discover -q -s training/tests -t .
	@training/gpu.sh rehearse

check-parity: build .venv/ready ## compare every stage of tiny, default and paper with PyTorch and diffusers
	@$(PYTHON) -m training.parity.check --fidediff $(FIDEDIFF) $(PARITY)

check-loops: ## hold the loops' AVX-512, AVX2, baseline and NEON code against their definitions, by emulation where need be
	@deploy/setup.sh binutils libc6-dev libc6-dev-arm64-cross libgcc-12-dev-arm64-cross qemu-user
	@Tests/Loops/check.sh

check-fixtures: .venv/ready ## see that the golden fixtures are reproduced byte for byte
	@$(PYTHON) -m training.parity.fixtures --check

bench: build ## time the engine on a 1280x720 picture; a row into bench/results/engine.csv
	@deploy/setup.sh python3 python3-pil
	@/usr/bin/python3 bench/engine.py $(FIDEDIFF) $(BENCH)

bench-throughput: build ## time a queue of pictures of mixed sizes beside the engine alone
	@deploy/setup.sh python3 python3-pil
	@/usr/bin/python3 bench/throughput.py $(FIDEDIFF) $(THROUGHPUT)

.venv-peers/ready: bench/peers/requirements.txt
	@deploy/setup.sh python3-venv gcc libc6-dev
	@python3 -m venv .venv-peers
	@.venv-peers/bin/pip install -q --disable-pip-version-check -r bench/peers/requirements.txt
	@touch .venv-peers/ready

bench-peers: build .venv-peers/ready ## time the network beside PyTorch, ONNX Runtime and OpenVINO
	@.venv-peers/bin/python bench/peers/run.py $(FIDEDIFF) $(PEERS)

bench-http: build ## time the HTTP side beside the same routes written with Hummingbird 2
	@deploy/setup.sh python3 wrk
	@swift build -c release --package-path bench/http
	@/usr/bin/python3 bench/http/run.py $(FIDEDIFF) bench/http/.build/release/peer $(HTTP)

bench-attacks: build ## ask for /healthz while thousands of connections hold or crowd the server, nginx beside it
	@deploy/setup.sh python3 nginx-light
	@/usr/bin/python3 bench/http/attacks.py $(FIDEDIFF) $(ATTACKS)

bench-store: setup ## time every statement of the service over a million jobs
	@swift run -c release --package-path bench/store bench-store

clean: ## remove what was built
	@rm -rf .build .build-image .venv .venv-tests .venv-peers bench/http/.build bench/store/.build Tests/Fuzz/.build
