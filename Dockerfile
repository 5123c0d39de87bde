# docker build -t lr_finder .
# docker run --rm -v "$PWD:/data" lr_finder find prices.csv --target price
# On Linux add --user "$(id -u):$(id -g)": what is written is then yours.
ARG BASE=python:3.13-slim
FROM ${BASE}

# The versions that the tests run with.
COPY . /source
RUN python -m pip install --no-cache-dir --root-user-action ignore \
      --constraint /source/requirements.txt "/source[parquet]"

# Keras and Matplotlib write into a home folder, whoever the user is.
ENV HOME=/home/finder MPLBACKEND=Agg
RUN useradd --uid 1000 finder && mkdir -m 777 /home/finder /data
USER 1000
# Data is read here, and lr_finder_runs/ is written.
WORKDIR /data
VOLUME /data
ENTRYPOINT ["lr_finder"]
CMD ["--help"]
