# Perennial's commands. `make` alone prints them.
#
# Everything is built into .state/ and bin/, which git ignores; `make clean` removes it all.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo bench chaos dev build test fuzz lint generate postgresql sqlc clean

STATE := $(CURDIR)/.state
TOOLS := $(STATE)/bin
DEVSERVER := $(TOOLS)/devserver

help: ## print this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build postgresql ## a car dealership lives two months in five minutes: DAYS=60 RATE=17280 SEED= CUSTOMERS=300 JSON= COMPARE= KEEP=
	@bin/starter demo $(if $(DAYS),--days=$(DAYS)) $(if $(RATE),--rate=$(RATE)) $(if $(SEED),--seed=$(SEED)) $(if $(CUSTOMERS),--customers=$(CUSTOMERS)) $(if $(JSON),--report=$(JSON)) $(if $(COMPARE),--compare=$(COMPARE)) $(if $(KEEP),--keep)

bench: build postgresql ## what it costs, beside what Temporal alone costs: JSON= POSTGRES=1 and, for a quick look, ROUNDS= RUNNING= STARTS= SLEEPERS=
	@bin/starter bench $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(RUNNING),--running=$(RUNNING)) $(if $(STARTS),--starts=$(STARTS)) $(if $(SLEEPERS),--sleepers=$(SLEEPERS)) $(if $(POSTGRES),--postgres) $(if $(JSON),--report=$(JSON))

chaos: build postgresql ## everything is killed and stopped under load, and what was lost is counted: MINUTES=5 SEED=1 JSON= KEEP=
	@bin/starter chaos $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(SEED),--seed=$(SEED)) $(if $(JSON),--report=$(JSON)) $(if $(KEEP),--keep)

dev: build postgresql ## everything on this machine, until Ctrl-C
	@bin/starter dev

build: $(DEVSERVER) ## bin/starter, bin/worker, and Temporal's dev server
	@go build -o bin/ ./starter ./worker

test: postgresql $(DEVSERVER) ## all tests, on a real PostgreSQL and a real Temporal
	@go build ./...
	@go test -p=1 -timeout=30m $(TESTFLAGS) ./... # whole machines live and die in some of them, by fast clocks: a package has the machine for itself
	@cd deploy/devserver && go test $(TESTFLAGS) ./...
	@cd deploy/rules && go test $(TESTFLAGS) -count=1 ./... # what it checks is outside its module, so Go would not see it change

fuzz: ## every fuzz target, one after the other: TIME=5s for each
	@tools/fuzz $(or $(TIME),5s)

lint: $(TOOLS)/golangci-lint $(TOOLS)/workflowcheck $(TOOLS)/sqlc $(TOOLS)/govulncheck ## format, golangci-lint, deterministic workflows, generated code up to date, known vulnerabilities
	@$(TOOLS)/golangci-lint run ./...
	@cd deploy/devserver && $(TOOLS)/golangci-lint run ./...
	@cd deploy/rules && $(TOOLS)/golangci-lint run ./...
	@$(TOOLS)/workflowcheck -config workflows/workflowcheck.yaml ./workflows/...
	@go test -count=1 -run '^TestGeneratedCodeIsWhatTheQueriesSay$$' ./store
	@tools/vulnerabilities $(TOOLS)/govulncheck $(STATE)

generate: $(TOOLS)/sqlc ## code from SQL and from go:generate lines
	@cd store && $(TOOLS)/sqlc generate
	@PATH="$(TOOLS):$$PATH" go generate ./...

clean: ## remove what was built, and the data of this machine's stack
	@rm -rf bin .state

# Temporal's dev server is a module of its own. Its first build takes minutes, so it says so.
$(DEVSERVER): $(shell find deploy/devserver -type f)
	@mkdir -p $(@D)
	@[ -e $@ ] || echo "Building Temporal's dev server. The first time this takes some minutes."
	@cd deploy/devserver && go build -ldflags='-s -w' -o $@ .
	@touch $@

$(TOOLS)/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(TOOLS)/workflowcheck: PACKAGE := go.temporal.io/sdk/contrib/tools/workflowcheck
$(TOOLS)/sqlc: PACKAGE := github.com/sqlc-dev/sqlc/cmd/sqlc
$(TOOLS)/govulncheck: PACKAGE := golang.org/x/vuln/cmd/govulncheck
$(TOOLS)/golangci-lint $(TOOLS)/workflowcheck $(TOOLS)/sqlc $(TOOLS)/govulncheck: tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	@echo "Building $(@F). The first time this takes some minutes."
	@cd tools && go build -ldflags='-s -w' -o $@ $(PACKAGE)
	@touch $@

sqlc: $(TOOLS)/sqlc # for the test of generated code

# With a DATABASE_URL of your own, dev needs no PostgreSQL here; tests and the demo always do.
postgresql:
	@$(if $(and $(filter dev,$(MAKECMDGOALS)),$(DATABASE_URL)),,tools/install-postgresql)
