"""The import contract that import-linter lacks: a feature's inner rooms are its own."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateRooms(Contract):
    """``root.<feature>.<room>`` is imported by that feature and by the ``open_to`` modules only."""

    type_name = "private_rooms"

    root: Any = fields.StringField()
    rooms: Any = fields.ListField(subfield=fields.StringField())
    open_to: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - import-linter's own
        """Look at every direct import of every private room."""
        found = [
            (importer, room)
            for room in sorted(filter(self._is_private, graph.modules))
            for importer in sorted(graph.find_modules_that_directly_import(room))
            if not self._may_import(importer, room)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that breaks the contract."""
        for importer, room in check.metadata["found"]:
            output.print_error(f"{importer} must not import {room}")

    def _is_private(self, module: str) -> bool:
        parts = module.split(".")
        return len(parts) > 2 and parts[0] == self.root and parts[2] in self.rooms

    def _may_import(self, importer: str, room: str) -> bool:
        feature = room.split(".")[1]
        return importer.split(".")[:2] == [self.root, feature] or importer in self.open_to
