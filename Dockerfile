# citynews in a container. Untried: no machine that citynews was made on runs Docker. What it does is what the page
# docs/install.md does outside of one, and a test runs that.
#
#   docker build -t citynews .
#   docker run --rm -v "$PWD/data:/data" citynews crawl --all
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/citynews && /opt/citynews/bin/pip install --no-cache-dir '.[analysis]'

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 citynews && install -d -o citynews /data
COPY --from=build /opt/citynews /opt/citynews
ENV PATH=/opt/citynews/bin:$PATH PYTHONUNBUFFERED=1
USER citynews
WORKDIR /data
VOLUME /data
ENTRYPOINT ["citynews"]
CMD ["--help"]
