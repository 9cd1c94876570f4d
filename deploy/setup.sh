# The Debian packages that hubbub is built and tested with, and the functions that deploy/run, deploy/docs, tests/run and
# deploy/Dockerfile share. Knows packages and builds; must not know tests or settings of the hub. Changes nothing outside the
# clone, except apt's packages and ccache. Sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(g++ cmake ninja-build ccache pkg-config libcaf-dev libsoci-dev nlohmann-json3-dev libcli11-dev libspdlog-dev
                libpq-dev libsqlite3-dev libbrotli-dev libutf8proc-dev libicu-dev zlib1g-dev libssl-dev libsystemd-dev
                prometheus-cpp-dev)
# The further packages that each step of tests/run needs.
declare -A test_packages=(
  [format]="clang-format"
  [tidy]="clang-tidy clang libclang-rt-dev doctest-dev"
  [suites]="doctest-dev postgresql pgbouncer sqlite3"
  [unit]="doctest-dev postgresql pgbouncer sqlite3 clang llvm libclang-rt-dev"
  [server]="doctest-dev postgresql pgbouncer sqlite3 openssl clang llvm libclang-rt-dev"
  [flood]="doctest-dev postgresql pgbouncer sqlite3"
  [fuzz]="clang llvm libclang-rt-dev doctest-dev"
  [threads]="doctest-dev postgresql pgbouncer sqlite3 dpkg-dev"
  [api]="nodejs npm prometheus postgresql sqlite3"
  [browser]="nodejs npm chromium postgresql sqlite3 openssl"
  [package]="nodejs npm systemd dpkg-dev file help2man"
  [docker]="nodejs npm openssl"
)

# Bookworm's libboost-dev is 1.74, which is too old for the hub and conflicts with its Boost 1.81. Later releases have one
# Boost.
if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release
then build_packages+=(libboost1.81-dev libboost-url1.81-dev)
else build_packages+=(libboost-dev libboost-url-dev)
fi
# With these, all clones share one cache of ccache: paths are relative to the clone, and the messages of the compiler, which
# ccache stores, have one language.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 LC_ALL=C.UTF-8

# A compiler of Boost.Beast and CAF needs up to 1.5 GB.
memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
jobs=$(nproc)
if ((jobs > memory_kb / 1500000)); then jobs=$((memory_kb / 1500000)); fi
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$((jobs > 0 ? jobs : 1))}

die() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

# step WHAT COMMAND…: runs the command, and prints what it does, and how long it took or that it failed.
step() {
  local what=$1 began=$SECONDS status
  shift
  printf '==> %s\n' "$what"
  "$@" && status=0 || status=$?
  ((status == 0)) || die "$what: failed (exit $status)"
  printf '==> %s: %d s\n' "$what" $((SECONDS - began))
}

# missing PACKAGE…: prints those packages that are not installed.
missing() {
  comm -13 <(dpkg-query -Wf '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u) \
           <(printf '%s\n' "$@" | sort -u)
}

# apt_install PACKAGE…: installs packages as root. Waits while another apt runs, and never removes a package.
apt_install() {
  local as_root=()
  if ((UID != 0)); then
    command -v sudo >/dev/null || die "this needs root or sudo; as root run: apt-get install $*"
    as_root=(sudo)
  fi
  # apt waits for the lock of its packages, but not for the lock of its lists, so flock lets two clones take turns.
  local apt=("${as_root[@]}" flock /var/lib/apt env DEBIAN_FRONTEND=noninteractive
             apt-get -q -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update || echo "apt-get update failed: continuing with the package lists of this machine"
  "${apt[@]}" install -y --no-install-recommends --no-remove "$@"
}

# need PACKAGE…: installs the missing packages, and lists them in build/installed-packages so that they can be removed again.
# Does not call apt if none is missing.
need() {
  # Node.js is often not Debian's, and then Debian's npm cannot be installed beside it.
  if command -v npm >/dev/null; then
    local package wanted=()
    for package; do [[ $package == nodejs || $package == npm ]] || wanted+=("$package"); done
    set -- "${wanted[@]}"
  fi
  command -v dpkg-query >/dev/null || die "this script installs packages on Debian only; elsewhere use the container (README, First run), or install the packages that deploy/setup.sh names and build with CMake"
  local packages
  mapfile -t packages < <(missing "$@")
  ((${#packages[@]} > 0)) || return 0
  echo "missing: ${packages[*]}"
  step "install the missing packages" apt_install "${packages[@]}"
  mkdir -p "$root/build" && printf '%s\n' "${packages[@]}" >>"$root/build/installed-packages"
}

# build PRESET [TARGET…]: configures and builds into build/PRESET. The presets make the compiler's warnings errors.
# WARNINGS=allowed undoes this, for a compiler that the presets were not tested with.
build() {
  local preset=$1 flags=()
  shift
  if [[ ${WARNINGS-} == allowed ]]; then flags+=(--compile-no-warning-as-error); fi
  step "configure $preset" cmake --preset "$preset" "${flags[@]}"
  step "build $preset, $CMAKE_BUILD_PARALLEL_LEVEL at a time" cmake --build --preset "$preset" ${1:+--target "$@"}
}
