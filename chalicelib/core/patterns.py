"""What the patterns of several schemas share."""

# The end of a pattern. Python's $ also matches before a newline at the end; JSON Schema's does not, and
# knows no \Z.
END = r"$(?!\n)"
