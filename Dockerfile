# Floorwalker's image: the server, its models and the demo shop, and nothing else. See docs/deploy.md.
#   docker build --build-arg VERSION="$(git describe --always --dirty)" -t floorwalker .
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN make image-root IMAGE_ROOT=/image VERSION="$VERSION"

FROM scratch
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /image/var/lib/floorwalker/ /var/lib/floorwalker/
COPY --from=build --chown=65532:65532 /image/var/cache/floorwalker/ /var/cache/floorwalker/
ENV FLOORWALKER_DATA_DIR=/var/lib/floorwalker \
    FLOORWALKER_CACHE=/var/cache/floorwalker \
    FLOORWALKER_MODELS=/usr/share/floorwalker/models \
    FLOORWALKER_LISTEN=0.0.0.0:8080 \
    FLOORWALKER_ADMIN_LISTEN=0.0.0.0:8081 \
    FLOORWALKER_PROXIES=127.0.0.0/8,172.16.0.0/12
WORKDIR /usr/share/floorwalker
USER 65532:65532
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=120s CMD ["/usr/bin/floorwalker", "health"]
ENTRYPOINT ["/usr/bin/floorwalker"]
CMD ["serve"]
