"""What awaits a person: somebody answered them, named them, or added them to a community."""
