"""What Marketdash costs, measured beside its peers: ``python -m benchmarks`` (see ``docs/benchmarks.md``)."""
