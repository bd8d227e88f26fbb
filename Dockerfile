# pullproof with its k6 as a container image: no shell, no user of its own needed (docs/container.md).
#   docker build -t registry.example/team/pullproof .
# With a shell, for services that start jobs by one (GitLab): --target shell
ARG NODE_IMAGE=docker.io/library/node:26.10.0-bookworm-slim
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm

# The package as npm packs it, which needs no other: the same for every platform.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS app-build
# The certificates of a company's own base image count, too.
ENV NODE_USE_SYSTEM_CA=1
WORKDIR /src
COPY package.json package-lock.json ./
# Without scripts, for `prepare` wants sources; of the dependencies, these two have some.
RUN npm ci --ignore-scripts --no-audit --no-fund && npm rebuild node esbuild
COPY . .
RUN npm pack --silent --pack-destination /tmp && mkdir -p /opt \
  && tar -xzf /tmp/pullproof-*.tgz -C /opt && mv /opt/package /opt/pullproof

FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS k6-build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY k6/go.mod k6/go.sum ./
RUN go mod download
COPY k6 .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH GOFLAGS=-mod=readonly \
  go build -trimpath -buildvcs=false -ldflags='-s -w' -o /opt/k6 ./cmd/k6

# Node, the libraries that it loads, and the few files that programs look for.
FROM ${NODE_IMAGE} AS root
COPY tools/image-root.ts /tmp/
RUN ["node", "/tmp/image-root.ts", "/opt/root"]

FROM ${NODE_IMAGE} AS shell
COPY --from=app-build /opt/pullproof /opt/pullproof
COPY --from=k6-build /opt/k6 /opt/pullproof/bin/k6
COPY --from=root /opt/root/usr/local/bin/pullproof /usr/local/bin/pullproof
ENV PULLPROOF_K6=/opt/pullproof/bin/k6

FROM scratch
COPY --from=root /opt/root /
COPY --from=app-build /opt/pullproof /opt/pullproof
COPY --from=k6-build /opt/k6 /opt/pullproof/bin/k6
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pullproof" \
  org.opencontainers.image.description="Conformance and load testing for container registries" \
  org.opencontainers.image.source="https://github.com/pullproof/pullproof" \
  org.opencontainers.image.documentation="https://github.com/pullproof/pullproof/blob/main/docs/container.md" \
  org.opencontainers.image.licenses="Apache-2.0 AND AGPL-3.0-only" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
# Whatever user it is started as: results go to /work, which group 0 may write to; all else to /tmp.
ENV PATH=/usr/local/bin HOME=/work XDG_CACHE_HOME=/tmp/cache PULLPROOF_K6=/opt/pullproof/bin/k6
WORKDIR /work
VOLUME /work
USER 65532:0
ENTRYPOINT ["/usr/local/bin/pullproof"]
CMD ["--help"]
