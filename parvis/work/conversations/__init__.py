"""Posts, comments and the threads that they make."""
