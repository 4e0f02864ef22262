"""What happens when processes are killed, disks are full and files disappear: nothing is lost.

`python -m crash` in tests/ tries every point; the tests, which are part of the suite, try some of them.
"""
