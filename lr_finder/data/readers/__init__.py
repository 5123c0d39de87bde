"""From a file to a table: compression, encoding, delimiter, header, columns."""
