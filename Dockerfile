# One image for every process: `serve` (web), `ingest` (worker), `prepare` (database), `make_secrets`.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin marketdash && \
    install -d -o 10001 -g 10001 /data /secrets
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY feeds feeds
COPY marketdash marketdash
COPY templates templates
COPY static static
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data BIND=0.0.0.0:8000
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["python", "manage.py"]
CMD ["serve"]
