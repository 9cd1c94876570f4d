# What the tests of deploy/compose.yaml and of its overlay share: a project of containers with a name of its own, which is
# removed at the end, and checks that hold for every service. Sourced by bash, which it leaves in deploy.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../deploy"

# Settings of the user's shell and of .env must not take effect.
unset COMPOSE_FILE $(sed -nE 's/^      ([A-Z_]+):.*/\1/p; s/.*\$\{([A-Z_]+).*/\1/p; s/.*:-\$\{([A-Z_]+).*/\1/p' compose.yaml compose.ha.yaml)
export COMPOSE_PROJECT_NAME=hubbub-test-$$
export PORT=0                             # a free port
export POSTGRES_PASSWORD='a@b:c/d%21 &e'  # characters that would need escaping in an address

compose() { docker compose --env-file /dev/null --progress quiet "$@"; }

clean() {
  local status=$?
  if ((status != 0)); then compose logs --tail 40 || true; fi
  if [[ -n ${clients-} ]]; then kill -KILL "$clients" 2>/dev/null || true; fi
  rm -f "${shown-}"
  compose down --volumes --rmi local --timeout 5 >/dev/null 2>&1 || echo "left over: docker compose -p $COMPOSE_PROJECT_NAME"
  exit $status
}
trap clean EXIT
trap 'exit 1' INT TERM

that() { printf '%4d s  that %s\n' "$SECONDS" "$*"; }
fail() { printf 'not so: %s\n' "$*" >&2; exit 1; }

build_images() {
  local log
  log=$(docker compose --env-file /dev/null --progress plain build 2>&1) || { tail -n 60 <<<"$log"; fail "the images build"; }
}

up() { compose up --detach --wait --wait-timeout 90 --quiet-pull "$@"; }
address() { compose port balancer 6088; }
port() { local at; at=$(address); echo "${at##*:}"; }
state() { docker inspect --format "$1" "${2:-$hub}"; }

# check_rights: no service is root, has needless rights, or lacks limits on memory and processes.
check_rights() {
  local each name limits line folder
  for each in $(compose ps --quiet); do
    name=$(state '{{.Name}}' "$each")
    [[ $(docker exec "$each" stat -c %u /proc/1) != 0 ]] || fail "$name is not root"
    limits=$(state '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' "$each")
    [[ $limits =~ ^"true [ALL] [no-new-privileges:true] "[1-9][0-9]*" "[1-9][0-9]*$ ]] || fail "$name is locked but $limits"
    for line in 'CapBnd:[[:space:]]*0+$' 'NoNewPrivs:[[:space:]]*1$'; do
      docker exec "$each" grep -Eq "^$line" /proc/1/status || fail "$name has $line"
    done
    for folder in / /etc /usr/bin /var/lib; do
      if docker exec --user 0 "$each" touch "$folder/new" 2>/dev/null; then fail "not even root writes to $folder of $name"; fi
    done
  done
}

# reaches SERVICE ADDRESS PORT: succeeds if a container of the service can open a connection to the address.
reaches() { compose exec -T "$1" timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null; }
