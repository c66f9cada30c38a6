# One target, one purpose. `make` alone lists them.

GO          ?= go
FUZZTIME    ?= 60s
COUNT       ?= 20
STATICCHECK ?= $(GO) tool staticcheck

# The interop tests run real processes and have a target of their own.
UNIT = $(shell $(GO) list ./... | grep -v '/interop$$')

.PHONY: help test peers fmt vet staticcheck floors unit interop interop-full repeat fuzz bench golden
.NOTPARALLEL:

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

test: peers fmt vet staticcheck floors unit interop ## everything a change must pass

peers: ## install the peers that the tests talk to, where that is allowed
	@scripts/install-peers

fmt: ## fail on files that gofmt would change
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi

vet: ## go vet
	$(GO) vet ./...

staticcheck: ## staticcheck, no exceptions
	$(STATICCHECK) ./...

floors: ## the rules of the house: floors, go statements, file lengths, globals
	$(GO) test -count=1 .  ./internal/house

unit: ## all tests but interop, with the race detector, shuffled
	$(GO) test -race -shuffle=on $(UNIT)

interop: ## real peers, counts that fit in minutes
	$(GO) test -race -shuffle=on -count=1 -timeout 15m ./interop

interop-full: ## real peers, the full counts
	INTEROP_FULL=1 $(GO) test -count=1 -v -timeout 30m ./interop

repeat: ## the unit tests COUNT times, shuffled anew each time
	$(GO) test -race -shuffle=on -count=$(COUNT) -timeout 60m $(UNIT)

fuzz: ## every fuzz target of the module, FUZZTIME each
	@GO="$(GO)" FUZZTIME="$(FUZZTIME)" scripts/fuzz

bench: ## CPU and memory of a call beside the floor, and the Go benchmarks
	$(GO) run ./bench/run

golden: ## write the golden files and the table of go statements anew; review the diff
	$(GO) test ./internal/machine/... -update
	$(GO) test . -run TestGoStatements -house.update
