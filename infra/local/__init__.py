"""The whole deployment on one machine: an embedded AWS and a sandbox payment provider as child processes."""
