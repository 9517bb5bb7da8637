# The app for a server without a GPU. The data folder is the volume /data.
#   docker build -t embedding-explorer .
#   docker run -p 127.0.0.1:8501:8501 -v explorer:/data embedding-explorer
# By which names others call it: -e EMBEDDING_EXPLORER_HOSTS=explorer.example,other.example
# With a compiler: of all packages openTSNE alone has no ready build for Linux on ARM.
FROM python:3.11 AS wheel
WORKDIR /source
RUN pip install --no-cache-dir hatchling hatch-requirements-txt
COPY . .
RUN python -m hatchling build -t wheel -d /wheel \
    && pip wheel --no-cache-dir --no-deps -c constraints.txt -w /wheel openTSNE

FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 \
    && rm -r /var/lib/apt/lists/* \
    && useradd --create-home explorer && mkdir /data && chown explorer /data
COPY constraints.txt /tmp/constraints.txt
COPY --from=wheel /wheel /tmp/wheel
RUN pip install --no-cache-dir uv \
    && uv pip install --system --no-cache --torch-backend cpu -c /tmp/constraints.txt /tmp/wheel/*.whl \
    && rm -r /tmp/wheel /tmp/constraints.txt
USER explorer
ENV EMBEDDING_EXPLORER_HOME=/data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=5)"]
CMD ["embedding-explorer", "--server.address=0.0.0.0", "--server.port=8501"]
