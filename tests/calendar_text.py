"""The lines of a calendar file, read back without the code that wrote them."""


def lines_of(text: str) -> list[str]:
    """Unfolded (RFC 5545, 3.1); every line ends with CRLF and has at most 75 octets."""
    assert text.endswith("\r\n")
    raw = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in raw)
    return "\r\n".join(raw).replace("\r\n ", "").split("\r\n")


def properties(text: str) -> dict[str, str]:
    """Of a file with one event: by name, without the parameters."""
    found: dict[str, str] = {}
    for line in lines_of(text):
        name, _, value = line.partition(":")
        found.setdefault(name.split(";")[0], value)
    return found
