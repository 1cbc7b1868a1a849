"""Rows in the order of their keys, however many there are: sorted in runs on disk, then merged."""

import heapq
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Self

import msgspec

Row = tuple[str, int, bytes]  # key, kind and content

ROWS_IN_MEMORY = 20_000
_ROWS_IN_BLOCK = 200
_RUNS_OF_A_LEVEL = 16  # so that few files are open: 48 of them hold 80 million rows
_LENGTH_BYTES = 4
_decode_block = msgspec.msgpack.Decoder(list[Row]).decode


class Spill:
    """An external merge sort; its files have no name and are gone with it."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._levels: list[list[IO[bytes]]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._files.close()

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS_IN_MEMORY:
            self._rows.sort()
            self._keep(self._written(self._rows), level=0)
            self._rows.clear()

    def sorted(self) -> Iterator[Row]:
        """All rows, each once."""
        self._rows.sort()
        runs = [run for level in self._levels for run in level]
        return heapq.merge(self._rows, *map(_read, runs))

    def _keep(self, run: IO[bytes], level: int) -> None:
        """Sixteen runs of a level are merged into one of the next."""
        if level == len(self._levels):
            self._levels.append([])
        runs = self._levels[level]
        runs.append(run)
        if len(runs) == _RUNS_OF_A_LEVEL:
            merged = self._written(heapq.merge(*map(_read, runs)))
            for each in runs:
                each.close()
            runs.clear()
            self._keep(merged, level + 1)

    def _written(self, rows: Iterable[Row]) -> IO[bytes]:
        run = self._files.enter_context(TemporaryFile())  # noqa: SIM115 - closed with the stack
        left = iter(rows)
        while block := list(islice(left, _ROWS_IN_BLOCK)):
            packed = zlib.compress(msgspec.msgpack.encode(block), level=1)
            run.write(len(packed).to_bytes(_LENGTH_BYTES))
            run.write(packed)
        return run


def _read(run: IO[bytes]) -> Iterator[Row]:
    run.seek(0)
    while length := run.read(_LENGTH_BYTES):
        yield from _decode_block(zlib.decompress(run.read(int.from_bytes(length))))
