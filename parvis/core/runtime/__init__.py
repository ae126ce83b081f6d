"""What deeds run on: the environment, the database gate, jobs, keys and signatures. Knows no noun."""
