"""Benchmarks: what Parvis costs, beside a floor of the same run. `bin/bench --help`."""
