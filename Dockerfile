# lmbridge over streamable HTTP, with node and uv so that npx and uvx servers start in it.
#
#   docker build -t lmbridge .
#   docker run -p 127.0.0.1:8765:8765 -e LMBRIDGE_HTTP_TOKEN=… -e LMSTUDIO_BASE_URL=http://host.docker.internal:1234/v1 \
#     -v "$HOME/.lmstudio/mcp.json:/config/mcp.json:ro" -v lmbridge-state:/state lmbridge
#
# A client that starts its servers itself speaks stdio instead: docker run -i --rm … lmbridge serve

FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src ./src
RUN pip wheel --no-cache-dir --wheel-dir /wheels --constraint constraints.txt .

FROM python:3.12-slim
RUN apt-get update \
    && apt-get install --no-install-recommends -y nodejs npm git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl uv && rm -rf /wheels \
    && useradd --create-home --uid 10001 lmbridge \
    && mkdir -p /state /config && chown lmbridge /state
USER lmbridge
ENV LMBRIDGE_STATE_DIR=/state \
    MCP_JSON_PATH=/config/mcp.json \
    LMBRIDGE_LOG_FORMAT=json
VOLUME /state
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8765/healthz')"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["lmbridge"]
# Off loopback a bearer token is required: LMBRIDGE_HTTP_TOKEN, of at least 16 characters.
CMD ["serve", "--http", "0.0.0.0:8765"]
