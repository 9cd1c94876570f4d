# The machine of a new user: a bare Debian, a fresh clone, and the first command of README. Further stages run the tests of
# units, log and actors there, and make the package. The build context has only the files that git knows.
ARG DEBIAN=bookworm

# As in deploy/Dockerfile, because a bare container may lack the certificates of the registry that this machine uses.
FROM node:22-slim AS docs
WORKDIR /hubbub
COPY deploy/docs deploy/setup.sh deploy/
COPY public/api public/api
RUN deploy/docs

FROM debian:${DEBIAN}-slim AS built
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /hubbub
# The packages that deploy/run would install first. They have a layer of their own, so that a change of the code does not
# install them again.
COPY deploy/setup.sh deploy/
RUN source deploy/setup.sh; need "${build_packages[@]}"
COPY . .
COPY --from=docs /hubbub/public/api/packages public/api/packages
RUN --mount=type=cache,target=/root/.cache/ccache deploy/run --build |& tee build.log
# deploy/run does not fail on a warning, so this step does.
RUN if grep -E ' warning: ' build.log; then exit 1; fi
EXPOSE 6088

FROM built AS tested
RUN source deploy/setup.sh; need ${test_packages[suites]}
RUN --mount=type=cache,target=/root/.cache/ccache WARNINGS=allowed tests/run suites |& tee test.log
RUN if grep -E ' warning: ' test.log; then exit 1; fi

FROM built AS package
RUN source deploy/setup.sh; need dpkg-dev file help2man
RUN mkdir /package; umask 022; cpack --config build/release/CPackConfig.cmake -B /work && mv /work/hubbub_*.deb /package/hubbub.deb

FROM scratch AS packaged
COPY --from=package /package /
