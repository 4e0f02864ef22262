"""The static copy: the whole application as a folder of files, for any static host or to be opened from disk.

The application is asked for every page in this process, as a browser would ask for it; links between pages become
relative file names. Where only a running service can answer, the copy says so; queries run in the browser.
"""

from api.site.crawl import SiteError
from api.site.write import write_site

__all__ = ["SiteError", "write_site"]
