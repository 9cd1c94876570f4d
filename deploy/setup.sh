# From a clone to a build: the Debian packages that hubbub is built and tested with, and the verbs that deploy/run,
# tests/run and the Dockerfile share. It knows no test, no setting of the hub, and touches nothing outside the clone
# but apt's packages and ccache. Sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(g++ cmake ninja-build ccache pkg-config libcaf-dev libsoci-dev nlohmann-json3-dev libcli11-dev libspdlog-dev
                libpq-dev libsqlite3-dev libutf8proc-dev zlib1g-dev libssl-dev libsystemd-dev
                prometheus-cpp-dev)
# What each step of tests/run needs beside these.
declare -A test_packages=(
  [format]="clang-format"
  [tidy]="clang-tidy clang libclang-rt-dev doctest-dev"
  [suites]="doctest-dev postgresql pgbouncer sqlite3"
  [unit]="doctest-dev postgresql pgbouncer sqlite3 clang llvm libclang-rt-dev"
  [server]="doctest-dev postgresql pgbouncer sqlite3 openssl clang llvm libclang-rt-dev"
  [flood]="doctest-dev postgresql pgbouncer sqlite3"
  [fuzz]="clang llvm libclang-rt-dev doctest-dev"
  [threads]="doctest-dev postgresql pgbouncer sqlite3 dpkg-dev"
  [api]="nodejs npm prometheus sqlite3"
  [browser]="nodejs npm chromium postgresql sqlite3 openssl"
  [package]="nodejs npm systemd dpkg-dev file help2man"
  [docker]="nodejs npm openssl"
)

# Bookworm's libboost-dev is 1.74, too old for the hub and in conflict with the 1.81 beside it; later releases have one Boost.
if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release
then build_packages+=(libboost1.81-dev libboost-url1.81-dev)
else build_packages+=(libboost-dev libboost-url-dev)
fi
# Clones share what they compile, and so do deploy/run and tests/run: paths below the clone do not count, and there is one
# language for the compiler's messages, which ccache keeps with what it compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 LC_ALL=C.UTF-8

# Boost.Beast and CAF take up to 1.5 GB a compiler.
memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
jobs=$(nproc)
if ((jobs > memory_kb / 1500000)); then jobs=$((memory_kb / 1500000)); fi
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$((jobs > 0 ? jobs : 1))}

die() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

# step WHAT COMMAND…: says what is done, does it, and says how long it took or that it failed.
step() {
  local what=$1 began=$SECONDS status
  shift
  printf '==> %s\n' "$what"
  "$@" && status=0 || status=$?
  ((status == 0)) || die "$what: failed (exit $status)"
  printf '==> %s: %d s\n' "$what" $((SECONDS - began))
}

# missing PACKAGE…: those of them that are not installed.
missing() {
  comm -13 <(dpkg-query -Wf '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u) \
           <(printf '%s\n' "$@" | sort -u)
}

# apt_install PACKAGE…: apt as root. It waits while another apt runs and never removes a package to make room.
apt_install() {
  local as_root=()
  if ((UID != 0)); then
    command -v sudo >/dev/null || die "not root and no sudo here; let root run: apt-get install $*"
    as_root=(sudo)
  fi
  # apt waits for the lock of its packages but not for that of its lists: two clones take turns by flock.
  local apt=("${as_root[@]}" flock /var/lib/apt env DEBIAN_FRONTEND=noninteractive
             apt-get -q -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update || echo "apt-get update failed: going on with the package lists that are here"
  "${apt[@]}" install -y --no-install-recommends --no-remove "$@"
}

# need PACKAGE…: installs what is missing, and notes it in build/installed-packages so that it can be removed again. It asks
# apt for nothing when nothing is missing.
need() {
  # Node.js often comes from elsewhere, and Debian's npm would not install beside it.
  if command -v npm >/dev/null; then
    local package wanted=()
    for package; do [[ $package == nodejs || $package == npm ]] || wanted+=("$package"); done
    set -- "${wanted[@]}"
  fi
  command -v dpkg-query >/dev/null || die "packages are set up on Debian alone; elsewhere use the container (README, First run), or install by hand what deploy/setup.sh names and build with CMake"
  local packages
  mapfile -t packages < <(missing "$@")
  ((${#packages[@]} > 0)) || return 0
  echo "missing: ${packages[*]}"
  step "install what is missing" apt_install "${packages[@]}"
  mkdir -p "$root/build" && printf '%s\n' "${packages[@]}" >>"$root/build/installed-packages"
}

# build PRESET [TARGET…]: configures and builds into build/PRESET. Our presets make the compiler's warnings errors, which
# WARNINGS=allowed takes back, for a compiler that is newer than those that the presets are tried with.
build() {
  local preset=$1 flags=()
  shift
  if [[ ${WARNINGS-} == allowed ]]; then flags+=(--compile-no-warning-as-error); fi
  step "configure $preset" cmake --preset "$preset" "${flags[@]}"
  step "build $preset, $CMAKE_BUILD_PARALLEL_LEVEL at a time" cmake --build --preset "$preset" ${1:+--target "$@"}
}
