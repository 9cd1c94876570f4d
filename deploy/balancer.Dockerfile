# The image of the balancer in front of all hubs: Debian's HAProxy with haproxy.cfg.
ARG DEBIAN=bookworm
FROM debian:${DEBIAN}-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends haproxy \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt
COPY haproxy.cfg /etc/haproxy/haproxy.cfg
USER haproxy
EXPOSE 6088
# On SIGUSR1 HAProxy accepts no more connections, and ends when the last one has ended. So the clients of a hub that stops at
# the same time still learn when to return.
STOPSIGNAL SIGUSR1
# The balancer is healthy if a hub behind it is.
HEALTHCHECK --interval=5s --timeout=4s --start-period=120s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/6088 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]
