# On a fresh Debian or Ubuntu machine, `make run` and `make test` need no other setup.

export PATH := $(HOME)/.cargo/bin:$(PATH)
CARGO := cargo

.DEFAULT_GOAL := help
# Missing packages are installed before anything is built, also under `make -j`.
.NOTPARALLEL:
.PHONY: help run test check laboratory wayland fuzz bench soak lint deny screenshots clean install-run install-test install-wayland install-deny programs display
BUILT := $(or $(CARGO_TARGET_DIR),target)/debug
MEASURED := $(or $(CARGO_TARGET_DIR),target)/bench

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: display install-run programs ## install missing packages, build, and open the window in a live demo room
	$(BUILT)/incamera demo

test: install-test programs ## install missing packages, and run every test without a screen, and the laboratory
	scripts/headless.sh $(CARGO) test --locked --workspace
	scripts/laboratory --peer $(BUILT)/incamera-peer --tools $(BUILT)/incamera-laboratory --tries 3

check: install-test ## check what changed: the house's rules, format, lints, and unit tests of the crates you touched
	scripts/check

laboratory: install-test programs ## connect people across NATs, firewalls and failing relays, and print the table of docs/laboratory.md
	scripts/laboratory --peer $(BUILT)/incamera-peer --tools $(BUILT)/incamera-laboratory --require

wayland: install-wayland programs ## share the screen of a headless Wayland desktop, and check the pictures that arrive
	scripts/wayland --peer $(BUILT)/incamera-peer --require

fuzz: ## fuzz every parser of foreign bytes for a minute each, guided by coverage where cargo-fuzz is installed
	scripts/fuzz

bench: install-run programs ## measure the media pipeline, whole rooms and the keys, beside Chromium where it is installed
	@mkdir -p $(MEASURED)
	$(BUILT)/incamera-bench all \
	    --json $(MEASURED)/bench.json --svg $(MEASURED)/bench.svg --markdown $(MEASURED)/bench.md
	@echo 'written: $(MEASURED)/bench.json, bench.svg, bench.md'
	$(CARGO) bench --locked --profile dev -p benches

soak: install-run programs ## run a room in real time for an hour, or for the seconds given: make soak FOR=600
	$(BUILT)/incamera-bench soak --seconds $(or $(FOR),3600)

lint: install-test ## check the rules of the house and the format, and treat every clippy warning as an error
	scripts/house
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) fmt --manifest-path fuzz/libfuzzer/Cargo.toml --check
	$(CARGO) fmt --manifest-path fuzz/sanitized/Cargo.toml --check

deny: install-deny ## check licences, sources and advisories of all dependencies; installs cargo-deny if it is missing
	scripts/deny

screenshots: install-test ## take the pictures in docs/ from the real window
	scripts/screenshots.sh

clean: ## remove all build outputs
	$(CARGO) clean

# Every program, with one set of features. Building a single package would compile about a hundred dependencies, including
# Bevy, a second time. `cargo test` builds only the programs that integration tests need.
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

# Reported before the build, which can take a quarter of an hour, not after it.
display:
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    echo 'error: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.' >&2; \
	    echo 'To take pictures of the room instead: make screenshots   (saved in docs/)' >&2; \
	    echo 'To run the window on a virtual screen: xvfb-run -a make run' >&2; \
	    exit 1; fi
