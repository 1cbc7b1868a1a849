"""The control API under `/_sandbox`, by which tests, scripts and people drive the sandbox."""
