"""Archives of other products become people, groups and threads."""
