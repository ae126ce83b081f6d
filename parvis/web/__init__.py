"""The outermost room: settings, addresses, the lists of readers and kinds, the command line. Composes, decides nothing."""
