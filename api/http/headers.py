"""Headers that every answer has."""

#: Scripts of every origin may read (CORS): the data are public, and nothing can be written. What they may read beside
#: the headers that they always may is named (Fetch, CORS-safelisted response headers).
PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, Query-Rewritten, "
    "Retry-After",
    "X-Content-Type-Options": "nosniff",
}
