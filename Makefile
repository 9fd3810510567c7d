# Everything that is done by hand often. Each target installs what it needs, and only that.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test test-agents check bench bindings icons setup setup-%

PAGE := ui/dist/index.html
PAGE_SOURCES := $(shell find ui -type f -not -path 'ui/dist/*' -not -path 'ui/node_modules/*' -not -path 'ui/tests/*' \
	-not -path 'ui/src/bindings/*' -not -name '*.test.ts')

# The app, on this screen or, without one, in a virtual desktop.
run: setup-build $(PAGE)
	@cargo build --workspace --bins
	@scripts/run.sh

# Every test: the page, the page in a browser, Rust, the app on a real desktop, the examples in the documentation.
test: setup-test
	@npm --prefix ui test
	@npm --prefix ui run test:browser
	@cargo build --workspace --bins
	@cargo nextest run --workspace
	@cargo test --quiet --workspace --doc

# The real agents, two gigabytes of them, against an API of ours: whether they still log what the ledger reads. Not in CI.
test-agents: setup-agents
	@cargo build --package spendmeter-cli
	@cargo nextest run --package acceptance --features agents --test agents

# What everyone runs before a commit: format, lints, types, documentation, dependencies, bindings.
check: setup-check $(PAGE)
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --features acceptance/agents -- -D warnings
	@RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps
	@npm --prefix ui run --silent check
	@scripts/bindings.sh --check
	@cargo deny --log-level error check licenses bans sources
	@cargo machete
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run scripts/*.sh; fi

# What a person waits for, beside what rivals take; writes docs/benchmarks.md. Takes about half an hour and wants a machine
# of its own. Measured as a user: for root, SQLite sets the owner of its log anew whenever it opens it, which is a write.
bench: AS_USER = $(shell user="unshare --user --map-user=1000 --map-group=1000"; \
	[ "$$(id -u)" = 0 ] && $$user true 2>/dev/null && echo "$$user")
bench: setup-bench $(PAGE)
	@cargo bench --quiet
	@cargo build --release --quiet -p spendmeter -p spendmeter-cli
	@$(AS_USER) cargo run --release --quiet -p bench

# The TypeScript types of what Rust hands to the page.
bindings: setup-build $(PAGE)
	@scripts/bindings.sh

# The icon set, from icons/*.svg.
icons: setup-icons
	@scripts/icons.sh

# Everything that any target installs.
setup: setup-test setup-check setup-icons setup-bench

setup-%:
	@scripts/setup.sh $*

# The app carries the page in its binary.
$(PAGE): $(PAGE_SOURCES) | setup-build
	@npm --prefix ui run --silent build
