# The one image of every process: gateway, workers, relay, subscriber, mirror and the command line.
# Which of them it is, is said by the arguments (docs/deployment.md).

ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS dependencies
WORKDIR /build
COPY pyproject.toml requirements.lock ./
COPY ops/image.py ./
# Nothing is compiled and nothing is taken that the lock does not know by its hash. pip itself stays
# outside of the environment.
RUN python image.py . > runtime.lock \
 && python -m venv --without-pip /opt/slotstream/venv \
 && python -m pip --python /opt/slotstream/venv/bin/python install \
      --no-cache-dir --disable-pip-version-check --no-input \
      --require-hashes --only-binary :all: -r runtime.lock

FROM python:${PYTHON}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Slotstream" \
      org.opencontainers.image.description="White-label, multi-tenant resource scheduling" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# 10001 works; 10002 is the gateway, which may enter the folder of the keys and read the public ones,
# and not the private key, which is 10001's alone. Volumes take owner and mode from these folders.
RUN groupadd --gid 10001 slotstream \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin slotstream \
 && useradd --uid 10002 --gid 10001 --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin gateway \
 && install -d -o 10001 -g 10001 -m 0750 /data /data/keys \
 && install -d -o 10001 -g 10001 -m 0755 /run/redis-users

COPY --from=dependencies /opt/slotstream/venv /opt/slotstream/venv
WORKDIR /opt/slotstream/app
# What `--version` and `doctor` read.
COPY pyproject.toml requirements.lock ./
COPY contracts contracts
COPY domain domain
COPY journal journal
COPY storage storage
COPY handlers handlers
COPY gateway gateway
COPY ops ops
ENV PATH=/opt/slotstream/venv/bin:$PATH
# The root file system is read-only when it runs: what can be compiled is compiled here.
RUN python -m compileall -q .

# ENV_FILE: settings come from the environment alone.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENV_FILE="" \
    DATA_DIR=/data \
    GATEWAY_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8000 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "ops"]
CMD ["--help"]
