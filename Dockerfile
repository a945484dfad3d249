# A small image that serves the capability files of a folder:
#   docker build -t naftiko-runtime .
#   docker run -p 8080:8080 -p 9090:9090 -v "$PWD/capabilities:/capabilities:ro" naftiko-runtime

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements-dev.txt ./
COPY src src
# Wheels of the runtime, of all that it needs and of what sends traces, at the versions that were tested.
RUN pip wheel --no-cache-dir --wheel-dir /wheels --constraint requirements-dev.txt ".[tracing]"

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl \
 && useradd --system --uid 10001 --home-dir /nonexistent naftiko
ENV NAFTIKO_HOST=0.0.0.0 \
    NAFTIKO_REST_PORT=8080 \
    NAFTIKO_MCP_PORT=9090 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8080 9090
# A capability may have a REST server, an MCP server or both: either answers for the process.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, sys, urllib.request as r\nfor v in ('NAFTIKO_REST_PORT', 'NAFTIKO_MCP_PORT'):\n  try: sys.exit(r.urlopen(f'http://127.0.0.1:{os.environ[v]}/healthz', timeout=1).status != 200)\n  except OSError: pass\nsys.exit(1)"]
ENTRYPOINT ["naftiko"]
CMD ["serve", "/capabilities"]
