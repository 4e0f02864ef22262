"""What waitress itself refuses, as problems too; and requests that could be read in two ways (RFC 9112)."""

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

from api.http.problems import bare_problem

_KINDS = {
    413: "content-too-large",
    431: "headers-too-large",
    500: "internal",
    501: "transfer-encoding",
}


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; refuses what a proxy before it may have understood as another one."""

    def parse_header(self, header_plus: bytes) -> None:
        """Take the request line and headers in; raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # numbers and addresses that Python's own functions refuse
            raise ParsingError(f"the request cannot be read: {error}") from None
        # Section 6.1: both lengths at once, or an encoding before HTTP/1.1, is how a second request is smuggled in.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Transfer-Encoding stands beside Content-Length, or in a version that has none")


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers a request that reaches no application."""

    def execute(self) -> None:
        """Send the problem and close: where the next request would begin is not known."""
        error, limits = self.request.error, self.channel.adj
        details = {
            413: f"the body is larger than {limits.max_request_body_size:,} bytes (KG_MAX_BODY)",
            431: f"the request line and headers are larger than {limits.max_request_header_size:,} bytes",
        }
        kind = _KINDS.get(error.code, "bad-request")
        self.status, headers, body = bare_problem(kind, details.get(error.code, str(error.body)))
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection of a client."""

    parser_class = Parser
    error_task_class = ProblemTask
