"""Tools for people who write records: locating passages and verifying figures against source texts."""
