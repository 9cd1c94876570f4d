# From a clone to a build: the Debian packages that hubbub is built and tested with, and the verbs that deploy/run,
# tests/run and the Dockerfile share. It knows no test, no setting of the hub, and touches nothing outside the clone
# but apt's packages and ccache. Sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(g++ cmake ninja-build ccache pkg-config libcaf-dev libsoci-dev nlohmann-json3-dev libcli11-dev libspdlog-dev
                libpq-dev libsqlite3-dev libutf8proc-dev zlib1g-dev libssl-dev libjwt-dev libsystemd-dev
                prometheus-cpp-dev)
test_packages=(doctest-dev clang clang-format clang-tidy libclang-rt-dev postgresql pgbouncer prometheus sqlite3 openssl
               chromium systemd dpkg-dev file help2man)

# Bookworm's libboost-dev is 1.74, too old for the hub and in conflict with the 1.81 beside it; later releases have one Boost.
if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release
then build_packages+=(libboost1.81-dev libboost-url1.81-dev)
else build_packages+=(libboost-dev libboost-url-dev)
fi
# Node.js often comes from elsewhere, and Debian's npm would not install beside it.
command -v npm >/dev/null || test_packages+=(nodejs npm)

# Clones share what they compile: paths below the clone do not count.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

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

# need PACKAGE…: installs what is missing, and asks apt for nothing when nothing is.
need() {
  command -v dpkg-query >/dev/null || die "packages are set up on Debian 12 or later; elsewhere install by hand what is in deploy/setup.sh and use CMake"
  local packages
  mapfile -t packages < <(missing "$@")
  ((${#packages[@]} > 0)) || return 0
  echo "missing: ${packages[*]}"
  step "install what is missing" apt_install "${packages[@]}"
}

# build PRESET [TARGET…]: configures and builds into build/PRESET.
build() {
  local preset=$1
  shift
  step "configure $preset" cmake --preset "$preset"
  step "build $preset, $CMAKE_BUILD_PARALLEL_LEVEL at a time" cmake --build --preset "$preset" ${1:+--target "$@"}
}
