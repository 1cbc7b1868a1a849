"""What is measured: these run inside the unpacked zip, with its libraries and nothing else."""
