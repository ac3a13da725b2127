# On a fresh Debian or Ubuntu machine, `make run` and `make test` are all the set-up there is.

export PATH := $(HOME)/.cargo/bin:$(PATH)
CARGO := cargo

.DEFAULT_GOAL := help
# What is lacking is installed before anything is built, also under `make -j`.
.NOTPARALLEL:
.PHONY: help run test laboratory wayland fuzz bench soak lint deny screenshots clean install-run install-test install-wayland install-deny programs display
BUILT := $(or $(CARGO_TARGET_DIR),target)/debug
MEASURED := $(or $(CARGO_TARGET_DIR),target)/bench

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: display install-run programs ## install what is lacking, build, open the window in a live demo room
	$(BUILT)/incamera demo

test: install-test programs ## install what is lacking, run every test without a screen, and the laboratory
	scripts/headless.sh $(CARGO) test --locked --workspace
	scripts/laboratory --peer $(BUILT)/incamera-peer --tools $(BUILT)/incamera-laboratory --tries 3

laboratory: install-test programs ## who reaches whom over NATs, firewalls and dying relays: prints the table of docs/laboratory.md
	scripts/laboratory --peer $(BUILT)/incamera-peer --tools $(BUILT)/incamera-laboratory --require

wayland: install-wayland programs ## share a real Wayland desktop that nobody sees, and look at what arrives
	scripts/wayland --peer $(BUILT)/incamera-peer --require

fuzz: ## throw hostile bytes at whatever reads foreign bytes, a minute each, by coverage where cargo-fuzz is installed
	scripts/fuzz

bench: install-run programs ## print what the media pipeline, whole rooms and the keys cost, with Chromium beside it where it is installed
	@mkdir -p $(MEASURED)
	$(BUILT)/incamera-bench all \
	    --json $(MEASURED)/bench.json --svg $(MEASURED)/bench.svg --markdown $(MEASURED)/bench.md
	@echo 'written: $(MEASURED)/bench.json, bench.svg, bench.md'
	$(CARGO) bench --locked --profile dev -p benches

soak: install-run programs ## an hour of a room in real time, or so many seconds: make soak FOR=600
	$(BUILT)/incamera-bench soak --seconds $(or $(FOR),3600)

lint: install-test ## formatting, and every warning of clippy as an error
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) fmt --manifest-path fuzz/libfuzzer/Cargo.toml --check
	$(CARGO) fmt --manifest-path fuzz/sanitized/Cargo.toml --check

deny: install-deny ## install cargo-deny if it is lacking, check licences, sources and advisories of all dependencies
	scripts/deny

screenshots: install-test ## take the pictures in docs/ from the real window
	scripts/screenshots.sh

clean: ## remove what was built
	$(CARGO) clean

# Every program, in one set of features: built for one package alone, a hundred dependencies, Bevy among them, would be
# compiled a second time. `cargo test` builds only the programs that integration tests ask for.
programs:
	$(CARGO) build --locked --workspace --bins

install-run:
	@scripts/install-dependencies.sh run

install-wayland:
	@scripts/install-dependencies.sh wayland

install-deny:
	@scripts/install-dependencies.sh deny

install-test:
	@scripts/install-dependencies.sh test

# Said before a quarter of an hour of building, not after it.
display:
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    echo 'error: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.' >&2; \
	    echo 'To see the room in pictures instead: make screenshots   (they lie in docs/)' >&2; \
	    echo 'To run the window on a screen that nobody sees: xvfb-run -a make run' >&2; \
	    exit 1; fi
