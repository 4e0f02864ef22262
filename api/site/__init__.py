"""The static twin: the whole application as a folder of files, for any static host or to be opened from disk.

The application is asked for every page in this process, as a browser would ask for it; links between pages become
relative file names. What only a running service can do is said to be so, and queries are answered in the browser.

    python -m api.site FOLDER [--data DIR] [--base ADDRESS]
"""
