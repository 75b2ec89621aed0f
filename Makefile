# triggerFS. Two commands on a fresh machine: `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

MACHINE := $(shell uname -m)
RID := $(if $(filter aarch64,$(MACHINE)),linux-arm64,linux-x64)
TRIPLET := $(MACHINE)-linux-gnu
NATIVE := out/$(RID)/triggerfs
STATIC := out/$(RID)-static/triggerfs
ARM64 := out/linux-arm64-static/triggerfs

UNITS := $(notdir $(wildcard Commands/Systemd/*.service))
PREFIX ?= /usr/local
DESTDIR ?=
# The oldest CPU that a program is for, in ILC's words. Static programs are handed out, so they run everywhere unless it is
# set. A native one is for this machine: the compiler cannot leave the choice between its levels to the program, and a
# whole program that was made for AVX-512 carries a fifth more of long messages than one that looks for AVX2.
CPU ?=
FLAGS := $(shell grep -m 1 -w ^flags /proc/cpuinfo)
has = $(if $(filter-out $(FLAGS),$(1)),,$(2))
NATIVE_CPU := $(firstword $(CPU) $(call has,avx512f avx512bw avx512cd avx512dq avx512vl,x86-64-v4) \
    $(call has,avx2 bmi1 bmi2 f16c fma abm movbe,x86-64-v3))
FUZZ_SECONDS ?= 60
SEEDS ?= 100000
# Each run of `make simulate` has other seeds, unless this names the first.
FIRST ?= $(shell echo $$(( RANDOM * 32768 + RANDOM )))
MINUTES ?= 1

SOURCES := triggerfs.csproj Directory.Build.props Directory.Build.targets Directory.Packages.props triggerfs.toml \
    $(shell find Program.cs Commands Core Transport Fs Broker -name '*.cs' -o -name '*.sql')

BUILD_PACKAGES := clang lld cmake binutils libssl-dev libsqlite3-dev zlib1g-dev
ARM64_PACKAGES := clang lld cmake binutils-aarch64-linux-gnu gcc-aarch64-linux-gnu qemu-user-static \
    libc6-dev:arm64 libsqlite3-dev:arm64 libssl-dev:arm64 zlib1g-dev:arm64 libstdc++-12-dev:arm64
# The kernel's headers of the other architecture: what we know of its structs is held against both.
TEST_PACKAGES := fuse3 systemd tmux gcc libzmq3-dev clang linux-libc-dev \
    linux-libc-dev-$(if $(filter aarch64,$(MACHINE)),amd64,arm64)-cross python3 python3-zmq libsodium23 procps strace \
    busybox attr curl faketime file inotify-tools iproute2 nano nftables python3-aiosmtpd \
    rsync sqlite3 vim-tiny wget
BENCH_PACKAGES := nats-server mosquitto openssl gcc libc6-dev libfuse3-dev python3 parallel gearman-job-server \
    gearman-tools

.PHONY: help build demo test native static arm64 bench lint fuzz simulate soak install uninstall clean dotnet

help: ## list what can be made
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):[^#]*## */\1\t/' | expand -t 12

dotnet:
	@command -v dotnet > /dev/null || { \
	    echo "make: the .NET SDK 10 is missing: https://dotnet.microsoft.com/download (or your distribution's dotnet-sdk-10.0)" >&2; \
	    exit 1; }

build: dotnet ## compile (for development; runs with `dotnet run --`)
	dotnet build triggerfs.csproj -nologo -v quiet

demo: native ## run the whole tour on this machine, in a temporary folder
	@tests/EndToEnd/demo.sh $(NATIVE)

# What the tests start hundreds of times is what people run, which is also there thirty times sooner than a program that
# is compiled while it starts. A test by itself needs no native program: `dotnet test --filter …` takes the compiled one.
test soak: export TRIGGERFS_BINARY ?= $(NATIVE)

test: native ## run all tests, with the native program
	@.ci/need $(TEST_PACKAGES)
	dotnet test tests/triggerfs.tests.csproj -nologo

native: $(NATIVE) ## one file for this machine, out/linux-x64/triggerfs

$(NATIVE): $(SOURCES) | dotnet
	@.ci/need $(BUILD_PACKAGES)
	dotnet publish triggerfs.csproj -nologo -v quiet -clp:ErrorsOnly -c Release -r $(RID) -o $(@D) \
	    -p:TriggerfsNative=dynamic -p:TriggerfsTriplet=$(TRIPLET) -p:TriggerfsCpu=$(NATIVE_CPU)

static: $(STATIC) ## one file for this machine that needs no library, out/linux-x64-static/triggerfs

$(STATIC): $(SOURCES) | dotnet
	@.ci/need $(BUILD_PACKAGES)
	dotnet publish triggerfs.csproj -nologo -v quiet -clp:ErrorsOnly -c Release -r $(RID) -o $(@D) \
	    -p:TriggerfsNative=static -p:TriggerfsTriplet=$(TRIPLET) -p:TriggerfsCpu=$(CPU)

arm64: $(ARM64) ## one static file for a Raspberry Pi, out/linux-arm64-static/triggerfs

# The flags are for the OpenSSL shim, which the SDK compiles.
$(ARM64): $(SOURCES) | dotnet
	@.ci/need --arch=arm64 $(ARM64_PACKAGES)
	CFLAGS=--target=aarch64-linux-gnu LDFLAGS=--target=aarch64-linux-gnu \
	    dotnet publish triggerfs.csproj -nologo -v quiet -clp:ErrorsOnly -c Release -r linux-arm64 -o $(@D) \
	    -p:TriggerfsNative=static -p:TriggerfsTriplet=aarch64-linux-gnu

bench: native ## measure, side by side with the alternatives (BENCH='--quick' for a short run)
	@.ci/need $(BUILD_PACKAGES) $(BENCH_PACKAGES)
	dotnet publish tests/Bench/bench.csproj -nologo -v quiet -clp:ErrorsOnly -c Release -r $(RID) -o out/bench \
	    -p:TriggerfsCpu=$(NATIVE_CPU)
	out/bench/bench --triggerfs $(NATIVE) $(BENCH)

# Every build runs the analyzers, as errors; what it does not look at is the order of imports, and white space.
lint: dotnet ## formatting, house rules, and whether the benchmarks still compile
	dotnet build tests/Bench/bench.csproj -nologo -v quiet -clp:ErrorsOnly
	for project in triggerfs.csproj tests/triggerfs.tests.csproj; do \
	    dotnet format whitespace $$project --verify-no-changes; \
	    dotnet format style $$project --no-restore --verify-no-changes; \
	done
	dotnet test tests/triggerfs.tests.csproj -nologo --filter FullyQualifiedName~Tests.Repository

fuzz: dotnet ## feed rubbish to every parser for a while (FUZZ_SECONDS=60 each); what fails is kept in tests/Corpus
	TRIGGERFS_FUZZ_SECONDS=$(FUZZ_SECONDS) \
	    dotnet test tests/triggerfs.tests.csproj -nologo --filter Category=Fuzz -- xUnit.MaxParallelThreads=16

simulate: dotnet ## lead brokers, workers, clients and mounts through years of trouble in memory (SEEDS=100000, FIRST=seed)
	TRIGGERFS_SEEDS=$(SEEDS) TRIGGERFS_SEED_FIRST=$(FIRST) \
	    dotnet test tests/triggerfs.tests.csproj -nologo --filter FullyQualifiedName~Simulation \
	    --logger 'console;verbosity=detailed'

soak: native ## run the tests that look for what leaks, for a while (MINUTES=1 each)
	@.ci/need $(TEST_PACKAGES)
	TRIGGERFS_SOAK_SECONDS=$$(( $(MINUTES) * 60 )) \
	    dotnet test tests/triggerfs.tests.csproj -nologo --filter Category=Soak --logger 'console;verbosity=detailed'

install: native ## install the program, its names and units for systemd (PREFIX=/usr/local, DESTDIR=)
	install -D -m 0755 $(NATIVE) $(DESTDIR)$(PREFIX)/bin/triggerfs
	for name in triggerfs-worker triggerfs-client triggerfs-cli triggerfs-broker mount.triggerfs; do \
	    ln -sf triggerfs $(DESTDIR)$(PREFIX)/bin/$$name; done
	install -d $(DESTDIR)/sbin
	for name in mount.triggerfs mount.fuse.triggerfs; do ln -sf $(PREFIX)/bin/triggerfs $(DESTDIR)/sbin/$$name; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in $(UNITS); do \
	    sed 's|@BIN@|$(PREFIX)/bin|' Commands/Systemd/$$unit > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; done
	install -D -m 0644 Commands/Systemd/triggerfs.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/triggerfs.conf

uninstall: ## remove what install laid down
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,triggerfs triggerfs-worker triggerfs-client triggerfs-cli triggerfs-broker \
	    mount.triggerfs) $(DESTDIR)/sbin/mount.triggerfs $(DESTDIR)/sbin/mount.fuse.triggerfs \
	    $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(UNITS)) $(DESTDIR)$(PREFIX)/lib/sysusers.d/triggerfs.conf

clean: ## remove everything that was built
	rm -rf out bin obj tests/bin tests/obj tests/Bench/bin tests/Bench/obj tests/TestResults
