"""One reader for each kind of archive: it turns files into the records of `imports.records`. No Django here."""
