# The images of compose.ha.yaml, with Debian's packages. The target patroni is a PostgreSQL that Patroni starts, stops and
# promotes. The target etcd is a member of the store that says which PostgreSQL is the leader. DEBIAN is the release: bookworm
# has PostgreSQL 15, trixie has 17.
ARG DEBIAN=bookworm
FROM debian:${DEBIAN}-slim AS etcd
RUN apt-get update \
 && apt-get install -y --no-install-recommends etcd-server \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
 && install -d -o etcd -g etcd -m 700 /var/lib/etcd
# etcd 3.4 of bookworm starts on arm64 only with this.
ENV ETCD_UNSUPPORTED_ARCH=arm64
USER etcd
WORKDIR /var/lib/etcd
VOLUME /var/lib/etcd
# A member is healthy if the members have a leader.
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2379 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["etcd"]

FROM debian:${DEBIAN}-slim AS patroni
# Without the setting, the package of PostgreSQL makes a cluster of its own.
RUN mkdir /etc/postgresql-common \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && apt-get update \
 && apt-get install -y --no-install-recommends patroni postgresql python3-etcd \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
 && ln -s /usr/lib/postgresql/*/bin /usr/lib/postgresql/bin \
 && install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data
COPY patroni.yaml database.sql /etc/patroni/
# For patronictl, and for psql on the socket.
ENV PATRONICTL_CONFIG_FILE=/etc/patroni/patroni.yaml PGHOST=/tmp
USER postgres
WORKDIR /var/lib/postgresql
VOLUME /var/lib/postgresql/data
EXPOSE 5432
# A stop hands the lead to the standby.
STOPSIGNAL SIGTERM
# A server is healthy if it is the leader, or a standby that runs.
HEALTHCHECK --interval=2s --timeout=4s --start-period=120s --retries=5 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8008 && printf 'GET /readiness HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["patroni", "/etc/patroni/patroni.yaml"]
