# The command, which reads and writes the folder it is started in:
#   docker build -t lr_finder .
#   docker run --rm -v "$PWD:/data" lr_finder find prices.csv --target price
# The service, with a token that clients send:
#   docker build --target service -t lr_finder_service .
#   docker run --rm -p 8000:8000 -v "$PWD/token:/run/secrets/token:ro" \
#     -v lr_finder_jobs:/data lr_finder_service
# On Linux add --user "$(id -u):$(id -g)" to the first: what is written is then yours.
ARG BASE=python:3.13-slim

# Libraries change seldom and are large: a layer of their own, in the versions that the
# tests run with. What builds them stays in this stage, and the 432 MB of C++ headers, for
# operations of one's own, serve nobody without a compiler.
FROM ${BASE} AS libraries
RUN python3 -m venv /opt/lr_finder
ENV PATH=/opt/lr_finder/bin:$PATH
COPY setup.cfg pyproject.toml requirements.txt README.md LICENSE /source/
COPY lr_finder/_version.py /source/lr_finder/
RUN pip install --no-cache-dir --constraint /source/requirements.txt \
      "/source[parquet]" && \
    pip uninstall --yes lr_finder && \
    rm -r /opt/lr_finder/lib/python3*/site-packages/tensorflow/include

FROM libraries AS wheel
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel /source

FROM ${BASE} AS application
# Keras and Matplotlib write into a home folder, whoever the user is.
ENV PATH=/opt/lr_finder/bin:$PATH HOME=/home/finder MPLBACKEND=Agg
RUN useradd --uid 1000 finder && mkdir -m 777 /home/finder /data
COPY --from=libraries /opt/lr_finder /opt/lr_finder
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install --no-cache-dir --no-deps --no-index /wheel/*.whl
# Data is read here, and lr_finder_runs/ is written.
WORKDIR /data
VOLUME /data

FROM application AS service
RUN --mount=type=bind,from=wheel,source=/source,target=/source \
    pip install --no-cache-dir --constraint /source/requirements.txt \
      "lr_finder[service]"
USER 1000
EXPOSE 8000
HEALTHCHECK --start-period=30s --timeout=5s CMD ["python3", "-c", \
  "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/v1/health', timeout=4)"]
# Ctrl-C in a terminal and `docker stop` alike: what is running may end.
STOPSIGNAL SIGINT
ENTRYPOINT ["lr_finder", "serve", "--host", "0.0.0.0", "--token-file", "/run/secrets/token"]
CMD ["--dir", "/data"]

FROM application AS command
USER 1000
# A command ends by itself and says how by its exit code.
HEALTHCHECK NONE
ENTRYPOINT ["lr_finder"]
CMD ["--help"]
