"""Items, audiences, signals: what can be seen, by whom, and what happened."""
